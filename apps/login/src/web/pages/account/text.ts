import { counted, defineTexts } from '#support/primitives/locale.ts';

export const texts = defineTexts({
  ja: {
    title: 'アカウント',
    person: (name: string) => `${name} 様、`,
    signedInAs: '{} でログインしています。',
    consoles: '利用できる管理画面の一覧へ',
    signOut: 'すべての管理画面からログアウトする',
    information: 'お知らせ',
    back: 'アカウントに戻る',
    notices: {
      'already-ended': 'このブラウザーは、すでにログアウトしています。',
      'other-person':
        'この画面を開いたあとに、別の方がログインしました。操作は行われていません。いまログインしている方の内容を表示しています。',
    },
    browsers: {
      title: 'ログイン中のブラウザー',
      lead: '心当たりのないブラウザーがあれば、ログアウトさせて、パスワードを変更してください。ログアウトさせると、そのブラウザーで開いている管理画面も使えなくなります。',
      here: 'このブラウザー',
      living: 'ログイン中',
      runOut: '期限切れ',
      runOutNote:
        '統合認証のログインは期限が切れましたが、管理画面にはまだ入れる場合があります。気になるときはログアウトさせてください。',
      place: '場所 (IP)',
      unknownPlace: '不明',
      since: 'ログイン',
      seen: '最終利用',
      consoles: '管理画面',
      noConsoles: 'まだ開いていません',
      end: (browser: string) => `${browser} を`,
      endButton: 'ログアウトさせる',
      endOthers: (count: number) => `ほかのブラウザーをすべてログアウトさせる (${count}件)`,
      onlyHere: 'ほかにログイン中のブラウザーはありません。',
    },
    activity: {
      title: '最近の記録',
      pageTitle: 'ログインと変更の記録',
      lead: '過去90日間の記録です。心当たりのないものがあれば、パスワードを変更し、サポート窓口へご連絡ください。',
      all: 'すべての記録を見る',
      none: '過去90日間の記録はありません。',
      place: 'IP',
      placeOfEnding: '操作した場所：IP',
      newLoginId: '新しいログインID：',
      bySupport: 'サポート窓口による操作',
      pages: '記録のページ',
      older: 'これより前の記録',
      newest: '最新の記録へ',
      range: (from: string, to: string) => (from === to ? from : `${from} 〜 ${to}`),
    },
    password: {
      title: 'パスワード',
      setAt: (at: string) => `統合認証のパスワードは ${at} に設定されました。`,
      change: 'パスワードを変更する',
      pageTitle: 'パスワードの変更',
      lead: '統合認証のパスワードを変更します。変更すると、このブラウザー以外はログアウトします。',
      current: '現在のパスワード',
      currentHelp: 'いま統合認証のログインに使っているパスワードです。',
      forgotten: '現在のパスワードを忘れた方はこちら',
      independentTitle: '従来のログイン画面のパスワードは変わりません',
      independent: (consoles: string) =>
        `${consoles}では、従来のログイン画面に、従来のパスワードでもログインできます。統合認証のパスワードとは別のもので、ここで変更しても変わりません。`,
      summary: '入力内容をご確認ください',
      errors: {
        currentMissing: '現在のパスワードを入力してください。',
        currentWrong:
          '現在のパスワードが違います。統合認証のログインに使っているパスワードを入力してください。',
        unchanged: '現在のパスワードとは違うものにしてください。',
        onlyReset:
          'パスワードの間違いが続いたため、ここでは変更できません。「現在のパスワードを忘れた方はこちら」から設定し直せます。',
        changedMeanwhile:
          'ほかの画面でパスワードが変更されたか、ログアウトされたため、変更していません。もう一度お試しください。',
        otherPerson: 'この画面を開いたあとに、別の方がログインしました。パスワードは変更していません。',
      },
      wait: (seconds: number) =>
        `パスワードの間違いが続いたため、あと${seconds}秒お待ちください。「現在のパスワードを忘れた方はこちら」からの設定し直しは、今すぐできます。`,
      networkWait: (minutes: number) =>
        `お使いのネットワークからのパスワードの間違いが続いたため、あと約${minutes}分お待ちください。`,
    },
    language: {
      title: '表示言語',
      label: '画面とメールの言語',
      save: '言語を保存する',
    },
    ended: {
      title: 'ログアウトさせました',
      passwordTitle: 'パスワードを変更しました',
      passwordLead: '次回から、新しいパスワードでログインしてください。確認のメールをお送りしました。',
      browsers: 'ログアウトしたブラウザー：',
      counted: (name: string, count: number) => (count === 1 ? name : `${name} (${count}件)`),
      separator: '、',
      leads: {
        delivered: 'そのブラウザーで開いていた管理画面からも、すべてログアウトしました。',
        waiting: '統合認証からはログアウトしました。一部の管理画面には、まだお知らせしているところです。',
        failed: '統合認証からはログアウトしました。一部の管理画面では、ログアウトを確認できませんでした。',
        none: '統合認証からログアウトしました。開いていた管理画面はありません。',
      },
      list: '管理画面ごとの状態',
      states: {
        delivered: 'ログアウト済み',
        waiting: 'お知らせ中',
        failed: '確認できませんでした',
        untold: 'お知らせできません',
      },
      notes: {
        waiting: 'つながりしだい自動でログアウトします。画面を閉じても続きます。',
        failed:
          '確認できなかった管理画面は、その管理画面の時間が過ぎると自動でログアウトします。急ぐときはサポート窓口へご連絡ください。',
      },
    },
  },
  en: {
    title: 'Your account',
    person: (name: string) => `${name},`,
    signedInAs: 'you are signed in as {}.',
    consoles: 'To the list of your consoles',
    signOut: 'Sign out of all consoles',
    information: 'Information',
    back: 'Back to your account',
    notices: {
      'already-ended': 'This browser is signed out already.',
      'other-person':
        'Someone else signed in after this page was opened. Nothing was done. You see the account of the person who is signed in now.',
    },
    browsers: {
      title: 'Signed-in browsers',
      lead: 'If you do not know one of them, sign it out and change your password. Signing a browser out also closes the consoles that are open in it.',
      here: 'This browser',
      living: 'Signed in',
      runOut: 'Expired',
      runOutNote:
        'The sign-in at the unified login has expired, but a console may still be open there. Sign it out if you are in doubt.',
      place: 'Place (IP)',
      unknownPlace: 'unknown',
      since: 'Since',
      seen: 'Last seen',
      consoles: 'Consoles',
      noConsoles: 'none opened yet',
      end: (browser: string) => `${browser}:`,
      endButton: 'Sign out',
      endOthers: (count: number) => `Sign out all other browsers (${count})`,
      onlyHere: 'No other browser is signed in.',
    },
    activity: {
      title: 'Recent activity',
      pageTitle: 'Sign-ins and changes',
      lead: 'The last 90 days. If there is something that you do not know, change your password and contact our support.',
      all: 'Show all activity',
      none: 'Nothing has happened in the last 90 days.',
      place: 'IP',
      placeOfEnding: 'Done from IP',
      newLoginId: 'New login ID: ',
      bySupport: 'Done by our support',
      pages: 'Pages of activity',
      older: 'Earlier activity',
      newest: 'To the newest',
      range: (from: string, to: string) => (from === to ? from : `${from} – ${to}`),
    },
    password: {
      title: 'Password',
      setAt: (at: string) => `The password of the unified login was set on ${at}.`,
      change: 'Change the password',
      pageTitle: 'Change your password',
      lead: 'This changes the password of the unified login. All browsers but this one will be signed out.',
      current: 'Current password',
      currentHelp: 'The password that you sign in with at the unified login.',
      forgotten: 'Forgot your current password?',
      independentTitle: 'The password of the earlier login does not change',
      independent: (consoles: string) =>
        `The earlier login of ${consoles} still works, with a password of its own. It is not the password of the unified login, and does not change here.`,
      summary: 'Please check what you entered',
      errors: {
        currentMissing: 'Enter your current password.',
        currentWrong:
          'The current password is wrong. Enter the one that you sign in with at the unified login.',
        unchanged: 'Choose a password that is not your current one.',
        onlyReset:
          'The password was wrong too often, so it cannot be changed here. Set a new one with “Forgot your current password?”.',
        changedMeanwhile:
          'The password was changed or this browser was signed out in another window, so nothing was changed here. Please try again.',
        otherPerson: 'Someone else signed in after this page was opened. The password was not changed.',
      },
      wait: (seconds: number) =>
        `The password was wrong several times. Please wait ${counted(seconds, 'more second')}. Setting a new one with “Forgot your current password?” works right now.`,
      networkWait: (minutes: number) =>
        `There were many wrong passwords from your network. Please wait about ${counted(minutes, 'more minute')}.`,
    },
    language: {
      title: 'Language',
      label: 'Language of pages and mails',
      save: 'Save the language',
    },
    ended: {
      title: 'The browser is signed out',
      passwordTitle: 'Your password is changed',
      passwordLead: 'Use the new password from now on. We have mailed you a confirmation.',
      browsers: 'Browser: ',
      counted: (name: string, count: number) => (count === 1 ? name : `${name} (${count})`),
      separator: ', ',
      leads: {
        delivered: 'The consoles that were open there have signed it out too.',
        waiting: 'The unified login has signed it out. Some consoles are still being told.',
        failed:
          'The unified login has signed it out. Some consoles could not confirm that they did the same.',
        none: 'The unified login has signed it out. No console was open.',
      },
      list: 'State of each console',
      states: {
        delivered: 'Signed out',
        waiting: 'Being told',
        failed: 'Could not be confirmed',
        untold: 'Cannot be told',
      },
      notes: {
        waiting: 'They sign it out as soon as they can be reached, even when you close this page.',
        failed:
          'A console that could not confirm signs it out when its own time is over. Contact our support if it is urgent.',
      },
    },
  },
});
