import type { Db } from '#support/db/database.ts';
import type { ActName } from './acts.ts';
import { refuseAnnouncement, refuseClosing, refuseLinkTime, refuseRollBack } from './decide.ts';
import { whatIsMissing } from './duty.ts';
import type { PlanStanding } from './plan-standing.ts';
import type { PlanRefusal } from './refusal-sentence.ts';
import type { ProgressSummary } from './summary.ts';

/**
 * What stands against an act whatever is given for it: as long as it does, a form could only be refused. Undefined where something might be taken. What only the figures of a
 * summary say is not said here: they are some minutes old, and the act itself decides on what is true then.
 * @param lately the plan as `planStandingLately` read it
 */
export async function refusedAnyway(
  db: Db,
  { many }: ProgressSummary,
  lately: PlanStanding,
  act: ActName,
  now: Date,
): Promise<PlanRefusal | undefined> {
  const refusal = await against(db, lately, act, now);
  return many && refusal && OF_FIGURES.has(refusal.reason) ? undefined : refusal;
}

/** Reasons that are found by counting people; the others stand in the plan, which is read at this moment. */
const OF_FIGURES: ReadonlySet<PlanRefusal['reason']> = new Set(['under-way', 'untold', 'unsettled']);

async function against(
  db: Db,
  standing: PlanStanding,
  act: ActName,
  now: Date,
): Promise<PlanRefusal | undefined> {
  switch (act) {
    case 'link-time': {
      // After the cut-over no moment is left that lies ahead and before it.
      const refusal = refuseLinkTime(standing, now);
      return refusal && { act, ...refusal };
    }
    case 'announce': {
      const refusal = await refuseAnnouncement(db, standing, { cutOverAt: now, sendAt: now }, now);
      return refusal?.reason === 'closed' || refusal?.reason === 'already-unified'
        ? { act, ...refusal }
        : undefined;
    }
    case 'cut-over': {
      const missing = whatIsMissing(standing, standing, now);
      return missing && { act, ok: false, ...missing };
    }
    case 'roll-back': {
      const refusal = refuseRollBack(standing, {});
      return refusal && { act, ...refusal };
    }
    case 'close': {
      const refusal = refuseClosing(standing, {}, now);
      return refusal && { act, ...refusal };
    }
  }
}
