import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { WORDS } from './words.ts';

/** Accounts that are made findable in one transaction. */
const BATCH = 1_000;
/** How long one round works: an import of a million people is caught up with in some minutes, and leaves most of a processor to those who sign in. */
const ROUND = 1 * SECOND;
/** The number only has to be ours. */
const LOCK = 4_100_725_020;

/**
 * Makes what has changed findable: accounts that wait for it, and once after an upgrade all that were there before. One node at a time: of two, the slower
 * could write what was true before.
 * @param elapsed milliseconds that go on, whatever the clock does
 * @returns how many
 */
export async function refreshSearch(db: Db, now: Date, elapsed: () => number): Promise<number> {
  const began = elapsed();
  let made = 0;
  for (let batch = BATCH; batch === BATCH && elapsed() - began < ROUND; made += batch)
    batch = await refreshDue(db);
  for (let batch = BATCH; batch === BATCH && elapsed() - began < ROUND; made += batch)
    batch = await fillFurther(db, now);
  return made;
}

async function refreshDue(db: Db): Promise<number> {
  return alone(db, async (trx) => {
    const { rows } = await sql<{ account_id: string }>`
      delete from account_search_due where ctid = any(array(select ctid from account_search_due limit ${BATCH}))
      returning account_id`.execute(trx);
    await makeWords(trx, [...new Set(rows.map((row) => row.account_id))]);
    return rows.length;
  });
}

async function fillFurther(db: Db, now: Date): Promise<number> {
  return alone(db, async (trx) => {
    const filling = await trx
      .selectFrom('account_search_filling')
      .select('filled_to')
      .where('filled_at', 'is', null)
      .executeTakeFirst();
    if (!filling) return 0;
    const accounts = await trx
      .selectFrom('account')
      .select('id')
      .where('id', '>', filling.filled_to)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    const ids = accounts.map(({ id }) => id);
    await makeWords(trx, ids);
    await trx
      .updateTable('account_search_filling')
      .set({ filled_to: ids.at(-1) ?? filling.filled_to, filled_at: ids.length < BATCH ? now : null })
      .execute();
    return ids.length;
  });
}

/** Nothing is done where somebody else is at it. */
function alone(db: Db, work: (trx: Db) => Promise<number>): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as free`.execute(
      trx,
    );
    return rows[0]?.free ? work(trx) : 0;
  });
}

async function makeWords(trx: Db, accountIds: readonly string[]): Promise<void> {
  if (accountIds.length === 0) return;
  await sql`
    insert into account_search as s (account_id, state, words)
    select a.id, a.state, ${WORDS} from account a where a.id = any(${accountIds}::text[])
    on conflict (account_id) do update set state = excluded.state, words = excluded.words
    where (s.state, s.words) is distinct from (excluded.state, excluded.words)`.execute(trx);
}

/** Accounts that cannot be found yet, about: those that wait, and after an upgrade those that have not been gone through. */
export async function unsearchable(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from (select 1 from account_search_due limit 100000) d)
      + case when exists (select 1 from account_search_filling where filled_at is null)
        then (select count(*) from (
          select 1 from account where id > (select filled_to from account_search_filling) limit 100000) f)
        else 0 end as n`.execute(db);
  return Number(rows[0]?.n ?? 0);
}
