import type { Db } from '#support/db/database.ts';
import { hashBearerSecret } from '#support/primitives/bearer-secret.ts';
import type { SessionEnd } from '#support/db/schema.ts';

/** Ends the session of this token; one that ended already stays as it was. */
export async function endSession(db: Db, token: string, reason: SessionEnd, now: Date): Promise<void> {
  await liveSessions(db, reason, now).where('token_hash', '=', hashBearerSecret(token)).execute();
}

/**
 * Ends the unified sessions that a logout token names (OpenID Back-Channel Logout 1.0 §2.6), by SSO session or by
 * account, if the login server issued them before `startedBefore`. Legacy sessions are never touched. Returns how many ended.
 */
export async function endSessionsByLogout(
  db: Db,
  named: { sid: string } | { sub: string },
  limit: { startedBefore: Date },
  now: Date,
): Promise<number> {
  const unified = liveSessions(db, 'logged-out-elsewhere', now)
    .where('kind', '=', 'unified')
    .where('issued_at', '<', limit.startedBefore);
  const those = 'sid' in named ? unified.where('sid', '=', named.sid) : unified.where('sub', '=', named.sub);
  const result = await those.executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Ends the person's sessions of one kind after a change of password; `keepSessionId` is the one that goes on. */
export async function endSessionsOfPerson(
  db: Db,
  person: { id: string; keepSessionId: string | null },
  kind: 'legacy' | 'unified',
  now: Date,
): Promise<void> {
  const all = liveSessions(db, 'password-changed', now)
    .where('person_id', '=', person.id)
    .where('kind', '=', kind);
  await (person.keepSessionId === null ? all : all.where('id', '<>', person.keepSessionId)).execute();
}

/** Ends all sessions of a person whose account was suspended or closed, by whichever login they came. */
export async function endSessionsOfSuspended(db: Db, personId: string, now: Date): Promise<void> {
  await liveSessions(db, 'suspended', now).where('person_id', '=', personId).execute();
}

/** What lives, to end it; the ID token is for the sign-out of a session that lives, and goes with it. */
function liveSessions(db: Db, reason: SessionEnd, now: Date) {
  return db
    .updateTable('console_session')
    .set({ ended_at: now, end_reason: reason, id_token: null })
    .where('ended_at', 'is', null);
}
