import { renderLetter } from '#support/mail/letter.tsx';
import type { MailTemplate, RenderedMail } from '#support/mail/mail.ts';
import { mailFooter, type Brand } from '#support/primitives/brand.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

export const PASSWORD_SET_MAIL = 'password-set';

/** Tells the owner that a password was set, so that a stranger's success does not go unseen. */
export function passwordSetMail(deps: { readonly brand: Brand }): MailTemplate {
  return async ({ locale, params }) => passwordSetLetter(deps.brand, locale, new Date(String(params.at)));
}

/** The same letter for a given moment; operators see it before they change the brand. */
export function passwordSetLetter(brand: Brand, locale: Locale, at: Date): RenderedMail {
  const t = texts[locale];
  return renderLetter({
    locale,
    subject: t.subject(brand.name[locale]),
    parts: [
      { kind: 'text', text: t.lead(japanTime(at, locale)) },
      { kind: 'text', text: t.independent },
      { kind: 'text', text: t.notYou },
    ],
    footer: [t.why, ...mailFooter(brand, locale)],
    brandName: brand.name[locale],
    keyColour: brand.keyColour,
  });
}

const texts = defineTexts({
  ja: {
    subject: (brand: string) => `パスワードを設定しました｜${brand}`,
    lead: (at: string) =>
      `${at}に、統合認証のパスワードを設定しました。次回からこのパスワードでログインできます。`,
    independent: '各管理画面の従来のパスワードは変わっていません。',
    notYou:
      'お心当たりがない場合は、ログイン画面の「パスワードを忘れた方はこちら」からすぐにパスワードを設定し直し、サポート窓口へご連絡ください。',
    why: 'このメールは、統合認証のパスワードが設定されたときに自動でお送りしています。',
  },
  en: {
    subject: (brand: string) => `Your password has been set | ${brand}`,
    lead: (at: string) =>
      `The password of your unified login was set on ${at}. Use it from now on to sign in.`,
    independent: 'The earlier passwords of the admin consoles have not changed.',
    notYou:
      'If this was not you, set a new password at once with “Forgot your password?” on the sign-in page, and contact our support.',
    why: 'You receive this mail because a password was set at the unified login.',
  },
});
