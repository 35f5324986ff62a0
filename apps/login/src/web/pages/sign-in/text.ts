import { counted, defineTexts } from '#support/primitives/locale.ts';

export const texts = defineTexts({
  ja: {
    title: 'ログイン',
    leadWithConsole: 'このページを表示するには、ログインが必要です。',
    leadAlone: 'ご利用の管理画面を選ぶには、ログインが必要です。',
    leadAccount: 'アカウントのページを表示するには、ログインが必要です。',
    leadOperator: 'このページを表示するには、ログインが必要です。',
    leadAnew: '大切な操作のため、ご本人であることをもう一度確認します。パスワードを入力してください。',
    leadInterrupted:
      'ログインが終わっていたため、先ほどの操作は行われていません。ログインしてから、もう一度お試しください。',
    badge: 'ログイン後に開く画面',
    loginId: 'ログインID',
    loginIdHelp: '管理画面に登録しているメールアドレスです。',
    password: 'パスワード',
    passwordHelp: '統合認証で設定したパスワードを入力してください。',
    show: '表示する',
    hide: '隠す',
    submit: 'ログイン',
    forgot: 'パスワードを忘れた方はこちら',
    firstTitle: 'はじめてご利用の方へ',
    firstBody:
      '統合認証をはじめて使うときは、先にパスワードの設定が必要です。これまで管理画面で使っていたパスワードでは、ここからはログインできません。',
    legacy: (console: string) => ({
      firstBody: `統合認証のパスワードをまだ設定していない方は、はじめの1回だけ、${console}でこれまで使っていたパスワードでログインできます。お忘れの方は、ここからパスワードを設定してください。`,
      passwordHelp: `統合認証で設定したパスワードを入力してください。まだ設定していない方は、${console}のこれまでのパスワードを入力してください。`,
    }),
    firstSteps: 'メールアドレスを入力すると検証コードが届きます。2〜3分で終わります。',
    firstAction: 'はじめての方：パスワードを設定する',
    independent: (console: string) =>
      `ここは「統合認証」のログイン画面です。${console}の従来のログイン画面とはパスワードが別で、片方を変えても、もう片方は変わりません。`,
    independentTitle: '従来のログイン画面とは別のパスワードです',
    legacyBack: (console: string) => `${console}の従来のログイン画面に戻る`,
    summary: '入力内容をご確認ください',
    information: 'お知らせ',
    errors: {
      'address-missing': 'ログインID（メールアドレス）を入力してください。',
      'address-malformed': 'ログインIDをメールアドレスの形で入力してください。例：taro@example.co.jp',
      'password-missing': 'パスワードを入力してください。',
      'wrong-credentials':
        'ログインIDまたはパスワードが違います。統合認証のパスワードをまだ設定していない方は、「はじめてご利用の方へ」から設定してください。',
      'only-reset':
        'パスワードの間違いが続いたため、パスワードではログインできません。「パスワードを忘れた方はこちら」から設定し直すと、すぐにログインできます。',
    },
    wait: (seconds: number) =>
      `パスワードの間違いが続いたため、あと${seconds}秒お待ちください。「パスワードを忘れた方はこちら」からの設定し直しは、今すぐできます。`,
    networkWait: (minutes: number) =>
      `お使いのネットワークからのログインの失敗が続いたため、あと約${minutes}分お待ちください。パスワードの設定し直しは、今すぐできます。`,
    foreignTitle: 'ログインをはじめからお願いします',
    foreignLead: 'このログイン画面は、別のブラウザーで開かれたものです。このブラウザーでは続けられません。',
    foreignCookies:
      '同じブラウザーで開いているのにこの画面が出るときは、ブラウザーの設定でCookieを許可してから、もう一度お試しください。',
    foreignAgain: 'もう一度ログインする',
    notLinkedTitle: (console: string) => `${console}のご利用登録がありません`,
    notLinkedLead: '{} でログインしていますが、このログインIDはこの管理画面に登録されていません。',
    notLinkedNext:
      '別のログインIDをお持ちの場合は、そのIDでログインしてください。心当たりがない場合は、御社の管理者またはサポート窓口へお問い合わせください。',
    notLinkedOther: '別のログインIDでログインする',
    notLinkedList: '利用できる管理画面の一覧へ',
  },
  en: {
    title: 'Sign in',
    leadWithConsole: 'You need to sign in to see this page.',
    leadAlone: 'Please sign in to choose a console.',
    leadAccount: 'You need to sign in to see your account.',
    leadOperator: 'You need to sign in to see this page.',
    leadAnew: 'What comes next matters: please enter your password again, so that we know it is you.',
    leadInterrupted: 'You were no longer signed in, so nothing was done. Please sign in and try again.',
    badge: 'You will go to',
    loginId: 'Login ID',
    loginIdHelp: 'The e-mail address that your console knows you by.',
    password: 'Password',
    passwordHelp: 'The password that you set at the unified login.',
    show: 'Show',
    hide: 'Hide',
    submit: 'Sign in',
    forgot: 'Forgot your password?',
    firstTitle: 'Here for the first time?',
    firstBody:
      'Before you can use the unified login you need to set a password. The password that you used in your console until now does not work here.',
    legacy: (console) => ({
      firstBody: `If you have not set a password at the unified login yet, you can sign in once with the password that you used in ${console} until now. If you do not remember it, set a password here.`,
      passwordHelp: `The password that you set at the unified login. If you have not set one yet: your earlier password of ${console}.`,
    }),
    firstSteps: 'Enter your e-mail address and we mail you a code. It takes two or three minutes.',
    firstAction: 'First time: set a password',
    independent: (console: string) =>
      `This is the sign-in page of the unified login. Its password is not the one of the earlier login of ${console}: changing one does not change the other.`,
    independentTitle: 'This password is not the one of your earlier login',
    legacyBack: (console: string) => `Back to the earlier login of ${console}`,
    summary: 'Please check what you entered',
    information: 'Information',
    errors: {
      'address-missing': 'Enter your login ID (e-mail address).',
      'address-malformed':
        'Enter your login ID in the form of an e-mail address, such as taro@example.co.jp.',
      'password-missing': 'Enter your password.',
      'wrong-credentials':
        'Login ID or password is wrong. If you have not set a password at the unified login yet, please do so under “Here for the first time?”.',
      'only-reset':
        'The password was wrong too often, so it cannot be used any more. Set a new one with “Forgot your password?” and you can sign in at once.',
    },
    wait: (seconds: number) =>
      `The password was wrong several times. Please wait ${counted(seconds, 'more second')}. Setting a new one with “Forgot your password?” works right now.`,
    networkWait: (minutes: number) =>
      `There were many failed sign-ins from your network. Please wait about ${counted(minutes, 'more minute')}. Setting a new password works right now.`,
    foreignTitle: 'Please start to sign in again',
    foreignLead: 'This sign-in was opened in another browser. It cannot go on in this one.',
    foreignCookies: 'If you opened it in this very browser, allow cookies in its settings and try again.',
    foreignAgain: 'Sign in again',
    notLinkedTitle: (console: string) => `You have no access to ${console}`,
    notLinkedLead: 'You are signed in as {}, but this login ID is not registered in this console.',
    notLinkedNext:
      'If you have another login ID, sign in with that one. Otherwise please ask your administrator or our support.',
    notLinkedOther: 'Sign in with another login ID',
    notLinkedList: 'To the list of your consoles',
  },
});
