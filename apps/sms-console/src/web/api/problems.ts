import { FARTHEST_DAYS, LONGEST_LIFE_DAYS } from '#domain/messages/accept-messages.ts';
import { LONGEST_TEXT } from '#domain/messages/text.ts';
import { LONGEST_NAME, MOST_MESSAGES } from '#domain/messages/bulk.ts';

/** Every problem that the machine API answers: its status, and what to do next. Codes never change. */
export const PROBLEMS = {
  'key-missing': [
    401,
    'Authorization: Bearer に続けて API キーを送ってください。',
    'Send your API key: Authorization: Bearer zrs_….',
  ],
  'key-unknown': [
    401,
    'この API キーは使えません。設定の「APIキー」で確認してください。',
    'This API key is not in use. See "API keys" in the settings.',
  ],
  'scope-missing': [
    403,
    'この API キーには、この操作の権限がありません。管理者に、権限のあるキーを作ってもらってください。',
    'This API key may not do this. Ask an administrator for a key that may.',
  ],
  'too-many': [
    429,
    'この API キーの 1 分あたりの上限に達しました。Retry-After の秒数が過ぎてから送ってください。',
    'The limit a minute of this API key is reached. Wait as Retry-After says.',
  ],
  'not-json': [
    415,
    'Content-Type: application/json で送ってください。',
    'Send Content-Type: application/json.',
  ],
  unreadable: [
    400,
    '本文を UTF-8 の JSON として読み取れません。',
    'The body cannot be read as JSON in UTF-8.',
  ],
  'too-large': [
    413,
    '本文が大きすぎます。メッセージ 1 件は 64 KiB まで、一括は 4 MiB までです。',
    'The body is too large: 64 KiB for one message, 4 MiB for a bulk.',
  ],
  malformed: [422, '本文が決められた形ではありません。', 'The body does not have the documented form.'],
  'query-malformed': [
    422,
    'アドレスの ? より後ろが決められた形ではありません。',
    'What follows the ? in the address does not have the documented form.',
  ],
  'number-malformed': [
    422,
    'to が電話番号ではありません。090-1234-5678 や +819012345678 の形で送ってください。',
    '"to" is not a telephone number. Send it as 090-1234-5678 or +819012345678.',
  ],
  'number-not-mobile': [
    422,
    'to には日本の携帯電話番号だけを使えます。',
    '"to" takes Japanese mobile numbers only.',
  ],
  'text-empty': [422, 'text が空です。', '"text" is empty.'],
  'text-too-long': [
    422,
    `text は ${LONGEST_TEXT} 文字までです。`,
    `"text" has ${LONGEST_TEXT} characters at most.`,
  ],
  'text-unreadable': [
    422,
    'text に、送れない文字 (制御文字など) があります。',
    '"text" has characters that cannot be sent, such as control characters.',
  ],
  'send-at-too-far': [
    422,
    `sendAt は ${FARTHEST_DAYS} 日先までです。`,
    `"sendAt" may be ${FARTHEST_DAYS} days ahead at most.`,
  ],
  'expires-at-too-early': [
    422,
    'expiresAt は、送る時刻 (sendAt、ないときは今) より後にしてください。',
    '"expiresAt" must be after the time of sending ("sendAt", or now).',
  ],
  'expires-at-too-far': [
    422,
    `expiresAt は、送る時刻から ${LONGEST_LIFE_DAYS} 日後までです。`,
    `"expiresAt" may be ${LONGEST_LIFE_DAYS} days after the time of sending at most.`,
  ],
  'opted-out': [
    422,
    'この番号は配信停止リストにあるため、送れません。',
    'This number is on your opt-out list; nothing is sent to it.',
  ],
  'quota-exceeded': [
    422,
    '今月の送信上限を超えるため、受け付けませんでした。上限は送信の設定で変えられます。',
    'Refused: it would exceed this month’s limit. An administrator can change the limit in the settings of sending.',
  ],
  'name-too-long': [
    422,
    `name は ${LONGEST_NAME} 文字までです。`,
    `"name" has ${LONGEST_NAME} characters at most.`,
  ],
  'too-many-messages': [
    422,
    `messages は 1 件から ${MOST_MESSAGES} 件までです。`,
    `"messages" has 1 to ${MOST_MESSAGES} items.`,
  ],
  'idempotency-key-malformed': [
    422,
    'Idempotency-Key は、印字できる ASCII 文字で 1 文字から 200 文字までです。',
    'Idempotency-Key has 1 to 200 printable ASCII characters.',
  ],
  'idempotency-key-reused': [
    422,
    'この Idempotency-Key は別のメッセージで使われました。新しいメッセージには新しい値を使ってください。',
    'This Idempotency-Key was used for another message. Use a new one for a new message.',
  ],
  'message-unknown': [404, 'この id のメッセージはありません。', 'There is no message with this id.'],
  'bulk-unknown': [404, 'この id の一括送信はありません。', 'There is no bulk with this id.'],
  'not-found': [
    404,
    'この API はありません。アドレスと HTTP メソッドを確認してください。',
    'There is no such call. Check the address and the HTTP method.',
  ],
  unavailable: [
    503,
    '一時的にご利用いただけません。しばらくしてから、同じ Idempotency-Key でもう一度送ってください。',
    'Not available at the moment. Send it again in a while, with the same Idempotency-Key.',
  ],
  broken: [
    500,
    '問題が起きました。続くときは requestId を添えてお問い合わせください。',
    'Something went wrong. If it goes on, tell us the requestId.',
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof PROBLEMS;
