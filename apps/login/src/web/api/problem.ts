import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SECOND } from '#support/primitives/durations.ts';
import { localeFromAcceptLanguage, type Locale } from '#support/primitives/locale.ts';

/** An error answer (RFC 9457): `code` is for programs and never changes, `detail` says what to do next. */
export const PROBLEM = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    triesLeft: z.number().optional(),
    earliestCutOverAt: z.string().optional().describe('The earliest cut-over that would be taken now'),
    underWay: z.number().optional().describe('Mails of the announcement without a verdict'),
    untold: z.number().optional().describe('People who came after the announcement'),
    unsettled: z.number().optional().describe('People whom the announcement did not reach'),
  })
  .meta({ id: 'Problem' });

const PROBLEMS = {
  'token-missing': [
    401,
    'Send the token of an operator: Authorization: Bearer hko_…. One that was revoked, or whose operator has no role or is suspended, does not count.',
  ],
  'token-expired': [401, 'This token has expired. Make a new one: npx hitokagi operator token create.'],
  'token-unowned': [
    409,
    'This token belongs to no operator, so it makes no tokens. Use one of your own, or: npx hitokagi operator token create.',
  ],
  'role-missing': [403, 'The role of this token does not include this call.'],
  'session-unknown': [
    404,
    'This account is not signed in with this session: it has ended already, or is another account’s.',
  ],
  'delivery-unknown': [404, 'There is no such logout delivery; it may be older than 90 days.'],
  'delivery-not-failed': [
    409,
    'This delivery was not given up: it has arrived, or is tried again by itself.',
  ],
  'event-delivery-unknown': [404, 'There is no such delivery of an event; it may be older than 90 days.'],
  'event-overtaken': [409, 'The account has a newer state since; the older one would take it back.'],
  'account-unknown': [404, 'There is no account with this id.'],
  'account-not-closed': [409, 'Only what is recorded of a closed account can be erased. Close it first.'],
  'stream-unknown': [404, 'This console has no event stream.'],
  'account-state-unfit': [409, 'The account is in a state in which this cannot be done.'],
  'console-unknown': [404, 'No console is registered under this client id.'],
  'legacy-uri-missing': [422, 'Say where the console answers: uri.'],
  'legacy-uri-malformed': [
    422,
    'The address must be an absolute http(s) URL without user name and fragment.',
  ],
  'legacy-uri-internal': [
    422,
    'The address lies inside the network of this server. Name its host in HITOKAGI_ALLOWED_INTERNAL_HOSTS if it is meant.',
  ],
  'hashes-would-be-deleted': [409, 'People still have an imported hash.'],
  'audit-event-unknown': [404, 'There is no such audit event; it may be older than what is kept.'],
  'operator-unknown': [404, 'This account is not an operator.'],
  'last-administrator': [
    409,
    'Nobody would be left who can make operators. Make another administrator first.',
  ],
  'token-unknown': [404, 'There is no such operator token.'],
  'token-revoked': [409, 'This token was revoked before.'],
  'plan-closed': [409, 'The plan is closed: nothing of it can change any more.'],
  'plan-changed': [409, 'The plan was changed since you looked at it.'],
  'after-cut-over': [409, 'The link must appear before the cut-over.'],
  'already-unified': [409, 'The cut-over has passed.'],
  'cut-over-stands': [409, 'A cut-over is set, and people know it.'],
  'send-time-past': [422, 'The time of sending is past.'],
  'cut-over-past': [422, 'The cut-over must lie in the future.'],
  'before-link-time': [409, 'The cut-over must come after the link time, which must be set.'],
  'cut-over-unchanged': [409, 'This is the cut-over already.'],
  'not-announced': [409, 'Announce the date first.'],
  'announcement-under-way': [409, 'Mails of the announcement are under way.'],
  'people-untold': [409, 'People came after the announcement who are not told yet.'],
  'people-unsettled': [409, 'The announcement did not reach everybody.'],
  'earlier-than-announced': [409, 'People were told a later date.'],
  'cut-over-too-soon': [409, 'People must have a calendar month after the last accepted mail.'],
  'nothing-to-take-back': [409, 'No cut-over is set or announced.'],
  'not-unified': [409, 'Only a plan whose cut-over has passed can be closed.'],
  'text-unfit': [422, 'A placeholder of the text has no value.'],
  'notice-unknown': [404, 'There is no such notice.'],
  'notice-ended': [409, 'This notice has ended: everybody has a verdict. Tell people by a correction.'],
  'notice-cancelled': [409, 'This notice was cancelled.'],
  'recipient-unknown': [404, 'This account is not among the recipients of the notice.'],
  'recipient-not-unreached': [
    409,
    'The mail to this person is under way or was accepted; there is nothing to settle.',
  ],
  'recipient-settled': [409, 'This person was settled before.'],
  'note-missing': [422, 'Say in the note how and by whom the person was told.'],
  'address-not-login-id': [
    409,
    'This is not the login ID of the person. Correct the address in the console first; the login ID follows.',
  ],
  'placeholder-unknown': [422, 'The text has a placeholder that does not exist.'],
  'placeholder-unclosed': [422, 'The text has a brace that is not closed or not opened.'],
  'placeholder-without-value': [422, 'The text has a placeholder that this kind of notice has no value for.'],
  'not-a-notification': [422, 'This is not a delivery status notification (RFC 3464).'],
  'no-returned-headers': [422, 'The notification does not return the headers of the mail that it is about.'],
  'too-large': [413, 'The request is larger than this call takes: 1 MiB for a delivery status notification.'],
  unauthenticated: [401, 'The client id or secret is wrong. Send both by HTTP Basic authentication.'],
  malformed: [422, 'The request does not have the documented form.'],
  'user-unknown': [404, 'This console has no linked user with this id. Import the user first.'],
  'address-malformed': [422, 'newEmailAddress is not an e-mail address.'],
  'address-unchanged': [422, 'This already is the login ID.'],
  'too-soon': [429, 'A code was sent a moment ago. Wait as Retry-After says.'],
  'too-many': [429, 'The limit of codes is reached. Wait as Retry-After says.'],
  'change-unknown': [404, 'There is no such change for this console.'],
  'change-ended': [410, 'This change is finished, superseded or older than a day. Begin a new one.'],
  'changed-meanwhile': [
    409,
    'The login ID was changed elsewhere since this change was asked for. Show the address that it has now, and begin a new change.',
  ],
  'kept-by-administrators': [
    403,
    'This person helps to run the unified login. Only its administrators change the login ID; the person asks one of them.',
  ],
  'address-reserved': [
    409,
    'Until lately the new address was the login ID of another account, whose owner may still take it back. Choose another address, or try again after three days.',
  ],
  'idempotency-key-reused': [
    422,
    'This Idempotency-Key came with other content before. Take a new key for a new change.',
  ],
  'no-open-request': [409, 'The person has asked for no code that is still open.'],
  'nothing-to-clear': [409, 'There is no delay to clear.'],
  'reason-missing': [422, 'Say in the reason why, and how you made sure who asks.'],
  'drift-unknown': [404, 'This difference is not listed: it may be gone since.'],
  'drift-address-unfit': [
    409,
    'Nobody can be asked at the address that the console has: it is malformed or another account’s. Let the console take ours.',
  ],
  'drift-version-unfit': [
    409,
    'The console claims a version that this login ID never had. Set the version of this person to null in the console; its next comparison settles the rest.',
  ],
  'address-taken': [
    409,
    'The new address became the login ID of another account meanwhile. Choose another address.',
  ],
  'code-malformed': [422, 'A code has 8 figures.'],
  'code-wrong': [422, 'The code is wrong.'],
  'code-expired': [422, 'The code has expired. Send another one.'],
  'code-superseded': [422, 'A newer code was sent. Use that one.'],
  'code-used': [422, 'The code was used already.'],
  'too-many-tries': [429, 'The code was wrong too often. Send another one.'],
  'too-many-guesses': [429, 'Codes were wrong too often today. Try again tomorrow.'],
} as const satisfies Record<string, readonly [number, string]>;

