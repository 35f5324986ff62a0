import type { SessionStore } from './options.ts';
import type { SignedIn } from './results.ts';

/** What a console keeps of a unified sign-in beside its own session. */
export type SessionBinding = Pick<SignedIn, 'sub' | 'sid' | 'idToken' | 'startedAt'> & {
  consoleUserId: string | null;
  /** When single logout reached it; null while it lives. */
  endedAt: Date | null;
};

/**
 * Binds the console's own sessions, whatever keeps them, to unified sign-ins: `bind` where a session is made, `find` at each request, `release` where the console ends it by itself.
 * A session without a binding is a legacy one; one whose binding has ended is over.
 */
export type SessionBindings = SessionStore & {
  /** `sessionId` is the console's own session id; it is stored as a hash. An earlier binding of that id is replaced. */
  bind(sessionId: string, identity: SignedIn): Promise<void>;
  find(sessionId: string): Promise<SessionBinding | null>;
  /** Forgets a binding and returns what it was, for `signOutUrl`; null if there was none. */
  release(sessionId: string): Promise<SessionBinding | null>;
};
