import { texts } from '#support/primitives/locale.ts';

export const homeTexts = texts({
  ja: {
    title: 'ホーム',
    welcome: (person: string) => `${person} さん、こんにちは`,
    signIn: {
      title: 'ログインの状況',
      way: 'ログイン方法',
      startedAt: 'ログイン日時',
      lastSeenAt: '最後の操作',
      kinds: { unified: '統合認証', legacy: '既存ログイン' },
    },
    profile: {
      title: 'ご利用者',
      company: '会社名',
      name: 'お名前',
      emailAddress: 'メールアドレス',
      settings: '設定を開く',
    },
    recent: {
      title: '最近のログイン',
      caption: 'このアカウントの最近のログイン',
      at: '日時',
      way: '方法',
      here: 'いまのログイン',
      stranger: '心当たりのないログインがあるときは、パスワードを変更してください。',
    },
    move: {
      title: '統合認証でもログインできます',
      body: 'ひとつのログインで、ほかの管理画面もそのままお使いいただけます。はじめての方は、統合認証のパスワードの設定から始めます。',
      independent: '既存ログインのパスワードは変わりません。',
      until: (moment: string) => `既存ログインは ${moment} までお使いいただけます。`,
      link: '統合認証画面はこちら',
    },
    moved: {
      label: 'お知らせ',
      title: (console: string) => `${console} のログインは統合認証に切り替わりました`,
      body: '次のログインからは、統合認証のログイン画面をお使いください。',
    },
  },
  en: {
    title: 'Home',
    welcome: (person: string) => `Welcome, ${person}`,
    signIn: {
      title: 'Your sign-in',
      way: 'Signed in by',
      startedAt: 'Signed in at',
      lastSeenAt: 'Last active',
      kinds: { unified: 'Unified login', legacy: 'Existing login' },
    },
    profile: {
      title: 'Your account',
      company: 'Company',
      name: 'Name',
      emailAddress: 'E-mail address',
      settings: 'Open settings',
    },
    recent: {
      title: 'Recent sign-ins',
      caption: 'Recent sign-ins to this account',
      at: 'Time',
      way: 'By',
      here: 'This sign-in',
      stranger: 'If you see a sign-in that was not yours, please change your password.',
    },
    move: {
      title: 'You can sign in by the unified login as well',
      body: 'One sign-in opens your other consoles too. If it is your first time, you begin by setting a password for the unified login.',
      independent: 'The password of the existing login stays as it is.',
      until: (moment: string) => `The existing login works until ${moment}.`,
      link: 'Go to the unified login',
    },
    moved: {
      label: 'Information',
      title: (console: string) => `${console} now uses the unified login`,
      body: 'Please use the sign-in page of the unified login from your next sign-in on.',
    },
  },
});
