import type { Model } from '../operation.ts';

/** The plan of one console: a register with a revision (R12, R13). Moments as texts. */
export type PlanInput =
  | { do: 'read' }
  /** @param revision the one that was looked at, sent as If-Match */
  | { do: 'write'; revision: number; linkAt: string };
export type PlanOutput =
  | { is: 'read'; revision: number; linkAt: string | null }
  | { is: 'written' }
  /** 412: the plan is another one by now. */
  | { is: 'refused' };
/** Of a plan that nobody has changed. */
export const FIRST_REVISION = 1;
export type PlanState = { revision: number; linkAt: string | null };

export const PLAN: Model<PlanState, PlanInput, PlanOutput> = {
  initial: { revision: FIRST_REVISION, linkAt: null },
  step(state, { input, output }) {
    if (input.do === 'read') {
      const same =
        output?.is === 'read' && output.revision === state.revision && output.linkAt === state.linkAt;
      return output === undefined || same ? [state] : [];
    }
    const fits = input.revision === state.revision;
    if (output?.is === 'refused') return fits ? [] : [state];
    return fits ? [{ revision: state.revision + 1, linkAt: input.linkAt }] : [];
  },
};
