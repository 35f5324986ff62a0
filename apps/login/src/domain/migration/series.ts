import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** One day in Japan (`YYYY-MM-DD`). The first four count people who are to move, as the totals do; the last two everybody who is linked. */
export type ProgressDay = {
  day: string;
  /** Signed in through the unified login for the first time. */
  newlyMoved: number;
  /** All who had by the end of the day. */
  moved: number;
  /** Set their first password. */
  passwordsSet: number;
  usedLegacy: number;
  usedUnified: number;
};

/** How far back a series reaches when nothing is said. */
const USUAL_DAYS = 90;
/** More days than this are not given at once. */
export const MOST_DAYS = 800;

/**
 * Day by day, without gaps, up to today or `to`; the last day is not over unless it is past.
 * @param range days in Japan, `YYYY-MM-DD`; 90 of them when left out; never more than `MOST_DAYS`
 */
export async function progressSeries(
  db: Db,
  consoleId: string,
  range: { from?: string | undefined; to?: string | undefined },
  now: Date,
): Promise<ProgressDay[]> {
  const { rows } = await sql<ProgressDay>`
    with bounds as (
      select greatest(coalesce(${range.from ?? null}::date, until - ${USUAL_DAYS - 1}::int), until - ${MOST_DAYS - 1}::int) as since, until
      from (select least(coalesce(${range.to ?? null}::date, today), today) as until
        from (select (${now}::timestamptz at time zone 'Asia/Tokyo')::date as today) t) u
    ), person as materialized (
      select coalesce(p.first_set_at, p.set_at) at time zone 'Asia/Tokyo' as password_at,
        (select d.day from sign_in_day d
          where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified' order by d.day limit 1) as moved_on
      from console_link l join account a on a.id = l.account_id and a.state = 'active'
      left join password_credential p on p.account_id = l.account_id
      where l.console_id = ${consoleId} and not l.api_only
    ), moved as (
      select moved_on as day, count(*) as n from person, bounds where moved_on between since and until group by moved_on
    ), passwords as (
      select password_at::date as day, count(*) as n from person, bounds where password_at::date between since and until group by 1
    ), used as (
      select d.day, count(*) filter (where d.kind = 'legacy') as legacy, count(*) filter (where d.kind = 'unified') as unified
      from sign_in_day d, bounds where d.console_id = ${consoleId} and d.day between since and until group by d.day
    )
    select days.day::date::text as day,
      coalesce(m.n, 0)::int as "newlyMoved",
      ((select count(*) from person, bounds where moved_on < since) + sum(coalesce(m.n, 0)) over (order by days.day))::int as moved,
      coalesce(w.n, 0)::int as "passwordsSet",
      coalesce(u.legacy, 0)::int as "usedLegacy",
      coalesce(u.unified, 0)::int as "usedUnified"
    from bounds, generate_series(since::timestamp, until::timestamp, interval '1 day') as days (day)
    left join moved m on m.day = days.day::date
    left join passwords w on w.day = days.day::date
    left join used u on u.day = days.day::date
    order by days.day`.execute(db);
  return rows;
}
