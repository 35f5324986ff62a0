import { texts } from '#support/primitives/locale.ts';

export const welcomeTexts = texts({
  ja: {
    subject: (console: string) => `【${console}】ご利用開始のご案内`,
    greeting: (name: string) => `${name} 様`,
    point: (console: string, company: string) =>
      `${company} の管理者が、${console} にご登録しました。次のページでパスワードを設定すると、お使いいただけます。`,
    link: 'パスワードを設定する',
    how: (address: string) => `ログインには、このメールアドレス (${address}) をお使いください。`,
    harmless:
      'リンクを開いただけでは、何も変わりません。設定のときに、検証コードをこのメールアドレスへお送りします。',
    unasked: 'お心当たりがないときは、このメールを破棄してください。',
    why: (console: string) =>
      `このメールは、${console} の利用者として登録されたため、お送りしています。検証コードやパスワードを、当社からお尋ねすることはありません。`,
    ask: 'お問い合わせ:',
  },
  en: {
    subject: (console: string) => `[${console}] How to start`,
    greeting: (name: string) => `Dear ${name},`,
    point: (console: string, company: string) =>
      `An administrator of ${company} has added you to ${console}. Set a password on the following page, and you can use it.`,
    link: 'Set a password',
    how: (address: string) => `Sign in with this e-mail address (${address}).`,
    harmless:
      'Opening the link changes nothing by itself. When you set the password, we send a verification code to this address.',
    unasked: 'If you do not know what this is about, please ignore this mail.',
    why: (console: string) =>
      `You get this mail because you were added to ${console}. We never ask you for a code or a password.`,
    ask: 'Contact:',
  },
});

export const elsewhereTexts = texts({
  ja: {
    subject: (console: string) => `【${console}】メンバーに追加されなかったことのお知らせ`,
    greeting: (name: string) => `${name} 様`,
    point: (console: string, company: string) =>
      `${company} の管理者が、このメールアドレスの方を ${console} のメンバーに追加しようとしました。このメールアドレスは別の会社でお使いのため、追加していません。いまのご利用は何も変わっていません。`,
    wanted: (company: string) =>
      `${company} でもお使いになるときは、別のメールアドレスで追加するよう、その管理者にお伝えください。`,
    unwanted:
      'お使いにならないときは、何もしなくてかまいません。このメールアドレスが使われていることは、管理者にお伝えしていません。',
    why: (console: string) =>
      `このメールは、${console} にご登録のメールアドレスにお送りしています。検証コードやパスワードを、当社からお尋ねすることはありません。`,
  },
  en: {
    subject: (console: string) => `[${console}] You were not added`,
    greeting: (name: string) => `Dear ${name},`,
    point: (console: string, company: string) =>
      `An administrator of ${company} wanted to add this address to ${console}. You use it for another company already, so nobody was added, and nothing of yours has changed.`,
    wanted: (company: string) =>
      `If you want to work for ${company} too, please ask that administrator to add you with another address.`,
    unwanted: 'Otherwise there is nothing to do. The administrator was not told that this address is in use.',
    why: (console: string) =>
      `You get this mail because your address is registered with ${console}. We never ask you for a code or a password.`,
  },
});
