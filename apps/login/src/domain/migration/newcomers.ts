import { sql } from 'kysely';
import { addRecipients } from '#domain/notices/create.ts';
import type { Db } from '#support/db/database.ts';
import { changingPlan } from './change.ts';
import { dutyOf } from './duty.ts';
import { phaseAt } from './phase.ts';

/**
 * Tells people who were linked, or became active, after everybody was told of a cut-over (R14): they are added to the notice that names the present date, the announcement or
 * the correction that came after it. Ends with the cut-over. Safe on several nodes at once.
 * @returns how many were added
 */
export async function tellNewcomers(db: Db, now: Date): Promise<number> {
  let added = 0;
  for (const { console_id: consoleId } of await plansBeforeCutOver(db, now)) {
    const { told } = await dutyOf(db, { consoleId });
    if (told && (await hasUntold(db, consoleId, told.noticeId))) added += await tell(db, consoleId, now);
  }
  return added;
}

async function plansBeforeCutOver(db: Db, now: Date) {
  return db
    .selectFrom('migration_plan')
    .select('console_id')
    .where('announce_at', 'is not', null)
    .where('closed_at', 'is', null)
    .where((eb) => eb.or([eb('cut_over_at', 'is', null), eb('cut_over_at', '>', now)]))
    .execute();
}

/** Whether there is somebody to add, or somebody waits in a notice that was ended while they were added. */
async function hasUntold(db: Db, consoleId: string, noticeId: string): Promise<boolean> {
  const { rows } = await sql`
    (select 1 from console_link l join account a on a.id = l.account_id and a.state = 'active'
    where l.console_id = ${consoleId} and not l.api_only
      and not exists (select 1 from notice_recipient r where r.notice_id = ${noticeId} and r.account_id = l.account_id)
    limit 1)
    union all
    (select 1 from notice n join notice_recipient r on r.notice_id = n.id and r.state = 'waiting'
    where n.id = ${noticeId} and n.ended_at is not null limit 1)`.execute(db);
  return rows.length > 0;
}

/** Under the plan's lock, so that nobody is added to a notice that an operator is just replacing. */
async function tell(db: Db, consoleId: string, now: Date): Promise<number> {
  return changingPlan(db, consoleId, { actor: 'system', now }, async ({ trx, plan }) => {
    const { told } = await dutyOf(trx, plan);
    if (!told || plan.closedAt || phaseAt(plan, now) === 'unified') return 0;
    // Sent to everybody before; now there is somebody again.
    await trx.updateTable('notice').set({ ended_at: null }).where('id', '=', told.noticeId).execute();
    return addRecipients(trx, told.noticeId, consoleId, 'everybody');
  });
}
