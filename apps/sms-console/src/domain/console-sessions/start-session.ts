import type { Db } from '#support/db/database.ts';
import { hashBearerSecret, newBearerSecret } from '#support/primitives/bearer-secret.ts';
import { endSession } from './end-session.ts';

/** How somebody came in: by the legacy login, or by the unified login with what its ID token said. */
export type WayIn =
  { kind: 'legacy' } | { kind: 'unified'; sub: string; sid: string | null; idToken: string; issuedAt: Date };

/**
 * Starts a console session and returns its token for the cookie: always a new one, so that a token planted before the
 * sign-in is worth nothing (session fixation). The session that the browser had until now ends.
 */
export async function startSession(
  db: Db,
  who: { personId: string; way: WayIn; replacedToken: string | null },
  now: Date,
): Promise<string> {
  const token = newBearerSecret();
  const { way } = who;
  await db.transaction().execute(async (trx) => {
    if (who.replacedToken) await endSession(trx, who.replacedToken, 'replaced', now);
    await trx
      .insertInto('console_session')
      .values({
        token_hash: hashBearerSecret(token),
        person_id: who.personId,
        kind: way.kind,
        sub: way.kind === 'unified' ? way.sub : null,
        sid: way.kind === 'unified' ? way.sid : null,
        id_token: way.kind === 'unified' ? way.idToken : null,
        issued_at: way.kind === 'unified' ? way.issuedAt : null,
        started_at: now,
        last_seen_at: now,
      })
      .execute();
  });
  return token;
}
