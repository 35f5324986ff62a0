import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { secretHash } from '#support/primitives/secrets.ts';

/** How long an SSO session lives: without use, and at the longest. A console's own timeouts stay its own (R10). */
export const SESSION_IDLE = 60 * MINUTE;
export const SESSION_ABSOLUTE = 12 * HOUR;
/**
 * A session that has run out lets nobody in, but the consoles that it opened may live on by their own timeouts (R10). So it is kept this long, for a
 * logout or a new password to reach them all.
 */
export const SESSION_KEPT = 7 * DAY;

/** What the protocol engine keeps in a session, as far as we read it. */
export type SessionPayload = {
  uid: string;
  accountId?: string;
  loginTs?: number;
  authorizations?: Record<string, { sid?: string; grantId?: string }>;
};

/** Takes a session away and returns what it held; undefined when it had ended already, so that only one caller ever ends it. */
export async function takeSession(
  trx: Db,
  uid: string,
): Promise<(SessionPayload & { userAgent: string | null }) | undefined> {
  const row = await trx
    .deleteFrom('sso_session')
    .where('uid', '=', uid)
    .returning(['payload', 'account_id', 'user_agent'])
    .executeTakeFirst();
  // Codes and tokens that were given out in the session end with it; none may be exchanged afterwards. First what is exchanged: a token that is being written for it is then there for the second
  // statement to see, or never comes to be.
  await trx
    .deleteFrom('oidc_artifact')
    .where('session_uid', '=', uid)
    .where('kind', 'in', ['AuthorizationCode', 'RefreshToken'])
    .execute();
  await trx.deleteFrom('oidc_artifact').where('session_uid', '=', uid).execute();
  if (!row) return undefined;
  const { account_id: accountId, user_agent: userAgent, payload } = row;
  return { ...payload, uid, ...(accountId === null ? {} : { accountId }), userAgent };
}

/** How exactly the idle time of a session is kept by what reads pages with it; a write a page would be waste. */
const ALIVE_STEP = 5 * MINUTE;

/** Somebody uses the session on pages of ours: its idle time begins anew, its absolute end stays. A session that has ended is not revived. */
export async function keepSessionAlive(
  db: Db,
  session: { uid: string; authenticatedAt: Date },
  now: Date,
): Promise<void> {
  const until = new Date(
    Math.min(now.getTime() + SESSION_IDLE, session.authenticatedAt.getTime() + SESSION_ABSOLUTE),
  );
  await db
    .updateTable('sso_session')
    .set({
      expires_at: until,
      seen_at: now,
      // The engine looks at its own copy of the moment too.
      payload: sql`payload || jsonb_build_object('exp', ${Math.floor(until.getTime() / SECOND)}::bigint)`,
    })
    .where('uid', '=', session.uid)
    .where('expires_at', '>', now)
    .where('expires_at', '<', after(until, -ALIVE_STEP))
    .execute();
}

/** Whose session has this identifier, those that have run out included; undefined when it was ended. */
export async function accountOfSession(db: Db, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('sso_session')
    .select('account_id')
    .where('id_hash', '=', secretHash(id))
    .executeTakeFirst();
  return row?.account_id ?? undefined;
}

/** The sessions of an account, those that have run out included, except the one given. */
export async function sessionUidsOfAccount(
  db: Db,
  accountId: string,
  options: { except?: string },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('sso_session')
    .select('uid')
    .where('account_id', '=', accountId)
    .where('uid', '!=', options.except ?? '')
    .execute();
  return rows.map((row) => row.uid);
}

/** Ends the pending sign-ins in which this account has authenticated already, so that none becomes a session. Call it before the sessions are ended. */
export async function endPendingSignIns(trx: Db, accountId: string): Promise<void> {
  await trx
    .deleteFrom('oidc_artifact')
    .where('account_id', '=', accountId)
    .where('kind', '=', 'Interaction')
    .execute();
}

/** The session in which a console was given this `sid`. */
export async function sessionUidOfSid(
  db: Db,
  accountId: string,
  clientId: string,
  sid: string,
): Promise<string | undefined> {
  const rows = await db
    .selectFrom('sso_session')
    .select(['uid', 'payload'])
    .where('account_id', '=', accountId)
    .execute();
  return rows.find((row) => (row.payload as SessionPayload).authorizations?.[clientId]?.sid === sid)?.uid;
}
