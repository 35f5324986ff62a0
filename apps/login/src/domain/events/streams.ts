import { isEventAddress } from '#domain/consoles/event-stream.ts';
import type { AuditAction } from '#support/audit/events.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow, EventStreamRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { newId } from '#support/primitives/ids.ts';
import { openStored, sealStored } from '#support/keys/master-key.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import { pushFirstInLine } from './order.ts';

export type StreamDeps = { db: Db; jobs: Jobs; secrets: SecretKeys };

/** The purpose that values of Authorization headers are sealed for. */
export const STREAM_SECRETS = 'event-streams';

/** How a console wants to be told. */
export type StreamDelivery =
  /** @param authorization value of the Authorization header that each push shall bear */
  { method: 'push'; endpointUrl: string; authorization: string | null } | { method: 'poll' };

/** What a console says of its stream; null: nothing is said, that is every event and no description. */
export type StreamWish = {
  delivery: StreamDelivery;
  eventsRequested: readonly string[] | null;
  description: string | null;
};

type NotRegistered = { ok: false; reason: 'address-not-registered' };
type Unknown = { ok: false; reason: 'stream-unknown' };

/** The console's stream, if it has one. */
export async function streamOf(db: Db, consoleId: string): Promise<EventStreamRow | undefined> {
  return db.selectFrom('event_stream').selectAll().where('console_id', '=', consoleId).executeTakeFirst();
}

/** What the console wants said with each push. */
export async function authorizationOf(
  secrets: SecretKeys,
  stream: Pick<EventStreamRow, 'sealed_authorization'>,
): Promise<string | null> {
  const { sealed_authorization: sealed } = stream;
  return sealed === null ? null : openStored(secrets, STREAM_SECRETS, sealed);
}

/** Makes the console's stream; it has one at most. Pushes go to the origin of its registered address only. */
export async function createStream(
  deps: StreamDeps,
  console: ConsoleRow,
  wish: StreamWish,
  now: Date,
): Promise<{ ok: true; stream: EventStreamRow } | NotRegistered | { ok: false; reason: 'stream-exists' }> {
  if (!isAllowed(console, wish.delivery)) return { ok: false, reason: 'address-not-registered' };
  return deps.db.transaction().execute(async (trx) => {
    const values = await columnsOf(trx, deps.secrets, wish);
    const stream = await trx
      .insertInto('event_stream')
      .values({ id: newId('str', now), console_id: console.id, ...values, created_at: now, updated_at: now })
      .onConflict((conflict) => conflict.column('console_id').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!stream) return { ok: false, reason: 'stream-exists' };
    await audit(trx, console, 'event-stream.created', stream, now);
    return { ok: true, stream };
  });
}

/**
 * Changes what the console has said of its stream; what waits is told in the new way. Two changes at once come one after the other.
 * @param change says from the stream as it is what it shall be
 */
export async function changeStream(
  deps: StreamDeps,
  console: ConsoleRow,
  streamId: string,
  wish: Partial<StreamWish>,
  now: Date,
): Promise<{ ok: true; stream: EventStreamRow } | NotRegistered | Unknown> {
  if (wish.delivery && !isAllowed(console, wish.delivery))
    return { ok: false, reason: 'address-not-registered' };
  return deps.db.transaction().execute(async (trx) => {
    const values = await columnsOf(trx, deps.secrets, wish);
    const stream = await trx
      .updateTable('event_stream')
      .set({ ...values, updated_at: now })
      .where('id', '=', streamId)
      .where('console_id', '=', console.id)
      .returningAll()
      .executeTakeFirst();
    if (!stream) return { ok: false, reason: 'stream-unknown' };
    if (wish.delivery) {
      // How the former way answered says nothing about the new one.
      // The deliveries first, as everybody who tries one does.
      await trx
        .updateTable('event_delivery')
        .set({ next_try_at: null })
        .where('console_id', '=', console.id)
        .where('stream_id', '=', stream.id)
        .where('state', '=', 'waiting')
        .execute();
      await trx.deleteFrom('event_delivery_health').where('console_id', '=', console.id).execute();
      await pushFirstInLine(trx, deps.jobs, { consoleId: console.id }, now);
    }
    await audit(trx, console, 'event-stream.changed', stream, now);
    return { ok: true, stream };
  });
}

/** Deletes the stream; what waits in it is told nobody any more. */
export async function deleteStream(
  deps: StreamDeps,
  console: ConsoleRow,
  streamId: string,
  now: Date,
): Promise<{ ok: true } | Unknown> {
  return deps.db.transaction().execute(async (trx) => {
    const stream = await trx
      .deleteFrom('event_stream')
      .where('id', '=', streamId)
      .where('console_id', '=', console.id)
      .returningAll()
      .executeTakeFirst();
    if (!stream) return { ok: false, reason: 'stream-unknown' };
    await endWaiting(trx, stream, 'the console deleted its stream', now);
    await audit(trx, console, 'event-stream.deleted', stream, now);
    return { ok: true };
  });
}

/** Gives up what waits in a stream. */
export async function endWaiting(trx: Db, stream: EventStreamRow, reason: string, now: Date): Promise<void> {
  await trx
    .updateTable('event_delivery')
    .set({ state: 'failed', next_try_at: null, last_error: reason, ended_at: now })
    .where('console_id', '=', stream.console_id)
    .where('stream_id', '=', stream.id)
    .where('state', '=', 'waiting')
    .execute();
}

function isAllowed(console: ConsoleRow, delivery: StreamDelivery): boolean {
  return delivery.method === 'poll' || isEventAddress(console.event_uri, delivery.endpointUrl);
}

async function columnsOf(trx: Db, secrets: SecretKeys, wish: StreamWish): Promise<Columns>;
async function columnsOf(trx: Db, secrets: SecretKeys, wish: Partial<StreamWish>): Promise<Partial<Columns>>;
async function columnsOf(trx: Db, secrets: SecretKeys, wish: Partial<StreamWish>): Promise<Partial<Columns>> {
  const { delivery, eventsRequested, description } = wish;
  return {
    ...(delivery === undefined
      ? {}
      : delivery.method === 'poll'
        ? { method: 'poll', endpoint_url: null, sealed_authorization: null }
        : {
            method: 'push',
            endpoint_url: delivery.endpointUrl,
            sealed_authorization:
              delivery.authorization === null
                ? null
                : await sealStored(trx, secrets, STREAM_SECRETS, delivery.authorization),
          }),
    ...(eventsRequested === undefined
      ? {}
      : { events_requested: eventsRequested === null ? null : [...eventsRequested] }),
    ...(description === undefined ? {} : { description }),
  };
}

type Columns = Pick<
  EventStreamRow,
  'method' | 'endpoint_url' | 'sealed_authorization' | 'events_requested' | 'description'
>;

function audit(
  trx: Db,
  console: ConsoleRow,
  action: AuditAction,
  stream: EventStreamRow,
  now: Date,
): Promise<void> {
  return recordEvent(trx, {
    at: now,
    action,
    actor: `console:${console.client_id}`,
    consoleId: console.id,
    detail: { streamId: stream.id, method: stream.method, endpointUrl: stream.endpoint_url },
  });
}
