import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { planOf } from './plans.ts';

/** Full days that a forecast looks back on: two weeks, so that weekends weigh as they do. */
export const DAYS_LOOKED_AT = 14;

/** How many people will have moved at the cut-over, between a low and a high; never more than there are, and never fewer than today. */
export type Forecast =
  | {
      ok: true;
      cutOverAt: Date;
      /** Days from today to the day of the cut-over, in Japan. */
      daysLeft: number;
      people: number;
      movedNow: number;
      /** People a day, over the last 14 full days: a quarter of the days had at most `low`, half at most `middle`, three quarters at most `high`. */
      rate: { low: number; middle: number; high: number };
      moved: { low: number; middle: number; high: number };
    }
  | { ok: false; reason: 'no-cut-over' | 'cut-over-past' }
  /** The link must have been there for 14 full days. */
  | { ok: false; reason: 'not-enough-days'; fullDays: number; needed: number };

/**
 * The method of docs/decisions/0014: who has moved, plus days left times the median (and the quartiles) of the people newly moved a day over the last 14 full days in Japan.
 * @param cutOverAt a date to think of instead of the plan's
 */
export async function forecastOf(db: Db, consoleId: string, now: Date, cutOverAt?: Date): Promise<Forecast> {
  const plan = await planOf(db, consoleId);
  const target = cutOverAt ?? plan.cutOverAt;
  if (!target) return { ok: false, reason: 'no-cut-over' };
  if (target <= now) return { ok: false, reason: 'cut-over-past' };
  const { rows } = await sql<{
    people: number;
    moved: number;
    full_days: number;
    days_left: number;
    low: number;
    middle: number;
    high: number;
  }>`
    with today as (select (${now}::timestamptz at time zone 'Asia/Tokyo')::date as day),
    person as materialized (
      select (select d.day from sign_in_day d
        where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified' order by d.day limit 1) as moved_on
      from console_link l join account a on a.id = l.account_id and a.state = 'active'
      where l.console_id = ${consoleId} and not l.api_only
    ), rates as (
      select days.day, count(p.moved_on) as n
      from today, generate_series(today.day - ${DAYS_LOOKED_AT}::int, today.day - 1, interval '1 day') as days (day)
      left join person p on p.moved_on = days.day::date
      group by days.day
    )
    select
      (select count(*) from person)::int as people,
      (select count(moved_on) from person)::int as moved,
      greatest(0, today.day - 1 - coalesce(
        (${plan.linkAt}::timestamptz at time zone 'Asia/Tokyo')::date, (select min(moved_on) from person), today.day))::int as full_days,
      ((${target}::timestamptz at time zone 'Asia/Tokyo')::date - today.day)::int as days_left,
      (select percentile_cont(0.25) within group (order by n) from rates) as low,
      (select percentile_cont(0.5) within group (order by n) from rates) as middle,
      (select percentile_cont(0.75) within group (order by n) from rates) as high
    from today`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('A query without a table gives one row.');
  if (row.full_days < DAYS_LOOKED_AT)
    return { ok: false, reason: 'not-enough-days', fullDays: row.full_days, needed: DAYS_LOOKED_AT };
  const rate = { low: row.low, middle: row.middle, high: row.high };
  const at = (perDay: number): number => Math.min(row.people, row.moved + Math.round(perDay * row.days_left));
  return {
    ok: true,
    cutOverAt: target,
    daysLeft: row.days_left,
    people: row.people,
    movedNow: row.moved,
    rate,
    moved: { low: at(rate.low), middle: at(rate.middle), high: at(rate.high) },
  };
}
