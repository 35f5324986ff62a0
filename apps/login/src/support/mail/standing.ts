import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';

/** How the mails stand: those under way, and those that mail servers refused within a day. */
export type MailStanding = {
  waiting: number;
  /** Of `waiting`: were tried, and are tried again. */
  deferred: number;
  oldestWaitingSince: Date | null;
  refusedToday: number;
};

export async function mailStanding(db: Db, now: Date): Promise<MailStanding> {
  const { rows } = await sql<{ waiting: number; deferred: number; oldest: Date | null; refused: number }>`
    select w.*, (select count(*)::int from message where state = 'refused' and created_at > ${after(now, -1 * DAY)}) as refused
    from (
      select count(*)::int as waiting, (count(*) filter (where tries > 0))::int as deferred, min(created_at) as oldest
      from message where state = 'queued'
    ) w`.execute(db);
  const row = rows[0];
  return {
    waiting: row?.waiting ?? 0,
    deferred: row?.deferred ?? 0,
    oldestWaitingSince: row?.oldest ?? null,
    refusedToday: row?.refused ?? 0,
  };
}
