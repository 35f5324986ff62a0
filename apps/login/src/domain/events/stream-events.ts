import { sql } from 'kysely';
import { GIVE_UP_AFTER } from '#domain/delivery/timetable.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { EventStreamRow, StreamStatus } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { STREAM_UPDATED, VERIFICATION } from './event.ts';
import { pushFirstInLine } from './order.ts';
import { EVENTS_WAITING } from './poll-watch.ts';
import { endWaiting } from './streams.ts';

/** How often a console may have its stream verified. */
export const VERIFICATION_INTERVAL = 60 * SECOND;

export type VerifyResult =
  { ok: true } | { ok: false; reason: 'stream-unknown' } | { ok: false; reason: 'too-soon'; retryAt: Date };

/** Sends a verification event over the stream (SSF 1.0 §8.1.4), with the console's own words in it. */
export async function verifyStream(
  deps: { db: Db; jobs: Jobs },
  consoleId: string,
  wanted: { streamId: string; state: string | null },
  now: Date,
): Promise<VerifyResult> {
  return deps.db.transaction().execute(async (trx): Promise<VerifyResult> => {
    const stream = await lockedStream(trx, consoleId);
    if (stream?.id !== wanted.streamId) return { ok: false, reason: 'stream-unknown' };
    const retryAt = stream.verified_at && after(stream.verified_at, VERIFICATION_INTERVAL);
    if (retryAt && retryAt > now) return { ok: false, reason: 'too-soon', retryAt };
    await trx.updateTable('event_stream').set({ verified_at: now }).where('id', '=', stream.id).execute();
    const event = wanted.state === null ? {} : { state: wanted.state };
    await queueStreamEvent(trx, deps.jobs, stream, VERIFICATION, event, now);
    return { ok: true };
  });
}

export type SetStatusResult =
  | { ok: true; stream: EventStreamRow }
  | { ok: false; reason: 'stream-unknown' }
  /** An operator has stopped it: the console cannot start it again. */
  | { ok: false; reason: 'stopped-by-operator' };

/**
 * Has the stream send, rest (what happens meanwhile is told later) or stop (it is not). When an operator does so, the console is told by a stream-updated event, also when nothing else
 * is sent any more (SSF 1.0 §8.1.5).
 * @param jobs undefined on the command line: then the schedule of a running server finds what is to be sent, within a quarter of a minute
 */
export async function setStreamStatus(
  db: Db,
  jobs: Jobs | undefined,
  of: { consoleId: string; streamId?: string },
  wanted: { status: StreamStatus; reason: string | null },
  by: { actor: string; operator: boolean; now: Date },
): Promise<SetStatusResult> {
  return db.transaction().execute(async (trx): Promise<SetStatusResult> => {
    const stream = await lockedStream(trx, of.consoleId);
    if (!stream || (of.streamId !== undefined && stream.id !== of.streamId))
      return { ok: false, reason: 'stream-unknown' };
    const stopped = stream.status !== 'enabled' && stream.status_by === 'operator';
    if (!by.operator && stopped && stream.status !== wanted.status)
      return { ok: false, reason: 'stopped-by-operator' };
    const changed = await trx
      .updateTable('event_stream')
      .set({
        status: wanted.status,
        status_reason: wanted.reason,
        status_by: by.operator || (stopped && stream.status === wanted.status) ? 'operator' : 'console',
        updated_at: by.now,
      })
      .where('id', '=', stream.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (wanted.status === 'disabled' && stream.status !== 'disabled')
      await endWaiting(trx, stream, 'the stream was disabled', by.now);
    if (by.operator && wanted.status !== stream.status)
      await queueStreamEvent(
        trx,
        jobs,
        changed,
        STREAM_UPDATED,
        { status: wanted.status, ...(wanted.reason === null ? {} : { reason: wanted.reason }) },
        by.now,
      );
    if (wanted.status === 'enabled' && stream.status !== 'enabled') {
      // The time for which it rested does not count.
      await trx
        .updateTable('event_delivery')
        .set({ give_up_at: after(by.now, GIVE_UP_AFTER) })
        .where('console_id', '=', stream.console_id)
        .where('stream_id', '=', stream.id)
        .where('state', '=', 'waiting')
        .execute();
      if (jobs) await pushFirstInLine(trx, jobs, { consoleId: of.consoleId }, by.now);
      await sql`select pg_notify(${EVENTS_WAITING}, ${of.consoleId})`.execute(trx);
    }
    await recordEvent(trx, {
      at: by.now,
      action: 'event-stream.changed',
      actor: by.actor,
      consoleId: of.consoleId,
      detail: { streamId: stream.id, status: wanted.status, before: stream.status, reason: wanted.reason },
    });
    return { ok: true, stream: changed };
  });
}

async function queueStreamEvent(
  trx: Db,
  jobs: Jobs | undefined,
  stream: EventStreamRow,
  type: string,
  event: Record<string, unknown>,
  now: Date,
): Promise<void> {
  const id = newId('set', now);
  const pushed = stream.method === 'push' && jobs !== undefined;
  await trx
    .insertInto('event_delivery')
    .values({
      id,
      console_id: stream.console_id,
      stream_id: stream.id,
      event_id: null,
      account_id: null,
      type,
      event: JSON.stringify(event),
      next_try_at: pushed ? now : null,
      created_at: now,
    })
    .execute();
  if (pushed) await jobs.enqueue(trx, 'event.deliver', { deliveryId: id });
  if (stream.method === 'poll')
    await sql`select pg_notify(${EVENTS_WAITING}, ${stream.console_id})`.execute(trx);
}

function lockedStream(trx: Db, consoleId: string): Promise<EventStreamRow | undefined> {
  return trx
    .selectFrom('event_stream')
    .selectAll()
    .where('console_id', '=', consoleId)
    .forUpdate()
    .executeTakeFirst();
}
