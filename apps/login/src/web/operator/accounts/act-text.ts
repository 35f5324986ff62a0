import { defineTexts } from '#support/primitives/locale.ts';

export const actTexts = defineTexts({
  ja: {
    problems: '入力内容を確認してください',
    notDone: '実行していません',
    whatHappens: '実行すると、次のようになります。',
    back: '何もせずに戻る',
    reason: '理由',
    reasonHelp: '本人と確かめた方法も書いてください。監査記録に残り、お客様には伝わりません。',
    address: '新しいメールアドレス',
    addressHelp: 'お客様が今すぐ読めるメールボックス',
    language: 'メールの言語',
    japanese: '日本語',
    english: '英語',
    hijacked: '他人に使われていた疑いがある',
    hijackedHelp: '管理画面に、乗っ取りによる停止として伝えます。',
    typed: '確認のため、このお客様のログインIDを入力してください',
    typedHelp: '上に表示されたメールアドレスと同じものを入力します。',
    browserGone: 'すでにログアウトしています',
    again: (at: string) => `${at}から送れます。`,
    acts: {
      'set-up-mail': {
        title: 'パスワード設定の案内を送る',
        lead: 'パスワードを設定する手順を、お客様にメールで送ります。',
        happens: [
          'ログインIDのメールアドレスに、手順と設定ページのアドレスが届きます。',
          'メールに検証コードは入っていません。お客様が設定ページで申し込むと届きます。',
          'アカウントの状態は何も変わりません。',
        ],
        button: '案内を送る',
      },
      'send-code': {
        title: '検証コードを送り直す',
        lead: 'お客様が申し込んだ検証コードを、もう一度メールで送ります。',
        happens: [
          'ログインIDのメールアドレスに、新しい検証コードが届きます。担当者には表示されません。',
          'お客様は、申し込んだブラウザーで開いたままの画面に入力します。前のコードも期限内なら使えます。',
          '60秒以内の再送や、1日の上限を超える再送はできません。',
        ],
        button: '検証コードを送り直す',
      },
      'clear-delay': {
        title: '待ち時間を解除する',
        lead: 'パスワードの間違いによる待ち時間をなくし、すぐにログインできるようにします。',
        happens: [
          '間違いの回数が0に戻り、次のログインをすぐに受け付けます。',
          'パスワードは変わりません。本人と確かめてから実行してください。',
        ],
        button: '待ち時間を解除する',
      },
      'change-address': {
        title: 'ログインIDを変更する',
        lead: 'お客様が前のメールボックスを使えないときに、ログインIDを新しいメールアドレスに変更する手続きを始めます。',
        happens: [
          '新しいメールアドレスに、検証コードと入力ページのアドレスが届きます。お客様がコードを入力するまで、何も変わりません。',
          '入力されると、ログインIDが変わり、ほかのブラウザーはログアウトします。管理画面にも伝わります。',
          '前のメールアドレスにもお知らせが届き、72時間は取り消せます。',
        ],
        button: '検証コードを送る',
      },
      'end-session': {
        title: 'このブラウザーをログアウトする',
        lead: 'お客様のブラウザー1つを、すべての管理画面からログアウトします。',
        happens: [
          '統合認証と、このブラウザーから入ったすべての管理画面からログアウトします。',
          'ほかのブラウザーはそのままです。',
        ],
        button: 'ログアウトする',
      },
      'end-sessions': {
        title: 'すべてのブラウザーをログアウトする',
        lead: 'お客様のすべてのブラウザーを、すべての管理画面からログアウトします。',
        happens: [
          '統合認証と、すべての管理画面からログアウトします。入力中の内容は失われることがあります。',
          'パスワードは変わりません。お客様は、またログインできます。',
        ],
        button: 'すべてログアウトする',
      },
      suspend: {
        title: '利用を停止する',
        lead: 'このアカウントでは、どの管理画面にも統合認証から入れなくなります。',
        happens: [
          'すべてのブラウザーがログアウトし、ログインもパスワードの設定もできなくなります。',
          '管理画面に停止を伝えます。お客様にメールは送りません。',
          'いつでも再開できます。',
        ],
        button: '利用を停止する',
      },
      reinstate: {
        title: '利用を再開する',
        lead: 'このアカウントで、またログインできるようにします。',
        happens: [
          'パスワードは停止の前のままです。お客様はすぐにログインできます。',
          '管理画面に再開を伝えます。お客様にメールは送りません。',
        ],
        button: '利用を再開する',
      },
      close: {
        title: 'アカウントを解約する',
        lead: 'このお客様が統合認証を使うのを終わりにします。',
        happens: [
          'すべてのブラウザーがログアウトし、ログインもパスワードの設定もできなくなります。',
          '管理画面に、アカウントがなくなったと伝えます。',
          '記録とメールアドレスは残り、ほかの人がこのログインIDを使うことはできません。再開できるのは管理者だけです。',
        ],
        button: '解約する',
      },
    },
    refusals: {
      'reason-missing': '理由を入力してください。',
      'typed-wrong': '入力されたログインIDが、このお客様のものと違います。',
      'address-malformed': 'メールアドレスの形になっていません。',
      'address-unchanged': '今のログインIDと同じメールアドレスです。',
      'address-taken': 'このメールアドレスは、ほかのアカウントのログインIDです。',
      'address-reserved':
        'このメールアドレスは少し前まで別のお客様のログインIDで、72時間は取り戻せるように取り置かれています。',
      'account-state-unfit':
        'アカウントの状態が変わったため、もう必要がないか、できません。お客様のページで状態を確認してください。',
      'account-unknown': 'アカウントが見つかりません。',
      'administrator-only': '担当者のアカウントや、解約したアカウントについては、管理者だけが実行できます。',
      'last-administrator': '最後の管理者です。先に、ほかの管理者を登録してください。',
      'too-soon': 'すでに送っています。少し前に送ったばかりのため、続けては送れません。',
      'too-many': '送れる回数の上限に達しています。',
      'no-open-request':
        'お客様が申し込んだ検証コードの手続きがありません。ログイン画面の「パスワードを忘れた方はこちら」から申し込んでもらってください。',
      'nothing-to-clear': '解除する待ち時間がありません。すでに解除されています。',
      'session-unknown': 'このブラウザーは、すでにログアウトしています。',
      other: '今の状態では実行できません。お客様のページを開き直してください。',
    },
  },
  en: {
    problems: 'Please check what you typed',
    notDone: 'Nothing was done',
    whatHappens: 'This is what happens:',
    back: 'Back, doing nothing',
    reason: 'Reason',
    reasonHelp:
      'Say also how you made sure who is calling. It stays in the audit log; the person is not told it.',
    address: 'New e-mail address',
    addressHelp: 'A mailbox that the person can read now',
    language: 'Language of the mail',
    japanese: 'Japanese',
    english: 'English',
    hijacked: 'Somebody else may have been in the account',
    hijackedHelp: 'Consoles are told that it was hijacked.',
    typed: 'To confirm, type the login ID of this person',
    typedHelp: 'The same e-mail address as above.',
    browserGone: 'Signed out already',
    again: (at) => ` Possible from ${at}.`,
    acts: {
      'set-up-mail': {
        title: 'Mail how to set a password',
        lead: 'The person is mailed the steps to set a password.',
        happens: [
          'The steps and the address of the page go to the e-mail address that is the login ID.',
          'There is no code in the mail; one comes when the person asks for it on that page.',
          'Nothing of the account changes.',
        ],
        button: 'Send the mail',
      },
      'send-code': {
        title: 'Send the code again',
        lead: 'The code that the person asked for is mailed once more.',
        happens: [
          'A new code goes to the e-mail address that is the login ID. You are not shown it.',
          'The person types it on the page that they still have open. An earlier code works too until it runs out.',
          'Not within 60 seconds, and not beyond the day’s limit.',
        ],
        button: 'Send the code again',
      },
      'clear-delay': {
        title: 'Clear the delay',
        lead: 'The delay after wrong passwords ends, and the next sign-in is taken at once.',
        happens: [
          'The count of wrong passwords goes back to 0.',
          'The password does not change. Make sure who is calling first.',
        ],
        button: 'Clear the delay',
      },
      'change-address': {
        title: 'Change the login ID',
        lead: 'For somebody who cannot read the former mailbox any more.',
        happens: [
          'The new address is mailed a code and a page to type it on. Nothing changes until the person does.',
          'Then the login ID changes, other browsers are signed out, and consoles are told.',
          'The former address is told too, and can undo it for 72 hours.',
        ],
        button: 'Send the code',
      },
      'end-session': {
        title: 'Sign this browser out',
        lead: 'One browser of the person is signed out of all consoles.',
        happens: [
          'The unified login and every console that was entered from it are signed out.',
          'Other browsers stay as they are.',
        ],
        button: 'Sign out',
      },
      'end-sessions': {
        title: 'Sign all browsers out',
        lead: 'All browsers of the person are signed out of all consoles.',
        happens: [
          'The unified login and all consoles are signed out; what is half typed there may be lost.',
          'The password does not change; the person can sign in again.',
        ],
        button: 'Sign all out',
      },
      suspend: {
        title: 'Suspend',
        lead: 'With this account nobody gets into any console through the unified login any more.',
        happens: [
          'All browsers are signed out; neither signing in nor setting a password works.',
          'Consoles are told. The person is not mailed.',
          'It can be reinstated at any time.',
        ],
        button: 'Suspend',
      },
      reinstate: {
        title: 'Reinstate',
        lead: 'The person can sign in again.',
        happens: [
          'The password is as before; signing in works at once.',
          'Consoles are told. The person is not mailed.',
        ],
        button: 'Reinstate',
      },
      close: {
        title: 'Close the account',
        lead: 'This person does not use the unified login any more.',
        happens: [
          'All browsers are signed out; neither signing in nor setting a password works.',
          'Consoles are told that the account is gone.',
          'Records and the address stay; nobody else gets this login ID. Only an administrator can reinstate it.',
        ],
        button: 'Close the account',
      },
    },
    refusals: {
      'reason-missing': 'Give a reason.',
      'typed-wrong': 'What you typed is not the login ID of this person.',
      'address-malformed': 'This is not an e-mail address.',
      'address-unchanged': 'This is the login ID already.',
      'address-taken': 'This address is the login ID of another account.',
      'address-reserved':
        'Until lately this address was the login ID of somebody else, who may still take it back (72 hours).',
      'account-state-unfit':
        'The state of the account has changed: it is done already, or cannot be done. Look at the page of the person.',
      'account-unknown': 'There is no such account.',
      'administrator-only': 'For accounts of operators and closed ones only administrators may do this.',
      'last-administrator': 'This is the last administrator. Make another one first.',
      'too-soon': 'It was sent already, a moment ago.',
      'too-many': 'The limit is reached.',
      'no-open-request':
        'The person has asked for no code that is still open. Have them ask with “Forgot your password?” on the sign-in page.',
      'nothing-to-clear': 'There is no delay to clear; it is cleared already.',
      'session-unknown': 'This browser is signed out already.',
      other: 'As things stand this cannot be done. Open the page of the person again.',
    },
  },
});
