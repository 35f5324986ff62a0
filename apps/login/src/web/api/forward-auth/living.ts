import { personThere, type PersonThere } from '#domain/sessions/opened-session.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { WebContext } from '#web/http/context.ts';
import type { ConsoleSession } from './cookies.ts';

/** Where nothing is registered: as the SSO session. */
const IDLE = 1 * HOUR;
const ABSOLUTE = 12 * HOUR;
/** How exactly the idle time is kept: a cookie with each answer would be waste. */
const STEP = 1 * MINUTE;

/** The console's own time-outs (R10): what is registered as its session times is kept here, where the console has no sessions itself. In milliseconds. */
function timeOuts({ session_idle_minutes: idle, session_absolute_minutes: absolute }: ConsoleRow) {
  return {
    idle: idle === null ? IDLE : idle * MINUTE,
    absolute: absolute === null ? Math.max(ABSOLUTE, idle === null ? 0 : idle * MINUTE) : absolute * MINUTE,
  };
}

/** Who is behind a session, if it lives: not timed out, and the SSO session that it came from not ended. */
export async function livingPerson(
  context: WebContext,
  console: ConsoleRow,
  session: ConsoleSession,
): Promise<PersonThere | undefined> {
  const now = context.clock().getTime();
  const { idle, absolute } = timeOuts(console);
  if (now - session.seenAt >= idle || now - session.beganAt >= absolute) return undefined;
  return personThere(context.db, { ...session, clientId: console.client_id });
}

/** The session as one that was used now; undefined while the cookie still says so well enough. */
export function usedNow(
  context: WebContext,
  console: ConsoleRow,
  session: ConsoleSession,
): ConsoleSession | undefined {
  const now = context.clock().getTime();
  const step = Math.min(STEP, timeOuts(console).idle / 10);
  return now - session.seenAt >= step ? { ...session, seenAt: now } : undefined;
}
