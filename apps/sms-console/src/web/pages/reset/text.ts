import { texts } from '#support/primitives/locale.ts';

export const resetTexts = texts({
  ja: {
    title: 'パスワードの再設定',
    heading: '新しいパスワードの設定',
    lead: (console: string) => `${console} の新しいパスワードを入力してください。`,
    password: '新しいパスワード',
    rule: (min: number) => `${min}文字以上で入力してください。`,
    confirmation: '新しいパスワード (確認用)',
    show: '表示',
    hide: '隠す',
    button: 'パスワードを設定する',
    back: 'ログイン画面に戻る',
    errors: {
      title: '入力内容をご確認ください',
      missing: '新しいパスワードを入力してください。',
      'too-short': (min: number) => `${min}文字以上のパスワードを入力してください。`,
      'too-long': (max: number) => `${max}文字以内のパスワードを入力してください。`,
      different: '確認用のパスワードが違います。同じパスワードをもう一度入力してください。',
    },
    ended: {
      title: 'リンクが使えません',
      heading: 'このリンクは使えません',
      lead: 'リンクの有効期限 (30分) が過ぎたか、すでに使われています。お手数ですが、もう一度メールをお送りください。',
      again: 'もう一度メールを送る',
    },
    closed: {
      title: 'パスワードの再設定',
      heading: '統合認証に変わりました',
      lead: (console: string) =>
        `${console} には統合認証でログインしていただくようになりました。このリンクでパスワードを設定することはできません。`,
      next: '統合認証のパスワードは、次の画面で設定できます。',
      reset: '統合認証のパスワードを設定する',
      signIn: '統合認証のログイン画面へ',
    },
  },
  en: {
    title: 'Set a new password',
    heading: 'Set a new password',
    lead: (console: string) => `Enter the new password for ${console}.`,
    password: 'New password',
    rule: (min: number) => `At least ${min} characters.`,
    confirmation: 'New password (again)',
    show: 'Show',
    hide: 'Hide',
    button: 'Set the password',
    back: 'Back to the sign-in page',
    errors: {
      title: 'Please check what you entered',
      missing: 'Enter the new password.',
      'too-short': (min: number) => `Enter a password of at least ${min} characters.`,
      'too-long': (max: number) => `Enter a password of at most ${max} characters.`,
      different: 'The two passwords differ. Enter the same password in both fields.',
    },
    ended: {
      title: 'This link does not work',
      heading: 'This link does not work any more',
      lead: 'It is older than 30 minutes or has been used already. Please have another mail sent.',
      again: 'Send another mail',
    },
    closed: {
      title: 'Set a new password',
      heading: 'Please use the unified login',
      lead: (console: string) =>
        `You now sign in to ${console} by the unified login. A password cannot be set by this link any more.`,
      next: 'You can set the password of the unified login on the next page.',
      reset: 'Set the password of the unified login',
      signIn: 'Go to the unified login',
    },
  },
});
