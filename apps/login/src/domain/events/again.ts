import { sql } from 'kysely';
import { GIVE_UP_AFTER } from '#domain/delivery/timetable.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountEventKind } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after } from '#support/primitives/durations.ts';
import { pushFirstInLine } from './order.ts';
import { EVENTS_WAITING } from './poll-watch.ts';

export type RetryEventResult =
  | { ok: true }
  /** Only a delivery that was given up can be tried again; one that waits is tried by itself. */
  | { ok: false; reason: 'event-delivery-unknown' | 'delivery-not-failed' }
  /** The same thing has a newer state since, told or not: the older one would take it back. */
  | { ok: false; reason: 'event-overtaken' };

/** Events of which the last one counts; a password change or an end of sessions says the same whenever it is told. */
const STATES: readonly (readonly AccountEventKind[])[] = [
  ['login-id-changed'],
  ['account-suspended', 'account-reinstated', 'account-closed'],
];

/**
 * Has an event that was given up told again, from the beginning of the timetable, for another day.
 * @param jobs undefined on the command line: then the schedule of a running server finds it, within a quarter of a minute
 */
export async function retryEvent(
  db: Db,
  jobs: Jobs | undefined,
  deliveryId: string,
  by: { actor: string; now: Date },
): Promise<RetryEventResult> {
  return db.transaction().execute(async (trx): Promise<RetryEventResult> => {
    // Who queues an event of this account at this moment comes before or after; accounts are locked before deliveries.
    await sql`select 1 from account where id = (select account_id from event_delivery where id = ${deliveryId}) for share`.execute(
      trx,
    );
    const found = await trx
      .selectFrom('event_delivery')
      .select(['state', 'console_id', 'account_id', 'event_id'])
      .where('id', '=', deliveryId)
      .forUpdate()
      .executeTakeFirst();
    if (!found) return { ok: false, reason: 'event-delivery-unknown' };
    if (found.state !== 'failed') return { ok: false, reason: 'delivery-not-failed' };
    if (await isOvertaken(trx, found.event_id)) return { ok: false, reason: 'event-overtaken' };
    await trx
      .updateTable('event_delivery')
      .set({
        state: 'waiting',
        tries: 0,
        next_try_at: null,
        claimed_until: null,
        ended_at: null,
        give_up_at: after(by.now, GIVE_UP_AFTER),
      })
      .where('id', '=', deliveryId)
      .execute();
    if (jobs) await pushFirstInLine(trx, jobs, { consoleId: found.console_id }, by.now);
    await sql`select pg_notify(${EVENTS_WAITING}, ${found.console_id})`.execute(trx);
    await recordEvent(trx, {
      at: by.now,
      action: 'event.retried',
      actor: by.actor,
      accountId: found.account_id,
      consoleId: found.console_id,
      detail: { deliveryId, eventId: found.event_id },
    });
    return { ok: true };
  });
}

/** What became of an order to try all again; `skipped` would take something back, `left` are more than one order takes. */
export type RetryAllResult = { retried: number; skipped: number; left: number };

/** At most so many for one order: each is looked at, because the account may have a newer state. */
const MOST_AT_ONCE = 1_000;

/** Has everything told again that was given up for a console, the oldest first; each as by `retryEvent`. What was overtaken stays given up. */
export async function retryAllEvents(
  db: Db,
  jobs: Jobs | undefined,
  consoleId: string,
  by: { actor: string; now: Date },
): Promise<RetryAllResult> {
  const failed = await db
    .selectFrom('event_delivery')
    .select('id')
    .where('console_id', '=', consoleId)
    .where('state', '=', 'failed')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const result = { retried: 0, skipped: 0, left: 0 };
  for (const { id } of failed) {
    if (result.retried === MOST_AT_ONCE) break;
    const one = await retryEvent(db, jobs, id, by);
    if (one.ok) result.retried++;
    else result.skipped++;
  }
  return { ...result, left: failed.length - result.retried - result.skipped };
}

/** Whether the account has a newer state than this event says; the console may have brought it about itself, or not have been told. */
async function isOvertaken(trx: Db, eventId: string | null): Promise<boolean> {
  if (eventId === null) return false;
  const event = await trx
    .selectFrom('account_event')
    .select(['account_id', 'kind', 'number'])
    .where('id', '=', eventId)
    .executeTakeFirstOrThrow();
  const family = STATES.find((kinds) => kinds.includes(event.kind));
  if (!family) return false;
  const newer = await trx
    .selectFrom('account_event')
    .select('id')
    .where('account_id', '=', event.account_id)
    .where('kind', 'in', family)
    .where('number', '>', event.number)
    .limit(1)
    .executeTakeFirst();
  return newer !== undefined;
}
