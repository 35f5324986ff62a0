import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, DAY, HOUR } from '#support/primitives/durations.ts';
import { changeMessages } from './message-states.ts';

/** A carrier may say late that a message was too late. */
const RECEIPT_GRACE = HOUR;
const BATCH = 1_000;

/** Ends messages whose time is over: those that no gateway took, and those that a gateway took and whose receipt did not come within an hour of it. Answers how many. */
export async function expireMessages(db: Db, now: Date): Promise<number> {
  let expired = 0;
  for (;;) {
    const update = sql`
      update message m set state = 'expired', settled_at = ${now},
        fault = case when m.state = 'queued' then 'too-late' else coalesce(m.fault, 'no-receipt') end
      from (
        select id from message
        where settled_at is null and expires_at <= ${now}
          and (state = 'queued' or (state = 'sent' and expires_at <= ${after(now, -RECEIPT_GRACE)}))
        order by expires_at limit ${BATCH} for update skip locked) late
      where m.id = late.id
      returning m.id, m.company_id, m.state, m.fault`;
    const { length } = await changeMessages(db, update, now);
    expired += length;
    if (length < BATCH) return expired;
  }
}

/** Removes what was told, early receipts that nobody claimed, and workers that are long gone. */
export async function tidyDelivery(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('message_event')
    .where('at', '<', after(now, -7 * DAY))
    .execute();
  await db
    .deleteFrom('early_receipt')
    .where('at', '<', after(now, -7 * DAY))
    .execute();
  await sql`delete from delivery_worker w where alive_until < clock_timestamp() - interval '1 day'
    and not exists (select from message m where m.state = 'sending' and m.claimed_by = w.id)`.execute(db);
  await db.deleteFrom('gateway_state').where('seen_at', '<', after(now, -HOUR)).execute();
}
