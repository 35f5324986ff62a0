import { GIVE_UP_AFTER, OVERDUE } from '#domain/delivery/timetable.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after } from '#support/primitives/durations.ts';

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
        give_up_at: after(by.now, GIVE_UP_AFTER),
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

/** What became of an order to try all again; `skipped` would take something back, `left` are more than one order takes. */
export type RetryAllResult = { retried: number; skipped: number; left: number };

/** At most so many deliveries for one order: they go out at once. */
const MOST_AT_ONCE = 5_000;

/** Has everything tried again that was given up for a console, the oldest first; otherwise as `retryDelivery`. */
export async function retryAllDeliveries(
  db: Db,
  jobs: Jobs | undefined,
  consoleId: string,
  by: { actor: string; now: Date },
): Promise<RetryAllResult> {
  return db.transaction().execute(async (trx) => {
    const revived = await trx
      .updateTable('logout_delivery')
      .set({
        state: 'waiting',
        tries: 0,
        next_try_at: jobs ? by.now : after(by.now, -OVERDUE - 1),
        ended_at: null,
        give_up_at: after(by.now, GIVE_UP_AFTER),
      })
      .where('id', 'in', (query) =>
        query
          .selectFrom('logout_delivery')
          .select('id')
          .where('console_id', '=', consoleId)
          .where('state', '=', 'failed')
          .orderBy('created_at')
          .limit(MOST_AT_ONCE)
          .forUpdate()
          .skipLocked(),
      )
      .returning('id')
      .execute();
    const left = await trx
      .selectFrom('logout_delivery')
      .select((eb) => eb.fn.countAll<string>().as('count'))
      .where('console_id', '=', consoleId)
      .where('state', '=', 'failed')
      .executeTakeFirstOrThrow();
    await jobs?.enqueueAll(
      trx,
      'logout.deliver',
      revived.map(({ id }) => ({ deliveryId: id })),
    );
    if (revived.length > 0)
      await recordEvent(trx, {
        at: by.now,
        action: 'logout.retried',
        actor: by.actor,
        consoleId,
        detail: { all: true, deliveries: revived.length },
      });
    return { retried: revived.length, skipped: 0, left: Number(left.count) };
  });
}
