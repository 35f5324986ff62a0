import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/**
 * Names of those who did something, by their actor as the audit log has it: a person's name or address, a token's name. Who is not in the map did it from the command line or
 * is the system itself.
 */
export async function actorNames(db: Db, actors: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(actors)].flatMap((actor) => /^operator:(.+)$/.exec(actor)?.[1] ?? []);
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; name: string }>`
    select id, coalesce(nullif(name, ''), email_address) as name from account where id = any(${ids}::text[])
    union all select id, name from operator_token where id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map(({ id, name }) => [`operator:${id}`, name]));
}
