import type { Db } from '#support/db/database.ts';
import type { PlanChangeRow } from '#support/db/schema.ts';

/** One change of a plan: who set what when, and how the plan stood after it. */
export type PlanChange = {
  revision: number;
  at: Date;
  actor: string;
  action: PlanChangeRow['action'];
  linkAt: Date | null;
  announceAt: Date | null;
  cutOverAt: Date | null;
  closedAt: Date | null;
  /** The notice that went out with it. */
  noticeId: string | null;
  note: string;
};

/** All changes of a console's plan, the newest first. */
export async function planHistory(db: Db, consoleId: string): Promise<PlanChange[]> {
  const rows = await db
    .selectFrom('plan_change')
    .selectAll()
    .where('console_id', '=', consoleId)
    .orderBy('revision', 'desc')
    .execute();
  return rows.map((row) => ({
    revision: row.revision,
    at: row.at,
    actor: row.actor,
    action: row.action,
    linkAt: row.link_at,
    announceAt: row.announce_at,
    cutOverAt: row.cut_over_at,
    closedAt: row.closed_at,
    noticeId: row.notice_id,
    note: row.note,
  }));
}
