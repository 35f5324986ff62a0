import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { hashLegacyPassword } from '#domain/legacy-login/password-hash.ts';
import type { PersonRole } from '#support/db/schema.ts';
import type { SamplePerson } from './read-people.ts';

/**
 * Puts the sample people into the console's database under the ids of their file, each with a hash of `password` of their
 * own. Safe to run again: whoever is there already stays as they are, also with another address or password by now.
 * Returns how many were added.
 */
export async function fillWithSamplePeople(
  db: Db,
  people: readonly SamplePerson[],
  password: string,
  now: Date,
): Promise<number> {
  const present = await db.selectFrom('person').select('id').execute();
  const known = new Set(present.map((row) => row.id));
  const missing = people.filter((person) => !known.has(person.id));
  if (missing.length === 0) return 0;
  const hashes = await Promise.all(missing.map(() => hashLegacyPassword(password)));
  return db.transaction().execute(async (trx) => {
    const companies = await companyIds(trx, missing);
    const administrators = await companiesWithAdministrator(trx);
    const rows = missing.map((person, index) => ({
      id: person.id,
      company_id: companies.get(person.company) ?? '',
      email_address: person.emailAddress,
      name: person.name,
      locale: person.locale,
      legacy_password_hash: hashes[index] ?? null,
      role: roleOf(administrators, companies.get(person.company) ?? '', index),
      created_at: now,
    }));
    const added = await trx
      .insertInto('person')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    await sql`select setval(pg_get_serial_sequence('person', 'id'), (select max(id) from (select id from person union all select id from member_elsewhere) as ids))`.execute(
      trx,
    );
    return Number(added.numInsertedOrUpdatedRows ?? 0n);
  });
}

/** The first of each company is its administrator; of the others every third only sees. */
function roleOf(administrators: Set<string>, companyId: string, index: number): PersonRole {
  if (!administrators.has(companyId)) {
    administrators.add(companyId);
    return 'administrator';
  }
  return index % 3 === 2 ? 'viewer' : 'sender';
}

async function companiesWithAdministrator(db: Db): Promise<Set<string>> {
  const rows = await db
    .selectFrom('person')
    .select('company_id')
    .distinct()
    .where('role', '=', 'administrator')
    .execute();
  return new Set(rows.map((row) => row.company_id));
}

async function companyIds(db: Db, people: readonly SamplePerson[]): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(people.map((person) => person.company))];
  await db
    .insertInto('company')
    .values(names.map((name) => ({ name })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const rows = await db.selectFrom('company').select(['id', 'name']).where('name', 'in', names).execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}
