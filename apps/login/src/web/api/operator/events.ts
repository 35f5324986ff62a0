import { placeIn } from '#web/http/lists.ts';
import { z } from 'zod';
import { retryAllEvents, retryEvent } from '#domain/events/again.ts';
import { eventHealth } from '#domain/events/channel.ts';
import { eventEntry, eventLedger, type EventEntry } from '#domain/events/ledger.ts';
import { setStreamStatus } from '#domain/events/stream-events.ts';
import { problems } from '../described.ts';
import { given, IN_CONSOLE, iso, MOMENT, text } from '../forms.ts';
import { PAGED, pageIn, pageOf, whole } from '../paging.ts';
import { sendProblem } from '../problem.ts';
import { DELIVERY_HEALTH, RETRIED } from './delivery-health.ts';
import { consoleInPath, operatorIn, type OperatorArea } from './operator-api.ts';

const STATE = z.enum(['waiting', 'delivered', 'failed']);
const ENTRY = z
  .object({
    deliveryId: z.string().describe('Also the `jti` of its security event token'),
    eventId: z.string().nullable().describe('The same for all consoles; null for what is told of a stream'),
    accountId: z.string().nullable(),
    clientId: z.string(),
    type: z.string().describe('URI of the event type'),
    at: MOMENT.describe('When it happened'),
    state: STATE,
    tries: z.number(),
    nextTryAt: MOMENT.nullable().describe(
      'Null also while an earlier event of the account waits, the stream rests, or the console polls',
    ),
    lastStatus: z.number().nullable(),
    lastError: z.string().nullable(),
    endedAt: MOMENT.nullable(),
  })
  .meta({ id: 'EventDelivery' });
const ATTEMPT = z.object({
  number: z.number(),
  at: MOMENT,
  kind: z.enum(['timetable', 'probe', 'poll']),
  status: z.number().nullable(),
  error: z.string().nullable(),
  tookMs: z.number(),
});
const HEALTH = DELIVERY_HEALTH.meta({ id: 'EventDeliveryHealth' });

const STREAM = z
  .object({
    streamId: z.string(),
    clientId: z.string(),
    method: z.enum(['push', 'poll']),
    endpointUrl: z.string().nullable(),
    status: z.enum(['enabled', 'paused', 'disabled']),
    reason: z.string().nullable(),
  })
  .meta({ id: 'ConsoleEventStream' });

/** Who was told of events of accounts and when (R24). */
export const eventArea: OperatorArea = (app, context) => {
  app.get(
    '/event-deliveries',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Events'],
        summary: 'Who was told of events of accounts, the newest first',
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
      const found = await eventLedger(context.db, {
        ...given({ ...filter, after: placeIn(cursor) }),
        ...(console ? { consoleId: console.id } : {}),
        limit: limit + 1,
      });
      return pageIn(found, limit, (one) => one.deliveryId, entryOf);
    },
  );

  app.get(
    '/event-deliveries/:id',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Events'],
        summary: 'One delivery with every try and what the console answered',
        params: z.object({ id: z.string().max(60) }),
        response: {
          200: ENTRY.extend({ attempts: z.array(ATTEMPT) }),
          ...problems('event-delivery-unknown'),
        },
      },
    },
    async (request, reply) => {
      const entry = await eventEntry(context.db, request.params.id);
      if (!entry) return sendProblem(reply, 'event-delivery-unknown');
      const { attempts, ...rest } = entry;
      return {
        ...entryOf(rest),
        attempts: attempts.map((one) => ({ ...one, at: one.at.toISOString() })),
      };
    },
  );

  app.post(
    '/event-deliveries/:id/retry',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Events'],
        summary: 'Tell a console again what was given up',
        params: z.object({ id: z.string().max(60) }),
        response: {
          202: z.null(),
          ...problems('delivery-not-failed', 'event-delivery-unknown', 'event-overtaken'),
        },
      },
    },
    async (request, reply) => {
      const result = await retryEvent(context.db, context.jobs, request.params.id, {
        actor: operatorIn(request).actor,
        now: context.clock(),
      });
      return result.ok ? reply.code(202).send(null) : sendProblem(reply, result.reason);
    },
  );

  app.post(
    '/consoles/:clientId/event-deliveries/retry',
    {
      config: { role: 'support' },
      schema: {
        tags: ['Events'],
        summary: 'Try everything again that was given up for a console',
        params: IN_CONSOLE,
        response: { 202: RETRIED, ...problems('console-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const by = { actor: operatorIn(request).actor, now: context.clock() };
      return reply.code(202).send(await retryAllEvents(context.db, context.jobs, console.id, by));
    },
  );

  app.put(
    '/consoles/:clientId/event-stream/status',
    {
      config: { role: 'administrator' },
      schema: {
        tags: ['Events'],
        summary: 'Have a console’s event stream send, rest or stop',
        description:
          'The console is told by a stream-updated event, and cannot start again what was stopped here. paused: what happens meanwhile is told later; disabled: it is not.',
        params: IN_CONSOLE,
        body: z.strictObject({
          status: z.enum(['enabled', 'paused', 'disabled']),
          reason: text(1_000).trim().min(1).optional().describe('The console is told it'),
        }),
        response: { 200: STREAM, ...problems('console-unknown', 'stream-unknown') },
      },
    },
    async (request, reply) => {
      const console = await consoleInPath(context, reply, request.params.clientId);
      if (!console) return reply;
      const { status, reason } = request.body;
      const result = await setStreamStatus(
        context.db,
        context.jobs,
        { consoleId: console.id },
        { status, reason: reason ?? null },
        { actor: operatorIn(request).actor, operator: true, now: context.clock() },
      );
      if (!result.ok) return sendProblem(reply, 'stream-unknown');
      const { id, method, endpoint_url: endpointUrl } = result.stream;
      return {
        streamId: id,
        clientId: console.client_id,
        method,
        endpointUrl,
        status,
        reason: reason ?? null,
      };
    },
  );

  app.get(
    '/event-health',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['Events'],
        summary: 'How each console takes its events, those in trouble first',
        response: { 200: pageOf(HEALTH) },
      },
    },
    async () =>
      whole(
        (await eventHealth(context.db)).map((one) => ({
          ...one,
          failingSince: iso(one.failingSince),
          lastSuccessAt: iso(one.lastSuccessAt),
          oldestWaitingSince: iso(one.oldestWaitingSince),
        })),
      ),
  );
};

function entryOf(entry: EventEntry): z.infer<typeof ENTRY> {
  return {
    ...entry,
    at: entry.at.toISOString(),
    nextTryAt: iso(entry.nextTryAt),
    endedAt: iso(entry.endedAt),
  };
}
