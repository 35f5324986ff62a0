import { sql, type RawBuilder } from 'kysely';

/** Words beyond these say nothing more, and each costs time. */
const MOST_WORDS = 8;
/** Of the accounts whose words wait to be made, so many are looked through as they are. */
export const MOST_DUE = 2_000;

/** What was typed, as words that are each looked for; none where nothing that can be looked for was typed. */
export function searchedWords(text: string): readonly string[] {
  const words = text
    .normalize('NFKC')
    .replaceAll('\0', '')
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== '');
  return words.slice(0, MOST_WORDS);
}

/** Whether a line of words (a space before each part) has them all. A single letter alone has to be where a part begins. */
export function hasWords(line: RawBuilder<unknown>, words: readonly string[]): RawBuilder<unknown> {
  if (words.length === 0) return sql`true`;
  return sql.join(
    words.map((word) => sql`strpos(${line}, ${lookedFor(word, words)}) > 0`),
    sql` and `,
  );
}

/** Whether a row of `account_search` may have them all, by its index over pairs of letters; `hasWords` says whether it does. */
export function mayHaveWords(words: readonly string[]): RawBuilder<unknown> {
  const grams = words.map((word) => sql`search_grams(${lookedFor(word, words)})`);
  return sql`search_grams(words) @> (${sql.join(grams, sql` || `)})`;
}

function lookedFor(word: string, words: readonly string[]): RawBuilder<string> {
  const alone = words.length === 1 && [...word].length === 1;
  return alone ? sql`' ' || search_word(${word})` : sql`search_word(${word})`;
}

/** All that the account `a` is found by: login ID, name, company, its ids in consoles. */
export const WORDS: RawBuilder<string> = sql`
  ' ' || a.email_key || ' ' || search_word(a.name) || ' ' || search_word(a.company) || coalesce((
    select string_agg(' ' || search_word(l.console_user_id), '' order by l.console_id, l.console_user_id)
    from console_link l where l.account_id = a.id), '')`;

/** Accounts (`account_id`, `state`, `words`) whose words wait to be made, as they are now. */
export const DUE: RawBuilder<unknown> = sql`
  (select a.id collate "C" as account_id, a.state, ${WORDS} as words
  from (select distinct account_id from (select account_id from account_search_due limit ${sql.lit(MOST_DUE)}) d) due
  join account a on a.id = due.account_id)`;
