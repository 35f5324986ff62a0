import { texts } from '#support/primitives/locale.ts';

export const loginTexts = texts({
  ja: {
    title: 'ログイン',
    heading: 'ログイン情報を入力してください。',
    which: (console: string) => `${console} のログイン画面です。`,
    whichOfTwo: (console: string) => `${console} の既存ログイン (これまでどおりのログイン) の画面です。`,
    emailAddress: 'メールアドレス',
    password: 'パスワード',
    show: '表示',
    hide: '隠す',
    forgot: 'パスワードを忘れたお客様はこちら',
    button: 'ログイン',
    unified: {
      title: '統合認証をお使いの方',
      link: '統合認証画面はこちら',
      independent:
        'この画面のパスワードと統合認証のパスワードは、別々のものです。どちらかを変えても、もう一方は変わりません。',
      until: (moment: string) =>
        `この画面でログインできるのは ${moment} までです。その後は統合認証でログインしていただきます。`,
    },
    signedIn: {
      label: 'お知らせ',
      title: (name: string) => `${name} さんとしてログイン中です。`,
      home: 'ホームへ進む',
    },
    notice: '完了',
    errors: {
      title: 'ログインできませんでした',
      addressMissing: 'メールアドレスを入力してください。',
      addressMalformed: 'メールアドレスを「名前@example.co.jp」の形で入力してください。',
      passwordMissing: 'パスワードを入力してください。',
      wrong: 'メールアドレスまたはパスワードが正しくありません。もう一度入力してください。',
      wrongOfTwo:
        'メールアドレスまたはパスワードが正しくありません。この画面では既存ログインのパスワードを入力してください。統合認証のパスワードは使えません。',
      suspended: (support: string) =>
        `ただいまこのアカウントはご利用いただけません。お心当たりのないときは、${support} までお問い合わせください。`,
      tooMany: (wait: string) =>
        `続けて何度も入力されたため、しばらく受け付けられません。${wait}後にもう一度お試しください。パスワードをお忘れのときは、設定し直してください。`,
    },
  },
  en: {
    title: 'Sign in',
    heading: 'Please enter your sign-in details.',
    which: (console: string) => `This is the sign-in page of ${console}.`,
    whichOfTwo: (console: string) =>
      `This is the existing login of ${console}, the one you have used so far.`,
    emailAddress: 'E-mail address',
    password: 'Password',
    show: 'Show',
    hide: 'Hide',
    forgot: 'Forgot your password?',
    button: 'Sign in',
    unified: {
      title: 'If you use the unified login',
      link: 'Go to the unified login',
      independent:
        'The password of this page and the password of the unified login are independent. Changing one does not change the other.',
      until: (moment: string) =>
        `You can sign in on this page until ${moment}. After that, please use the unified login.`,
    },
    signedIn: {
      label: 'Information',
      title: (name: string) => `You are signed in as ${name}.`,
      home: 'Go to the home page',
    },
    notice: 'Done',
    errors: {
      title: 'You could not be signed in',
      addressMissing: 'Enter your e-mail address.',
      addressMalformed: 'Enter the e-mail address in the form name@example.co.jp.',
      passwordMissing: 'Enter your password.',
      wrong: 'The e-mail address or the password is not right. Please enter them again.',
      wrongOfTwo:
        'The e-mail address or the password is not right. This page takes the password of the existing login; the one of the unified login does not work here.',
      suspended: (support: string) =>
        `This account cannot be used at the moment. If you do not know why, please write to ${support}.`,
      tooMany: (wait: string) =>
        `There were too many attempts in a row. Please try again in ${wait}. If you forgot your password, you can set a new one.`,
    },
  },
});
