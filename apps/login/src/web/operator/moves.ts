import type { StoredPlan } from '#domain/migration/change.ts';
import { phaseAt, type Phase } from '#domain/migration/phase.ts';
import { allProgressSummaries, type ProgressSummary } from '#domain/migration/summary.ts';
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
  const [consoles, moves, unsettled] = await Promise.all([
    context.consoles.all(),
    allProgressSummaries(db, now),
    unsettledByConsole(db),
  ]);
  return consoles.flatMap((console) => {
    const move = moves.get(console.id);
    const phase = move && phaseAt(move.plan, now);
    return phase ? [{ ...move, console, phase, unsettled: unsettled.get(console.id) }] : [];
  });
}
