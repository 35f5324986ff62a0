import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** One hour in Japan: sign-ins with a password at the unified login, refusals there, and sign-ins at legacy logins as consoles report them. */
export type SignInHour = { at: Date; unified: number; refused: number; legacy: number };

/** The last 24 hours without gaps, the running one last and not over. */
export async function signInHours(db: Db, now: Date): Promise<SignInHour[]> {
  const { rows } = await sql<SignInHour>`
    with hour as (
      select generate_series(date_trunc('hour', ${now}::timestamptz) - interval '23 hours', date_trunc('hour', ${now}::timestamptz), interval '1 hour') as at
    ), event as (
      select date_trunc('hour', at) as hour,
        count(*) filter (where action = 'account.signed-in') as unified,
        count(*) filter (where action = 'account.sign-in-refused') as refused
      from audit_event
      where at >= (select min(at) from hour) and at <= ${now} and action in ('account.signed-in', 'account.sign-in-refused')
      group by 1
    ), legacy as (
      select date_trunc('hour', at) as hour, count(*) as n
      from legacy_sign_in
      -- Reports come soon after the sign-in and never long before it: the index on their arrival finds them.
      where received_at >= (select min(at) from hour) - interval '10 minutes' and at >= (select min(at) from hour) and at <= ${now}
      group by 1
    )
    select hour.at, coalesce(event.unified, 0)::int as unified, coalesce(event.refused, 0)::int as refused, coalesce(legacy.n, 0)::int as legacy
    from hour left join event on event.hour = hour.at left join legacy on legacy.hour = hour.at
    order by hour.at`.execute(db);
  return rows;
}
