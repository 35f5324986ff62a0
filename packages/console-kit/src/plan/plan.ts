/** Where a console stands in its migration (R12). */
export type Phase = 'prepared' | 'parallel' | 'unified';

/** What a phase allows. `reset`: whose password reset is offered; `logout`: the console's own, or by the kind of session. */
export type Allowance = {
  legacyLink: boolean;
  legacySignIn: boolean;
  reset: 'console' | 'unified';
  logout: 'console' | 'by-session';
};

/** A console's migration plan as the login server tells it. Times are ISO 8601 in UTC. Plain JSON. */
export type Plan = {
  consoleId: string;
  revision: number;
  linkAt: string | null;
  announceAt: string | null;
  cutOverAt: string | null;
  allows: Record<Phase, Allowance>;
};

/** What holds at one moment: the phase and what it allows. */
export type Gate = { phase: Phase } & Allowance;
