import { texts } from '#support/primitives/locale.ts';

export const unifiedTexts = texts({
  ja: {
    number: '受付番号',
    again: 'もう一度ログインする',
    legacy: '既存ログインの画面へ',
    unified: '統合認証の画面へ',
    unknown: {
      title: '利用者の登録がありません',
      heading: '利用者の登録が見つかりません',
      lead: (console: string) =>
        `統合認証にはログインできましたが、${console} の利用者として登録されていません。`,
      who: '統合認証のログインID',
      steps: {
        other:
          '別のログインIDでお使いのときは、統合認証の画面でログアウトしてから、もう一度ログインしてください。',
        ask: 'このログインIDでお使いになる予定のときは、次の窓口までご連絡ください。',
      },
    },
    suspended: {
      title: 'ご利用いただけません',
      heading: 'ただいまご利用いただけません',
      lead: (console: string) => `このアカウントでは、現在 ${console} をご利用いただけません。`,
      ask: 'お心当たりのないときは、次の窓口までお問い合わせください。',
    },
    unreachable: {
      title: '統合認証につながりません',
      heading: '統合認証につながりません',
      lead: 'ただいま統合認証の画面を開けません。しばらくしてからもう一度お試しください。',
      legacy: 'お急ぎのときは、既存ログインもお使いいただけます。',
    },
    refused: {
      title: 'ログインできませんでした',
      heading: 'ログインは完了していません',
      lead: '統合認証でのログインがとりやめになったか、受け付けられませんでした。もう一度ログインしてください。',
    },
    interrupted: {
      title: 'もう一度ログインしてください',
      heading: 'もう一度ログインしてください',
      lead: 'ログインの途中で時間が過ぎたか、別の画面で続きが行われました。お手数ですが、もう一度お試しください。',
      cookies: '何度も表示されるときは、ブラウザーで Cookie が使えるようになっているかご確認ください。',
    },
    broken: {
      title: 'ログインできませんでした',
      heading: 'ログインを確認できませんでした',
      lead: '統合認証からの応答を確認できませんでした。もう一度お試しのうえ、続くときは受付番号を添えてお問い合わせください。',
    },
  },
  en: {
    number: 'Reference',
    again: 'Sign in again',
    legacy: 'Go to the existing login',
    unified: 'Go to the unified login',
    unknown: {
      title: 'You are not registered here',
      heading: 'You are not registered as a user of this console',
      lead: (console: string) =>
        `You are signed in to the unified login, but ${console} has no user for you.`,
      who: 'Your login ID',
      steps: {
        other:
          'If you use another login ID here, sign out at the unified login and sign in again with that one.',
        ask: 'If you should be able to use this login ID, please write to the following address.',
      },
    },
    suspended: {
      title: 'This account cannot be used',
      heading: 'This account cannot be used at the moment',
      lead: (console: string) => `You cannot use ${console} with this account at present.`,
      ask: 'If you do not know why, please write to the following address.',
    },
    unreachable: {
      title: 'The unified login cannot be reached',
      heading: 'The unified login cannot be reached',
      lead: 'The pages of the unified login cannot be opened at the moment. Please try again in a while.',
      legacy: 'If it is urgent, you can use the existing login.',
    },
    refused: {
      title: 'You are not signed in',
      heading: 'The sign-in was not completed',
      lead: 'The sign-in was cancelled or not accepted by the unified login. Please sign in again.',
    },
    interrupted: {
      title: 'Please sign in again',
      heading: 'Please sign in again',
      lead: 'The sign-in took too long, or it was continued in another window. Please try once more.',
      cookies: 'If you see this again and again, check that your browser accepts cookies.',
    },
    broken: {
      title: 'You could not be signed in',
      heading: 'The sign-in could not be checked',
      lead: 'The answer of the unified login could not be checked. Please try again; if it goes on, tell us the reference below.',
    },
  },
});
