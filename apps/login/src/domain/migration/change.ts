import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { PlanChangeRow, Schema } from '#support/db/schema.ts';
import type { Plan } from './phase.ts';
import { PLAN_CHANGED } from './watch.ts';

export type StoredPlan = Plan & {
  readonly consoleId: string;
  readonly revision: number;
  /** When the present cut-over was set. */
  readonly cutOverSetAt: Date | null;
  /** From then on nothing of the plan changes. */
  readonly closedAt: Date | null;
};

/** All columns by name, so that the statement stays prepared; see support/db/database.ts. */
export const PLAN_COLUMNS = [
  'console_id',
  'revision',
  'link_at',
  'announce_at',
  'cut_over_at',
  'updated_at',
  'cut_over_set_at',
  'closed_at',
] as const;

/** Who changes a plan, and when. */
export type By = {
  actor: string;
  now: Date;
  /** The plan's revision as whoever decides has seen it: where it is another one by now, nothing is done. */
  revision?: number;
  /** Why the plan goes on though a required check of the console fails (R19). */
  overrideCheck?: string;
};

/** A plan that this transaction has locked: nobody else decides on it, or changes it, before the transaction ends. */
export type LockedPlan = {
  trx: Trx;
  plan: StoredPlan;
  /** Stores the change with its row of history, its audit event and its notification. Returns the new revision. */
  store(
    action: PlanChangeRow['action'],
    moments: Partial<Pick<StoredPlan, 'linkAt' | 'announceAt' | 'cutOverAt' | 'cutOverSetAt' | 'closedAt'>>,
    more?: { noticeId?: string | null; note?: string | undefined },
  ): Promise<number>;
};

/** The only way to change a plan: decides and stores in one transaction that has locked it. */
export async function changingPlan<T>(
  db: Db,
  consoleId: string,
  by: By,
  decide: (locked: LockedPlan) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('migration_plan')
      .selectAll()
      .where('console_id', '=', consoleId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const plan = storedPlan(row);
    return decide({
      trx,
      plan,
      store: (action, moments, more = {}) =>
        store(trx, { ...plan, ...moments, revision: plan.revision + 1 }, action, more, by),
    });
  });
}

export function storedPlan(row: Selectable<Schema['migration_plan']>): StoredPlan {
  return {
    consoleId: row.console_id,
    revision: row.revision,
    linkAt: row.link_at,
    announceAt: row.announce_at,
    cutOverAt: row.cut_over_at,
    cutOverSetAt: row.cut_over_set_at,
    closedAt: row.closed_at,
  };
}

async function store(
  trx: Trx,
  next: StoredPlan,
  action: PlanChangeRow['action'],
  { noticeId = null, note = '' }: { noticeId?: string | null; note?: string | undefined },
  by: By,
): Promise<number> {
  const moments = {
    link_at: next.linkAt,
    announce_at: next.announceAt,
    cut_over_at: next.cutOverAt,
    closed_at: next.closedAt,
  };
  const { revision, consoleId } = next;
  await trx
    .updateTable('migration_plan')
    .set({ ...moments, cut_over_set_at: next.cutOverSetAt, revision, updated_at: by.now })
    .where('console_id', '=', consoleId)
    .execute();
  await trx
    .insertInto('plan_change')
    .values({
      console_id: consoleId,
      revision,
      at: by.now,
      actor: by.actor,
      action,
      ...moments,
      notice_id: noticeId,
      note,
    })
    .execute();
  await recordEvent(trx, {
    at: by.now,
    action: 'plan.changed',
    actor: by.actor,
    consoleId,
    detail: {
      change: action,
      revision,
      linkAt: next.linkAt?.toISOString() ?? null,
      announceAt: next.announceAt?.toISOString() ?? null,
      cutOverAt: next.cutOverAt?.toISOString() ?? null,
      closedAt: next.closedAt?.toISOString() ?? null,
      noticeId,
      note,
    },
  });
  await sql`select pg_notify(${PLAN_CHANGED}, ${consoleId})`.execute(trx);
  return revision;
}
