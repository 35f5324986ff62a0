import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { routes } from '#app/routes.ts';
import { acceptMessages, type Message } from '#domain/messages/accept-messages.ts';
import { cancelMessage, findMessage } from '#domain/messages/read-messages.ts';
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
    const { keyId, companyId } = callerOf(request);
    const [accepted] = await acceptMessages(
      db,
      { companyId, keyId, lane: 1 },
      [{ ...body.data, idempotencyKey: key ?? null }],
      clock(),
    );
    if (!accepted) throw new Error('one message, no answer');
    if (!accepted.ok) return sendProblem(reply, accepted.reason);
    return reply
      .code(202)
      .header('cache-control', 'no-store')
      .header('location', routes.apiMessage.replace(':id', accepted.message.id))
      .send(shown(accepted.message));
  });

  scope.get<{ Params: { id: string } }>(within(routes.apiMessage), async (request, reply) => {
    const message = await findMessage(db, callerOf(request).companyId, request.params.id);
    if (message === null) return sendProblem(reply, 'message-unknown');
    return reply.header('cache-control', 'no-store').send(shown(message));
  });

  scope.post<{ Params: { id: string } }>(within(routes.apiMessageCancel), async (request, reply) => {
    if (!NOTHING.safeParse(request.body).success) return sendProblem(reply, 'malformed');
    const message = await cancelMessage(db, callerOf(request).companyId, request.params.id, clock());
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

function shown(message: Message): object {
  const { id, to, text, state, parts, fault } = message;
  return {
    id,
    to,
    text,
    state,
    parts,
    bulkId: message.campaignId,
    acceptedAt: message.acceptedAt.toISOString(),
    sendAt: (message.dueAt ?? message.acceptedAt).toISOString(),
    expiresAt: message.expiresAt?.toISOString() ?? null,
    sentAt: message.sentAt?.toISOString() ?? null,
    settledAt: message.settledAt?.toISOString() ?? null,
    cancelledAt: message.cancelledAt?.toISOString() ?? null,
    fault,
  };
}
