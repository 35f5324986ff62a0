import { sql } from 'kysely';
import { createNotice } from '#domain/notices/create.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { changingPlan } from './change.ts';

/** Days before the cut-over at which those who have not moved are reminded (R14). */
const STAGES = [30, 7, 1] as const;

/** When reminders of a cut-over are still to go out, the first one first. Japan has no summer time, so a day is always as long as another. */
export function remindersAhead(cutOverAt: Date, now: Date): Date[] {
  return STAGES.map((days) => after(cutOverAt, -days * DAY)).filter((at) => at > now);
}

type Due = { consoleId: string; cutOverAt: Date; daysBefore: number };

/**
 * Creates the reminders that have become due (R14): each stage of a date once, however often and on however many nodes this runs, also when the clock is set back. A node
 * that was down makes up only for the stage that came last; a stage that was due before the date was set is not sent.
 * @returns the notices that were created
 */
export async function remindOfCutOver(db: Db, now: Date): Promise<string[]> {
  const created: string[] = [];
  for (const due of await dueReminders(db, now)) {
    const noticeId = await remind(db, due, now);
    if (noticeId) created.push(noticeId);
  }
  return created;
}

/** The latest stage of each plan that has come, where it has no reminder yet. Days are days of Japan's calendar, at the time of day of the cut-over. */
async function dueReminders(db: Db, now: Date, consoleId?: string): Promise<Due[]> {
  const { rows } = await sql<{ console_id: string; cut_over_at: Date; days_before: number }>`
    with stage as (
      select distinct on (p.console_id) p.console_id, p.cut_over_at, p.cut_over_set_at, s.days_before,
        ((p.cut_over_at at time zone 'Asia/Tokyo') - make_interval(days => s.days_before)) at time zone 'Asia/Tokyo' as due_at
      from migration_plan p cross join unnest(${sql.raw(`array[${STAGES.join(',')}]`)}) as s (days_before)
      where p.cut_over_at > ${now} and p.closed_at is null
        and ((p.cut_over_at at time zone 'Asia/Tokyo') - make_interval(days => s.days_before)) at time zone 'Asia/Tokyo' <= ${now}
        ${consoleId === undefined ? sql`` : sql`and p.console_id = ${consoleId}`}
      order by p.console_id, s.days_before
    )
    select console_id, cut_over_at, days_before from stage
    where due_at >= cut_over_set_at
      and not exists (select 1 from notice n where n.kind = 'reminder' and n.console_id = stage.console_id
        and n.cut_over_at = stage.cut_over_at and n.days_before = stage.days_before)`.execute(db);
  return rows.map((row) => ({
    consoleId: row.console_id,
    cutOverAt: row.cut_over_at,
    daysBefore: row.days_before,
  }));
}

/** Looks again with the plan locked: another node may have been first, or an operator has moved the date. */
async function remind(db: Db, { consoleId }: Due, now: Date): Promise<string | undefined> {
  const by = { actor: 'system', now };
  return changingPlan(db, consoleId, by, async ({ trx }) => {
    const [due] = await dueReminders(trx, now, consoleId);
    if (!due) return undefined;
    const { cutOverAt, daysBefore } = due;
    const reminder = { consoleId, kind: 'reminder', daysBefore, cutOverAt, sendAt: now } as const;
    return (await createNotice(trx, { ...reminder, audience: 'not-moved' }, by)).noticeId;
  });
}
