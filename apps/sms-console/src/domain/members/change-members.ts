import { sql } from 'kysely';
import { endSessionsOfSuspended } from '#domain/console-sessions/end-session.ts';
import { isUniqueViolation, type Db } from '#support/db/database.ts';
import type { PersonRole } from '#support/db/schema.ts';
import { readEmailAddress } from '#support/primitives/email-address.ts';
import { addElsewhere, isMemberElsewhere, noteElsewhere } from './elsewhere.ts';
import type { NewMember } from './members.ts';
import { noteRegistration } from './registrations.ts';

export const LONGEST_NAME = 100;

export type AddedMember =
  | { ok: true; id: string }
  | { ok: false; reason: 'name-missing' | 'name-too-long' | 'address-malformed' | 'address-here' };

/**
 * Adds a person without a password, and in the same transaction the wish to register them at the unified login. Whether another company has
 * the address cannot be seen from the answer nor from what is shown afterwards (C4); `address-here`: this company has it.
 */
export async function addMember(db: Db, wish: NewMember, now: Date): Promise<AddedMember> {
  const name = wish.name.trim().replace(/\s+/g, ' ');
  if (name === '') return { ok: false, reason: 'name-missing' };
  if ([...name].length > LONGEST_NAME) return { ok: false, reason: 'name-too-long' };
  const emailAddress = readEmailAddress(wish.emailAddress);
  if (emailAddress === null) return { ok: false, reason: 'address-malformed' };
  if (await isMemberElsewhere(db, wish.companyId, emailAddress)) return { ok: false, reason: 'address-here' };
  try {
    const id = await db.transaction().execute(async (trx) => {
      const person = await trx
        .insertInto('person')
        .values({
          company_id: wish.companyId,
          email_address: emailAddress,
          name,
          locale: wish.locale,
          role: wish.role,
          legacy_password_hash: null,
          created_at: now,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await noteRegistration(trx, person.id, now);
      return person.id;
    });
    return { ok: true, id };
  } catch (error) {
    if (!isUniqueViolation(error, 'person_email_address')) throw error;
  }
  const id = await addElsewhere(db, { ...wish, name, emailAddress }, now);
  return id === null ? { ok: false, reason: 'address-here' } : { ok: true, id };
}

export type ChangedMember = { ok: true } | { ok: false; reason: 'unknown' | 'last-administrator' };

/** Gives a person another role. A company never loses its last active administrator, also when several are changed at once. */
export async function changeRole(
  db: Db,
  { companyId, id, role }: { companyId: string; id: string; role: PersonRole },
): Promise<ChangedMember> {
  return change(db, { companyId, id, keeps: role === 'administrator' }, async (trx) => {
    await trx.updateTable('person').set({ role }).where('id', '=', id).execute();
    await trx.updateTable('member_elsewhere').set({ role }).where('id', '=', id).execute();
  });
}

/** Lets a person in or shuts them out, here at once with the end of their sessions, and at the unified login by the outbox. */
export async function setActive(
  db: Db,
  { companyId, id, active }: { companyId: string; id: string; active: boolean },
  now: Date,
): Promise<ChangedMember> {
  return change(db, { companyId, id, keeps: active }, async (trx) => {
    await noteElsewhere(trx, id, active, now);
    const { numUpdatedRows } = await trx
      .updateTable('person')
      .set({ active })
      .where('id', '=', id)
      .where('active', '<>', active)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    if (!active) await endSessionsOfSuspended(trx, id, now);
    await noteRegistration(trx, id, now);
  });
}

/** Under the lock of the company; taken back when it has no active administrator afterwards. */
async function change(
  db: Db,
  { companyId, id, keeps }: { companyId: string; id: string; keeps: boolean },
  act: (trx: Db) => Promise<void>,
): Promise<ChangedMember> {
  if (!/^[0-9]{1,18}$/.test(id)) return { ok: false, reason: 'unknown' };
  return db.transaction().execute(async (trx): Promise<ChangedMember> => {
    await sql`select from company where id = ${companyId} for update`.execute(trx);
    const { rows: people } = await sql<{ id: string }>`
      select id from (
        select id, role, active from person where company_id = ${companyId}
        union all select id, role, active from member_elsewhere where company_id = ${companyId}) as member
      where id = ${id} or (role = 'administrator' and active)
      order by id <> ${id} limit 2`.execute(trx);
    if (people[0]?.id !== id) return { ok: false, reason: 'unknown' };
    if (!keeps && people.length < 2) return { ok: false, reason: 'last-administrator' };
    await act(trx);
    return { ok: true };
  });
}
