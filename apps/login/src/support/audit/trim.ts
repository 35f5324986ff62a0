import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { recordEvent } from './record.ts';
import { tryChainLock } from './seal.ts';
import { removalMac } from './verify.ts';

const EVENTS_AT_ONCE = 5_000;
const BATCHES_AT_ONCE = 500;

/**
 * Removes the oldest links of the chain whose events are all older than so many days, in short transactions, each of which records itself (`audit.trimmed`) and remembers where the chain now
 * begins, under the server's key. It waits until a whole day has gathered. With 0 days everything is kept.
 * @returns how many events were removed
 */
export async function trimAudit(db: Db, key: Buffer, keepDays: number, now: Date): Promise<number> {
  if (keepDays === 0) return 0;
  const cutOff = after(now, -keepDays * DAY);
  for (let all = 0, oldest = after(cutOff, -DAY); ; oldest = cutOff) {
    const removed = await db.transaction().execute((trx) => removeOldest(trx, key, { oldest, cutOff, now }));
    if (removed === 0) return all;
    all += removed;
  }
}

async function removeOldest(
  trx: Trx,
  key: Buffer,
  of: { oldest: Date; cutOff: Date; now: Date },
): Promise<number> {
  if (!(await tryChainLock(trx))) return 0;
  const { rows } = await sql<{ number: string; hash: Buffer; event_ids: string[]; newest: Date }>`
    select b.number::text, b.hash, b.event_ids::text[] as event_ids,
      (select max(e.at) from audit_event e where e.id = any(b.event_ids)) as newest
    from (
      select *, sum(cardinality(event_ids)) over (order by number) - cardinality(event_ids) as before
      from (select * from audit_batch order by number limit ${BATCHES_AT_ONCE}) page
    ) b where b.before < ${EVENTS_AT_ONCE} order by b.number`.execute(trx);
  if (!rows[0] || rows[0].newest >= of.oldest) return 0;
  const young = rows.findIndex((batch) => batch.newest >= of.cutOff);
  const old = young < 0 ? rows : rows.slice(0, young);
  const last = old.at(-1);
  if (!last) return 0;
  const ids = old.flatMap((batch) => batch.event_ids);
  const chain = await trx.selectFrom('audit_chain').select('removed_events').executeTakeFirstOrThrow();
  const events = String(BigInt(chain.removed_events) + BigInt(ids.length));
  await sql`
    with event as (delete from audit_event where id = any(${ids}::bigint[])),
      seal as (delete from audit_seal where event_id = any(${ids}::bigint[])),
      link as (delete from audit_batch where number <= ${last.number})
    update audit_chain set removed_to = ${last.number}, removed_hash = ${last.hash}, removed_events = ${events}, removed_at = ${of.now},
      removed_mac = ${removalMac(key, last.number, last.hash, events)}`.execute(trx);
  await recordEvent(trx, {
    at: of.now,
    action: 'audit.trimmed',
    actor: 'system',
    detail: { to: last.number, events: ids.length },
  });
  return ids.length;
}
