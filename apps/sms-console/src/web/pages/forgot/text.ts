import { texts } from '#support/primitives/locale.ts';

export const forgotTexts = texts({
  ja: {
    title: 'パスワードの再設定',
    heading: 'パスワードを忘れたお客様',
    lead: (console: string) => `${console} のパスワードを設定し直すためのメールをお送りします。`,
    emailAddress: 'メールアドレス',
    emailHelp: 'ご登録のメールアドレスを入力してください。',
    sender: 'メールは次のアドレスからお送りします。受信できるように設定してください。',
    button: '送信する',
    back: 'ログイン画面に戻る',
    errors: {
      title: '入力内容をご確認ください',
      addressMissing: 'メールアドレスを入力してください。',
      addressMalformed: 'メールアドレスを「名前@example.co.jp」の形で入力してください。',
      tooMany: (wait: string) =>
        `続けて何度も送信されたため、しばらく受け付けられません。${wait}後にもう一度お試しください。`,
    },
    sent: {
      title: 'メールをお送りしました',
      heading: 'メールをご確認ください',
      lead: 'ご入力のメールアドレスが登録されている場合、パスワードを設定し直すためのメールをお送りしました。',
      steps: {
        from: 'メールは次のアドレスから届きます。',
        life: (time: string) => `メールの中のリンクは ${time} のあいだ使えます。`,
        spam: '届かないときは、迷惑メールのフォルダーと、入力したメールアドレスをご確認ください。',
      },
      again: 'もう一度送る',
    },
  },
  en: {
    title: 'Set a new password',
    heading: 'Forgot your password?',
    lead: (console: string) =>
      `We will send you a mail with which you can set a new password for ${console}.`,
    emailAddress: 'E-mail address',
    emailHelp: 'Enter the e-mail address that is registered here.',
    sender: 'The mail comes from the following address. Please make sure that you can receive it.',
    button: 'Send',
    back: 'Back to the sign-in page',
    errors: {
      title: 'Please check what you entered',
      addressMissing: 'Enter your e-mail address.',
      addressMalformed: 'Enter the e-mail address in the form name@example.co.jp.',
      tooMany: (wait: string) => `There were too many requests in a row. Please try again in ${wait}.`,
    },
    sent: {
      title: 'Mail sent',
      heading: 'Please look into your mailbox',
      lead: 'If the e-mail address that you entered is registered, we have sent a mail with which you can set a new password.',
      steps: {
        from: 'The mail comes from the following address.',
        life: (time: string) => `The link in the mail works for ${time}.`,
        spam: 'If it does not arrive, look into the spam folder and check the e-mail address that you entered.',
      },
      again: 'Send again',
    },
  },
});
