import { texts } from '#support/primitives/locale.ts';

export const emailTexts = texts({
  ja: {
    title: 'メールアドレスの変更',
    step: (step: number, name: string) => `メールアドレスの変更 ${step}/2 ${name}`,
    settings: '設定',
    errorTitle: '入力内容をご確認ください',
    ask: {
      step: '新しいアドレスの入力',
      lead: '新しいメールアドレスに検証コードをお送りします。検証コードを入力すると、変更が完了します。',
      present: 'いまのメールアドレス',
      fresh: '新しいメールアドレス',
      effect:
        '変更が完了すると、次のログインから新しいメールアドレスを使います。いまのメールアドレスにも、変更のお知らせをお送りします。',
      effectBoth: '統合認証でも、この管理画面の既存ログインでも同じです。',
      button: '検証コードを送る',
      back: '設定に戻る',
    },
    code: {
      step: '検証コードの入力',
      sentTo: '次のアドレスに検証コードをお送りしました。',
      sentFrom: 'メールは次のアドレスから届きます。届かないときは、迷惑メールのフォルダーもご確認ください。',
      expires: (moment: string) => `検証コードは ${moment} まで使えます。`,
      code: '検証コード',
      help: 'メールに書かれた8桁の数字を入力してください。',
      button: '変更する',
      resend: 'もう一度送る',
      resendWaiting: '{seconds}秒後にもう一度送れます。',
      resendReady: '届かないときは、もう一度送れます。',
      resendAt: (moment: string) => `${moment} からもう一度送れます。`,
      other: '別のメールアドレスに変更する',
      abandon: '変更をとりやめる',
    },
    waiting: {
      label: 'お知らせ',
      delivery: '変更のお申し込みを受け付けました',
      deliveryLead:
        'ただいま統合認証につながらないため、検証コードをまだお送りできていません。つながりしだい、次のアドレスにお送りします。このページを閉じても、お申し込みは残ります。',
      answer: '検証コードの結果を確認しています',
      answerLead:
        '統合認証からの返事がまだ届いていません。届きしだい、結果を反映します。このページを閉じてもかまいません。検証コードが統合認証に届いていなかったときだけ、もう一度ご入力いただきます。',
      unchanged: '検証コードの入力が済むまで、いまのメールアドレスは変わりません。',
      unknown: '変更が済んでいるかどうかは、統合認証につながりしだい、設定の画面でご確認いただけます。',
      reload: '最新の状況を表示する',
      abandon: '変更をとりやめる',
    },
    errors: {
      addressMissing: '新しいメールアドレスを入力してください。',
      addressMalformed: 'メールアドレスを「名前@example.co.jp」の形で入力してください。',
      addressUnchanged: 'いまと同じメールアドレスです。新しいメールアドレスを入力してください。',
      userUnknown:
        'この利用者は、まだ統合認証に登録されていません。お手数ですが、お問い合わせ窓口までご連絡ください。',
      tooMany: (wait: string) =>
        `続けて何度も操作されたため、しばらく受け付けられません。${wait}後にもう一度お試しください。`,
      tooManyLater:
        '続けて何度も操作されたため、しばらく受け付けられません。時間をおいてもう一度お試しください。',
      unreachable: 'ただいま統合認証につながりません。しばらくしてからもう一度お試しください。',
      refused: 'ただいま変更を受け付けられません。お手数ですが、お問い合わせ窓口までご連絡ください。',
      codeMissing: '検証コードを入力してください。',
      codeWrong: '検証コードが違います。メールをご確認のうえ、もう一度入力してください。',
      codeWrongLeft: (tries: number) =>
        `検証コードが違います。メールをご確認のうえ、もう一度入力してください (あと${tries}回)。`,
      codeExpired: '検証コードの有効期限が過ぎました。もう一度送ってください。',
      codeSuperseded:
        'この検証コードより新しいものをお送りしています。いちばん新しいメールの検証コードを入力してください。',
      addressTaken:
        'このメールアドレスは、その間にほかの利用者のログインに使われました。別のメールアドレスに変更してください。',
      addressReserved:
        'このメールアドレスは、前にお使いの方が元に戻せる期間のため、まだ使えません。別のメールアドレスにするか、数日たってからもう一度お試しください。',
      changedMeanwhile:
        'この変更をお申し込みの後に、ほかの画面でログイン用のメールアドレスが変更されました。いまのメールアドレスをご確認のうえ、必要であればもう一度お進みください。',
      keptByAdministrators:
        '統合認証の運用を担当されているため、ログイン用のメールアドレスは統合認証の管理者だけが変更できます。何も変更していません。変更が必要なときは、統合認証の管理者にご依頼ください。',
      addressInUse:
        'このメールアドレスは、この管理画面のほかの利用者が使っています。お手数ですが、お問い合わせ窓口までご連絡ください。',
      notYet: '検証コードをまだお送りできていないか、結果を確認しているところです。しばらくお待ちください。',
      codeUsedUp:
        '検証コードを続けて間違えたため、この検証コードは使えなくなりました。もう一度送ってください。',
      ended: 'この変更は終了しています。もう一度、新しいメールアドレスの入力からお進みください。',
    },
  },
  en: {
    title: 'Change your e-mail address',
    step: (step: number, name: string) => `Change your e-mail address ${step}/2: ${name}`,
    settings: 'Settings',
    errorTitle: 'Please check what you entered',
    ask: {
      step: 'the new address',
      lead: 'We send a code to your new address. Enter the code to complete the change.',
      present: 'Present e-mail address',
      fresh: 'New e-mail address',
      effect:
        'After the change you sign in with the new address. We also tell your present address about the change.',
      effectBoth: 'This applies to the unified login and to the existing login of this console.',
      button: 'Send the code',
      back: 'Back to the settings',
    },
    code: {
      step: 'the code',
      sentTo: 'We have sent a code to the following address.',
      sentFrom:
        'The mail comes from the following address. If it does not arrive, please look into the spam folder too.',
      expires: (moment: string) => `The code works until ${moment}.`,
      code: 'Code',
      help: 'Enter the 8 digits that are in the mail.',
      button: 'Change',
      resend: 'Send again',
      resendWaiting: 'You can have it sent again in {seconds} seconds.',
      resendReady: 'If it does not arrive, you can have it sent again.',
      resendAt: (moment: string) => `You can have it sent again from ${moment} on.`,
      other: 'Use another address',
      abandon: 'Cancel the change',
    },
    waiting: {
      label: 'Information',
      delivery: 'We have noted your change',
      deliveryLead:
        'The unified login cannot be reached at the moment, so the code has not been sent yet. As soon as it can be reached, we send the code to the following address. You may close this page; your change stays noted.',
      answer: 'We are finding out about your code',
      answerLead:
        'The answer of the unified login has not arrived yet. As soon as it does, the result takes effect here; you may close this page. Only if your code never reached the unified login are you asked for it once more.',
      unchanged: 'Until you have entered the code, your present address stays as it is.',
      unknown:
        'Whether the change was made you will see in the settings as soon as the unified login can be reached.',
      reload: 'Show how it stands now',
      abandon: 'Cancel the change',
    },
    errors: {
      addressMissing: 'Enter your new e-mail address.',
      addressMalformed: 'Enter the e-mail address in the form name@example.co.jp.',
      addressUnchanged: 'This is your present address. Enter your new one.',
      userUnknown: 'You are not registered at the unified login yet. Please ask our support.',
      tooMany: (wait: string) => `There were too many attempts in a row. Please try again in ${wait}.`,
      tooManyLater: 'There were too many attempts in a row. Please try again later.',
      unreachable: 'The unified login cannot be reached at the moment. Please try again in a while.',
      refused: 'The change cannot be made at the moment. Please ask our support.',
      codeMissing: 'Enter the code.',
      codeWrong: 'The code is not right. Please look at the mail and enter it again.',
      codeWrongLeft: (tries: number) =>
        `The code is not right. Please look at the mail and enter it again (tries left: ${tries}).`,
      codeExpired: 'The code has expired. Please have it sent again.',
      codeSuperseded: 'We have sent you a newer code. Enter the one from the newest mail.',
      addressTaken:
        'In the meantime this address has become the login of somebody else. Please use another address.',
      addressReserved:
        'The person who used this address before can still take it back, so it is not free yet. Please use another address, or try again in a few days.',
      changedMeanwhile:
        'After you asked for this change, your sign-in address was changed elsewhere. Please look at your present address and begin again if you still want to change it.',
      keptByAdministrators:
        'You help to run the unified login, so only its administrators can change your sign-in address. Nothing was changed. If you need another address, please ask one of its administrators.',
      addressInUse: 'Another user of this console has this address. Please ask our support.',
      notYet:
        'The code has not been sent yet, or we are still finding out about the last one. Please wait a moment.',
      codeUsedUp:
        'The code was entered wrongly too often and does not work any more. Please have it sent again.',
      ended: 'This change has ended. Please begin again with the new address.',
    },
  },
});
