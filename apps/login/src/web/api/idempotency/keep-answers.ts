import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import { asker } from '#support/audit/record.ts';
import type { WebContext } from '#web/http/context.ts';
import { sendProblem, type ProblemCode } from '../problem.ts';
import { claimKey, contentOf, noteAct, settleKey, type Claim, type Claimed } from './keys.ts';

/** What a kept answer is given again with. */
const KEPT_HEADERS = [
  'content-type',
  'location',
  'etag',
  'cache-control',
  'content-language',
  'vary',
  'link',
];

export const IDEMPOTENCY_KEY = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .optional()
  .describe(
    'A text of your own for this one request, such as a UUID. The same request with the same key again is answered with the same answer, for a day, and done once.',
  );

const REFUSED: { readonly [S in Exclude<Claimed['state'], 'ours' | 'answered'>]: ProblemCode } = {
  'under-way': 'idempotency-under-way',
  reused: 'idempotency-key-reused',
  'answer-lost': 'idempotency-answer-lost',
};

/** The problems that a key adds to a call. */
export const IDEMPOTENCY_PROBLEMS: readonly ProblemCode[] = Object.values(REFUSED);

/** Whether a route takes keys: all that change something, but those that have a mechanism of their own. */
export function takesKeys(route: Pick<RouteOptions, 'method' | 'config'>): boolean {
  return ![route.method].flat().includes('GET') && route.config?.ownIdempotency !== true;
}

/**
 * Has every call of an API that changes something obey `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): done once, whatever is sent again, by however many at
 * once and wherever a server dies. Why it is so: docs/decisions/0034.
 */
export function keepAnswers(
  scope: FastifyInstance,
  context: WebContext,
  callerOf: (request: FastifyRequest) => string,
): void {
  scope.decorateRequest('idempotencyClaim', null);
  scope.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string' || !takesKeys(request.routeOptions)) return undefined;
    const claim: Claim = { caller: callerOf(request), key, attempt: request.id };
    const size = `${request.headers['content-type']?.split(';')[0] ?? ''} ${request.headers['content-length'] ?? ''}`;
    const now = context.clock();
    const claimed = await claimKey(
      context.db,
      context.answerKey,
      claim,
      contentOf({ ...requestParts(request), size }),
      now,
    );
    if (claimed.state === 'answered') {
      const { status, headers, body } = claimed.answer;
      return reply.code(status).headers(headers).header('idempotency-replayed', 'true').send(body);
    }
    if (claimed.state !== 'ours')
      return sendProblem(
        reply,
        REFUSED[claimed.state],
        claimed.state === 'under-way' ? { now, retryAt: now } : {},
      );
    request.idempotencyClaim = claim;
    const asking = asker.getStore();
    if (asking) asking.recorded = (db) => noteAct(db, claim);
    return undefined;
  });
  scope.addHook('onSend', async (request, reply, payload: unknown) => {
    const claim = request.idempotencyClaim;
    if (!claim) return;
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
    );
    const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.toString() : '';
    const answer = { status: reply.statusCode, headers, body };
    // The act is done or not, whatever becomes of this; without its answer the key says so.
    await settleKey(context.db, context.answerKey, claim, answer, context.clock()).catch((error: unknown) =>
      request.log.error({ err: error }, 'idempotency key'),
    );
  });
}

function requestParts({ method, url, body }: FastifyRequest): { method: string; url: string; body: unknown } {
  return { method, url, body };
}

declare module 'fastify' {
  interface FastifyRequest {
    idempotencyClaim: Claim | null;
  }
  interface FastifyContextConfig {
    /** This route does by itself what `Idempotency-Key` promises. */
    ownIdempotency?: boolean;
  }
}
