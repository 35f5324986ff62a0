import { sql } from 'kysely';
import { searchedWords } from '#domain/search/words.ts';
import type { Db } from '#support/db/database.ts';
import { placesOf, type Place } from './people-search.ts';
import { inSeen, inState, progressPeople, type PeoplePage, type WantedPeople } from './progress-people.ts';
import { recentStanding } from './summary.ts';

/** Up to so many people a pass over all of them is quick enough for a page, and then a list is of this very moment. */
const FEW = 10_000;

/** Of a page whose people have all moved on since, the next one is looked at at once; so often at most. */
const TRIES = 5;

/**
 * One page of a console's people for a page that is looked at, at once however many there are. Of many people those who belong to the list are found by where they stood some
 * minutes ago; what is shown of them is as it is now, and who does not belong to the list any more is left out.
 * @returns `at`: the moment by which people were found; null: this one
 */
export async function listPeople(
  db: Db,
  consoleId: string,
  wanted: WantedPeople & { cursor?: string | undefined; limit: number },
  now: Date,
): Promise<PeoplePage & { at: Date | null }> {
  const standing = await recentStanding(db, consoleId, now);
  if (!standing || standing.people <= FEW)
    return { ...(await progressPeople(db, consoleId, wanted, now)), at: null };
  let { cursor } = wanted;
  for (let tries = 1; ; tries += 1) {
    const found = await foundByStanding(db, consoleId, { ...wanted, cursor }, now);
    const among = found.slice(0, wanted.limit);
    const last = found.length > wanted.limit ? among.at(-1)?.email_key : undefined;
    const { people } = await progressPeople(
      db,
      consoleId,
      { ...wanted, cursor, among: among.map(({ account_id }) => account_id) },
      now,
    );
    if (people.length > 0 || last === undefined || tries === TRIES)
      return { people, next: last ?? null, at: standing.at };
    cursor = last;
  }
}

async function foundByStanding(
  db: Db,
  consoleId: string,
  {
    state,
    search,
    seen,
    company,
    cursor,
    limit,
  }: WantedPeople & {
    cursor?: string | undefined;
    limit: number;
  },
  now: Date,
): Promise<Place[]> {
  const narrowed = sql`
    ${cursor === undefined ? sql`` : sql`and email_key > ${cursor}`}
    ${state === undefined ? sql`` : inState(state)}
    ${seen === undefined ? sql`` : inSeen(sql`last_seen_at`, seen, now, state)}
    ${company === undefined ? sql`` : sql`and company_key = search_word(${company})`}`;
  const words = searchedWords(search ?? '');
  if (words.length > 0) return placesOf(db, consoleId, words, narrowed, limit + 1);
  // The places alone are all in an index; whose they are is asked for the few of this page.
  const { rows } = await sql<Place>`
    with place as materialized (
      select email_key from move_standing
      where console_id = ${consoleId} ${narrowed}
      order by email_key limit ${limit + 1}
    )
    select m.account_id, m.email_key from place join move_standing m on m.console_id = ${consoleId} and m.email_key = place.email_key
    order by m.email_key`.execute(db);
  return rows;
}
