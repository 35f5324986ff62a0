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

/**
 * Changes of a console's plan, the newest first; all of them unless a page is asked for.
 * @param page.before only those before this revision
 */
export async function planHistory(
  db: Db,
  consoleId: string,
  page: { before?: number | undefined; limit?: number } = {},
): Promise<PlanChange[]> {
  let query = changes(db, consoleId);
  // What is no revision of ours leads to the end of the list.
  if (page.before !== undefined)
    query = query.where(
      'revision',
      '<',
      Number.isInteger(page.before) ? Math.min(page.before, 2 ** 31 - 1) : 0,
    );
  if (page.limit !== undefined) query = query.limit(page.limit);
  return (await query.execute()).map(changeIn);
}

/** The last change of a console's plan; undefined when nothing was ever set. */
export async function lastChangeOf(db: Db, consoleId: string): Promise<PlanChange | undefined> {
  const row = await changes(db, consoleId).limit(1).executeTakeFirst();
  return row && changeIn(row);
}

function changes(db: Db, consoleId: string) {
  return db
    .selectFrom('plan_change')
    .selectAll()
    .where('console_id', '=', consoleId)
    .orderBy('revision', 'desc');
}

function changeIn(row: PlanChangeRow): PlanChange {
  return {
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
  };
}
