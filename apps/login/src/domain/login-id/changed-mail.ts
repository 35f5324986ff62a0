import type { Db } from '#support/db/database.ts';
import { consoleName } from '#domain/consoles/consoles.ts';
import { renderLetter } from '#support/mail/letter.tsx';
import type { MailTemplate } from '#support/mail/mail.ts';
import type { Brand } from '#support/primitives/brand.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts } from '#support/primitives/locale.ts';

/** Tells the old mailbox that the login ID is another one now (R18). */
export function loginIdChangedMail(deps: { db: Db; brand: Brand }): MailTemplate {
  return async (message) => {
    const { at, newAddress, consoleId } = message.params as {
      at: string;
      newAddress: string;
      consoleId: string;
    };
    const { locale } = message;
    const t = texts[locale];
    const console = await deps.db
      .selectFrom('console')
      .select(['name_ja', 'name_en'])
      .where('id', '=', consoleId)
      .executeTakeFirstOrThrow();
    return renderLetter({
      locale,
      subject: t.subject(deps.brand.name[locale]),
      parts: [
        { kind: 'text', text: t.lead(japanTime(new Date(at), locale), consoleName(console, locale)) },
        { kind: 'list', items: [t.from(message.recipient), t.to(newAddress)] },
        { kind: 'text', text: t.notYou },
      ],
      footer: [t.why, deps.brand.support[locale]],
      brandName: deps.brand.name[locale],
      keyColour: deps.brand.keyColour,
    });
  };
}

const texts = defineTexts({
  ja: {
    subject: (brand: string) => `ログインIDが変更されました｜${brand}`,
    lead: (at: string, console: string) =>
      `${at}に、${console}の設定からログインIDのメールアドレスが変更されました。これからは新しいアドレスでログインしてください。`,
    from: (address: string) => `変更前：${address}`,
    to: (address: string) => `変更後：${address}`,
    notYou: 'お心当たりがない場合は、すぐにサポート窓口へご連絡ください。元に戻すお手続きをご案内します。',
    why: 'このメールは、ログインIDが変更されたことを変更前のメールアドレスにお知らせするため、自動でお送りしています。',
  },
  en: {
    subject: (brand: string) => `Your login ID has changed | ${brand}`,
    lead: (at: string, console: string) =>
      `On ${at} the e-mail address of your login ID was changed in the settings of ${console}. Please sign in with the new address from now on.`,
    from: (address: string) => `Before: ${address}`,
    to: (address: string) => `Now: ${address}`,
    notYou: 'If this was not you, contact our support at once. We will help you to change it back.',
    why: 'This mail goes to the former address of a login ID when the login ID changes.',
  },
});
