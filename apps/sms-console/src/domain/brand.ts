import type { Locale, Texts } from '#support/primitives/locale.ts';

export const BRAND_IDS = ['sms', 'second'] as const;
export type BrandId = (typeof BRAND_IDS)[number];

/** What makes one console of this program differ from another. */
export type ConsoleBrand = {
  readonly id: BrandId;
  readonly keyColour: string;
  readonly mark: 'speech' | 'envelope';
  readonly sender: { readonly name: Readonly<Record<Locale, string>>; readonly address: string };
  readonly support: string;
  /** Only then are there API keys and a machine API for short messages. */
  readonly sendsSms: boolean;
  readonly texts: Texts<{ name: string; product: string }>;
};

/** The consoles that this program can be. */
export const BRANDS: Readonly<Record<BrandId, ConsoleBrand>> = {
  sms: {
    id: 'sms',
    keyColour: '#d9480f',
    mark: 'speech',
    sender: {
      name: { ja: '絶対リーチ!SMS', en: 'Zettai Reach! SMS' },
      address: 'no-reply@sms.example.co.jp',
    },
    support: 'support@sms.example.co.jp',
    sendsSms: true,
    texts: {
      ja: { name: '絶対リーチ!SMS', product: 'SMS 配信サービスの管理画面' },
      en: { name: 'Zettai Reach! SMS', product: 'Admin console of the SMS delivery service' },
    },
  },
  second: {
    id: 'second',
    keyColour: '#1a7f4b',
    mark: 'envelope',
    sender: {
      name: { ja: '絶対リーチ!メール', en: 'Zettai Reach! Mail' },
      address: 'no-reply@mail.example.co.jp',
    },
    support: 'support@mail.example.co.jp',
    sendsSms: false,
    texts: {
      ja: { name: '絶対リーチ!メール', product: 'メール配信サービスの管理画面' },
      en: { name: 'Zettai Reach! Mail', product: 'Admin console of the e-mail delivery service' },
    },
  },
};
