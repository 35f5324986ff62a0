import { sql } from 'kysely';
import { GIVE_UP_AFTER } from '#domain/delivery/timetable.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after } from '#support/primitives/durations.ts';
import { EVENT_TYPES } from './event.ts';
import { pushFirstInLine } from './order.ts';
import { EVENTS_WAITING } from './poll-watch.ts';

export type RetryEventResult =
  | { ok: true }
  /** Only a delivery that was given up can be tried again; one that waits is tried by itself. */
  | { ok: false; reason: 'event-delivery-unknown' | 'delivery-not-failed' }
  /** The console was told a newer state of the same thing since: the older one would take it back. */
  | { ok: false; reason: 'event-overtaken' };

/** Events of which the last one counts; a password change or an end of sessions says the same whenever it is told. */
const STATES: readonly (readonly string[])[] = [
  [EVENT_TYPES['login-id-changed']],
  [EVENT_TYPES['account-suspended'], EVENT_TYPES['account-reinstated'], EVENT_TYPES['account-closed']],
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
    const found = await trx
      .selectFrom('event_delivery')
      .select(['state', 'console_id', 'account_id', 'event_id', 'type', 'number'])
      .where('id', '=', deliveryId)
      .forUpdate()
      .executeTakeFirst();
    if (!found) return { ok: false, reason: 'event-delivery-unknown' };
    if (found.state !== 'failed') return { ok: false, reason: 'delivery-not-failed' };
    const family = STATES.find((types) => types.includes(found.type));
    if (family && found.account_id !== null) {
      const newer = await trx
        .selectFrom('event_delivery')
        .select('id')
        .where('console_id', '=', found.console_id)
        .where('account_id', '=', found.account_id)
        .where('type', 'in', family)
        .where('number', '>', found.number)
        .where('state', '!=', 'failed')
        .executeTakeFirst();
      if (newer) return { ok: false, reason: 'event-overtaken' };
    }
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
