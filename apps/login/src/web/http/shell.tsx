import {
  BrandMark,
  LanguageSwitch,
  PersonPage,
  renderDocument,
  type PersonPageProps,
} from '@hitokagi/design-system';
import { assetPath, assets, brandAssets, type Asset } from '@hitokagi/design-system/assets';
import type { ComponentChildren } from 'preact';
import type { PasswordRules } from '#domain/credentials/password-rules.ts';
import type { Brand } from '#support/primitives/brand.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** What surrounds the content of every page for people: brand, language, footer. */
export type Shell = {
  brand: Brand;
  passwordRules: PasswordRules;
  locale: Locale;
  path: string;
  requestId: string;
  /** Where API and pages have a host each: the origin of the one that this page is not on, and what an administrator must allow. */
  otherOrigin?: string | undefined;
  ownHosts?: readonly string[] | undefined;
};

export type PageContent = {
  title: string;
  heading: ComponentChildren;
  children: ComponentChildren;
  aside?: ComponentChildren;
  below?: ComponentChildren;
  consoleBadge?: PersonPageProps['consoleBadge'];
  /** Seconds after which the page loads itself anew where no script runs. */
  reloadSeconds?: number;
};

/** A whole page in the brand's look. */
export function renderPage(shell: Shell, content: PageContent): string {
  const { brand, locale } = shell;
  const { iconUrl, languageSwitch, ...parts } = pageParts(shell);
  return renderDocument(
    <PersonPage
      lang={locale}
      {...parts}
      brand={{ name: brand.name[locale], logo: <BrandMark name="key" />, homeUrl: '/', iconUrl }}
      languageSwitch={<LanguageSwitch {...languageSwitch} />}
      footer={{ note: brand.support[locale] }}
      {...content}
    />,
  );
}

/** What every page has of its brand and language, whatever it looks like. */
export function pageParts({ brand, locale, path }: Shell) {
  const t = texts[locale];
  const files = brandFiles(brand);
  return {
    skipLabel: t.skip,
    iconUrl: files.icon.path,
    stylesheets: [assetPath('ui.css'), files.stylesheet.path],
    scripts: [assetPath('ui.js')],
    languageSwitch: {
      action: '/language',
      label: t.language,
      languages: [
        { code: 'ja', label: '日本語', current: locale === 'ja' },
        { code: 'en', label: 'English', current: locale === 'en' },
      ],
      hidden: [{ name: 'return_path', value: path }],
    },
  };
}

/** The static files of every brand; each is served at its own hashed path. */
export const PAGE_ASSETS: readonly Asset[] = assets;

/**
 * The stylesheet or icon at a path, whatever key colour it names: one that was set on another node a moment ago, one of a preview, or the one before. Undefined when
 * it is none of this release's.
 */
export function brandAsset(path: string): Asset | undefined {
  const colour = /^\/assets\/(?:brand|icon)-login-([0-9a-f]{6})-[0-9a-f]{12}\.(?:css|svg)$/.exec(path)?.[1];
  if (colour === undefined) return undefined;
  const { stylesheet, icon } = brandFiles({ keyColour: `#${colour}` });
  return [stylesheet, icon].find((asset) => asset.path === path);
}

/** Made anew they cost about a millisecond; nobody has many brands, but anybody can name a colour. */
const MOST_KNOWN = 20;
const known = new Map<string, ReturnType<typeof brandAssets>>();
function brandFiles({ keyColour }: Pick<Brand, 'keyColour'>): ReturnType<typeof brandAssets> {
  const found = known.get(keyColour);
  if (found) return found;
  const files = brandAssets(`login-${keyColour.slice(1).toLowerCase()}`, { keyColour, mark: 'key' });
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(keyColour, files);
  return files;
}

const texts = defineTexts({
  ja: { skip: '本文へ移動', language: '表示言語' },
  en: { skip: 'Skip to the content', language: 'Language' },
});
