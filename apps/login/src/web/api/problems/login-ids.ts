import type { ProblemList } from './problem-words.ts';

/** Login IDs and their changes, with the codes that prove them. */
export const LOGIN_ID_PROBLEMS = {
  'user-unknown': [
    404,
    {
      ja: [
        '該当する利用者がいません',
        'この管理画面には、このIDで連携している利用者がいません。先に取り込んでください。',
      ],
      en: ['No such user', 'This console has no linked user with this id. Import the user first.'],
    },
  ],
  'address-malformed': [
    422,
    {
      ja: [
        'メールアドレスの形式が正しくありません',
        '送られた値はメールアドレスとして使えません。入力を確かめてください。',
      ],
      en: ['Not an e-mail address', 'What was sent is not an e-mail address. Check what was typed.'],
    },
  ],
  'address-unchanged': [
    422,
    {
      ja: ['ログインIDは変わりません', 'このメールアドレスは、すでにログインIDです。'],
      en: ['The address is unchanged', 'This already is the login ID.'],
    },
  ],
  'address-taken': [
    409,
    {
      ja: [
        'ほかのアカウントのログインIDです',
        '新しいメールアドレスは、その間にほかのアカウントのログインIDになりました。別のメールアドレスを選んでください。',
      ],
      en: [
        'The address was taken meanwhile',
        'The new address became the login ID of another account meanwhile. Choose another address.',
      ],
    },
  ],
  'address-reserved': [
    409,
    {
      ja: [
        'まだ使えないメールアドレスです',
        '新しいメールアドレスは最近まで別のアカウントのログインIDで、元の持ち主が取り戻せる期間です。別のメールアドレスを選ぶか、3日後にもう一度お試しください。',
      ],
      en: [
        'The address is reserved',
        'Until lately the new address was the login ID of another account, whose owner may still take it back. Choose another address, or try again after three days.',
      ],
    },
  ],
  'address-not-login-id': [
    409,
    {
      ja: [
        'ログインIDではありません',
        'この方のログインIDではありません。先に管理画面でメールアドレスを直してください。ログインIDはそれに従います。',
      ],
      en: [
        'Not the login ID of the person',
        'This is not the login ID of the person. Correct the address in the console first; the login ID follows.',
      ],
    },
  ],
  'too-soon': [
    429,
    {
      ja: ['少し前に送ったばかりです', '少し前にメールを送りました。Retry-After の秒数だけ待ってください。'],
      en: ['Too soon', 'A mail was sent a moment ago. Wait as Retry-After says.'],
    },
  ],
  'too-many': [
    429,
    {
      ja: [
        '送信の上限に達しました',
        '送れるメールの上限に達しました。Retry-After の秒数だけ待ってください。',
      ],
      en: ['Too many', 'The limit of mails is reached. Wait as Retry-After says.'],
    },
  ],
  'change-unknown': [
    404,
    {
      ja: ['該当する変更がありません', 'この管理画面に、このIDの変更はありません。'],
      en: ['No such change', 'There is no such change for this console.'],
    },
  ],
  'change-ended': [
    410,
    {
      ja: [
        '終わった変更です',
        'この変更は完了したか、新しい変更に置き換わったか、1日以上たっています。新しい変更を始めてください。',
      ],
      en: [
        'The change has ended',
        'This change is finished, superseded or older than a day. Begin a new one.',
      ],
    },
  ],
  'changed-meanwhile': [
    409,
    {
      ja: [
        'ログインIDがほかで変更されました',
        'この変更を依頼した後に、ログインIDがほかで変更されました。いまのメールアドレスを表示して、新しい変更を始めてください。',
      ],
      en: [
        'The login ID changed meanwhile',
        'The login ID was changed elsewhere since this change was asked for. Show the address that it has now, and begin a new change.',
      ],
    },
  ],
  'kept-by-administrators': [
    403,
    {
      ja: [
        '統合認証の担当者のアカウントです',
        'この方は統合認証の運用に携わっています。ログインIDを変更できるのは統合認証の管理者だけです。管理者に依頼していただいてください。',
      ],
      en: [
        'The account of an operator',
        'This person helps to run the unified login. Only its administrators change the login ID; the person asks one of them.',
      ],
    },
  ],
  'code-malformed': [
    422,
    {
      ja: ['検証コードの形ではありません', '検証コードは8桁の数字です。'],
      en: ['Not a code', 'A code has 8 figures.'],
    },
  ],
  'code-wrong': [
    422,
    {
      ja: ['検証コードが違います', 'メールに書かれた検証コードを入力していただいてください。'],
      en: ['The code is wrong', 'Have the person type the code that the mail says.'],
    },
  ],
  'code-expired': [
    422,
    {
      ja: ['検証コードの期限が切れています', '新しい検証コードを送ってください。'],
      en: ['The code has expired', 'The code has expired. Send another one.'],
    },
  ],
  'code-superseded': [
    422,
    {
      ja: [
        '古い検証コードです',
        'その後に新しい検証コードを送りました。新しいほうを入力していただいてください。',
      ],
      en: ['A newer code was sent', 'A newer code was sent. Use that one.'],
    },
  ],
  'code-used': [
    422,
    {
      ja: ['使用済みの検証コードです', 'この検証コードは、すでに使われました。'],
      en: ['The code was used', 'The code was used already.'],
    },
  ],
  'too-many-tries': [
    429,
    {
      ja: ['検証コードの間違いが続きました', '間違いが多すぎました。新しい検証コードを送ってください。'],
      en: ['Too many tries', 'The code was wrong too often. Send another one.'],
    },
  ],
  'too-many-guesses': [
    429,
    {
      ja: [
        '本日の検証コードの入力はここまでです',
        '本日は検証コードの間違いが多すぎました。明日もう一度お試しください。',
      ],
      en: ['Too many guesses', 'Codes were wrong too often today. Try again tomorrow.'],
    },
  ],
  'drift-unknown': [
    404,
    {
      ja: ['該当する相違がありません', 'この相違は一覧にありません。解消した可能性があります。'],
      en: ['No such difference', 'This difference is not listed: it may be gone since.'],
    },
  ],
  'drift-address-unfit': [
    409,
    {
      ja: [
        '管理画面のメールアドレスでは確認できません',
        '管理画面にあるメールアドレスは形式が正しくないか、ほかのアカウントのものです。統合認証のログインIDを管理画面に反映してください。',
      ],
      en: [
        'Nobody can be asked there',
        'Nobody can be asked at the address that the console has: it is malformed or another account’s. Let the console take ours.',
      ],
    },
  ],
  'drift-version-unfit': [
    409,
    {
      ja: [
        '管理画面の版が合いません',
        '管理画面が、このログインIDにない版を持っています。この利用者の版を管理画面で null にしてください。次の照合で解消します。',
      ],
      en: [
        'The version of the console does not fit',
        'The console claims a version that this login ID never had. Set the version of this person to null in the console; its next comparison settles the rest.',
      ],
    },
  ],
} as const satisfies ProblemList;
