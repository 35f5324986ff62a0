import type { ComponentChildren } from 'preact';
import { assetPath, brandAssets } from '../assets.ts';
import { BrandMark, type Footer, LanguageSwitch, type PageBrand } from '../index.ts';

export type Lang = 'ja' | 'en';
export type BrandId = 'unified' | 'sms' | 'mail';

/** The sample brands: a deep blue, a warm orange-red, a green. */
export const brandFiles = {
  unified: brandAssets('unified', { keyColour: '#1b3f94', mark: 'key' }),
  sms: brandAssets('sms', { keyColour: '#d9480f', mark: 'speech' }),
  mail: brandAssets('mail', { keyColour: '#1b7f4d', mark: 'envelope' }),
} as const;

const brands: Record<BrandId, { name: Record<Lang, string>; logo: ComponentChildren }> = {
  unified: {
    name: { ja: '絶対リーチ! 統合認証', en: 'Zettai Reach! Unified Login' },
    logo: <BrandMark name="key" />,
  },
  sms: { name: { ja: '絶対リーチ!SMS', en: 'Zettai Reach! SMS' }, logo: <BrandMark name="speech" /> },
  mail: { name: { ja: '絶対リーチ!メール', en: 'Zettai Reach! Mail' }, logo: <BrandMark name="envelope" /> },
};

/** What all sample pages have in common. */
export function frame(brand: BrandId, lang: Lang, title: string) {
  const pageBrand: PageBrand = {
    name: brands[brand].name[lang],
    logo: brands[brand].logo,
    homeUrl: '/',
    iconUrl: brandFiles[brand].icon.path,
  };
  return {
    lang,
    title,
    brand: pageBrand,
    stylesheets: [assetPath('ui.css'), brandFiles[brand].stylesheet.path],
    scripts: [assetPath('ui.js')],
    skipLabel: lang === 'ja' ? '本文へ進む' : 'Skip to content',
    languageSwitch: languages(lang),
    footer: footer(lang),
  };
}

/** Chooses the text of the page's language. */
export function speaker(lang: Lang) {
  return (ja: string, en: string) => (lang === 'ja' ? ja : en);
}

/** Name of a sample brand. */
export function brandName(brand: BrandId, lang: Lang): string {
  return brands[brand].name[lang];
}

function languages(lang: Lang) {
  return (
    <LanguageSwitch
      action="/language"
      label={lang === 'ja' ? '表示する言語' : 'Language'}
      languages={[
        { code: 'ja', label: '日本語', current: lang === 'ja' },
        { code: 'en', label: 'English', current: lang === 'en' },
      ]}
    />
  );
}

function footer(lang: Lang): Parameters<typeof Footer>[0] {
  const say = speaker(lang);
  return {
    links: [
      { href: '/help', label: say('お問い合わせ', 'Contact us') },
      { href: '/privacy', label: say('個人情報の取り扱い', 'Privacy') },
    ],
    note: say('© 見本株式会社', '© Sample Co., Ltd.'),
  };
}
