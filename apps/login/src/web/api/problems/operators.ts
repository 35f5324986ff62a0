import type { ProblemList } from './problem-words.ts';

/** Operators and their tokens. */
export const OPERATOR_PROBLEMS = {
  'operator-unknown': [
    404,
    {
      ja: ['オペレータではありません', 'このアカウントはオペレータではありません。'],
      en: ['Not an operator', 'This account is not an operator.'],
    },
  ],
  'last-administrator': [
    409,
    {
      ja: [
        '最後の管理者です',
        'オペレータを登録できる人がいなくなります。先に、ほかの管理者を登録してください。',
      ],
      en: [
        'This is the last administrator',
        'Nobody would be left who can make operators. Make another administrator first.',
      ],
    },
  ],
  'token-unowned': [
    409,
    {
      ja: [
        '担当者のないトークンです',
        'このトークンは誰のものでもないため、トークンを作成できません。ご自分のトークンを使うか、npx hitokagi operator token create で作成してください。',
      ],
      en: [
        'The token belongs to nobody',
        'This token belongs to no operator, so it makes no tokens. Use one of your own, or: npx hitokagi operator token create.',
      ],
    },
  ],
  'token-unknown': [
    404,
    {
      ja: ['該当するトークンがありません', 'このIDのオペレータのトークンはありません。'],
      en: ['No such token', 'There is no operator token with this id.'],
    },
  ],
  'token-revoked': [
    409,
    {
      ja: ['失効済みのトークンです', 'このトークンは、すでに失効しています。'],
      en: ['The token was revoked before', 'This token was revoked before. There is nothing to do.'],
    },
  ],
} as const satisfies ProblemList;