/** How to authenticate instead (RFC 9110 §11.6.1); by default as a console. `invalid_token`: RFC 6750 §3.1. */
const CHALLENGES: { readonly [code: string]: string } = {
  'token-missing': 'Bearer realm="operator"',
  'token-expired': 'Bearer realm="operator", error="invalid_token", error_description="The token expired"',
};

export type ProblemCode = keyof typeof PROBLEMS;

/** What else a problem says of its cause. */
export type ProblemDetails = Partial<
  Pick<z.infer<typeof PROBLEM>, 'earliestCutOverAt' | 'underWay' | 'untold' | 'unsettled'>
>;

/** The language that a program asks for its problems in; English when it asks for none of ours. */
export function languageOf(request: FastifyRequest): Locale {
  return localeFromAcceptLanguage(request.headers['accept-language']) ?? 'en';
}

/** Sends an error answer. `retryAt` becomes Retry-After in seconds (RFC 9110 §10.2.3). */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  extra: {
    retryAt?: Date;
    now?: Date;
    triesLeft?: number;
    detail?: string;
    /** The language of `detail`, where it is given. */
    locale?: Locale;
    more?: ProblemDetails;
  } = {},
): FastifyReply {
  const [status, detail] = PROBLEMS[code];
  if (extra.retryAt && extra.now)
    reply.header(
      'retry-after',
      Math.max(1, Math.ceil((extra.retryAt.getTime() - extra.now.getTime()) / SECOND)),
    );
  if (status === 401) reply.header('www-authenticate', CHALLENGES[code] ?? 'Basic realm="console"');
  if (extra.locale) reply.header('content-language', extra.locale).header('vary', 'accept-language');
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: code,
      status,
      detail: extra.detail ?? detail,
      code,
      requestId: reply.request.id,
      ...(extra.triesLeft === undefined ? {} : { triesLeft: extra.triesLeft }),
      ...extra.more,
    });
}
