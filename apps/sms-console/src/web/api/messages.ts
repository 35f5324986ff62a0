import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { routes } from '#app/routes.ts';
import { acceptMessage, cancelMessage, findMessage, type Message } from '#domain/messages/messages.ts';
import { API_PREFIX, callerOf, type MachineApi } from './authenticate.ts';
import { sendProblem } from './problem.ts';

const NEW_MESSAGE = z.strictObject({ to: z.string(), text: z.string() });
const NOTHING = z.union([z.undefined(), z.null(), z.strictObject({})]);

/** Handing a message over, asking for it, cancelling it (R30). */
export function messageRoutes(scope: FastifyInstance, { db, clock }: MachineApi): void {
  scope.post(within(routes.apiMessages), async (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (key !== undefined && !(typeof key === 'string' && /^[\x20-\x7e]{1,200}$/.test(key)))
      return sendProblem(reply, 'idempotency-key-malformed');
    const body = NEW_MESSAGE.safeParse(request.body);
    if (!body.success) return sendProblem(reply, 'malformed', { field: faultyField(body.error) });
    const accepted = await acceptMessage(
      db,
      callerOf(request),
      { ...body.data, idempotencyKey: key ?? null },
      clock(),
    );
    if (!accepted.ok) return sendProblem(reply, accepted.reason);
    return reply
      .code(202)
      .header('cache-control', 'no-store')
      .header('location', routes.apiMessage.replace(':id', accepted.message.id))
      .send(shown(accepted.message));
  });

  scope.get<{ Params: { id: string } }>(within(routes.apiMessage), async (request, reply) => {
    const message = await findMessage(db, callerOf(request), request.params.id);
    if (message === null) return sendProblem(reply, 'message-unknown');
    return reply.header('cache-control', 'no-store').send(shown(message));
  });

  scope.post<{ Params: { id: string } }>(within(routes.apiMessageCancel), async (request, reply) => {
    if (!NOTHING.safeParse(request.body).success) return sendProblem(reply, 'malformed');
    const message = await cancelMessage(db, callerOf(request), request.params.id, clock());
    if (message === null) return sendProblem(reply, 'message-unknown');
    return reply.header('cache-control', 'no-store').send(shown(message));
  });
}

function within(path: string): string {
  return path.slice(API_PREFIX.length);
}

function faultyField({ issues: [issue] }: z.ZodError): string {
  if (issue?.code === 'unrecognized_keys') return String(issue.keys[0]).slice(0, 100);
  return issue?.path.join('.') ?? '';
}

function shown({ id, to, text, state, acceptedAt, cancelledAt }: Message): object {
  return {
    id,
    to,
    text,
    state,
    acceptedAt: acceptedAt.toISOString(),
    cancelledAt: cancelledAt?.toISOString() ?? null,
  };
}
