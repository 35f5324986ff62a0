import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { setStreamStatus, verifyStream } from '#domain/events/stream-events.ts';
import {
  changeStream,
  createStream,
  deleteStream,
  streamOf,
  type StreamDelivery,
  type StreamWish,
} from '#domain/events/streams.ts';
import { wantSubject } from '#domain/events/subjects.ts';
import type { EventStreamRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ApiScope } from '../api-scope.ts';
import { consoleIn } from '../console-auth.ts';
import {
  POLL,
  PUSH,
  saysWhatIs,
  STATUS,
  STATUS_REQUEST,
  statusAnswer,
  STREAM,
  STREAM_ID,
  STREAM_REQUEST,
  streamAnswer,
  SUBJECT_REQUEST,
  VERIFY_REQUEST,
  type StreamRequest,
} from './forms.ts';
import { REFUSAL, refuse } from './refusal.ts';

const REFUSED = { 400: REFUSAL, 401: REFUSAL, 404: REFUSAL };

/** Streams as their consoles manage them (SSF 1.0 §8.1). */
export function registerStreams(app: ApiScope, context: WebContext): void {
  app.post(
    '/stream',
    {
      schema: {
        summary: 'Make the stream of this console; without delivery it is polled',
        body: STREAM_REQUEST,
        response: { 201: STREAM, 400: REFUSAL, 401: REFUSAL, 409: REFUSAL },
      },
    },
    async (request, reply) => {
      const console = consoleIn(request);
      const delivery = deliveryIn(request.body, { method: 'poll' });
      if (typeof delivery === 'string') return refuse(reply, delivery);
      const result = await createStream(
        context,
        console,
        {
          delivery,
          eventsRequested: request.body.events_requested ?? null,
          description: request.body.description ?? null,
        },
        context.clock(),
      );
      if (!result.ok) return refuse(reply, result.reason);
      return reply.code(201).send(await streamAnswer(context, console, result.stream));
    },
  );

  app.get(
    '/stream',
    {
      schema: {
        summary: 'The stream with this stream_id, or a list of all',
        querystring: z.looseObject({ stream_id: STREAM_ID.optional() }),
        response: { 200: z.union([STREAM, z.array(STREAM)]), ...REFUSED },
      },
    },
    async (request, reply) => {
      const console = consoleIn(request);
      const stream = await streamOf(context.db, console.id);
      const wanted = request.query.stream_id;
      if (wanted === undefined) return stream ? [await streamAnswer(context, console, stream)] : [];
      if (stream?.id !== wanted) return refuse(reply, 'stream-unknown');
      return streamAnswer(context, console, stream);
    },
  );

  app.patch(
    '/stream',
    {
      schema: {
        summary: 'Change what is given of the stream',
        body: STREAM_REQUEST,
        response: { 200: STREAM, ...REFUSED },
      },
    },
    async (request, reply) => {
      const delivery = request.body.delivery && deliveryIn(request.body, { method: 'poll' });
      if (typeof delivery === 'string') return refuse(reply, delivery);
      const { events_requested: eventsRequested, description } = request.body;
      return change(reply, request, {
        ...(delivery === undefined ? {} : { delivery }),
        ...(eventsRequested === undefined ? {} : { eventsRequested }),
        ...(description === undefined ? {} : { description }),
      });
    },
  );

  app.put(
    '/stream',
    {
      schema: {
        summary: 'Replace what this console has said of the stream; what is left out is deleted',
        body: STREAM_REQUEST,
        response: { 200: STREAM, ...REFUSED },
      },
    },
    async (request, reply) => {
      // Left out it would turn a stream that pushes into one that nobody polls.
      if (!request.body.delivery) return refuse(reply, 'malformed', { description: 'delivery is missing.' });
      const delivery = deliveryIn(request.body, { method: 'poll' });
      if (typeof delivery === 'string') return refuse(reply, delivery);
      return change(reply, request, {
        delivery,
        eventsRequested: request.body.events_requested ?? null,
        description: request.body.description ?? null,
      });
    },
  );

  app.delete(
    '/stream',
    {
      schema: {
        summary: 'Delete the stream; what waits in it is told nobody',
        querystring: z.looseObject({ stream_id: STREAM_ID }),
        response: { 204: z.null(), ...REFUSED },
      },
    },
    async (request, reply) => {
      const result = await deleteStream(
        context,
        consoleIn(request),
        request.query.stream_id,
        context.clock(),
      );
      return result.ok ? reply.code(204).send(null) : refuse(reply, result.reason);
    },
  );

  app.get(
    '/status',
    {
      schema: {
        summary: 'Whether the stream sends',
        querystring: z.looseObject({ stream_id: STREAM_ID }),
        response: { 200: STATUS, ...REFUSED },
      },
    },
    async (request, reply) => {
      const stream = await ownStream(request, request.query.stream_id);
      return stream ? statusAnswer(stream) : refuse(reply, 'stream-unknown');
    },
  );

  app.post(
    '/status',
    {
      schema: {
        summary: 'Have the stream send (enabled), rest (paused: told later) or stop (disabled: not told)',
        body: STATUS_REQUEST,
        response: { 200: STATUS, 403: REFUSAL, ...REFUSED },
      },
    },
    async (request, reply) => {
      const { stream_id: streamId, status, reason } = request.body;
      const console = consoleIn(request);
      const result = await setStreamStatus(
        context.db,
        context.jobs,
        { consoleId: console.id, streamId },
        { status, reason: reason ?? null },
        { actor: `console:${console.client_id}`, operator: false, now: context.clock() },
      );
      return result.ok ? statusAnswer(result.stream) : refuse(reply, result.reason);
    },
  );

  app.post(
    '/subjects/add',
    {
      schema: {
        summary: 'Send events about this person again; all linked people are sent from the beginning',
        description: 'The answer does not tell whether there is such a person.',
        body: SUBJECT_REQUEST,
        response: { 200: z.string().max(0), ...REFUSED },
      },
    },
    async (request, reply) => {
      if (!(await wantedFrom(request, true))) return refuse(reply, 'stream-unknown');
      return reply.code(200).send('');
    },
  );

  app.post(
    '/subjects/remove',
    {
      schema: {
        summary: 'Send no more events about this person',
        description: 'The answer does not tell whether there is such a person.',
        body: SUBJECT_REQUEST,
        response: { 204: z.null(), ...REFUSED },
      },
    },
    async (request, reply) => {
      if (!(await wantedFrom(request, false))) return refuse(reply, 'stream-unknown');
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/verify',
    {
      schema: {
        summary: 'Have a verification event sent over the stream',
        body: VERIFY_REQUEST,
        response: { 204: z.null(), 429: REFUSAL, ...REFUSED },
      },
    },
    async (request, reply) => {
      const now = context.clock();
      const { stream_id: streamId, state } = request.body;
      const result = await verifyStream(
        context,
        consoleIn(request).id,
        { streamId, state: state ?? null },
        now,
      );
      if (result.ok) return reply.code(204).send(null);
      return refuse(reply, result.reason, 'retryAt' in result ? { retryAt: result.retryAt, now } : {});
    },
  );

  type Asked = Parameters<typeof consoleIn>[0];

  async function ownStream(request: Asked, streamId: string): Promise<EventStreamRow | undefined> {
    const stream = await streamOf(context.db, consoleIn(request).id);
    return stream?.id === streamId ? stream : undefined;
  }

  async function wantedFrom(
    request: Asked & { body: z.infer<typeof SUBJECT_REQUEST> },
    wanted: boolean,
  ): Promise<boolean> {
    const { stream_id: streamId, subject } = request.body;
    const stream = await ownStream(request, streamId);
    if (!stream) return false;
    const of = { consoleId: stream.console_id, streamId, issuer: context.issuer };
    await wantSubject(context.db, of, subject, wanted);
    return true;
  }

  async function change(
    reply: FastifyReply,
    request: Asked & { body: StreamRequest },
    wish: Partial<StreamWish>,
  ): Promise<z.infer<typeof STREAM> | FastifyReply> {
    const console = consoleIn(request);
    const { stream_id: streamId } = request.body;
    if (streamId === undefined) return refuse(reply, 'malformed', { description: 'stream_id is missing.' });
    const stream = await ownStream(request, streamId);
    if (!stream) return refuse(reply, 'stream-unknown');
    if (!saysWhatIs(request.body, await streamAnswer(context, console, stream)))
      return refuse(reply, 'supplied-by-us');
    const result = await changeStream(context, console, streamId, wish, context.clock());
    if (!result.ok) return refuse(reply, result.reason);
    return streamAnswer(context, console, result.stream);
  }
}

/** How the console wants to be told, or why it cannot be. */
function deliveryIn(
  { delivery }: StreamRequest,
  otherwise: StreamDelivery,
): StreamDelivery | 'method-unknown' | 'address-not-registered' {
  if (!delivery) return otherwise;
  if (delivery.method === POLL) return { method: 'poll' };
  if (delivery.method !== PUSH) return 'method-unknown';
  if (delivery.endpoint_url === undefined) return 'address-not-registered';
  return {
    method: 'push',
    endpointUrl: delivery.endpoint_url,
    authorization: delivery.authorization_header ?? null,
  };
}
