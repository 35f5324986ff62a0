import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { sealedPrefix } from '#support/primitives/secrets.ts';

/** A column that holds texts sealed with the master key; an empty text is one that was deleted. */
export type SealedPlace = {
  readonly table: string;
  readonly id: string;
  readonly column: string;
  /** What they are sealed for. */
  readonly purpose: string;
};

/** All of them; a test compares the list with the database. */
export const SEALED_PLACES: readonly SealedPlace[] = [
  { table: 'purpose_key', id: 'purpose', column: 'sealed', purpose: 'purpose-keys' },
  { table: 'signing_key', id: 'kid', column: 'sealed_jwk', purpose: 'signing-keys' },
  { table: 'event_stream', id: 'id', column: 'sealed_authorization', purpose: 'event-streams' },
];

/** How many texts are sealed with another master key than this one, or do not say with which. */
export async function sealedOtherwise(db: Db, fingerprint: string): Promise<number> {
  let count = 0;
  for (const { table, column } of SEALED_PLACES) {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from ${sql.table(table)}
      where ${sql.ref(column)} <> '' and not starts_with(${sql.ref(column)}, ${sealedPrefix(fingerprint)})`.execute(
      db,
    );
    count += rows[0]?.count ?? 0;
  }
  return count;
}

/** The next of them in one place. */
export async function nextSealedOtherwise(
  db: Db,
  { table, id, column }: SealedPlace,
  fingerprint: string,
  limit: number,
): Promise<readonly { id: string; sealed: string }[]> {
  const { rows } = await sql<{ id: string; sealed: string }>`
    select ${sql.ref(id)} as id, ${sql.ref(column)} as sealed from ${sql.table(table)}
    where ${sql.ref(column)} <> '' and not starts_with(${sql.ref(column)}, ${sealedPrefix(fingerprint)})
    order by ${sql.ref(id)} limit ${limit}`.execute(db);
  return rows;
}

/** Puts a text in the place of another, unless that one is not there any more. */
export async function replaceSealed(
  db: Db,
  { table, id, column }: SealedPlace,
  of: { id: string; from: string; to: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update ${sql.table(table)} set ${sql.ref(column)} = ${of.to}
    where ${sql.ref(id)} = ${of.id} and ${sql.ref(column)} = ${of.from}`.execute(db);
  return numAffectedRows === 1n;
}
