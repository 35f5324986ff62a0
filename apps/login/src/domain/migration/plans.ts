import type { Db } from '#support/db/database.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Plan } from './phase.ts';

export type StoredPlan = Plan & { readonly consoleId: string; readonly revision: number };

/** A console's plan. Throws when the console is not registered: every registered console has one. */
export async function planOf(db: Db, consoleId: string): Promise<StoredPlan> {
  const row = await db
    .selectFrom('migration_plan')
    .selectAll()
    .where('console_id', '=', consoleId)
    .executeTakeFirstOrThrow();
  return {
    consoleId,
    revision: row.revision,
    linkAt: row.link_at,
    announceAt: row.announce_at,
    cutOverAt: row.cut_over_at,
  };
}

/**
 * Sets the moment at which the legacy page gets its link (R13); null takes it back to undetermined.
 * @returns `after-cut-over` when a cut-over is set for an earlier moment
 */
export async function setLinkTime(
  db: Db,
  consoleId: string,
  linkAt: Date | null,
  by: { actor: string; now: Date },
): Promise<{ ok: true } | { ok: false; reason: 'after-cut-over' }> {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('migration_plan')
      .selectAll()
      .where('console_id', '=', consoleId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (row.cut_over_at && (!linkAt || linkAt > row.cut_over_at))
      return { ok: false, reason: 'after-cut-over' };
    await trx
      .updateTable('migration_plan')
      .set({ link_at: linkAt, revision: row.revision + 1, updated_at: by.now })
      .where('console_id', '=', consoleId)
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'plan.changed',
      actor: by.actor,
      consoleId,
      detail: { linkAt: linkAt?.toISOString() ?? null, previous: row.link_at?.toISOString() ?? null },
    });
    return { ok: true };
  });
}
