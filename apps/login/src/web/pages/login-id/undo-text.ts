import { defineTexts } from '#support/primitives/locale.ts';

/** What the pages say on which the former mailbox takes a change of its login ID back. */
export const texts = defineTexts({
  ja: {
    nextSteps: '次にできること',
    home: 'ログイン画面へ',
    open: {
      title: 'ログインIDの変更の取り消し',
      lead: 'お心当たりのない変更の場合は、内容を確認して「変更を取り消す」を押してください。',
      before: '変更前のアドレス',
      after: '変更後のアドレス',
      at: '変更した日時',
      from: '変更した画面',
      support: 'サポート窓口でのお手続き',
      provider: '組織または管理画面の利用者情報',
      until: '取り消しの期限',
      whatHappens: '取り消すと、次のようになります',
      effects: [
        'ログインIDが変更前のアドレスに戻ります。このあとにさらに変更されていた場合は、その変更もすべて取り消されます。',
        'ログイン中の画面は、すべて終了します。',
        '変更のあとに設定されたパスワードと、届いている検証コードは使えなくなります。',
        '変更前と変更後の両方のアドレスに、メールでお知らせします。',
      ],
      button: '変更を取り消す',
      ownChange:
        'ご自身で変更された場合は、何もせずにこの画面を閉じてください。開いただけでは何も変わりません。',
    },
    undone: {
      title: '変更を取り消しました',
      lead: 'ログインIDを元のメールアドレスに戻し、変更前と変更後の両方のアドレスにメールでお知らせしました。',
      password:
        '変更のあとに設定されたパスワードは使えません。安全のため、続けて新しいパスワードを設定してください。',
      setPassword: 'パスワードを設定する',
      home: 'ログイン画面へ',
    },
    over: {
      title: 'この変更は、このページでは取り消せません',
      lead: '取り消しの期限を過ぎているか、取り消しの受け付けが終わっています。',
      next: [
        'ご自身で変更された場合は、何もする必要はありません。',
        'お心当たりがない場合は、すぐにご連絡ください。',
      ],
    },
    unknown: {
      title: 'このページは開けません',
      lead: 'ページのアドレスが途中で切れているか、正しくありません。',
      next: [
        'メールに書かれたアドレスを、最初から最後まで続けて入力してください。',
        '2通届いている場合は、新しいメールからお試しください。',
      ],
    },
    'address-taken': {
      title: '自動では元に戻せません',
      lead: '変更前のアドレスが、すでに別のログインIDとして使われています。何も変更していません。',
      next: ['お手数ですが、すぐにご連絡ください。確認のうえ、元に戻すお手続きをご案内します。'],
    },
  },
  en: {
    nextSteps: 'What you can do next',
    home: 'To the sign-in page',
    open: {
      title: 'Undo the change of your login ID',
      lead: 'If the change was not yours, look at what changed and press “Undo the change”.',
      before: 'Address before',
      after: 'Address after',
      at: 'Changed on',
      from: 'Changed in',
      support: 'By our support',
      provider: 'In a list of users of your organisation or a console',
      until: 'Can be undone by',
      whatHappens: 'If you undo it',
      effects: [
        'The address before becomes your login ID again. If it was changed once more since, that is undone too.',
        'Every browser that is signed in is signed out.',
        'A password that was set after the change and codes that were mailed do not work any more.',
        'Both addresses are told by mail.',
      ],
      button: 'Undo the change',
      ownChange: 'If you made the change yourself, just close this page. Opening it has changed nothing.',
    },
    undone: {
      title: 'The change was undone',
      lead: 'Your login ID was set back to the former e-mail address, and both addresses were told by mail.',
      password:
        'A password that was set after the change does not work any more. To be safe, set a new password now.',
      setPassword: 'Set a password',
      home: 'To the sign-in page',
    },
    over: {
      title: 'This change cannot be undone on this page',
      lead: 'The time to undo it is over, or it cannot be undone any more.',
      next: [
        'If you made the change yourself, you need not do anything.',
        'If the change was not yours, contact us at once.',
      ],
    },
    unknown: {
      title: 'This page cannot be opened',
      lead: 'The address of the page is cut off or not right.',
      next: [
        'Type the address in the mail from its beginning to its end.',
        'If two mails came, try the newer one.',
      ],
    },
    'address-taken': {
      title: 'This cannot be undone automatically',
      lead: 'The address before is another login ID by now. Nothing was changed.',
      next: ['Please contact us at once. We will look at it and help you to get it back.'],
    },
  },
});
