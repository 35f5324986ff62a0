import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { SECOND } from '#support/primitives/durations.ts';
import { preferredLocale } from '#web/http/request-locale.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

export type { ProblemCode } from './problems.ts';

/** An error answer (RFC 9457). */
export const PROBLEM = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().describe('What to do next, in the language of Accept-Language'),
    code: z.string().describe('For programs; never changes'),
    field: z.string().optional().describe('Of `malformed`: the field that is not as documented'),
    requestId: z.string().describe('Under which our log has it'),
  })
  .meta({ id: 'Problem' });

/**
 * Answers an error (RFC 9457) in the language that the request likes better: `code` is for programs and never changes,
 * `detail` says what to do next. `retryAt` becomes Retry-After in seconds (RFC 9110 §10.2.3).
 */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  extra: { retryAt?: Date; now?: Date; field?: string } = {},
): FastifyReply {
  const [status, ja, en] = PROBLEMS[code];
  const locale = preferredLocale(reply.request.headers['accept-language']) ?? 'ja';
  if (extra.retryAt && extra.now)
    void reply.header(
      'retry-after',
      Math.max(1, Math.ceil((extra.retryAt.getTime() - extra.now.getTime()) / SECOND)),
    );
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="api"');
  if (status === 503) void reply.header('retry-after', 5);
  // As a text: an answer about a mistake is never held up by its own description.
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-language', locale)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: code,
        status,
        detail: { ja, en }[locale],
        code,
        ...(extra.field === undefined ? {} : { field: extra.field }),
        requestId: reply.request.id,
      }),
    );
}
