import { z } from 'zod';
import { EVENT_TYPES } from '#domain/events/event.ts';
import { VERIFICATION_INTERVAL } from '#domain/events/stream-events.ts';
import { authorizationOf } from '#domain/events/streams.ts';
import type { ConsoleRow, EventStreamRow } from '#support/db/schema.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { WebContext } from '#web/http/context.ts';
import { text } from '../forms.ts';

export const PUSH = 'urn:ietf:rfc:8935';
export const POLL = 'urn:ietf:rfc:8936';
export const EVENTS_SUPPORTED: readonly string[] = Object.values(EVENT_TYPES);

/** Whatever is no id of ours names no stream. */
export const STREAM_ID = z.string().transform((one) => (/^[\w-]{1,60}$/.test(one) ? one : 'none'));

const DELIVERY = z.looseObject({
  method: text(200),
  endpoint_url: text(2_000).optional(),
  authorization_header: z
    .string()
    .regex(/^[\x20-\x7e]{1,4000}$/, 'authorization_header is one line of visible ASCII')
    .nullish(),
});

/** What a console says of its stream (SSF 1.0 §8.1.1); whatever else stands there is passed over. */
export const STREAM_REQUEST = z.looseObject({
  stream_id: STREAM_ID.optional(),
  delivery: DELIVERY.optional(),
  events_requested: z.array(text(500)).max(100).optional(),
  description: text(1_000).nullish(),
});
export type StreamRequest = z.infer<typeof STREAM_REQUEST>;

export const STATUS_REQUEST = z.looseObject({
  stream_id: STREAM_ID,
  status: z.enum(['enabled', 'paused', 'disabled']),
  reason: text(1_000).nullish(),
});

export const VERIFY_REQUEST = z.looseObject({ stream_id: STREAM_ID, state: text(1_000).nullish() });

export const SUBJECT_REQUEST = z.looseObject({
  stream_id: STREAM_ID,
  subject: z.discriminatedUnion('format', [
    z.looseObject({ format: z.literal('iss_sub'), iss: text(1_000), sub: text(1_000) }),
    z.looseObject({ format: z.literal('email'), email: text(1_000) }),
  ]),
  verified: z.boolean().optional(),
});

export const STREAM = z
  .looseObject({
    stream_id: z.string(),
    iss: z.string(),
    aud: z.string(),
    delivery: z.looseObject({ method: z.string(), endpoint_url: z.string() }),
    events_supported: z.array(z.string()),
    events_requested: z.array(z.string()),
    events_delivered: z.array(z.string()),
    min_verification_interval: z.number(),
    description: z.string().optional(),
  })
  .meta({ id: 'EventStream' });
export const STATUS = z
  .object({ stream_id: z.string(), status: z.string(), reason: z.string().optional() })
  .meta({ id: 'EventStreamStatus' });

/** A stream as its console is told it. */
export async function streamAnswer(
  context: WebContext,
  console: ConsoleRow,
  stream: EventStreamRow,
): Promise<z.infer<typeof STREAM>> {
  const authorization = await authorizationOf(context.secrets, stream);
  const requested = stream.events_requested ?? EVENTS_SUPPORTED;
  return {
    stream_id: stream.id,
    iss: context.issuer,
    aud: console.client_id,
    delivery: {
      method: stream.method === 'push' ? PUSH : POLL,
      endpoint_url: stream.endpoint_url ?? `${context.issuer}/ssf/poll/${stream.id}`,
      // Its own; who replaces the configuration reads it first.
      ...(authorization === null ? {} : { authorization_header: authorization }),
    },
    events_supported: [...EVENTS_SUPPORTED],
    events_requested: [...requested],
    events_delivered: EVENTS_SUPPORTED.filter((type) => requested.includes(type)),
    min_verification_interval: VERIFICATION_INTERVAL / SECOND,
    ...(stream.description === null ? {} : { description: stream.description }),
  };
}

/** Whether what we supply is said as it is, where it is said at all. The address of a polled stream is ours as well. */
export function saysWhatIs(request: StreamRequest, answer: z.infer<typeof STREAM>): boolean {
  const ours = ['iss', 'aud', 'events_supported', 'events_delivered', 'min_verification_interval'] as const;
  const same = (a: unknown, b: unknown): boolean =>
    Array.isArray(a) && Array.isArray(b)
      ? JSON.stringify([...(a as unknown[])].sort()) === JSON.stringify([...(b as unknown[])].sort())
      : a === b || (Array.isArray(a) && a.length === 1 && a[0] === b);
  return ours.every((name) => request[name] === undefined || same(request[name], answer[name]));
}

export function statusAnswer(stream: EventStreamRow): z.infer<typeof STATUS> {
  return {
    stream_id: stream.id,
    status: stream.status,
    ...(stream.status_reason === null ? {} : { reason: stream.status_reason }),
  };
}
