import type { Db } from '#support/db/database.ts';
import type { StoredPlan } from './change.ts';
import { dutyOf, earliestCutOver, type Duty } from './duty.ts';
import { phaseAt, type Phase } from './phase.ts';
import { planOf } from './plans.ts';
import type { ProgressSummary } from './summary.ts';

/** How a console's move stands: what pages, API and command line show before an operator decides. */
export type PlanStanding = StoredPlan &
  Duty & {
    phase: Phase;
    /** The earliest cut-over that would be taken now; null while something has to happen before any is. */
    earliestCutOverAt: Date | null;
  };

/** Reads plan and duty in one snapshot of the database. With a million people this takes seconds: pages ask `planStandingLately`. */
export async function planStanding(db: Db, consoleId: string, now: Date): Promise<PlanStanding> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const plan = await planOf(trx, consoleId);
      return standingOf(plan, await dutyOf(trx, plan), now);
    });
}

/** The same for being shown: of a console with many people the figures of what people were told are as old as its summary. */
export async function planStandingLately(db: Db, summary: ProgressSummary, now: Date): Promise<PlanStanding> {
  const { consoleId, many } = summary;
  if (!many?.duty) return planStanding(db, consoleId, now);
  return standingOf(await planOf(db, consoleId), many.duty, now);
}

function standingOf(plan: StoredPlan, duty: Duty, now: Date): PlanStanding {
  return {
    ...plan,
    ...duty,
    phase: phaseAt(plan, now),
    earliestCutOverAt: earliestCutOver(plan, duty, now),
  };
}
