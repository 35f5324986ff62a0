import type { Db } from '#support/db/database.ts';

/** Login IDs and names of some accounts, for operators. */
export async function accountNames(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { emailAddress: string; name: string }>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('account')
    .select(['id', 'email_address', 'name'])
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return new Map(rows.map((row) => [row.id, { emailAddress: row.email_address, name: row.name }]));
}
