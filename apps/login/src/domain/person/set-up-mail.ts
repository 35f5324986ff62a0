import type { Db } from '#support/db/database.ts';
import { renderLetter } from '#support/mail/letter.tsx';
import type { MailTemplate } from '#support/mail/mail.ts';
import { mailFooter, type Brand } from '#support/primitives/brand.ts';
import { defineTexts } from '#support/primitives/locale.ts';

export const SET_UP_MAIL = 'set-up';

/**
 * How to set a password, for somebody who asked the support desk. There is no code in it: who reads the mailbox asks for one on the page that it names, and lands in their console
 * afterwards. The link holds no address and opens a page that changes nothing by itself.
 */
export function setUpMail(deps: { db: Db; brand: Brand; pagesUrl: string }): MailTemplate {
  return async (message) => {
    const t = texts[message.locale];
    const account = await deps.db
      .selectFrom('account')
      .select(['email_address', 'state'])
      .where('id', '=', message.account_id ?? '')
      .executeTakeFirst();
    if (account?.state !== 'active' || account.email_address !== message.recipient) return 'drop';
    const { clientId } = message.params;
    const query =
      typeof clientId === 'string' ? `?${new URLSearchParams({ client_id: clientId }).toString()}` : '';
    const { brand } = deps;
    const name = brand.name[message.locale];
    return renderLetter({
      locale: message.locale,
      subject: t.subject(name),
      parts: [
        { kind: 'text', text: t.lead },
        { kind: 'list', items: t.steps(account.email_address) },
        { kind: 'link', label: t.link, url: `${deps.pagesUrl}/reset${query}` },
        { kind: 'text', text: t.independent },
        { kind: 'text', text: t.notYou },
      ],
      footer: [t.never, t.why, ...mailFooter(brand, message.locale)],
      brandName: name,
      keyColour: brand.keyColour,
    });
  };
}

const texts = defineTexts({
  ja: {
    subject: (brand: string) => `パスワードの設定のご案内｜${brand}`,
    lead: 'サポート窓口へのご連絡により、統合認証のパスワードを設定する手順をお送りします。',
    steps: (address: string) => [
      `下のページを開き、メールアドレス ${address} を入力します。`,
      '届いたメールの検証コード（8桁）と、新しいパスワードを入力します。',
      'そのまま管理画面に入れます。',
    ],
    link: 'パスワードを設定するページ：',
    independent: '各管理画面の従来のパスワードは変わりません。',
    notYou: 'お心当たりがない場合は、このメールを破棄してください。何も変更されません。',
    never: '当社の担当者がパスワードや検証コードをお尋ねすることはありません。誰にも教えないでください。',
    why: 'このメールは、サポート窓口で手順のご案内を承ったときにお送りしています。',
  },
  en: {
    subject: (brand) => `How to set your password | ${brand}`,
    lead: 'As you asked our support, here is how to set the password of your unified login.',
    steps: (address) => [
      `Open the page below and enter your e-mail address, ${address}.`,
      'Enter the verification code (8 figures) from the mail that comes, and a new password.',
      'You are in your console.',
    ],
    link: 'Page to set the password:',
    independent: 'The earlier passwords of the admin consoles do not change.',
    notYou: 'If you know nothing of this, delete this mail. Nothing has changed.',
    never: 'Our staff will never ask you for a password or a verification code. Do not tell them to anyone.',
    why: 'This mail is sent when our support is asked how to set a password.',
  },
});
