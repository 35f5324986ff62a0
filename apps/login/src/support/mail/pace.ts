import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** Seconds. */
const LONGEST = 240;

/**
 * Waits for the next place in the installation's row of bulk mails: however many nodes send, together they never hand over more than
 * `perSecond`. The row is kept by the database's clock, because nodes' clocks differ; should that clock be set back, nobody waits longer than the longest row could take.
 */
export async function waitForTurn(db: Db, perSecond: number): Promise<void> {
  const { rows } = await sql<{ wait: number }>`
    update mail_pace
    set next_at = greatest(least(next_at, clock_timestamp() + ${LONGEST} * interval '1 second'), clock_timestamp()) + ${1 / perSecond}::float8 * interval '1 second'
    returning (extract(epoch from next_at - clock_timestamp()) - ${1 / perSecond}::float8)::float8 * 1000 as wait`.execute(
    db,
  );
  const wait = rows[0]?.wait ?? 0;
  if (wait > 1) await pause(wait);
}
