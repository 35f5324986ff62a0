import { texts } from '#support/primitives/locale.ts';

export const legacyResetTexts = texts({
  ja: {
    subject: (console: string) => `【${console}】パスワードの再設定`,
    greeting: (name: string) => `${name} 様`,
    point: (console: string, until: string) =>
      `${console} のパスワードを設定し直すには、${until} までに次のリンクを開いてください。`,
    link: 'パスワードを設定し直す',
    harmless: 'リンクを開いただけでは、何も変わりません。',
    unasked: 'お心当たりがないときは、このメールを破棄してください。パスワードは変わりません。',
    why: (console: string) =>
      `このメールは、${console} のログイン画面でパスワードの再設定が申し込まれたため、ご登録のメールアドレスにお送りしています。`,
    ask: 'お問い合わせ:',
  },
  en: {
    subject: (console: string) => `[${console}] Set a new password`,
    greeting: (name: string) => `Dear ${name},`,
    point: (console: string, until: string) =>
      `To set a new password for ${console}, open the following link until ${until}.`,
    link: 'Set a new password',
    harmless: 'Opening the link changes nothing by itself.',
    unasked: 'If you did not ask for this, please ignore this mail. Your password stays as it is.',
    why: (console: string) =>
      `You get this mail because somebody asked for a new password for your address on the sign-in page of ${console}.`,
    ask: 'Contact:',
  },
});
