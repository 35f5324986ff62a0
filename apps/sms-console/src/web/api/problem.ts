import type { FastifyReply } from 'fastify';
import { FARTHEST_DAYS, LONGEST_LIFE_DAYS } from '#domain/messages/accept-messages.ts';
import { LONGEST_TEXT } from '#domain/messages/text.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { texts } from '#support/primitives/locale.ts';
import { preferredLocale } from '#web/http/request-locale.ts';

const STATUS = {
  'key-missing': 401,
  'key-unknown': 401,
  'too-many': 429,
  'not-json': 415,
  unreadable: 400,
  'too-large': 413,
  malformed: 422,
  'number-malformed': 422,
  'number-not-mobile': 422,
  'text-empty': 422,
  'text-too-long': 422,
  'text-unreadable': 422,
  'send-at-too-far': 422,
  'expires-at-too-early': 422,
  'expires-at-too-far': 422,
  'opted-out': 422,
  'idempotency-key-malformed': 422,
  'idempotency-key-reused': 422,
  'message-unknown': 404,
  'not-found': 404,
  unavailable: 503,
  broken: 500,
} as const;

export type ProblemCode = keyof typeof STATUS;

const details = texts({
  ja: {
    'key-missing': 'Authorization: Bearer に続けて API キーを送ってください。',
    'key-unknown': 'この API キーは使えません。設定の「APIキー」で確認してください。',
    'too-many':
      'この API キーの 1 分あたりの上限に達しました。Retry-After の秒数が過ぎてから送ってください。',
    'not-json': 'Content-Type: application/json で送ってください。',
    unreadable: '本文を UTF-8 の JSON として読み取れません。',
    'too-large': '本文は 64 KiB までです。',
    malformed: '本文が決められた形ではありません。',
    'number-malformed': 'to が電話番号ではありません。090-1234-5678 や +819012345678 の形で送ってください。',
    'number-not-mobile': 'to には日本の携帯電話番号だけを使えます。',
    'text-empty': 'text が空です。',
    'text-too-long': `text は ${LONGEST_TEXT} 文字までです。`,
    'text-unreadable': 'text に、送れない文字 (制御文字など) があります。',
    'send-at-too-far': `sendAt は ${FARTHEST_DAYS} 日先までです。`,
    'expires-at-too-early': 'expiresAt は、送る時刻 (sendAt、ないときは今) より後にしてください。',
    'expires-at-too-far': `expiresAt は、送る時刻から ${LONGEST_LIFE_DAYS} 日後までです。`,
    'opted-out': 'この番号は配信停止リストにあるため、送れません。',
    'idempotency-key-malformed': 'Idempotency-Key は、印字できる ASCII 文字で 1 文字から 200 文字までです。',
    'idempotency-key-reused':
      'この Idempotency-Key は別のメッセージで使われました。新しいメッセージには新しい値を使ってください。',
    'message-unknown': 'この id のメッセージはありません。',
    'not-found': 'この API はありません。アドレスと HTTP メソッドを確認してください。',
    unavailable:
      '一時的にご利用いただけません。しばらくしてから、同じ Idempotency-Key でもう一度送ってください。',
    broken: '問題が起きました。続くときは requestId を添えてお問い合わせください。',
  },
  en: {
    'key-missing': 'Send your API key: Authorization: Bearer zrs_….',
    'key-unknown': 'This API key is not in use. See "API keys" in the settings.',
    'too-many': 'The limit a minute of this API key is reached. Wait as Retry-After says.',
    'not-json': 'Send Content-Type: application/json.',
    unreadable: 'The body cannot be read as JSON in UTF-8.',
    'too-large': 'A body has 64 KiB at most.',
    malformed: 'The body does not have the documented form.',
    'number-malformed': '"to" is not a telephone number. Send it as 090-1234-5678 or +819012345678.',
    'number-not-mobile': '"to" takes Japanese mobile numbers only.',
    'text-empty': '"text" is empty.',
    'text-too-long': `"text" has ${LONGEST_TEXT} characters at most.`,
    'text-unreadable': '"text" has characters that cannot be sent, such as control characters.',
    'send-at-too-far': `"sendAt" may be ${FARTHEST_DAYS} days ahead at most.`,
    'expires-at-too-early': '"expiresAt" must be after the time of sending ("sendAt", or now).',
    'expires-at-too-far': `"expiresAt" may be ${LONGEST_LIFE_DAYS} days after the time of sending at most.`,
    'opted-out': 'This number is on your opt-out list; nothing is sent to it.',
    'idempotency-key-malformed': 'Idempotency-Key has 1 to 200 printable ASCII characters.',
    'idempotency-key-reused':
      'This Idempotency-Key was used for another message. Use a new one for a new message.',
    'message-unknown': 'There is no message with this id.',
    'not-found': 'There is no such call. Check the address and the HTTP method.',
    unavailable: 'Not available at the moment. Send it again in a while, with the same Idempotency-Key.',
    broken: 'Something went wrong. If it goes on, tell us the requestId.',
  },
} satisfies Record<'ja' | 'en', Record<ProblemCode, string>>);

/**
 * Answers an error (RFC 9457) in the language that the request likes better: `code` is for programs and never changes,
 * `detail` says what to do next. `retryAt` becomes Retry-After in seconds (RFC 9110 §10.2.3).
 */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  extra: { retryAt?: Date; now?: Date; field?: string } = {},
): FastifyReply {
  const status = STATUS[code];
  const locale = preferredLocale(reply.request.headers['accept-language']) ?? 'ja';
  if (extra.retryAt && extra.now)
    void reply.header(
      'retry-after',
      Math.max(1, Math.ceil((extra.retryAt.getTime() - extra.now.getTime()) / SECOND)),
    );
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="api"');
  if (status === 503) void reply.header('retry-after', 5);
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-language', locale)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: code,
      status,
      detail: details[locale][code],
      code,
      ...(extra.field === undefined ? {} : { field: extra.field }),
      requestId: reply.request.id,
    });
}
