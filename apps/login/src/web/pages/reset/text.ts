import { counted, defineTexts } from '#support/primitives/locale.ts';

export const texts = defineTexts({
  ja: {
    badge: '設定後に開く画面',
    summary: '入力内容をご確認ください',
    back: 'ログイン画面に戻る',
    information: 'お知らせ',
    success: '完了',
    ask: {
      title: 'パスワードを忘れた方',
      subtitle: 'パスワードの設定・再設定',
      step: 'パスワードの設定 1/2 メールアドレスの入力',
      lead: 'はじめて設定する方も、忘れた方も、ここから設定できます。検証コードをメールでお送りします。',
      address: 'メールアドレス',
      addressHelp: '管理画面に登録しているメールアドレスです。',
      submit: '送信する',
      mailTitle: 'メールを受け取れるようにしてください',
      mailFrom: '検証コードは次のアドレスからお送りします。',
      mailSender: '送信元アドレス',
      mailDomain: '許可するドメイン',
      mailFilter:
        '迷惑メール対策をご利用の場合は、このアドレスとドメインからの受信を許可してください。届かないときは、迷惑メールフォルダーもご確認ください。',
      legacy: 'ここで設定するのは統合認証のパスワードです。管理画面の従来のパスワードは変わりません。',
    },
    code: {
      title: 'パスワードの設定',
      step: 'パスワードの設定 2/2 検証コードと新しいパスワードの入力',
      lead: '{} 宛てに検証コードをお送りしました。この画面は開いたままで、届いたコードを入力してください。',
      code: '検証コード',
      codeHelp: (minutes: number) => `メールに書かれた8桁の数字です。発行から${minutes}分間使えます。`,
      password: '新しいパスワード',
      confirmation: '新しいパスワード (確認用)',
      submit: 'パスワードを設定する',
      show: '表示する',
      hide: '隠す',
      rulesTitle: 'パスワードの条件',
      rulesProgress: '{total}個の条件のうち{met}個を満たしています',
      met: '（満たしています）',
      unmet: '（まだ満たしていません）',
      resendTitle: 'メールが届かないとき',
      resendHelp: (sender: string) =>
        `送信元は ${sender} です。迷惑メールフォルダーをご確認ください。数分待っても届かないときは、入力したアドレスが管理画面に登録したものと同じかをご確認のうえ、もう一度お送りください。遅れて届いた1通前のコードも使えます。`,
      resend: '検証コードをもう一度送る',
      resendWait: 'あと{seconds}秒で、もう一度送れます。',
      resendReady: 'もう一度送れます。',
      otherAddress: '別のメールアドレスを入力する',
      held: '短い時間に何度もお送りすることはできないため、今回は新しいコードをお送りしていません。すでに届いているいちばん新しいコードを入力してください。',
      resent: '検証コードをもう一度お送りしました。新しいメールと1通前のメールの、どちらのコードも使えます。',
    },
    rules: {
      length: (minimum: number) => `${minimum}文字以上`,
      lower: '英小文字を1文字以上（a〜z）',
      upper: '英大文字を1文字以上（A〜Z）',
      digit: '数字を1文字以上（0〜9）',
      symbol: '記号を1文字以上（例：! ? - _ 空白）',
      match: '確認用と同じ',
      guessable: 'よく使われる言葉、流出したことのあるパスワード、メールアドレスを含むものは使えません',
    },
    errors: {
      'address-missing': 'メールアドレスを入力してください。',
      'address-malformed': 'メールアドレスの形で入力してください。例：taro@example.co.jp',
      'code-missing': 'メールで届いた検証コードを入力してください。',
      'code-malformed': '検証コードは8桁の数字です。メールのコードをそのまま入力してください。',
      'code-expired':
        'この検証コードは有効期限（10分）が切れています。「検証コードをもう一度送る」を押して、新しいコードを入力してください。',
      'code-superseded':
        'この検証コードより新しいコードをお送りしています。いちばん新しいメールのコードを入力してください。',
      'code-used':
        'この検証コードはすでに使われています。「検証コードをもう一度送る」を押して、新しいコードを入力してください。',
      'too-many-tries':
        '検証コードの間違いが続いたため、これまでのコードは使えなくなりました。「検証コードをもう一度送る」を押して、新しいコードを入力してください。',
      'too-many-guesses':
        '検証コードの間違いが1日の上限に達しました。明日もう一度お試しいただくか、サポート窓口へお問い合わせください。',
      mismatch: '「新しいパスワード」と同じものを、もう一度入力してください。',
    },
    codeWrong: (left: number) =>
      left > 0
        ? `検証コードが違います。メールの数字をご確認ください（あと${left}回入力できます）。`
        : '検証コードが違います。これまでのコードは使えなくなりました。「検証コードをもう一度送る」を押してください。',
    tooSoon: (seconds: number) => `検証コードは、続けてお送りできません。あと${seconds}秒お待ちください。`,
    tooMany: (minutes: number) =>
      `検証コードをお送りできる回数の上限に達しました。あと約${minutes}分お待ちください。すでに届いているコードは、有効期限内であれば使えます。`,
    tooShort: (least: number) => `${least}文字以上にしてください。`,
    faults: {
      'too-long': '128文字以内にしてください。',
      'no-lower-case': '英小文字を入れてください。',
      'no-upper-case': '英大文字を入れてください。',
      'no-digit': '数字を入れてください。',
      'no-symbol': '記号を入れてください。',
      'contains-address': 'メールアドレスを含まないものにしてください。',
      'too-common':
        '推測されやすいパスワードです。よく使われる言葉や並びを避け、関係のない言葉をいくつか組み合わせてください。',
    },
    done: {
      title: 'パスワードを設定しました',
      lead: '統合認証にログインしました。ご利用になる管理画面をお選びください。',
      list: '利用できる管理画面の一覧へ',
    },
    finished: {
      title: 'このお手続きは終わっています',
      lead: 'パスワードはすでに設定されています。設定したパスワードでご利用いただけます。',
      next: (console: string) => `${console}へ進む`,
    },
    gone: {
      title: 'もう一度はじめからお手続きください',
      lead: 'このお手続きは、はじめたときと同じブラウザーで、24時間以内に続けられます。別のブラウザーで開いたか、時間が過ぎています。',
      again: '検証コードを申し込む',
    },
  },
  en: {
    badge: 'Afterwards you will go to',
    summary: 'Please check what you entered',
    back: 'Back to the sign-in page',
    information: 'Information',
    success: 'Done',
    ask: {
      title: 'Forgot your password?',
      subtitle: 'Set or reset your password',
      step: 'Setting a password 1/2: your e-mail address',
      lead: 'Whether you set a password for the first time or forgot it, begin here. We mail you a verification code.',
      address: 'E-mail address',
      addressHelp: 'The address that your console knows you by.',
      submit: 'Send',
      mailTitle: 'Make sure that our mail reaches you',
      mailFrom: 'The code comes from this address.',
      mailSender: 'Sender',
      mailDomain: 'Domain to allow',
      mailFilter:
        'If you use a mail filter, please allow this address and domain. If nothing arrives, look into your spam folder too.',
      legacy:
        'This sets the password of the unified login. The earlier passwords of the consoles do not change.',
    },
    code: {
      title: 'Set your password',
      step: 'Setting a password 2/2: code and new password',
      lead: 'We have mailed a verification code to {}. Keep this page open and enter the code here.',
      code: 'Verification code',
      codeHelp: (minutes: number) => `The 8 figures in the mail. They work for ${minutes} minutes.`,
      password: 'New password',
      confirmation: 'New password (again)',
      submit: 'Set the password',
      show: 'Show',
      hide: 'Hide',
      rulesTitle: 'What the password needs',
      rulesProgress: '{met} of {total} rules are met',
      met: '(met)',
      unmet: '(not yet)',
      resendTitle: 'If the mail does not come',
      resendHelp: (sender: string) =>
        `It comes from ${sender}. Please look into your spam folder. If it has not come after a few minutes, check that the address is the one your console knows, and send the code again. The code of the mail before still works.`,
      resend: 'Send the code again',
      resendWait: 'You can send it again in {seconds} seconds.',
      resendReady: 'You can send it again.',
      otherAddress: 'Enter another address',
      held: 'Codes cannot be sent many times in a short while, so no new one was sent this time. Please enter the newest code that has reached you.',
      resent: 'We have sent another code. The code of the new mail and that of the one before both work.',
    },
    rules: {
      length: (minimum: number) => `At least ${minimum} characters`,
      lower: 'A lower-case letter (a–z)',
      upper: 'An upper-case letter (A–Z)',
      digit: 'A digit (0–9)',
      symbol: 'A symbol (such as ! ? - _ or a space)',
      match: 'Both passwords are the same',
      guessable: 'No common words, no leaked passwords, not your e-mail address',
    },
    errors: {
      'address-missing': 'Enter your e-mail address.',
      'address-malformed': 'Enter it in the form of an e-mail address, such as taro@example.co.jp.',
      'code-missing': 'Enter the verification code from the mail.',
      'code-malformed': 'The verification code has 8 figures. Enter it as it stands in the mail.',
      'code-expired':
        'This code has expired (10 minutes). Press “Send the code again” and enter the new one.',
      'code-superseded': 'We have sent a newer code. Enter the one from the newest mail.',
      'code-used': 'This code has been used already. Press “Send the code again” and enter the new one.',
      'too-many-tries':
        'The code was wrong too often, so the codes sent so far no longer work. Press “Send the code again” and enter the new one.',
      'too-many-guesses':
        'The code was wrong too often today. Please try again tomorrow or contact our support.',
      mismatch: 'Enter the same password as in “New password”.',
    },
    codeWrong: (left: number) =>
      left > 0
        ? `The verification code is wrong. Please check the figures in the mail (tries left: ${left}).`
        : 'The verification code is wrong, and the codes sent so far no longer work. Press “Send the code again”.',
    tooSoon: (seconds: number) =>
      `A code was sent a moment ago. Please wait ${counted(seconds, 'more second')}.`,
    tooMany: (minutes: number) =>
      `No more codes can be sent for now. Please wait about ${counted(minutes, 'minute')}. A code that has reached you works until it expires.`,
    tooShort: (least) => `Use at least ${least} characters.`,
    faults: {
      'too-long': 'Use at most 128 characters.',
      'no-lower-case': 'Add a lower-case letter.',
      'no-upper-case': 'Add an upper-case letter.',
      'no-digit': 'Add a digit.',
      'no-symbol': 'Add a symbol.',
      'contains-address': 'Leave your e-mail address out of it.',
      'too-common':
        'This password is easy to guess. Avoid common words and sequences; combine a few unrelated words.',
    },
    done: {
      title: 'Your password is set',
      lead: 'You are signed in to the unified login. Choose the console that you want to use.',
      list: 'To the list of your consoles',
    },
    finished: {
      title: 'This has been done already',
      lead: 'Your password is set. You can use it from now on.',
      next: (console: string) => `Go to ${console}`,
    },
    gone: {
      title: 'Please begin again',
      lead: 'This can be continued in the browser where it began, within 24 hours. It was opened in another browser, or too much time has passed.',
      again: 'Ask for a code',
    },
  },
});
