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
} as const satisfies ProblemList;
