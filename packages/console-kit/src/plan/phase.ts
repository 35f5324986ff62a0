import type { Allowance, Gate, Phase, Plan } from './plan.ts';

/** What holds while no plan was ever seen: the console goes on as it was. */
const WITHOUT_PLAN: Allowance = {
  legacyLink: false,
  legacySignIn: true,
  reset: 'console',
  logout: 'console',
};

/** The phase at `now` (R12): a pure function of plan and clock. Without a plan: `prepared`. */
export function phaseAt(plan: Plan | null, now: Date): Phase {
  if (plan === null) return 'prepared';
  if (hasCome(plan.cutOverAt, now)) return 'unified';
  if (hasCome(plan.linkAt, now)) return 'parallel';
  return 'prepared';
}

/**
 * The phase at `now` and what it allows. Without a plan the legacy login works and no link shows.
 * @param onTrial the phase that is tried in place of the present one
 */
export function gateAt(plan: Plan | null, now: Date, onTrial: Phase | null = null): Gate {
  const phase = onTrial ?? phaseAt(plan, now);
  return { phase, ...(plan?.allows[phase] ?? WITHOUT_PLAN) };
}

/** Milliseconds from `now` to the plan's next change of phase; null if none is set. */
export function millisecondsToNextChange(plan: Plan | null, now: Date): number | null {
  if (plan === null || phaseAt(plan, now) === 'unified') return null;
  const waits = [plan.linkAt, plan.cutOverAt]
    .filter((moment) => moment !== null)
    .map((moment) => Date.parse(moment) - now.getTime())
    .filter((wait) => wait > 0);
  return waits.length === 0 ? null : Math.min(...waits);
}

function hasCome(moment: string | null, now: Date): boolean {
  return moment !== null && now.getTime() >= Date.parse(moment);
}
