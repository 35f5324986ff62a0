import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** A notice with more rows than these is added up. */
const MANY = 40;

/**
 * Adds up the figures of notices, so that reading them stays quick. Safe on several nodes at once: rows that one of them adds up are left alone by the others, and the
 * sum is the same at every moment.
 */
export async function addUpNotices(db: Db): Promise<void> {
  await sql`
    with many as (
      select notice_id from notice_tally group by notice_id having count(*) > ${MANY}
    ), taken as (
      select id from notice_tally where notice_id in (select notice_id from many) for update skip locked
    ), gone as (
      delete from notice_tally where id in (select id from taken) returning notice_id, part, n
    )
    insert into notice_tally (notice_id, part, n)
    select notice_id, part, sum(n) from gone group by notice_id, part having sum(n) <> 0`.execute(db);
}
