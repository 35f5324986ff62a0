/** What can happen to an account, other than that its login ID changes. */
export type AccountEventKind =
  'suspended' | 'reinstated' | 'closed' | 'sessions-revoked' | 'password-changed';

export type AccountEvent = {
  kind: AccountEventKind;
  /** The account at the login server. */
  sub: string;
  /** The console's own user id. */
  consoleUserId: string;
  /** Grows with each event of an account. What is not newer than the newest one that the console has acted on is out of date. */
  sequence: number;
  /** When it happened, whole seconds, by the login server's clock. */
  at: Date;
  /** Sessions that the login server issued before this moment are meant. */
  startedBefore: Date;
  /** Of `suspended`: somebody else was in the account. */
  hijacked: boolean;
};

/** Which events the console has taken: a table of its own. Each may be forgotten after `expiresAt`. */
export type ReceivedEventStore = {
  has(id: string): Promise<boolean>;
  add(id: string, expiresAt: Date): Promise<void>;
};

/**
 * What the console does when something happens to an account. Before that the kit itself ends the account's unified sessions where that is meant (`suspended`, `closed`, `sessions-revoked`).
 * An event whose handler throws is sent again; so is one whose acknowledgement got lost. So a handler may run twice for one event: it takes `sequence` for what it writes.
 */
export type AccountEvents = {
  received: ReceivedEventStore;
  handlers?: { [K in AccountEventKind]?: (event: AccountEvent) => Promise<void> };
};

/** Received events for development and tests: one process, forgotten at restart. */
export function memoryReceivedEventStore(): ReceivedEventStore {
  const known = new Set<string>();
  return {
    has: async (id) => known.has(id),
    add: async (id) => void known.add(id),
  };
}
