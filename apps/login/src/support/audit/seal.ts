import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import { batchHash, GENESIS, macOf, rowHash } from './digests.ts';
import { SEALED_COLUMNS, sealedText, type SealedRow } from './sealed-text.ts';

/** So many events are one link at most: some milliseconds of hashing. */
export const MOST_IN_A_BATCH = 500;

/** Who seals, erases or removes holds this for the length of a transaction; the number only has to be ours. */
const LOCK = 4_100_725_027;

/** The last link: what the next one hangs on, and what an operator keeps elsewhere. */
export type ChainEnd = { number: string; hash: Buffer };

/**
 * Seals what was recorded since: events get their place in the hash chain, in links of at most {@link MOST_IN_A_BATCH}, each in a transaction of its own. Of several nodes one does it, the
 * others leave at once; a link has its number as key besides, so the chain can have no fork. Order is the order of sealing, so an event that was committed late comes late and is not missed.
 * @param key the stored key of audit seals
 * @param mostBatches links at once; the rest is left for the next time
 * @returns how many events were sealed
 */
export async function sealEvents(
  db: Db,
  key: Buffer,
  clock: () => Date,
  mostBatches = Number.POSITIVE_INFINITY,
): Promise<number> {
  let all = 0;
  for (let batches = 1; ; batches += 1) {
    const sealed = await db.transaction().execute((trx) => sealOneBatch(trx, key, clock()));
    all += sealed;
    if (sealed < MOST_IN_A_BATCH || batches >= mostBatches) return all;
  }
}

/** Whether the caller's transaction is now the only one that touches the chain. */
export async function tryChainLock(trx: Trx): Promise<boolean> {
  const { rows } = await sql<{
    mine: boolean;
  }>`select pg_try_advisory_xact_lock(${LOCK}::bigint) as mine`.execute(trx);
  return rows[0]?.mine === true;
}

/** The same, waiting for whoever does. */
export async function chainLock(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK}::bigint)`.execute(trx);
}

/** The end of the chain; what was removed counts. */
export async function chainEnd(db: Db): Promise<ChainEnd> {
  const last = await db
    .selectFrom('audit_batch')
    .select(['number', 'hash'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last) return last;
  const chain = await db
    .selectFrom('audit_chain')
    .select(['removed_to', 'removed_hash'])
    .executeTakeFirstOrThrow();
  return { number: chain.removed_to, hash: chain.removed_hash ?? GENESIS };
}

async function sealOneBatch(trx: Trx, key: Buffer, now: Date): Promise<number> {
  if (!(await tryChainLock(trx))) return 0;
  const rows = await nextRows(trx);
  if (rows.length === 0) return 0;
  const end = await chainEnd(trx);
  const number = String(BigInt(end.number) + 1n);
  const salts = rows.map(() => randomBytes(16));
  const hashes = rows.map((row, i) => {
    const hashed = rowHash(sealedText(row), { salt: salts[i] ?? Buffer.alloc(0) });
    if (!hashed) throw new Error('An event with its whole salt has no hash.');
    return hashed;
  });
  const sealedAt = String(BigInt(now.getTime()) * 1000n);
  const hash = batchHash({ number, previous: end.hash, sealedAt, rowHashes: hashes });
  const ids = rows.map((row) => row.id);
  await sql`
    with link as (
      insert into audit_batch (number, sealed_at, event_ids, previous_hash, hash, mac)
      values (${number}, ${now}, ${ids}::bigint[], ${end.hash}, ${hash}, ${macOf(key, 'batch', hash)})
    ), seal as (
      insert into audit_seal (event_id, batch, hash, salt)
      select event_id, ${number}::bigint, hash, salt from unnest(${ids}::bigint[], ${hashes}::bytea[], ${salts}::bytea[]) u (event_id, hash, salt)
    ), backlog as (
      update audit_chain set backlog_from = greatest(backlog_from, (select max(id) from unnest(${ids}::bigint[]) id where id <= backlog_to))
      where backlog_from < backlog_to
    )
    delete from audit_unsealed where event_id = any(${ids}::bigint[])`.execute(trx);
  return rows.length;
}

/** What was recorded before there was a queue comes first. */
async function nextRows(trx: Trx): Promise<SealedRow[]> {
  const chain = await trx
    .selectFrom('audit_chain')
    .select(['backlog_from', 'backlog_to'])
    .executeTakeFirstOrThrow();
  if (BigInt(chain.backlog_from) < BigInt(chain.backlog_to)) {
    const { rows } = await sql<SealedRow>`
      select ${SEALED_COLUMNS} from audit_event e where e.id > ${chain.backlog_from} and e.id <= ${chain.backlog_to}
      order by e.id limit ${MOST_IN_A_BATCH}`.execute(trx);
    if (rows.length > 0) return rows;
    await trx.updateTable('audit_chain').set({ backlog_from: chain.backlog_to }).execute();
  }
  const { rows } = await sql<SealedRow>`
    select ${SEALED_COLUMNS} from audit_unsealed u join audit_event e on e.id = u.event_id
    order by u.event_id limit ${MOST_IN_A_BATCH}`.execute(trx);
  return rows;
}
