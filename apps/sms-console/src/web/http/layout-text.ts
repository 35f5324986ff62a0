import { texts } from '#support/primitives/locale.ts';

/** What just happened, told once at the top of the next page. */
export const NOTICE_CODES = [
  'password-changed',
  'password-reset',
  'email-changed',
  'email-abandoned',
  'code-resent',
  'api-key-revoked',
] as const;
export type NoticeCode = (typeof NOTICE_CODES)[number];

export const layoutTexts = texts({
  ja: {
    skip: '本文へ移動',
    nav: 'メニュー',
    home: 'ホーム',
    settings: '設定',
    account: 'ログイン中の利用者',
    signOut: 'ログアウト',
    language: '表示する言語',
    done: '完了',
    support: 'お問い合わせ窓口:',
    notices: {
      'password-changed': 'パスワードを変更しました。',
      'password-reset': 'パスワードを設定しました。新しいパスワードでログインしてください。',
      'email-changed': 'メールアドレスを変更しました。次のログインから新しいメールアドレスをお使いください。',
      'email-abandoned': 'メールアドレスの変更をとりやめました。',
      'code-resent': '検証コードをもう一度お送りしました。',
      'api-key-revoked': 'APIキーを無効にしました。',
    },
  },
  en: {
    skip: 'Skip to content',
    nav: 'Menu',
    home: 'Home',
    settings: 'Settings',
    account: 'Signed in as',
    signOut: 'Sign out',
    language: 'Language',
    done: 'Done',
    support: 'Contact:',
    notices: {
      'password-changed': 'Your password has been changed.',
      'password-reset': 'Your password has been set. Please sign in with the new one.',
      'email-changed': 'Your e-mail address has been changed. Use the new one from your next sign-in on.',
      'email-abandoned': 'The change of your e-mail address was cancelled.',
      'code-resent': 'We have sent you the code once more.',
      'api-key-revoked': 'The API key has been revoked.',
    },
  },
});
