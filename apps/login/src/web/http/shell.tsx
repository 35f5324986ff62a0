import {
  BrandMark,
  LanguageSwitch,
  PersonPage,
  renderDocument,
  type PersonPageProps,
} from '@hitokagi/design-system';
import { assetPath, assets, brandAssets, type Asset } from '@hitokagi/design-system/assets';
import type { ComponentChildren } from 'preact';
import type { Brand } from '#support/primitives/brand.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** What surrounds the content of every page for people: brand, language, footer. */
export type Shell = { brand: Brand; locale: Locale; path: string; requestId: string };

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

/** The static files that pages name; each is served at its own hashed path. */
export function pageAssets(brand: Brand): readonly Asset[] {
  const files = brandFiles(brand);
  return [...assets, files.stylesheet, files.icon];
}

const known = new WeakMap<Brand, ReturnType<typeof brandAssets>>();
function brandFiles(brand: Brand): ReturnType<typeof brandAssets> {
  let files = known.get(brand);
  if (!files) {
    files = brandAssets('login', { keyColour: brand.keyColour, mark: 'key' });
    known.set(brand, files);
  }
  return files;
}

const texts = defineTexts({
  ja: { skip: '本文へ移動', language: '表示言語' },
  en: { skip: 'Skip to the content', language: 'Language' },
});
