import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { NewMember } from './members.ts';

/** Whether the company has added this address while somebody of another company had it. */
export async function isMemberElsewhere(db: Db, companyId: string, emailAddress: string): Promise<boolean> {
  const row = await db
    .selectFrom('member_elsewhere')
    .select('id')
    .where('company_id', '=', companyId)
    .where(sql`lower(email_address)`, '=', emailAddress.toLowerCase())
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * C4: a person of another company has the address. Who adds it is not to learn that: the member stands in the list like any other, and the
 * mailbox is told in place of the first mail. Null when the company has this address already.
 */
export async function addElsewhere(
  db: Db,
  { companyId, name, emailAddress, role, locale }: NewMember,
  now: Date,
): Promise<string | null> {
  const row = await db
    .insertInto('member_elsewhere')
    .columns(['company_id', 'name', 'email_address', 'role', 'locale', 'state', 'next_try_at', 'created_at'])
    .expression((eb) =>
      eb
        .selectFrom('company')
        .where('id', '=', companyId)
        .where((one) =>
          one.not(
            one.exists(
              one
                .selectFrom('person')
                .select('person.id')
                .where('person.company_id', '=', companyId)
                .where(sql`lower(person.email_address)`, '=', emailAddress.toLowerCase()),
            ),
          ),
        )
        .select((one) => [
          'company.id',
          one.val(name).as('name'),
          one.val(emailAddress).as('email_address'),
          one.cast<NewMember['role']>(one.val(role), 'text').as('role'),
          one.cast<NewMember['locale']>(one.val(locale), 'text').as('locale'),
          one.cast<'waiting'>(one.val('waiting'), 'text').as('state'),
          one.cast<Date>(one.val(now), 'timestamptz').as('next_try_at'),
          one.cast<Date>(one.val(now), 'timestamptz').as('created_at'),
        ]),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** What is done with a person who is shut out or let in again is done here too: their mail is due once more. */
export async function noteElsewhere(trx: Db, id: string, active: boolean, now: Date): Promise<void> {
  await trx
    .updateTable('member_elsewhere')
    .set({ active, state: 'waiting', tries: 0, next_try_at: now })
    .where('id', '=', id)
    .where('active', '<>', active)
    .execute();
}
