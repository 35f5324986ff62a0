import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';

/** A sign-in at a console's legacy login, as the console reports it. `id` is the console's own for this one event. */
export type LegacySignIn = { id: string; consoleUserId: string; at: Date };

/** Reports as old as this are refused, and what told them apart from new ones is forgotten. */
const REPORT_LIFE = 40 * DAY;
/** How far a console's clock may be ahead. */
const CLOCKS_AGREE = 10 * MINUTE;

/** Whether the time of a reported sign-in can be believed. */
export function timeFault(at: Date, now: Date): 'too-old' | 'in-the-future' | undefined {
  if (at > after(now, CLOCKS_AGREE)) return 'in-the-future';
  if (at <= after(now, -REPORT_LIFE)) return 'too-old';
  return undefined;
}

/**
 * Counts legacy sign-ins that a console reports (R15), each id once however often it is reported, in one statement. Those of people whom the console has linked move the day's
 * last time; the others are kept as unknown users. Rows are written in one order, so nodes that report the same batch at once wait for each other and never in a circle.
 * @returns how many of them were new
 */
export async function takeLegacySignIns(
  db: Db,
  consoleId: string,
  signIns: readonly LegacySignIn[],
  now: Date,
): Promise<number> {
  if (signIns.length === 0) return 0;
  const given = signIns.map(({ id, consoleUserId, at }) => ({ id, user: consoleUserId, at }));
  const { rows } = await sql<{ fresh: number }>`
    with fresh as (
      insert into legacy_sign_in (console_id, event_id, console_user_id, at, received_at)
      select ${consoleId}, g.id, g.user, g.at, ${now}
      from json_to_recordset(${JSON.stringify(given)}::json) as g (id text, "user" text, at timestamptz)
      order by g.id
      on conflict do nothing
      returning console_user_id, at
    ), known as (
      insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
      select ${consoleId}, l.account_id, 'legacy', (f.at at time zone 'Asia/Tokyo')::date as day, min(f.at), max(f.at)
      from fresh f join console_link l on l.console_id = ${consoleId} and l.console_user_id = f.console_user_id
      group by l.account_id, day order by l.account_id, day
      on conflict ${MOVING_TIMES_OF_DAY}
    ), unknown as (
      insert into unknown_console_user (console_id, console_user_id, first_at, last_at)
      select ${consoleId}, f.console_user_id, min(f.at), max(f.at)
      from fresh f
      where not exists (select 1 from console_link l where l.console_id = ${consoleId} and l.console_user_id = f.console_user_id)
      group by f.console_user_id order by f.console_user_id
      on conflict (console_id, console_user_id) do update set
        first_at = least(unknown_console_user.first_at, excluded.first_at),
        last_at = greatest(unknown_console_user.last_at, excluded.last_at)
    )
    select count(*)::int as fresh from fresh`.execute(db);
  return rows[0]?.fresh ?? 0;
}

/** Unknown users who have been linked meanwhile are unknown no more: their legacy sign-ins become those of the account. Safe to run on several nodes at once. */
export async function adoptLinkedUsers(db: Db): Promise<void> {
  await sql`
    with adopted as (
      delete from unknown_console_user u using console_link l
      where l.console_id = u.console_id and l.console_user_id = u.console_user_id
      returning u.console_id, u.console_user_id, u.first_at, u.last_at, l.account_id
    ), times as (
      select a.console_id, a.account_id, s.at
      from adopted a join legacy_sign_in s on s.console_id = a.console_id and s.console_user_id = a.console_user_id
      union all
      select console_id, account_id, unnest(array[first_at, last_at]) from adopted
    )
    insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
    select console_id, account_id, 'legacy', (at at time zone 'Asia/Tokyo')::date as day, min(at), max(at)
    from times group by console_id, account_id, day order by console_id, account_id, day
    on conflict ${MOVING_TIMES_OF_DAY}`.execute(db);
}

/** Forgets reported sign-ins that nobody can report once more. What they counted for stays. */
export async function forgetOldLegacySignIns(db: Db, now: Date): Promise<void> {
  await deleteInBatches(db, 'legacy_sign_in', sql`received_at < ${after(now, -REPORT_LIFE - 1 * DAY)}`);
}

const MOVING_TIMES_OF_DAY = sql`(console_id, account_id, kind, day) do update set
  first_at = least(sign_in_day.first_at, excluded.first_at),
  last_at = greatest(sign_in_day.last_at, excluded.last_at)`;
