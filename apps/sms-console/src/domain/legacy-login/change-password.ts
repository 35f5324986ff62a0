import type { Db } from '#support/db/database.ts';
import { endSessionsOfPerson } from '#domain/console-sessions/end-session.ts';
import { hashLegacyPassword, verifyLegacyPassword } from './password-hash.ts';
import { legacyPasswordFault, type LegacyPasswordFault } from './password-rule.ts';
import { countAttempt, forgetAttempts, passwordChangeThrottle } from './throttle.ts';

export type LegacyPasswordChange =
  | { ok: true }
  | { ok: false; reason: LegacyPasswordFault | 'present-wrong' | 'different' }
  | { ok: false; reason: 'too-many'; retryAt: Date };

/**
 * Changes the legacy password of a signed-in person (the console's own way, before link time: R7). Every other legacy
 * session of the person ends; the one with `keepSessionId` goes on.
 */
export async function changeLegacyPassword(
  db: Db,
  person: { id: string; keepSessionId: string },
  typed: { present: string; wanted: string; confirmation: string },
  now: Date,
): Promise<LegacyPasswordChange> {
  const fault = legacyPasswordFault(typed.wanted);
  if (fault) return { ok: false, reason: fault };
  if (typed.wanted !== typed.confirmation) return { ok: false, reason: 'different' };
  const throttle = passwordChangeThrottle(person.id);
  const counted = await countAttempt(db, throttle, now);
  if (!counted.ok) return { ok: false, reason: 'too-many', retryAt: counted.retryAt };
  const row = await db
    .selectFrom('person')
    .select('legacy_password_hash')
    .where('id', '=', person.id)
    .executeTakeFirstOrThrow();
  if (!(await verifyLegacyPassword(typed.present, row.legacy_password_hash)))
    return { ok: false, reason: 'present-wrong' };
  const hash = await hashLegacyPassword(typed.wanted);
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('person').set({ legacy_password_hash: hash }).where('id', '=', person.id).execute();
    await endSessionsOfPerson(trx, person, 'legacy', now);
    await forgetAttempts(trx, [throttle.key]);
  });
  return { ok: true };
}
