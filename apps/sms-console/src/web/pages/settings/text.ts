import { texts } from '#support/primitives/locale.ts';

export const settingsTexts = texts({
  ja: {
    title: '設定',
    lead: 'ご利用者の情報とログインに関する設定です。',
    profile: {
      title: 'ご利用者',
      name: 'お名前',
      company: '会社名',
      emailAddress: 'メールアドレス',
      emailNote: 'ログインに使うメールアドレスです。',
      change: '変更する',
      waiting: (address: string) => `${address} への変更は、検証コードの入力待ちです。`,
      enterCode: '検証コードを入力する',
    },
    password: {
      title: 'パスワード',
      terms: { legacy: 'この画面のパスワード', unified: '統合認証のパスワード' },
      legacy: 'いまのパスワードを入力して、新しいパスワードに変更します。',
      unified: '統合認証の画面で設定し直します。終わると、この画面に戻ります。',
      independent: '既存ログインのパスワードは変わりません。',
      change: '変更する',
    },
    apiKeys: {
      title: 'APIキー',
      term: 'お客様のプログラムからの送信',
      description:
        'お客様のシステムから SMS を送るための鍵です。ログインの方法が変わっても、そのままお使いいただけます。',
      manage: '管理する',
    },
    session: {
      title: '自動ログアウト',
      idle: '操作がないとき',
      idleAfter: (time: string) => `${time}でログアウトします。`,
      absolute: 'ログインから',
      absoluteAfter: (time: string) => `${time}でログアウトします。`,
      unified: '自動ログアウトの後も、統合認証にログイン中であれば、入力なしで続きからお使いいただけます。',
      end: (moment: string) => `いまのログインは、長くても ${moment} までです。`,
    },
    signOut: {
      title: 'ログアウト',
      legacy: (console: string) => `${console} からログアウトします。`,
      unified: '統合認証と、統合認証でログインしたすべての管理画面からログアウトします。',
      button: 'ログアウト',
    },
  },
  en: {
    title: 'Settings',
    lead: 'Your details, and how you sign in.',
    profile: {
      title: 'Your account',
      name: 'Name',
      company: 'Company',
      emailAddress: 'E-mail address',
      emailNote: 'You sign in with this address.',
      change: 'Change',
      waiting: (address: string) => `The change to ${address} waits for its code.`,
      enterCode: 'Enter the code',
    },
    password: {
      title: 'Password',
      terms: { legacy: 'Password of this console', unified: 'Password of the unified login' },
      legacy: 'You enter your present password and a new one.',
      unified: 'You set a new one on the pages of the unified login and then come back here.',
      independent: 'The password of the existing login stays as it is.',
      change: 'Change',
    },
    apiKeys: {
      title: 'API keys',
      term: 'Sending from your own programs',
      description:
        'With an API key your systems send short messages. It goes on working whichever way people sign in.',
      manage: 'Manage',
    },
    session: {
      title: 'Automatic sign-out',
      idle: 'When you do nothing',
      idleAfter: (time: string) => `You are signed out after ${time}.`,
      absolute: 'After signing in',
      absoluteAfter: (time: string) => `You are signed out after ${time}.`,
      unified:
        'After that, while you are still signed in to the unified login, you carry on without typing anything.',
      end: (moment: string) => `This sign-in lasts until ${moment} at the longest.`,
    },
    signOut: {
      title: 'Sign out',
      legacy: (console: string) => `Signs you out of ${console}.`,
      unified: 'Signs you out of the unified login and of every console that you entered by it.',
      button: 'Sign out',
    },
  },
});
