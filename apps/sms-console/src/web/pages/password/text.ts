import { texts } from '#support/primitives/locale.ts';

export const passwordTexts = texts({
  ja: {
    title: 'パスワードの変更',
    lead: (console: string) =>
      `${console} の既存ログインのパスワードを変更します。ほかのブラウザーでのログインは終了します。`,
    settings: '設定',
    present: 'いまのパスワード',
    wanted: '新しいパスワード',
    rule: (min: number) => `${min}文字以上で入力してください。`,
    confirmation: '新しいパスワード (確認用)',
    show: '表示',
    hide: '隠す',
    button: '変更する',
    back: '設定に戻る',
    errors: {
      title: '入力内容をご確認ください',
      presentWrong: 'いまのパスワードが正しくありません。',
      missing: '新しいパスワードを入力してください。',
      tooShort: (min: number) => `${min}文字以上のパスワードを入力してください。`,
      tooLong: (max: number) => `${max}文字以内のパスワードを入力してください。`,
      different: '確認用のパスワードが違います。同じパスワードをもう一度入力してください。',
      tooMany: (wait: string) =>
        `続けて何度も入力されたため、しばらく受け付けられません。${wait}後にもう一度お試しください。`,
    },
  },
  en: {
    title: 'Change your password',
    lead: (console: string) =>
      `Changes the password of the existing login of ${console}. You are signed out in your other browsers.`,
    settings: 'Settings',
    present: 'Present password',
    wanted: 'New password',
    rule: (min: number) => `At least ${min} characters.`,
    confirmation: 'New password (again)',
    show: 'Show',
    hide: 'Hide',
    button: 'Change',
    back: 'Back to the settings',
    errors: {
      title: 'Please check what you entered',
      presentWrong: 'The present password is not right.',
      missing: 'Enter the new password.',
      tooShort: (min: number) => `Enter a password of at least ${min} characters.`,
      tooLong: (max: number) => `Enter a password of at most ${max} characters.`,
      different: 'The two new passwords differ. Enter the same password in both fields.',
      tooMany: (wait: string) => `There were too many attempts in a row. Please try again in ${wait}.`,
    },
  },
});
