import type { Db } from '#support/db/database.ts';
import type { PersonRole } from '#support/db/schema.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** One person of a customer company. `id` is the console's own immutable user id, as decimal digits. */
export type Person = {
  readonly id: string;
  readonly name: string;
  readonly emailAddress: string;
  readonly companyId: string;
  readonly company: string;
  readonly locale: Locale;
  readonly role: PersonRole;
};

/** The active person with this console user id; null for an unknown, left or malformed id. */
export async function findPerson(db: Db, id: string): Promise<Person | null> {
  if (!/^[0-9]{1,18}$/.test(id)) return null;
  const row = await people(db).where('person.id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** The query under all that shows a person: active people with their company's name. */
export function people(db: Db) {
  return db
    .selectFrom('person')
    .innerJoin('company', 'company.id', 'person.company_id')
    .where('person.active', '=', true)
    .select([
      'person.id as id',
      'person.name as name',
      'person.email_address as emailAddress',
      'person.locale as locale',
      'person.role as role',
      'company.id as companyId',
      'company.name as company',
    ]);
}
