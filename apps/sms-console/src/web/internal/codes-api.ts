import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { routes } from '#app/routes.ts';
import type { Message } from '#domain/messages/accept-messages.ts';
import { acceptCode, findCode, LONGEST_LIFE_SECONDS, SHORTEST_LIFE_SECONDS } from '#domain/messages/codes.ts';
import type { Db } from '#support/db/database.ts';
import { judge, readOnlyJson } from '#web/api/machine-api.ts';
import { sendProblem } from '#web/api/problem.ts';

const NEW_CODE = z.strictObject({
  to: z.string(),
  text: z.string(),
  expiresInSeconds: z.int().min(SHORTEST_LIFE_SECONDS).max(LONGEST_LIFE_SECONDS).default(300),
});
const IDEMPOTENCY_KEY = z
  .string()
  .regex(/^[\x20-\x7e]{1,200}$/)
  .optional();

/**
 * Verification codes of the unified login by SMS, before everything else in the queue. It has a key of its own, which no customer's key opens
 * and which opens nothing else; `onCode` hears of each once it is stored. Only its path and status are logged, and its texts are wiped when they are not needed any more.
 */
export async function codesApi(
  app: FastifyInstance,
  { db, clock, key, onCode }: { db: Db; clock: () => Date; key: string; onCode: () => void },
): Promise<void> {
  const expected = hash(key);
  await app.register(async (scope) => {
    readOnlyJson(scope);
    scope.addHook('onRequest', async (request, reply) => {
      const given = /^Bearer +(\S{1,500})$/i.exec(request.headers.authorization ?? '')?.[1];
      if (given === undefined) return sendProblem(reply, 'key-missing');
      return timingSafeEqual(hash(given), expected) ? undefined : sendProblem(reply, 'key-unknown');
    });
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      const code = judge(error);
      if (code === 'broken' || code === 'unavailable')
        request.log.error({ reason: error.code ?? error.name }, 'a code could not be taken');
      return sendProblem(reply, code);
    });

    scope.post(routes.internalCodes, async (request, reply) => {
      const idempotencyKey = IDEMPOTENCY_KEY.safeParse(request.headers['idempotency-key']);
      if (!idempotencyKey.success) return sendProblem(reply, 'idempotency-key-malformed');
      const body = NEW_CODE.safeParse(request.body);
      if (!body.success)
        return sendProblem(reply, 'malformed', { field: body.error.issues[0]?.path.join('.') ?? '' });
      const accepted = await acceptCode(
        db,
        { ...body.data, idempotencyKey: idempotencyKey.data ?? null },
        clock(),
      );
      if (!accepted.ok) return sendProblem(reply, accepted.reason);
      onCode();
      return reply
        .code(202)
        .header('cache-control', 'no-store')
        .header('location', routes.internalCode.replace(':id', accepted.message.id))
        .send(shown(accepted.message));
    });

    scope.get<{ Params: { id: string } }>(routes.internalCode, async (request, reply) => {
      const message = await findCode(db, request.params.id);
      if (message === null) return sendProblem(reply, 'message-unknown');
      return reply.header('cache-control', 'no-store').send(shown(message));
    });
  });
}

/** Without the text: what it was is nobody's business any more. */
function shown({ id, to, state, acceptedAt, expiresAt, sentAt, settledAt, fault }: Message): object {
  return {
    id,
    to,
    state,
    acceptedAt: acceptedAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    sentAt: sentAt?.toISOString() ?? null,
    settledAt: settledAt?.toISOString() ?? null,
    fault,
  };
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
