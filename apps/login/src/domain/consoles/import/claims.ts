import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Refusal } from './refusals.ts';
import { refusalOf, type Person } from './rows.ts';

/**
 * Which ids and addresses have stood in the file so far. The first row that is sound by itself has its id and its address; later ones are
 * refused. That depends on the file alone and never on what the database holds, so a resumed run comes to the same answers.
 *
 * Kept in a temporary table of this one connection: a million rows need no memory here, nothing is written to the log, and it is gone
 * with the connection whatever happens. A transaction that is read only may write to it.
 */
export async function beginClaims(connection: Db): Promise<void> {
  await endClaims(connection);
  await sql`create temporary table import_claim (value text primary key, line integer not null)`.execute(
    connection,
  );
}

export async function endClaims(connection: Db): Promise<void> {
  await sql`drop table if exists pg_temp.import_claim`.execute(connection);
}

/** Settles one batch in the order of the file: the people who are the first to have their id and address, and the others as refusals. */
export async function claim(
  connection: Db,
  people: readonly Person[],
): Promise<{ first: Person[]; repeated: Refusal[] }> {
  const earlier = await sql<{ value: string; line: number }>`
    select value, line from pg_temp.import_claim where value = any(${people.flatMap(claimsOf)}::text[])`.execute(
    connection,
  );
  const lineOf = new Map(earlier.rows.map((row) => [row.value, row.line]));
  const first: Person[] = [];
  const repeated: Refusal[] = [];
  const made: { value: string; line: number }[] = [];
  for (const person of people) {
    const [id, address] = claimsOf(person);
    const idLine = lineOf.get(id);
    const addressLine = lineOf.get(address);
    if (idLine !== undefined) repeated.push(refusalOf(person, { reason: 'id-repeated', firstLine: idLine }));
    else if (addressLine !== undefined)
      repeated.push(refusalOf(person, { reason: 'address-repeated', firstLine: addressLine }));
    else {
      first.push(person);
      for (const value of [id, address]) {
        lineOf.set(value, person.line);
        made.push({ value, line: person.line });
      }
    }
  }
  await sql`
    insert into pg_temp.import_claim (value, line)
    select value, line from json_to_recordset(${JSON.stringify(made)}::json) as made (value text, line integer)`.execute(
    connection,
  );
  return { first, repeated };
}

function claimsOf(person: Person): [id: string, address: string] {
  return [`id:${person.id}`, `address:${person.key}`];
}
