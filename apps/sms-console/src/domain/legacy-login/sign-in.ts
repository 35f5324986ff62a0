import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Standing } from '#support/db/schema.ts';
import { verifyLegacyPassword } from './password-hash.ts';
import { countAttempt, signInThrottles, takeAttemptBack, forgetAttempts } from './throttle.ts';

export type LegacySignIn =
  | { ok: true; personId: string }
  | { ok: false; reason: 'wrong' }
  | { ok: false; reason: 'too-many'; retryAt: Date }
  | { ok: false; reason: 'closed' }
  /** The password is right, but the unified login has suspended or closed the account. */
  | { ok: false; reason: 'suspended' };

/**
 * Checks an address and a legacy password (R28). `open` is what the migration plan allows at `now`: with false every
 * attempt is `closed` before anything else is looked at (R12). An unknown address, a wrong password and a person who
 * left are the same answer, `wrong`, and cost the same time.
 */
export async function signInWithLegacyPassword(
  db: Db,
  attempt: { emailAddress: string; password: string; clientAddress: string },
  { open, now }: { open: boolean; now: Date },
): Promise<LegacySignIn> {
  if (!open) return { ok: false, reason: 'closed' };
  const throttles = signInThrottles(attempt.emailAddress, attempt.clientAddress);
  for (const throttle of throttles) {
    const answer = await countAttempt(db, throttle, now);
    if (!answer.ok) return { ok: false, reason: 'too-many', retryAt: answer.retryAt };
  }
  const person = await personOfPassword(db, attempt);
  if (person === null) return { ok: false, reason: 'wrong' };
  const [perAddress, perClient] = throttles;
  if (perAddress) await forgetAttempts(db, [perAddress.key]);
  if (perClient) await takeAttemptBack(db, perClient.key);
  return person.standing === 'active'
    ? { ok: true, personId: person.id }
    : { ok: false, reason: 'suspended' };
}

/**
 * Answers the login server's question whether a legacy password is right (R21), in every phase: that is how people move who come late. The attempts of an address are the same ones as at
 * the legacy login, so nobody gets more guesses by asking here; the caller is the login server, which counts by client address itself. Changes nothing but that counter (R6).
 */
export async function checkLegacyPassword(
  db: Db,
  question: { emailAddress: string; password: string },
  now: Date,
): Promise<{ matches: false } | { matches: true; consoleUserId: string }> {
  const throttle = signInThrottles(question.emailAddress, '')[0];
  if (!throttle || !(await countAttempt(db, throttle, now)).ok) return { matches: false };
  const person = await personOfPassword(db, question);
  if (person === null) return { matches: false };
  await forgetAttempts(db, [throttle.key]);
  return person.standing === 'active' ? { matches: true, consoleUserId: person.id } : { matches: false };
}

/** Whose password it is; null costs the same for everybody. */
async function personOfPassword(
  db: Db,
  typed: { emailAddress: string; password: string },
): Promise<{ id: string; standing: Standing } | null> {
  const person = await db
    .selectFrom('person')
    .select(['id', 'legacy_password_hash', 'standing'])
    .where(sql`lower(email_address)`, '=', sql`lower(${typed.emailAddress})`)
    .where('active', '=', true)
    .executeTakeFirst();
  const right = await verifyLegacyPassword(typed.password, person?.legacy_password_hash ?? null);
  return right && person ? person : null;
}
