/** The three moments of a console's migration plan (R12); each may still be undetermined. */
export type Plan = {
  readonly linkAt: Date | null;
  readonly announceAt: Date | null;
  readonly cutOverAt: Date | null;
};

export type Phase = 'prepared' | 'parallel' | 'unified';

/** What a phase allows; consoles receive this very table, so that everyone reads the same one. */
export type PhaseRules = {
  /** The link 「統合認証画面はこちら」 on the legacy login page. */
  readonly legacyLink: boolean;
  /** A sign-in with the legacy password is accepted. */
  readonly legacySignIn: boolean;
  /** Who resets a forgotten password: the console as ever, or the unified login. */
  readonly reset: 'console' | 'unified';
  /** What leaving ends: the console's session only, or everything when the session is a unified one. */
  readonly logout: 'console' | 'by-session';
};

/** R12's table. The machine API stands in no phase: nothing here ever concerns it. */
export const PHASE_RULES: { readonly [P in Phase]: PhaseRules } = {
  prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'by-session' },
  parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
  unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
};

/** The phase at a moment: a pure function of plan and clock; nobody deploys or restarts anything to change it. */
export function phaseAt(plan: Plan, now: Date): Phase {
  if (plan.cutOverAt && now >= plan.cutOverAt) return 'unified';
  if (plan.linkAt && now >= plan.linkAt) return 'parallel';
  return 'prepared';
}
