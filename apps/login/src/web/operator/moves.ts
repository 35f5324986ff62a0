import type { StoredPlan } from '#domain/migration/change.ts';
import { phaseAt, type Phase } from '#domain/migration/phase.ts';
import { planOf } from '#domain/migration/plans.ts';
import { progressSummary, type ProgressSummary } from '#domain/migration/summary.ts';
import { unsettledByConsole, type Unsettled } from '#domain/notices/standing.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';

/** One console's move in a list of all. */
export type Move = {
  console: ConsoleRow;
  plan: StoredPlan;
  phase: Phase;
  summary: ProgressSummary;
  /** People whom the announcement did not reach and nobody has settled. */
  unsettled: Unsettled | undefined;
};

/** How the moves of all consoles stand. */
export async function allMoves(context: WebContext, now: Date): Promise<Move[]> {
  const { db } = context;
  const [consoles, unsettled] = await Promise.all([context.consoles.all(), unsettledByConsole(db)]);
  return Promise.all(
    consoles.map(async (console) => {
      const [plan, summary] = await Promise.all([
        planOf(db, console.id),
        progressSummary(db, console.id, now),
      ]);
      return { console, plan, phase: phaseAt(plan, now), summary, unsettled: unsettled.get(console.id) };
    }),
  );
}
