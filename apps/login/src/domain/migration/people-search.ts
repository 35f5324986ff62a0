import { sql, type RawBuilder } from 'kysely';
import { unsearchable } from '#domain/search/search-index.ts';
import { DUE, hasWords, mayHaveWords, MOST_DUE } from '#domain/search/words.ts';
import type { Db } from '#support/db/database.ts';

/** Of a console's people so many are gone through in the order of their list; words that are not found often enough among them are had by few, and the index finds those. */
const WALK = 4_000;
/** When so many accounts may have the words, a pass over everybody is no slower than asking for them one by one. */
const MOST_FOUND = 20_000;

export type Place = { account_id: string; email_key: string };

/**
 * Those of a console's people who have the words, in the order of their login IDs, from `move_standing`; a few may have them only by their ids in other consoles.
 * @param narrowed what else is asked of the rows of `move_standing`, the place where the list goes on among it
 */
export async function placesOf(
  db: Db,
  consoleId: string,
  words: readonly string[],
  narrowed: RawBuilder<unknown>,
  limit: number,
): Promise<Place[]> {
  const { walk, index, due } = placesStatements(consoleId, words, narrowed, limit);
  const [walked, waiting] = await Promise.all([walk.execute(db), due.execute(db)]);
  const enough = walked.rows.length >= limit;
  const found = enough ? walked.rows : (await index.execute(db)).rows;
  if (waiting.rows.length === 0) return found;
  const ids = [...new Set([...found, ...waiting.rows].map(({ account_id }) => account_id))];
  const { rows } = await sql<Place>`
    select m.account_id, m.email_key from move_standing m
    where m.console_id = ${consoleId} and m.account_id = any(${ids}::text[]) order by m.email_key limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** What is asked of the database: what many have, what few have, and who has just come or changed, as they are now. */
export function placesStatements(
  consoleId: string,
  words: readonly string[],
  narrowed: RawBuilder<unknown>,
  limit: number,
): Readonly<Record<'walk' | 'index' | 'due', RawBuilder<Place>>> {
  const inConsole = sql`select account_id, email_key from move_standing where console_id = ${consoleId} ${narrowed}`;
  // One by one: how many have the words is guessed badly, and by a guess too high everybody in the console would be read. The index is not of the collation of the words' table.
  const oneOf = sql`lateral (${inConsole} and account_id = s.account_id collate "default" offset 0) m`;
  const page = sql`order by m.email_key limit ${limit}`;
  return {
    walk: sql`
      select m.account_id, m.email_key from (${inConsole} order by email_key limit ${sql.lit(WALK)}) m
      join account_search s on s.account_id = m.account_id
      where ${hasWords(sql`s.words`, words)} ${page}`,
    index: sql`
      select m.account_id, m.email_key
      from (select account_id from account_search where ${mayHaveWords(words)} and ${hasWords(sql`words`, words)} offset 0) s
      cross join ${oneOf} ${page}`,
    due: sql`
      select m.account_id, m.email_key from ${DUE} s cross join ${oneOf}
      where ${hasWords(sql`s.words`, words)} ${page}`,
  };
}

/**
 * The accounts of a console among which everybody is who has the words at this moment.
 * @returns undefined: they would be too many, or what has changed lately cannot be searched yet; then a pass over everybody tells
 */
export async function accountsToSearch(
  db: Db,
  consoleId: string,
  words: readonly string[],
): Promise<readonly string[] | undefined> {
  if (words.length === 0 || (await unsearchable(db)) > MOST_DUE) return undefined;
  const { rows } = await sql<{ account_id: string }>`
    with found as materialized (
      select account_id from (
        select account_id from account_search where ${mayHaveWords(words)} and ${hasWords(sql`words`, words)} limit ${sql.lit(MOST_FOUND + 1)}) f
      union all select account_id from ${DUE} d)
    select account_id from found
    where (select count(*) from found) > ${sql.lit(MOST_FOUND)}
      or exists (select from console_link l where l.console_id = ${consoleId} and l.account_id = found.account_id)`.execute(
    db,
  );
  return rows.length > MOST_FOUND ? undefined : [...new Set(rows.map(({ account_id }) => account_id))];
}
