import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { people, type Person } from '#domain/people/people.ts';
import { hashBearerSecret } from '#support/primitives/bearer-secret.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';

/** How long this console lets a session live, in milliseconds: since the last request, and in all (R10). */
export type SessionTimeouts = { readonly idle: number; readonly absolute: number };

export type ConsoleSession = {
  readonly id: string;
  readonly kind: 'legacy' | 'unified';
  readonly sid: string | null;
  readonly idToken: string | null;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
};

/**
 * `live`, or why not: `over` is a session that this browser had and that ended, by time or elsewhere; `kind` says by
 * which login it had come, so that a unified one can be taken up again without typing (R10).
 */
export type FoundSession =
  | { state: 'live'; session: ConsoleSession; person: Person }
  | { state: 'over'; kind: 'legacy' | 'unified' }
  | { state: 'none' };

const TOUCH_AT_MOST_EVERY = MINUTE;

/** Finds the session of a cookie's token and notes that it was seen, at most once a minute. */
export async function findSession(
  db: Db,
  token: string,
  { timeouts, now }: { timeouts: SessionTimeouts; now: Date },
): Promise<FoundSession> {
  const row = await people(db)
    .innerJoin('console_session as session', 'session.person_id', 'person.id')
    .where('session.token_hash', '=', hashBearerSecret(token))
    .where('person.standing', '=', 'active')
    .select([
      'session.id as sessionId',
      'session.kind',
      'session.sid',
      'session.id_token as idToken',
      'session.started_at as startedAt',
      'session.last_seen_at as lastSeenAt',
      sql<boolean>`session.ended_at is null
        and session.started_at > ${after(now, -timeouts.absolute)}
        and session.last_seen_at > ${after(now, -timeouts.idle)}`.as('live'),
    ])
    .executeTakeFirst();
  if (!row) return { state: 'none' };
  const { sessionId, kind, sid, idToken, startedAt, lastSeenAt, live, ...person } = row;
  if (!live) return { state: 'over', kind };
  await touch(db, { id: sessionId, lastSeenAt }, timeouts, now);
  return { state: 'live', session: { id: sessionId, kind, sid, idToken, startedAt, lastSeenAt }, person };
}

export type PastSignIn = { kind: 'legacy' | 'unified'; startedAt: Date; current: boolean };

/** The person's latest sign-ins to this console, newest first, for them to look through. */
export async function recentSignIns(
  db: Db,
  personId: string,
  currentSessionId: string,
): Promise<readonly PastSignIn[]> {
  const rows = await db
    .selectFrom('console_session')
    .select(['id', 'kind', 'started_at'])
    .where('person_id', '=', personId)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(5)
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    startedAt: row.started_at,
    current: row.id === currentSessionId,
  }));
}

/** A short idle timeout is noted oftener, or it would run out while somebody works. */
async function touch(
  db: Db,
  session: { id: string; lastSeenAt: Date },
  timeouts: SessionTimeouts,
  now: Date,
): Promise<void> {
  const pause = Math.min(TOUCH_AT_MOST_EVERY, timeouts.idle / 10);
  const due = after(now, -pause);
  if (session.lastSeenAt > due) return;
  await db
    .updateTable('console_session')
    .set({ last_seen_at: now })
    .where('id', '=', session.id)
    .where('ended_at', 'is', null)
    .where('last_seen_at', '<=', due)
    .execute();
}
