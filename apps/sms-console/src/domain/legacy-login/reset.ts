import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { endSessionsOfPerson } from '#domain/console-sessions/end-session.ts';
import { hashBearerSecret } from '#support/primitives/bearer-secret.ts';
import { after, MINUTE } from '#support/primitives/durations.ts';
import { hashLegacyPassword } from './password-hash.ts';
import { legacyPasswordFault, type LegacyPasswordFault } from './password-rule.ts';
import { countAttempt, resetThrottles } from './throttle.ts';

/** How long a reset link works, from the moment its mail was sent. */
export const RESET_LINK_LIFE = 30 * MINUTE;

export type LegacyResetRequest = { ok: true } | { ok: false; reason: 'too-many'; retryAt: Date };
export type LegacyReset =
  { ok: true; personId: string } | { ok: false; reason: LegacyPasswordFault | 'different' | 'link-ended' };

/**
 * Notes that somebody asked to reset the legacy password of this address; the mail is sent afterwards
 * (`mailPendingResets`). A known and an unknown address cost and answer the same; more than 3 mails in 15 minutes to
 * one address are silently left out.
 */
export async function requestLegacyReset(
  db: Db,
  asked: { emailAddress: string; clientAddress: string },
  now: Date,
): Promise<LegacyResetRequest> {
  const throttles = resetThrottles(asked.emailAddress, asked.clientAddress);
  const client = await countAttempt(db, throttles.client, now);
  if (!client.ok) return { ok: false, reason: 'too-many', retryAt: client.retryAt };
  const mail = await countAttempt(db, throttles.mail, now);
  const person = db
    .selectFrom('person')
    .select('id')
    .where(sql`lower(email_address)`, '=', sql`lower(${asked.emailAddress})`)
    .where('active', '=', mail.ok);
  await db
    .insertInto('legacy_reset')
    .values({
      person_id: person,
      requested_at: now,
      next_mail_at: now,
      expires_at: after(now, RESET_LINK_LIFE),
    })
    .execute();
  return { ok: true };
}

/** Whether a reset link still works. Looking changes nothing: mail scanners open every link. */
export async function isResetLinkAlive(db: Db, token: string, now: Date): Promise<boolean> {
  const row = await liveReset(db, token, now).executeTakeFirst();
  return row !== undefined;
}

/**
 * Sets a new legacy password by the link of the mail. The link is used up by a guarded UPDATE, so of two at once one
 * wins; a password that breaks the rule does not use it up. Other links and all legacy sessions of the person end.
 */
export async function resetLegacyPassword(
  db: Db,
  typed: { token: string; wanted: string; confirmation: string },
  now: Date,
): Promise<LegacyReset> {
  if (!(await isResetLinkAlive(db, typed.token, now))) return { ok: false, reason: 'link-ended' };
  const fault = legacyPasswordFault(typed.wanted);
  if (fault) return { ok: false, reason: fault };
  if (typed.wanted !== typed.confirmation) return { ok: false, reason: 'different' };
  const hash = await hashLegacyPassword(typed.wanted);
  return db.transaction().execute(async (trx) => {
    // The person first: whoever used two of their links at once would wait for the other in a circle.
    await trx
      .selectFrom('person')
      .select('id')
      .where('id', '=', (link) =>
        link
          .selectFrom('legacy_reset')
          .select('person_id')
          .where('token_hash', '=', hashBearerSecret(typed.token)),
      )
      .forUpdate()
      .execute();
    const used = await trx
      .updateTable('legacy_reset')
      .set({ used_at: now })
      .where('token_hash', '=', hashBearerSecret(typed.token))
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('person_id')
      .executeTakeFirst();
    if (!used?.person_id) return { ok: false, reason: 'link-ended' } as const;
    const personId = used.person_id;
    await trx.updateTable('person').set({ legacy_password_hash: hash }).where('id', '=', personId).execute();
    await trx
      .updateTable('legacy_reset')
      .set({ used_at: now, next_mail_at: null })
      .where('person_id', '=', personId)
      .where('used_at', 'is', null)
      .execute();
    await endSessionsOfPerson(trx, { id: personId, keepSessionId: null }, 'legacy', now);
    return { ok: true, personId } as const;
  });
}

function liveReset(db: Db, token: string, now: Date) {
  return db
    .selectFrom('legacy_reset')
    .select('id')
    .where('token_hash', '=', hashBearerSecret(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now);
}
