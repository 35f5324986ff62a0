import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, HOUR, SECOND } from '#support/primitives/durations.ts';

/** Longer than a try takes; what has waited this long past its time has lost its job. */
const OVERDUE = 30 * SECOND;
/** How long a delivery that an operator has tried again stays in the queue. */
const SECOND_CHANCE = 24 * HOUR;

/** Queues deliveries anew whose time has long passed: their job was lost with a killed worker or used up. Safe to run on many nodes. */
export async function requeueOverdueDeliveries(db: Db, jobs: Jobs, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string }>`
      update logout_delivery d set next_try_at = ${now}
      from (
        select id from logout_delivery
        where state = 'waiting' and next_try_at < ${after(now, -OVERDUE)} and (claimed_until is null or claimed_until <= ${now})
        order by next_try_at limit 500 for update skip locked
      ) overdue
      where d.id = overdue.id
      returning d.id`.execute(trx);
    for (const { id } of rows) await jobs.enqueue(trx, 'logout.deliver', { deliveryId: id });
  });
}

export type RetryDeliveryResult =
  | { ok: true }
  /** Only a delivery that was given up can be tried again; one that waits is tried by itself. */
  | { ok: false; reason: 'delivery-unknown' | 'delivery-not-failed' };

/**
 * Has a delivery that was given up tried again, from the beginning of the timetable, for another day.
 * @param jobs undefined on the command line: then the schedule of a running server finds it, within a quarter of a minute
 */
export async function retryDelivery(
  db: Db,
  jobs: Jobs | undefined,
  deliveryId: string,
  by: { actor: string; now: Date },
): Promise<RetryDeliveryResult> {
  return db.transaction().execute(async (trx): Promise<RetryDeliveryResult> => {
    const revived = await trx
      .updateTable('logout_delivery')
      .set({
        state: 'waiting',
        tries: 0,
        next_try_at: jobs ? by.now : after(by.now, -OVERDUE - 1),
        ended_at: null,
        give_up_at: after(by.now, SECOND_CHANCE),
      })
      .where('id', '=', deliveryId)
      .where('state', '=', 'failed')
      .returning(['console_id', 'account_id', 'single_logout_id'])
      .executeTakeFirst();
    if (!revived) {
      const known = await trx
        .selectFrom('logout_delivery')
        .select('id')
        .where('id', '=', deliveryId)
        .executeTakeFirst();
      return { ok: false, reason: known ? 'delivery-not-failed' : 'delivery-unknown' };
    }
    await jobs?.enqueue(trx, 'logout.deliver', { deliveryId });
    await recordEvent(trx, {
      at: by.now,
      action: 'logout.retried',
      actor: by.actor,
      accountId: revived.account_id,
      consoleId: revived.console_id,
      detail: { deliveryId, singleLogoutId: revived.single_logout_id },
    });
    return { ok: true };
  });
}
