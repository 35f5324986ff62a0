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
      open: {
        noted: (address: string) =>
          `${address} への変更を受け付けました。統合認証につながりしだい、検証コードをお送りします。`,
        codeSent: (address: string) => `${address} への変更は、検証コードの入力待ちです。`,
        confirming: (address: string) => `${address} への変更の結果を、統合認証に確認しています。`,
      },
      follow: {
        noted: '状況を見る',
        codeSent: '検証コードを入力する',
        confirming: '状況を見る',
      },
    },
    news: {
      labels: { info: 'お知らせ', warning: 'ご注意' },
      elsewhere: {
        title: 'メールアドレスが、ほかの画面で変更されました',
        body: (previous: string, address: string, moment: string) =>
          `${moment} に、${previous} から ${address} に変わりました。この管理画面へのログインにも、新しいメールアドレスをお使いください。`,
      },
      'taken-back': {
        title: 'メールアドレスが、前のものに戻されました',
        body: (previous: string, address: string, moment: string) =>
          `${moment} に、${previous} への変更が取り消され、${address} に戻りました。`,
      },
      stranger: 'お心当たりがないときは、お問い合わせ窓口までご連絡ください。',
      failed: {
        title: (address: string) => `${address} への変更はできませんでした`,
        unchanged: 'メールアドレスは変わっていません。',
        userUnknown: 'この利用者は、まだ統合認証に登録されていません。お問い合わせ窓口までご連絡ください。',
        addressMalformed: 'メールアドレスの形が正しくありませんでした。',
        addressUnchanged: 'いまと同じメールアドレスでした。',
        tooMany: '続けて何度も操作されたため、受け付けられませんでした。',
        addressTaken: 'このメールアドレスは、ほかの利用者のログインに使われています。',
        addressReserved:
          'このメールアドレスは、前にお使いの方が元に戻せる期間のため、まだ使えません。数日たってからもう一度お試しください。',
        changedMeanwhile:
          'お申し込みの後に、ほかの画面でメールアドレスが変更されました。必要であればもう一度変更してください。',
        keptByAdministrators:
          '統合認証の運用を担当されているため、ログイン用のメールアドレスは統合認証の管理者だけが変更できます。変更が必要なときは、統合認証の管理者にご依頼ください。',
        ended: '検証コードの入力がないまま、この変更は終了しました。',
        undone: '変更は取り消され、元のメールアドレスに戻りました。',
      },
      waiting: {
        title: 'メールアドレスの変更が、この管理画面に反映できていません',
        body: (address: string) =>
          `統合認証のログインIDは ${address} に変わりましたが、この管理画面ではほかの利用者がこのメールアドレスを使っています。統合認証には ${address} でログインできます。お手数ですが、お問い合わせ窓口までご連絡ください。`,
      },
      seen: '確認しました',
    },
    history: {
      title: 'メールアドレスの変更の記録',
      lead: 'お客様の会社の利用者の、最近の変更です。',
      caption: '会社の利用者のメールアドレスの、最近の変更',
      at: '日時',
      person: '利用者',
      previous: '変更前',
      address: '変更後',
      cause: '変更した画面',
      causes: { here: 'この管理画面', elsewhere: 'ほかの画面', 'taken-back': '取り消し' },
    },
    password: {
      title: 'パスワード',
      terms: { legacy: 'この画面のパスワード', unified: '統合認証のパスワード' },
      legacy: 'いまのパスワードを入力して、新しいパスワードに変更します。',
      unified: '統合認証の画面で設定し直します。終わると、この画面に戻ります。',
      independent: '既存ログインのパスワードは変わりません。',
      change: '変更する',
    },
    sending: {
      title: '送信',
      term: '送信の設定',
      description: '送信しない時間帯、長い本文、1 か月の上限を会社ごとに決められます。',
      open: '送信の設定を開く',
      status: {
        term: '送信状況',
        description: '送信先への接続と、送信を待っているメッセージの数を確認できます。',
        open: '送信状況を見る',
      },
    },
    apiKeys: {
      title: 'APIキー',
      term: 'お客様のプログラムからの送信',
      description:
        'お客様のシステムから SMS を送るための鍵です。ログインの方法が変わっても、そのままお使いいただけます。',
      webhooks: '結果のお知らせ (Webhook)',
      webhooksWords: 'メッセージの結果を、お客様のシステムにお知らせします。',
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
      open: {
        noted: (address: string) =>
          `We have noted the change to ${address}. The code is sent as soon as the unified login can be reached.`,
        codeSent: (address: string) => `The change to ${address} waits for its code.`,
        confirming: (address: string) => `We are asking the unified login about the change to ${address}.`,
      },
      follow: { noted: 'See how it stands', codeSent: 'Enter the code', confirming: 'See how it stands' },
    },
    news: {
      labels: { info: 'Information', warning: 'Please note' },
      elsewhere: {
        title: 'Your e-mail address was changed elsewhere',
        body: (previous: string, address: string, moment: string) =>
          `On ${moment} it was changed from ${previous} to ${address}. Please use the new address to sign in to this console too.`,
      },
      'taken-back': {
        title: 'Your e-mail address was changed back',
        body: (previous: string, address: string, moment: string) =>
          `On ${moment} the change to ${previous} was taken back, and your address is ${address} again.`,
      },
      stranger: 'If this was not you, please tell our support.',
      failed: {
        title: (address: string) => `The change to ${address} could not be made`,
        unchanged: 'Your e-mail address has stayed as it was.',
        userUnknown: 'You are not registered at the unified login yet. Please ask our support.',
        addressMalformed: 'The address was not in the right form.',
        addressUnchanged: 'It was your present address.',
        tooMany: 'There were too many attempts in a row.',
        addressTaken: 'Somebody else signs in with this address.',
        addressReserved:
          'The person who used this address before can still take it back, so it is not free yet. Please try again in a few days.',
        changedMeanwhile:
          'After you asked for it your address was changed elsewhere. Please begin again if you still want to change it.',
        keptByAdministrators:
          'You help to run the unified login, so only its administrators can change your sign-in address. If you need another one, please ask one of its administrators.',
        ended: 'Nobody entered the code in time.',
        undone: 'The change was taken back, and your address is the one before.',
      },
      waiting: {
        title: 'A change of your e-mail address could not be made in this console',
        body: (address: string) =>
          `At the unified login your address is ${address} now, but here another user has it. You can sign in to the unified login with ${address}. Please ask our support.`,
      },
      seen: 'I have read this',
    },
    history: {
      title: 'Changes of e-mail addresses',
      lead: 'The latest changes of the people of your company.',
      caption: 'The latest changes of e-mail addresses in your company',
      at: 'Time',
      person: 'Person',
      previous: 'Before',
      address: 'After',
      cause: 'Changed in',
      causes: { here: 'This console', elsewhere: 'Elsewhere', 'taken-back': 'Taken back' },
    },
    password: {
      title: 'Password',
      terms: { legacy: 'Password of this console', unified: 'Password of the unified login' },
      legacy: 'You enter your present password and a new one.',
      unified: 'You set a new one on the pages of the unified login and then come back here.',
      independent: 'The password of the existing login stays as it is.',
      change: 'Change',
    },
    sending: {
      title: 'Sending',
      term: 'Sending rules',
      description: 'Quiet hours, long messages and a monthly limit, for your whole company.',
      open: 'Open sending rules',
      status: {
        term: 'Sending status',
        description: 'The connections to the carriers, and how many messages wait to be sent.',
        open: 'See the status',
      },
    },
    apiKeys: {
      title: 'API keys',
      term: 'Sending from your own programs',
      description:
        'With an API key your systems send short messages. It goes on working whichever way people sign in.',
      webhooks: 'Receipts by webhook',
      webhooksWords: 'Your own systems are told what became of messages.',
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
