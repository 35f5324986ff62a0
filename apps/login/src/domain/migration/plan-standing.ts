import type { Db } from '#support/db/database.ts';
import type { StoredPlan } from './change.ts';
import { dutyOf, earliestCutOver, type Duty } from './duty.ts';
import { phaseAt, type Phase } from './phase.ts';
import { planOf } from './plans.ts';

/** How a console's move stands: what pages, API and command line show before an operator decides. */
export type PlanStanding = StoredPlan &
  Duty & {
    phase: Phase;
    /** The earliest cut-over that would be taken now; null while something has to happen before any is. */
    earliestCutOverAt: Date | null;
  };

/** Reads plan and duty in one snapshot of the database. */
export async function planStanding(db: Db, consoleId: string, now: Date): Promise<PlanStanding> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const plan = await planOf(trx, consoleId);
      const duty = await dutyOf(trx, plan);
      return {
        ...plan,
        ...duty,
        phase: phaseAt(plan, now),
        earliestCutOverAt: earliestCutOver(plan, duty, now),
      };
    });
}
