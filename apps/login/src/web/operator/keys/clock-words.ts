import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { grouped } from '../words.ts';

/** By how much a clock is off, as people say it. @param ahead milliseconds */
export function clockWords(ahead: number, locale: Locale): string {
  const t = texts[locale];
  const off = Math.abs(ahead);
  const amount =
    off < 2 * MINUTE
      ? t.seconds(grouped(Math.round(off / SECOND)))
      : t.minutes(grouped(Math.round(off / MINUTE)));
  return ahead > 0 ? t.ahead(amount) : t.behind(amount);
}

const texts = defineTexts({
  ja: {
    seconds: (count: string) => `${count}秒`,
    minutes: (count: string) => `${count}分`,
    ahead: (amount: string) => `${amount}進んでいます`,
    behind: (amount: string) => `${amount}遅れています`,
  },
  en: {
    seconds: (count) => `${count} s`,
    minutes: (count) => `${count} min`,
    ahead: (amount) => `${amount} ahead`,
    behind: (amount) => `${amount} behind`,
  },
});
