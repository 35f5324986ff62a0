import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SECOND } from '#support/primitives/durations.ts';
import type { Texts } from '#support/primitives/locale.ts';
import { problemHeaders, problemLocale, problemType } from '#web/http/problem-answer.ts';
import { PROBLEMS, type ProblemCode } from './problems/problems.ts';

export type { ProblemCode } from './problems/problems.ts';

/** An error answer (RFC 9457): `code` is for programs and never changes, `detail` says what to do next in the language that was asked for. */
export const PROBLEM = z
  .looseObject({
    type: z.string().describe('A page that tells of this kind of problem'),
    title: z.string(),
    status: z.number(),
    detail: z.string().describe('What to do next'),
    code: z.string().describe('For programs; never changes'),
    requestId: z.string().describe('Under which the log of the server has it'),
    errors: z
      .array(
        z.looseObject({
          in: z.enum(['body', 'query', 'path', 'header']),
          pointer: z.string().describe('JSON Pointer (RFC 6901) to the place'),
          detail: z.string(),
        }),
      )
      .optional()
      .describe('Of `malformed`: what is not as documented'),
    triesLeft: z.number().optional(),
    earliestCutOverAt: z.string().optional().describe('The earliest cut-over that would be taken now'),
    underWay: z.number().optional().describe('Mails of the announcement without a verdict'),
    untold: z.number().optional().describe('People who came after the announcement'),
    unsettled: z.number().optional().describe('People whom the announcement did not reach'),
    scope: z.string().optional().describe('Of `scope-missing`: which one'),
    faults: z
      .array(z.object({ field: z.string(), code: z.string(), detail: z.string() }))
      .optional()
      .describe('What is wrong with which field'),
  })
  .meta({ id: 'Problem' });

/** How to authenticate instead (RFC 9110 §11.6.1); by default as a console. `invalid_token`: RFC 6750 §3.1. */
const CHALLENGES: { readonly [code: string]: string } = {
  'token-missing': 'Bearer realm="operator"',
  'token-expired': 'Bearer realm="operator", error="invalid_token", error_description="The token expired"',
};

/** What else a problem says of its cause. */
export type ProblemDetails = Partial<
  Pick<
    z.infer<typeof PROBLEM>,
    'earliestCutOverAt' | 'underWay' | 'untold' | 'unsettled' | 'errors' | 'faults' | 'scope'
  >
>;

/** Sends an error answer in the language of the request. `retryAt` becomes Retry-After in seconds (RFC 9110 §10.2.3). */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  extra: {
    retryAt?: Date;
    now?: Date;
    triesLeft?: number;
    /** Instead of the general words of this code. */
    detail?: Texts<string>;
    more?: ProblemDetails;
  } = {},
): FastifyReply {
  const [status, words] = PROBLEMS[code];
  const { request } = reply;
  const locale = problemLocale(request);
  const [title, detail] = words[locale];
  if (extra.retryAt && extra.now)
    reply.header(
      'retry-after',
      Math.max(1, Math.ceil((extra.retryAt.getTime() - extra.now.getTime()) / SECOND)),
    );
  if (status === 401) reply.header('www-authenticate', CHALLENGES[code] ?? 'Basic realm="console"');
  problemHeaders(reply, locale);
  // As a text: an answer about a mistake is never held up by its own description.
  return reply.code(status).send(
    JSON.stringify({
      type: problemType(request, code),
      title,
      status,
      detail: extra.detail?.[locale] ?? detail,
      code,
      requestId: request.id,
      ...(extra.triesLeft === undefined ? {} : { triesLeft: extra.triesLeft }),
      ...extra.more,
    }),
  );
}

/** Most places of one request that are told; who mends those asks again. */
const MOST_ERRORS = 20;
const LONGEST_ERROR = 300;
const PARTS = {
  body: ['body', 'body'],
  querystring: ['query', 'query'],
  params: ['path', 'params'],
  headers: ['header', 'headers'],
} as const;

/** Answers a request that does not have the documented form: says in its language where and why. */
export function sendMalformed(
  request: FastifyRequest,
  reply: FastifyReply,
  context: keyof typeof PARTS,
): FastifyReply {
  const [part, property] = PARTS[context];
  const schema = request.routeOptions.schema?.[context];
  if (!(schema instanceof z.ZodType)) return sendProblem(reply, 'malformed');
  // Once more, for the words: the first reading knows nothing of the language.
  const { localeError } = z.locales[problemLocale(request)]();
  const again = schema.safeParse(request[property], { error: localeError });
  const errors = (again.error?.issues ?? []).slice(0, MOST_ERRORS).map((issue) => ({
    in: part,
    pointer: issue.path
      .map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, LONGEST_ERROR)}`)
      .join(''),
    detail: issue.message.slice(0, LONGEST_ERROR),
  }));
  const first = errors[0];
  if (!first) return sendProblem(reply, 'malformed');
  const place = `${part}${first.pointer}: ${first.detail}`;
  return sendProblem(reply, 'malformed', { detail: { ja: place, en: place }, more: { errors } });
}
