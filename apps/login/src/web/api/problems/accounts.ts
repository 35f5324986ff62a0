import type { ProblemList } from './problem-words.ts';

/** Accounts, their sessions, and what the support desk does for them. */
export const ACCOUNT_PROBLEMS = {
  'account-unknown': [
    404,
    {
      ja: [
        '該当するアカウントがありません',
        'このIDのアカウントはありません。GET /accounts で探してください。',
      ],
      en: ['No such account', 'There is no account with this id. Find it by GET /accounts.'],
    },
  ],
  'account-not-closed': [
    409,
    {
      ja: [
        'アカウントが閉鎖されていません',
        '記録を消去できるのは、閉鎖したアカウントだけです。先に閉鎖してください。',
      ],
      en: [
        'The account is not closed',
        'Only what is recorded of a closed account can be erased. Close it first.',
      ],
    },
  ],
  'account-state-unfit': [
    409,
    {
      ja: ['アカウントの状態が合いません', 'アカウントがいまの状態では、この操作はできません。'],
      en: [
        'The state of the account does not fit',
        'The account is in a state in which this cannot be done.',
      ],
    },
  ],
  'session-unknown': [
    404,
    {
      ja: [
        '該当するログインがありません',
        'このアカウントは、このセッションではログインしていません。すでに終了したか、別のアカウントのものです。',
      ],
      en: [
        'No such session',
        'This account is not signed in with this session: it has ended already, or is another account’s.',
      ],
    },
  ],
  'no-open-request': [
    409,
    {
      ja: [
        '有効な検証コードの依頼がありません',
        'この方は、まだ使える検証コードを依頼していません。画面からもう一度依頼していただいてください。',
      ],
      en: [
        'No code is awaited',
        'The person has asked for no code that is still open. Have them ask for one on the page.',
      ],
    },
  ],
  'nothing-to-clear': [
    409,
    {
      ja: ['解除する待ち時間はありません', 'このログインIDは、いま待たされていません。'],
      en: ['There is no delay to clear', 'Nobody who signs in with this login ID has to wait now.'],
    },
  ],
  'reason-missing': [
    422,
    {
      ja: ['理由がありません', '理由と、依頼した方をどのように確認したかを reason に書いてください。'],
      en: ['The reason is missing', 'Say in the reason why, and how you made sure who asks.'],
    },
  ],
  'same-account': [
    409,
    {
      ja: [
        '同じアカウントです',
        '2つの名前が同じアカウントを指しています。もう1つのアカウントを指定してください。',
      ],
      en: ['It is the same account', 'Both names mean one account. Name the second one.'],
    },
  ],
  'account-is-operators': [
    409,
    {
      ja: [
        '担当者のアカウントです',
        '担当者のアカウントは統合できません。先に担当者の役割を外してください。',
      ],
      en: ['The account is an operator’s', 'The account of an operator is not merged. Take the role first.'],
    },
  ],
  'linked-twice': [
    409,
    {
      ja: [
        'どちらにも同じ管理画面の利用者があります',
        'どちらを残すかをその管理画面で決め、もう一方の利用者を削除してから統合してください。',
      ],
      en: [
        'Both have a user in the same console',
        'Decide in that console which of its two users stays, remove the other one, and merge then.',
      ],
    },
  ],
  'undo-open': [
    409,
    {
      ja: [
        'ログインIDの変更をまだ取り消せます',
        '前のメールアドレスの方が変更を取り消せる72時間が過ぎてから、統合してください。',
      ],
      en: [
        'A change of the login ID can still be undone',
        'The former mailbox can undo it for 72 hours. Merge after that.',
      ],
    },
  ],
  'preview-outdated': [
    409,
    {
      ja: ['確認したあとで内容が変わりました', 'もう一度 dryRun で確かめ、その seen を送ってください。'],
      en: ['It has changed since you looked', 'Ask again with dryRun, and send the seen of that answer.'],
    },
  ],
} as const satisfies ProblemList;
