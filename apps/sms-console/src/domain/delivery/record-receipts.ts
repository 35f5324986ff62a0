import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { FinalPartState } from '#support/db/schema.ts';
import { changeMessages } from './message-states.ts';

/** A receipt as it came over a bind of this carrier. */
export type ArrivedReceipt = {
  readonly carrier: string;
  readonly carrierId: string;
  readonly state: FinalPartState;
  readonly fault: string | null;
  readonly at: Date;
};

/**
 * Stores receipts in one transaction: with the parts that they are of, or, when no part has that id (yet), aside for `matchEarlyReceipts`.
 * A receipt that comes twice changes nothing the second time. Answers how many were put aside.
 */
export async function recordReceipts(db: Db, arrived: readonly ArrivedReceipt[], now: Date): Promise<number> {
  const first = new Map<string, ArrivedReceipt>();
  for (const receipt of arrived) {
    const key = `${receipt.carrier} ${receipt.carrierId}`;
    if (!first.has(key)) first.set(key, receipt);
  }
  const receipts = [...first.values()];
  if (receipts.length === 0) return 0;
  return db.transaction().execute((trx) => storeReceipts(trx, receipts, now));
}

/** Matches receipts that were quicker than the answer to their submit; answers how many. */
export async function matchEarlyReceipts(db: Db, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<ArrivedReceipt>`
      delete from early_receipt e using (
        select e.carrier, e.carrier_id from early_receipt e
        join message_part p on p.carrier = e.carrier and p.carrier_id = e.carrier_id
        limit 1000 for update of e skip locked) known
      where e.carrier = known.carrier and e.carrier_id = known.carrier_id
      returning e.carrier, e.carrier_id as "carrierId", e.state, e.fault, e.at`.execute(trx);
    if (rows.length > 0) await storeReceipts(trx, rows, now);
    return rows.length;
  });
}

async function storeReceipts(trx: Db, receipts: readonly ArrivedReceipt[], now: Date): Promise<number> {
  const { rows } = await sql<{ messageId: string | null }>`
    with given as (
      select * from unnest(${receipts.map((one) => one.carrier)}::text[], ${receipts.map((one) => one.carrierId)}::text[],
        ${receipts.map((one) => one.state)}::text[], ${receipts.map((one) => one.fault)}::text[],
        ${receipts.map((one) => one.at)}::timestamptz[]) as g (carrier, carrier_id, state, fault, at)),
    meant as (
      select g.*, p.message_id, p.number from given g left join lateral (
        select message_id, number from message_part p
        where p.carrier = g.carrier and p.carrier_id = g.carrier_id
        order by p.answered_at desc limit 1) p on true),
    early as (
      insert into early_receipt (carrier, carrier_id, state, fault, at)
      select carrier, carrier_id, state, fault, at from meant where message_id is null
      on conflict do nothing returning carrier_id),
    matched as (
      update message_part p set state = meant.state, fault = meant.fault, settled_at = meant.at
      from meant
      where p.message_id = meant.message_id and p.number = meant.number and p.state = 'taken'
      returning p.message_id)
    select distinct message_id as "messageId" from matched
    union all select null from early`.execute(trx);
  const matched = rows.flatMap(({ messageId }) => (messageId === null ? [] : [messageId]));
  await settleByParts(trx, matched, now);
  return rows.length - matched.length;
}

/**
 * Settles those of these sent messages whose parts all have their receipt: one part that did not arrive, and the message did not. A
 * receipt that comes after the message was given up for want of one still counts. Call it in the transaction that changed the parts:
 * the rows are locked first, so that of two receipts at once the second sees the first.
 */
export async function settleByParts(trx: Db, messageIds: readonly string[], now: Date): Promise<void> {
  if (messageIds.length === 0) return;
  const ids = [...messageIds];
  await sql`select from message where id = any(${ids}::text[]) order by id for update`.execute(trx);
  const update = sql`
    update message m set state = p.state, fault = case p.state when 'delivered' then null when 'expired' then m.fault else 'undeliverable' end,
      settled_at = p.at
    from (
      select message_id, max(settled_at) as at, case
          when bool_or(state = 'undelivered') then 'undelivered'
          when bool_or(state = 'expired') then 'expired' else 'delivered' end as state
      from message_part where message_id = any(${ids}::text[])
      group by message_id having bool_and(state in ('delivered', 'undelivered', 'expired'))) p
    where m.id = p.message_id
      and (m.state = 'sent' or (m.state = 'expired' and m.fault in ('no-receipt', 'in-doubt') and p.state <> 'expired'))
    returning m.id, m.company_id, m.state, m.fault`;
  await changeMessages(trx, update, now);
}
