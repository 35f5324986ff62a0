import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteOptions,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiScope } from '#support/db/schema.ts';
import { PROBLEM } from './problem.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

/** Where the files of the API add their calls: schemas are zod. */
export type ApiRoutes = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a call of the machine API: what a key must be allowed to do. */
    scope?: ApiScope;
    /** Its own problems; those of every call are added to the description. */
    problems?: readonly ProblemCode[];
  }
}

const ALWAYS: readonly ProblemCode[] = [
  'key-missing',
  'key-unknown',
  'scope-missing',
  'too-many',
  'unavailable',
];
const OF_BODY: readonly ProblemCode[] = ['malformed', 'unreadable', 'not-json', 'too-large'];

/** Completes what the document says of a call by what holds for all: who may call, and every problem with what it means. */
export function describeCall(route: RouteOptions): void {
  const { scope, problems = [] } = route.config ?? {};
  if (scope === undefined) throw new Error(`${route.url} does not say what a key must be allowed to do.`);
  const schema = (route.schema ?? {}) as Record<string, unknown>;
  const codes = new Set<ProblemCode>([...ALWAYS, ...problems]);
  if (schema['body']) OF_BODY.forEach((code) => codes.add(code));
  if (schema['querystring']) codes.add('query-malformed');
  if (schema['headers']) codes.add('idempotency-key-malformed');
  if (schema['params']) codes.add('not-found');
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const words = `Key: ${scope === 'send' ? 'must be allowed to send' : 'must be allowed to read'}.`;
  route.schema = {
    ...schema,
    description: typeof schema['description'] === 'string' ? `${schema['description']}\n\n${words}` : words,
    security: [{ apiKey: [] }],
    response: {
      ...(schema['response'] as object | undefined),
      ...Object.fromEntries([...byStatus].map(([status, some]) => [status, problemAnswer(some)])),
    },
  } as NonNullable<RouteOptions['schema']>;
}

function problemAnswer(codes: readonly ProblemCode[]): object {
  return {
    description: codes.map((code) => `- \`${code}\`: ${PROBLEMS[code][2]}`).join('\n'),
    content: {
      'application/problem+json': {
        schema: z.intersection(
          PROBLEM,
          z.looseObject({ code: z.enum(codes as [ProblemCode, ...ProblemCode[]]) }),
        ),
      },
    },
  };
}
