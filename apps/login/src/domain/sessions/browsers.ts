import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';
import type { SessionPayload } from './sessions.ts';

/** A browser in which an account is signed in, as its person and operators are shown it (R11). */
export type SignedInBrowser = {
  /** The session's id; worth nothing without the right to end it. */
  uid: string;
  /** `run-out`: the SSO session lets nobody in any more, but the consoles that it opened may live on by their own timeouts (R10). */
  state: 'living' | 'run-out';
  clientIp: string | null;
  userAgent: string | null;
  signedInAt: Date;
  /** When a console or page last asked this browser's session for a sign-in. */
  seenAt: Date;
  expiresAt: Date;
  /** Client ids of the consoles that were entered from it. */
  clientIds: readonly string[];
};

/** More than a person can look through, and a bound on what an account with a programmed browser can make us read. */
const MOST_BROWSERS = 100;

/** The browsers in which an account is signed in: the living ones first, the last seen first. One that has run out is listed only if it opened a console. */
export async function signedInBrowsers(
  db: Db,
  accountId: string,
  now: Date,
): Promise<readonly SignedInBrowser[]> {
  const rows = await db
    .selectFrom('sso_session')
    .select(['uid', 'payload', 'client_ip', 'user_agent', 'created_at', 'seen_at', 'expires_at'])
    .where('account_id', '=', accountId)
    .orderBy(({ eb }) => eb('expires_at', '>', now), 'desc')
    .orderBy(({ fn }) => fn.coalesce('seen_at', 'created_at'), 'desc')
    .orderBy('uid')
    .limit(MOST_BROWSERS)
    .execute();
  return rows
    .map((row): SignedInBrowser => {
      const { loginTs, authorizations = {} } = row.payload as SessionPayload;
      return {
        uid: row.uid,
        state: row.expires_at > now ? 'living' : 'run-out',
        clientIp: row.client_ip,
        userAgent: row.user_agent,
        signedInAt: loginTs === undefined ? row.created_at : new Date(loginTs * SECOND),
        seenAt: row.seen_at ?? row.created_at,
        expiresAt: row.expires_at,
        clientIds: Object.entries(authorizations).flatMap(([clientId, { sid }]) => (sid ? [clientId] : [])),
      };
    })
    .filter((browser) => browser.state === 'living' || browser.clientIds.length > 0);
}
