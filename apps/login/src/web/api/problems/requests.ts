import type { ProblemList } from './problem-words.ts';

/** Who asks, and whether what was sent can be read. */
export const REQUEST_PROBLEMS = {
  'precondition-required': [
    428,
    {
      ja: ['If-Match が必要です', '見たときの ETag を If-Match で送ってください。'],
      en: ['If-Match is missing', 'Send the ETag of what you looked at: If-Match.'],
    },
  ],
  'precondition-failed': [
    412,
    {
      ja: [
        'ほかの人が変更しました',
        '見た後に、ほかの人が変更しました。読み直して、まだ必要な変更を送ってください。',
      ],
      en: [
        'Changed meanwhile',
        'Somebody else has changed this since you looked at it. Read it anew and send what you still want changed.',
      ],
    },
  ],
  unauthenticated: [
    401,
    {
      ja: [
        'クライアントを確認できません',
        'クライアントIDまたはシークレットが正しくありません。両方を HTTP Basic 認証で送ってください。',
      ],
      en: [
        'The client is not authenticated',
        'The client id or secret is wrong. Send both by HTTP Basic authentication.',
      ],
    },
  ],
  'scope-missing': [
    403,
    {
      ja: [
        'この管理画面に許されていない呼び出しです',
        'この管理画面の権限 (apiScopes) にありません。必要であれば、統合認証のオペレータに、管理画面の「登録内容」で権限を加えるよう依頼してください。',
      ],
      en: [
        'This console may not make this call',
        'It is not among the scopes (apiScopes) of this console. If it is needed, have an operator of the unified login add it to what is registered of the console.',
      ],
    },
  ],
  'token-missing': [
    401,
    {
      ja: [
        'オペレータのトークンがありません',
        'オペレータのトークンを送ってください：Authorization: Bearer hko_…。失効させたトークンと、担当者に役割がない、または停止されているトークンは使えません。',
      ],
      en: [
        'The token of an operator is missing',
        'Send the token of an operator: Authorization: Bearer hko_…. One that was revoked, or whose operator has no role or is suspended, does not count.',
      ],
    },
  ],
  'token-expired': [
    401,
    {
      ja: [
        'トークンの有効期限が切れています',
        '新しいトークンを作成してください：npx hitokagi operator token create',
      ],
      en: [
        'The token has expired',
        'This token has expired. Make a new one: npx hitokagi operator token create.',
      ],
    },
  ],
  'role-missing': [
    403,
    {
      ja: [
        '権限が足りません',
        'このトークンの役割では、この呼び出しはできません。必要な役割は API の説明にあります。',
      ],
      en: [
        'The role does not include this call',
        'The role of this token does not include this call. The description of the API says which one does.',
      ],
    },
  ],
  malformed: [
    422,
    {
      ja: [
        '内容が説明どおりの形ではありません',
        '送られた内容が API の説明にある形になっていません。errors に、どこが違うかがあります。',
      ],
      en: [
        'The request does not have the documented form',
        'The request does not have the form that the description of the API gives. See errors for the places.',
      ],
    },
  ],
  'too-large': [
    413,
    {
      ja: [
        '送られた内容が大きすぎます',
        'この呼び出しで受け付けられる大きさを超えています。分けて送ってください。',
      ],
      en: ['The request is too large', 'The request is larger than this call takes. Send it in parts.'],
    },
  ],
  'idempotency-under-way': [
    409,
    {
      ja: [
        '同じ依頼を処理しています',
        'この Idempotency-Key の依頼は、いま処理しています。Retry-After の秒数だけ待って、同じ依頼をもう一度送ってください。',
      ],
      en: [
        'The same request is under way',
        'A request with this Idempotency-Key is under way. Wait as Retry-After says, and send the same request again.',
      ],
    },
  ],
  'idempotency-answer-lost': [
    409,
    {
      ja: [
        '処理は済み、答えが失われました',
        'この Idempotency-Key の依頼は実行されましたが、答えを返す前にサーバーが停止しました。いまの状態を確かめてください。もう一度実行するには新しいキーを使ってください。',
      ],
      en: [
        'It was done, and the answer was lost',
        'The request with this Idempotency-Key was done, and the server stopped before it could answer. Look how things stand; to do it once more take a new key.',
      ],
    },
  ],
  'idempotency-key-reused': [
    422,
    {
      ja: [
        'Idempotency-Key は別の内容で使われています',
        'この Idempotency-Key は、以前に別の内容で送られました。新しい依頼には新しいキーを使ってください。',
      ],
      en: [
        'The Idempotency-Key was used for something else',
        'This Idempotency-Key came with other content before. Take a new key for a new request.',
      ],
    },
  ],
} as const satisfies ProblemList;
