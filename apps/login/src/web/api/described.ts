import type { RouteOptions } from 'fastify';
import { z } from 'zod';
import { PAGE_ERROR_STATUS, type PageError } from '#web/http/error-page.tsx';
import { PAGE_PROBLEMS } from '#web/http/problem-answer.ts';
import { IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, takesKeys } from './idempotency/keep-answers.ts';
import { PROBLEM } from './problem.ts';
import { PROBLEMS, type ProblemCode } from './problems/problems.ts';

type StatusOf<C extends ProblemCode> = (typeof PROBLEMS)[C][0];
/** Problems of the server as a whole. */
type GeneralCode = Exclude<PageError, 'sign-in-gone' | 'foreign-request' | 'too-large'>;
type Code = ProblemCode | GeneralCode;

const named = new WeakMap<object, readonly ProblemCode[]>();

/** The answers of a route that are problems, by their codes: `response: { 200: …, ...problems('console-unknown') }`. */
export function problems<C extends ProblemCode>(...codes: C[]): { [S in StatusOf<C>]: typeof PROBLEM } {
  const byStatus: Record<number, unknown> = {};
  for (const status of new Set(codes.map((code) => PROBLEMS[code][0]))) {
    const schema = PROBLEM.clone();
    named.set(
      schema,
      codes.filter((code) => PROBLEMS[code][0] === status),
    );
    byStatus[status] = schema;
  }
  return byStatus as { [S in StatusOf<C>]: typeof PROBLEM };
}

/**
 * Completes what the OpenAPI document says of a route by what holds for all routes of its API: who may call, which problems any call can be answered with, and of each
 * problem what it means.
 */
export function describeRoute(
  route: RouteOptions,
  of: {
    security: Readonly<Record<string, readonly string[]>>;
    always: readonly ProblemCode[];
    words?: string;
  },
): void {
  const schema = (route.schema ?? {}) as NonNullable<RouteOptions['schema']> & Record<string, unknown>;
  const response: Record<string, unknown> = {};
  const codes = new Map<number, Set<Code>>();
  const add = (code: Code): void => {
    const status = statusOf(code);
    codes.set(status, (codes.get(status) ?? new Set()).add(code));
  };
  for (const [key, answer] of Object.entries((schema.response ?? {}) as Record<string, unknown>)) {
    const known = typeof answer === 'object' && answer !== null ? named.get(answer) : undefined;
    if (known) known.forEach(add);
    else if (answer === PROBLEM) throw new Error(`${route.url} must name the problems of ${key}.`);
    else response[key] = answer;
  }
  of.always.forEach(add);
  add('bad-request');
  add('unavailable');
  add('unexpected');
  const headers = takesKeys(route) ? withKey(schema.headers) : schema.headers;
  if (takesKeys(route)) IDEMPOTENCY_PROBLEMS.forEach(add);
  if (schema.params) add('not-found');
  if (schema.body) add('too-large');
  if (schema.body ?? schema.querystring ?? schema.params ?? headers) add('malformed');
  for (const [status, some] of codes) response[status] = problemAnswer([...some]);
  route.schema = {
    ...schema,
    ...(headers === undefined ? {} : { headers }),
    security: [of.security],
    ...(of.words === undefined
      ? {}
      : { description: [schema.description, of.words].filter((text) => text !== undefined).join('\n\n') }),
    response,
  };
}

/** The headers that a route reads, and the key. */
function withKey(headers: unknown): z.ZodType {
  const key = { 'idempotency-key': IDEMPOTENCY_KEY };
  return headers instanceof z.ZodObject ? headers.extend(key) : z.looseObject(key);
}

function problemAnswer(codes: readonly Code[]): object {
  return {
    description: codes.map((code) => `- \`${code}\`: ${wordsOf(code)}`).join('\n'),
    content: {
      'application/problem+json': {
        schema: z.intersection(PROBLEM, z.looseObject({ code: z.enum(codes as [Code, ...Code[]]) })),
      },
    },
  };
}

function isGeneral(code: Code): code is GeneralCode {
  return !(code in PROBLEMS);
}

function statusOf(code: Code): number {
  return isGeneral(code) ? PAGE_ERROR_STATUS[code] : PROBLEMS[code][0];
}

function wordsOf(code: Code): string {
  const [title, detail] = isGeneral(code) ? PAGE_PROBLEMS[code].en : PROBLEMS[code][1].en;
  return detail.startsWith(title) ? detail : `${title}. ${detail}`;
}
