import { placeIn } from '#web/http/lists.ts';
import { z } from 'zod';
import { retryAllDeliveries, retryDelivery } from '#domain/logout/again.ts';
import { deliveryHealth } from '#domain/logout/health.ts';
import { ledgerEntry, logoutLedger, type LedgerEntry } from '#domain/logout/ledger.ts';
import { problems } from '../described.ts';
import { given, IN_CONSOLE, iso, MOMENT } from '../forms.ts';
import { PAGED, pageIn, pageOf, whole } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { DELIVERY_HEALTH, RETRIED } from './delivery-health.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const STATE = z.enum(['waiting', 'delivered', 'failed']);
const ENTRY = z
  .object({
    deliveryId: z.string(),
    singleLogoutId: z.string(),
    accountId: z.string(),
    clientId: z.string(),
    cause: z.string(),
    at: MOMENT.describe('When the session ended'),
    state: STATE,
    tries: z.number(),
    nextTryAt: MOMENT.nullable(),
    lastStatus: z.number().nullable(),
    lastError: z.string().nullable(),
    toldBy: z
      .enum(['push', 'pull'])
      .nullable()
      .describe('`pull`: the console asked by itself which of its sessions have ended'),
    endedAt: MOMENT.nullable(),
  })
  .meta({ id: 'LogoutDelivery' });
const ATTEMPT = z.object({
  number: z.number(),
  at: MOMENT,
  kind: z
    .enum(['timetable', 'probe'])
    .describe('A probe asks whether a console is back that does not answer'),
  status: z.number().nullable(),
  error: z.string().nullable(),
  tookMs: z.number(),
});
const HEALTH = DELIVERY_HEALTH.extend({
  lastAskedAt: MOMENT.nullable().describe('When the console last asked by itself; to five minutes'),
}).meta({ id: 'LogoutDeliveryHealth' });

/** Who was told of ended sessions and when (R9). */
export const logoutArea: OperatorArea = (app, context) => {
  app.get(
    '/logout-deliveries',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Logout'],
        summary: 'Who was told of ended sessions, the newest first',
        querystring: z.strictObject({
          accountId: z.string().max(60).optional(),
          clientId: z.string().max(60).optional(),
          state: STATE.optional(),
          ...PAGED,
        }),
        response: { 200: pageOf(ENTRY), ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const { clientId, cursor, limit, ...filter } = request.query;
      const console = clientId === undefined ? undefined : await context.consoles.byClientId(clientId);
      if (clientId !== undefined && !console) return sendProblem(reply, 'console-unknown');
      const found = await logoutLedger(context.db, {
        ...given({ ...filter, after: placeIn(cursor) }),
        ...(console ? { consoleId: console.id } : {}),
        limit: limit + 1,
      });
      return pageIn(found, limit, (one) => one.deliveryId, entryOf);
    },
  );

  app.get(
    '/logout-deliveries/:id',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Logout'],
        summary: 'One delivery with every try and what the console answered',
        params: z.object({ id: z.string().max(60) }),
        response: { 200: ENTRY.extend({ attempts: z.array(ATTEMPT) }), ...problems('delivery-unknown') },
      },
    },
    async (request, reply) => {
      const entry = await ledgerEntry(context.db, request.params.id);
      if (!entry) return sendProblem(reply, 'delivery-unknown');
      const { attempts, ...rest } = entry;
      return {
        ...entryOf(rest),
        attempts: attempts.map((one) => ({ ...one, at: one.at.toISOString() })),
      };
    },
  );

  app.post(
    '/logout-deliveries/:id/retry',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Logout'],
        summary: 'Try a delivery again that was given up',
        params: z.object({ id: z.string().max(60) }),
        response: { 202: z.null(), ...problems('delivery-not-failed', 'delivery-unknown') },
      },
    },
    async (request, reply) => {
      const result = await retryDelivery(context.db, context.jobs, request.params.id, {
        actor: operatorIn(request).actor,
        now: context.clock(),
      });
      return result.ok ? reply.code(202).send(null) : sendProblem(reply, result.reason);
    },
  );

  app.post(
    '/consoles/:clientId/logout-deliveries/retry',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Logout'],
        summary: 'Try everything again that was given up for a console',
        params: IN_CONSOLE,
        response: { 202: RETRIED, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      return reply.code(202).send(await retryAllDeliveries(context.db, context.jobs, console.id, by));
    },
  );

  app.get(
    '/logout-health',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Logout'],
        summary: 'How each console takes its deliveries, those in trouble first',
        response: { 200: pageOf(HEALTH) },
      },
    },
    async () =>
      whole(
        (await deliveryHealth(context.db)).map((one) => ({
          clientId: one.clientId,
          state: one.state,
          failures: one.failures,
          failingSince: iso(one.failingSince),
          lastError: one.lastError,
          lastSuccessAt: iso(one.lastSuccessAt),
          waiting: one.waiting,
          failed: one.failed,
          oldestWaitingSince: iso(one.oldestWaitingSince),
          lastAskedAt: iso(one.lastAskedAt),
        })),
      ),
  );
};

function entryOf(entry: LedgerEntry): z.infer<typeof ENTRY> {
  return {
    ...entry,
    at: entry.at.toISOString(),
    nextTryAt: iso(entry.nextTryAt),
    endedAt: iso(entry.endedAt),
  };
}
