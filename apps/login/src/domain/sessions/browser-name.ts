import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/**
 * A browser in words that its owner recognises: 「Windows の Chrome」, "Chrome on Windows". Browser and system are all that a page shows, so two short tables do;
 * what is in neither is called a browser, never guessed at.
 * @param userAgent as the browser sent it (RFC 9110 §10.1.5)
 */
export function browserName(userAgent: string | null, locale: Locale): string {
  const t = texts[locale];
  const browser = nameIn(BROWSERS, userAgent);
  const system = nameIn(SYSTEMS, userAgent);
  if (system === undefined) return browser ?? t.unknown;
  return browser === undefined ? t.onSystem(system) : t.both(browser, system);
}

/** The first row whose sign stands in the text names it: most browsers also carry the signs of those that they descend from. */
const BROWSERS: readonly (readonly [sign: string, name: string])[] = [
  ['Edg/', 'Edge'],
  ['EdgA/', 'Edge'],
  ['EdgiOS/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Vivaldi/', 'Vivaldi'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['DuckDuckGo/', 'DuckDuckGo'],
  ['Line/', 'LINE'],
  ['YJApp', 'Yahoo! JAPAN'],
  ['GSA/', 'Google'],
  ['FxiOS/', 'Firefox'],
  ['Firefox/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['Trident/', 'Internet Explorer'],
  ['MSIE ', 'Internet Explorer'],
];
const SYSTEMS: readonly (readonly [sign: string, name: string])[] = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['CrOS', 'ChromeOS'],
  ['Windows', 'Windows'],
  ['Macintosh', 'Mac'],
  ['Linux', 'Linux'],
];

function nameIn(table: typeof BROWSERS, userAgent: string | null): string | undefined {
  return table.find(([sign]) => userAgent?.includes(sign))?.[1];
}

const texts = defineTexts({
  ja: {
    both: (browser: string, system: string) => `${system} の ${browser}`,
    onSystem: (system: string) => `${system} のブラウザー`,
    unknown: '種類の分からないブラウザー',
  },
  en: {
    both: (browser: string, system: string) => `${browser} on ${system}`,
    onSystem: (system: string) => `A browser on ${system}`,
    unknown: 'An unknown browser',
  },
});
