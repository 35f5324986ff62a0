import { consoleName } from '#domain/consoles/consoles.ts';
import type { Db } from '#support/db/database.ts';
import { renderLetter } from '#support/mail/letter.tsx';
import type { MailTemplate } from '#support/mail/mail.ts';
import { mailFooter, type Brand } from '#support/primitives/brand.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts } from '#support/primitives/locale.ts';
import { undoUrl } from './undo-link.ts';

/** Tells the old mailbox that the login ID is another one now, with the link that takes it back (R18). */
export function loginIdChangedMail(deps: {
  db: Db;
  brand: Brand;
  pagesUrl: string;
  undoKey: Buffer;
}): MailTemplate {
  return async (message) => {
    const { at, newAddress, consoleId, changeId } = message.params as {
      at: string;
      newAddress: string;
      /** Null when an operator changed it. */
      consoleId: string | null;
      /** Absent in what an earlier release queued. */
      changeId?: string;
    };
    const { locale } = message;
    const t = texts[locale];
    const change = await deps.db
      .selectFrom('login_id_change')
      .select(['undo_until', 'operator'])
      .where('id', '=', changeId ?? '')
      .executeTakeFirst();
    const console = await deps.db
      .selectFrom('console')
      .select(['name_ja', 'name_en'])
      .where('id', '=', consoleId ?? '')
      .executeTakeFirst();
    const when = japanTime(new Date(at), locale);
    const lead = (moment: string): string => {
      if (console) return t.lead(moment, consoleName(console, locale));
      return change?.operator?.startsWith('operator:') === false
        ? t.byProvider(moment)
        : t.byOperator(moment);
    };
    return renderLetter({
      locale,
      subject: t.subject(deps.brand.name[locale]),
      parts: [
        { kind: 'text', text: lead(when) },
        { kind: 'list', items: [t.from(message.recipient), t.to(newAddress)] },
        { kind: 'text', text: t.you },
        ...(changeId && change?.undo_until
          ? ([
              { kind: 'text', text: t.notYou(japanTime(change.undo_until, locale)) },
              { kind: 'link', label: t.link, url: undoUrl(deps.pagesUrl, deps.undoKey, changeId) },
              { kind: 'text', text: t.opening },
            ] as const)
          : ([{ kind: 'text', text: t.ask }] as const)),
      ],
      footer: [t.why, t.never, ...mailFooter(deps.brand, locale)],
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
    byOperator: (at: string) =>
      `${at}に、サポート窓口でのお手続きにより、ログインIDのメールアドレスが変更されました。これからは新しいアドレスでログインしてください。`,
    byProvider: (at: string) =>
      `${at}に、お客様の組織または管理画面の利用者情報での変更により、ログインIDのメールアドレスが変更されました。これからは新しいアドレスでログインしてください。`,
    from: (address: string) => `変更前：${address}`,
    to: (address: string) => `変更後：${address}`,
    you: 'ご自身で変更された場合は、何もする必要はありません。',
    notYou: (until: string) =>
      `お心当たりがない場合は、${until}までに次のページを開き、「変更を取り消す」を押してください。ログインIDがこのメールアドレスに戻ります。`,
    link: '変更を取り消すページ：',
    opening: 'ページを開いただけでは、何も変わりません。ログインも必要ありません。',
    ask: 'お心当たりがない場合は、すぐにサポート窓口へご連絡ください。元に戻すお手続きをご案内します。',
    why: 'このメールは、ログインIDが変更されたことを変更前のメールアドレスにお知らせするため、自動でお送りしています。',
    never: 'このページのアドレスを、ほかの方に転送したり教えたりしないでください。',
  },
  en: {
    subject: (brand: string) => `Your login ID has changed | ${brand}`,
    lead: (at: string, console: string) =>
      `On ${at} the e-mail address of your login ID was changed in the settings of ${console}. Please sign in with the new address from now on.`,
    byOperator: (at: string) =>
      `On ${at} the e-mail address of your login ID was changed by our support, as it was asked to. Please sign in with the new address from now on.`,
    byProvider: (at: string) =>
      `On ${at} the e-mail address of your login ID was changed, because your organisation or a console that you use changed it in its list of users. Please sign in with the new address from now on.`,
    from: (address: string) => `Before: ${address}`,
    to: (address: string) => `Now: ${address}`,
    you: 'If you changed it yourself, you need not do anything.',
    notYou: (until: string) =>
      `If this was not you, open the page below by ${until} and press “Undo the change”. This address becomes your login ID again.`,
    link: 'Page to undo the change:',
    opening: 'Opening the page changes nothing by itself, and you need not sign in.',
    ask: 'If this was not you, contact our support at once. We will help you to change it back.',
    why: 'This mail goes to the former address of a login ID when the login ID changes.',
    never: 'Do not forward or tell the address of this page to anyone.',
  },
});
