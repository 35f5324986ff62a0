import type { ConsoleKit, LoginIdChangePending } from '@hitokagi/console-kit';
import { sql } from 'kysely';
import { isUniqueViolation, type Db } from '#support/db/database.ts';
import type { Person } from '#domain/people/people.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** A change of the e-mail address that waits for the code of its mail (R18). */
export type OpenChange = {
  readonly id: string;
  readonly newAddress: string;
  readonly sentFrom: string;
  readonly codeExpiresAt: Date;
  readonly resendAt: Date;
};

type Kit = Pick<ConsoleKit, 'requestLoginIdChange' | 'resendLoginIdCode' | 'confirmLoginIdChange'>;
type Refused<T> = Exclude<T, { ok: true }>;

export type RequestedChange = { ok: true } | Refused<Awaited<ReturnType<Kit['requestLoginIdChange']>>>;
export type ResentCode =
  | { ok: true }
  | { ok: false; reason: 'no-open-change' }
  | Refused<Awaited<ReturnType<Kit['resendLoginIdCode']>>>;
export type ConfirmedChange =
  | { ok: true; emailAddress: string }
  | { ok: false; reason: 'no-open-change' }
  | Refused<Awaited<ReturnType<Kit['confirmLoginIdChange']>>>;

/** Asks the unified login to mail a code to the new address; an older open change of the person is replaced. */
export async function requestChange(
  { db, kit }: { db: Db; kit: Kit },
  asked: { person: Person; newAddress: string; locale: Locale; sid: string | null },
  now: Date,
): Promise<RequestedChange> {
  const answer = await kit.requestLoginIdChange({
    consoleUserId: asked.person.id,
    newEmailAddress: asked.newAddress,
    locale: asked.locale,
    ...(asked.sid === null ? {} : { sid: asked.sid }),
  });
  if (!answer.ok) return answer;
  await db.transaction().execute(async (trx) => {
    await endOpenChange(trx, asked.person.id, 'replaced', now);
    await trx
      .insertInto('login_id_change')
      .values({ id: answer.id, person_id: asked.person.id, requested_at: now, ...columns(answer) })
      .execute();
  });
  return { ok: true };
}

/** The person's change that waits for its code; null when there is none. */
export async function findOpenChange(db: Db, personId: string): Promise<OpenChange | null> {
  const row = await db
    .selectFrom('login_id_change')
    .select([
      'id',
      'new_address as newAddress',
      'sent_from as sentFrom',
      'code_expires_at as codeExpiresAt',
      'resend_at as resendAt',
    ])
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** Has the code mailed once more. */
export async function resendCode(
  { db, kit }: { db: Db; kit: Kit },
  personId: string,
  now: Date,
): Promise<ResentCode> {
  const open = await findOpenChange(db, personId);
  if (!open) return { ok: false, reason: 'no-open-change' };
  const answer = await kit.resendLoginIdCode(open.id);
  if (answer.ok) {
    await db.updateTable('login_id_change').set(columns(answer)).where('id', '=', open.id).execute();
    return { ok: true };
  }
  if (isGone(answer.reason)) await endOpenChange(db, personId, 'ended', now);
  return answer;
}

/**
 * Gives the code to the unified login and, when it is right, changes the address here too: from then on the legacy login
 * takes the new address and no longer the old one. For an address that another person of this console has no code is right:
 * the unified login is asked with another one, so that sentence, tries and pauses are those of any address and nobody learns
 * here who has an account.
 */
export async function confirmChange(
  { db, kit }: { db: Db; kit: Kit },
  given: { person: Person; code: string },
  now: Date,
): Promise<ConfirmedChange> {
  const open = await findOpenChange(db, given.person.id);
  if (!open) return { ok: false, reason: 'no-open-change' };
  const code = (await belongsToAnother(db, open.newAddress, given.person.id))
    ? otherThan(given.code)
    : given.code;
  const answer = await kit.confirmLoginIdChange(open.id, code);
  if (!answer.ok) {
    if (isGone(answer.reason)) await endOpenChange(db, given.person.id, 'ended', now);
    return answer;
  }
  const changed = await applyChange(db, given.person.id, answer.emailAddress, now);
  return changed
    ? { ok: true, emailAddress: answer.emailAddress }
    : { ok: false, reason: 'code-wrong', triesLeft: null };
}

/** Leaves an open change; the code of its mail is worth nothing here any more. */
export async function abandonChange(db: Db, personId: string, now: Date): Promise<void> {
  await endOpenChange(db, personId, 'abandoned', now);
}

/**
 * Finishes here what the unified login has finished already: if it signs the person in with the address of an open
 * change, the confirmation's answer was lost on its way, and the address is changed now.
 */
export async function catchUpWithLoginId(
  db: Db,
  personId: string,
  loginId: string | null,
  now: Date,
): Promise<void> {
  if (loginId === null) return;
  const open = await findOpenChange(db, personId);
  if (open && open.newAddress.toLowerCase() === loginId.toLowerCase())
    await applyChange(db, personId, loginId, now);
}

async function applyChange(db: Db, personId: string, address: string, now: Date): Promise<boolean> {
  try {
    await db.transaction().execute(async (trx) => {
      await trx.updateTable('person').set({ email_address: address }).where('id', '=', personId).execute();
      await endOpenChange(trx, personId, 'confirmed', now);
    });
    return true;
  } catch (error) {
    if (isUniqueViolation(error, 'person_email_address')) return false;
    throw error;
  }
}

async function belongsToAnother(db: Db, address: string, personId: string): Promise<boolean> {
  const other = await db
    .selectFrom('person')
    .select('id')
    .where(sql`lower(email_address)`, '=', sql`lower(${address})`)
    .where('id', '<>', personId)
    .executeTakeFirst();
  return other !== undefined;
}

async function endOpenChange(
  db: Db,
  personId: string,
  outcome: 'confirmed' | 'replaced' | 'abandoned' | 'ended',
  now: Date,
): Promise<void> {
  await db
    .updateTable('login_id_change')
    .set({ ended_at: now, outcome })
    .where('person_id', '=', personId)
    .where('ended_at', 'is', null)
    .execute();
}

/** A code of the same form with other figures. */
function otherThan(code: string): string {
  return code.replaceAll(/[0-9]/g, (figure) => String((Number(figure) + 1) % 10));
}

function columns(pending: LoginIdChangePending) {
  return {
    new_address: pending.newEmailAddress,
    sent_from: pending.sentFrom,
    code_expires_at: pending.codeExpiresAt,
    resend_at: pending.resendAt,
  };
}

function isGone(reason: string): boolean {
  return reason === 'change-unknown' || reason === 'change-ended';
}
