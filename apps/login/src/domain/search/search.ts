import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { DUE, hasWords, mayHaveWords, searchedWords } from './words.ts';

export const ACCOUNT_STATES = [
  'active',
  'suspended',
  'closed',
] as const satisfies readonly AccountRow['state'][];

export type AccountSearch = {
  /** Words in any order and any case, full-width or not; each is found anywhere in login ID, name, company or console user id. A single letter is found where one of these begins. */
  text: string;
  state?: AccountRow['state'] | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
  limit: number;
};

export type FoundAccount = {
  accountId: string;
  emailAddress: string;
  name: string;
  company: string;
  state: AccountRow['state'];
  hasPassword: boolean;
  links: readonly { clientId: string; consoleUserId: string }[];
};

export type SearchPage = { accounts: readonly FoundAccount[]; next: string | null };

/** What many have is found by going through accounts in their order; what is not found among so many is had by few, and the index finds those at once. */
const WALK = 10_000;
/**
 * One page of the accounts that match, in the order in which they came. Nothing given is nobody found, unless a state is.
 * Reads a bounded number of rows whatever is asked for: a walk for what is common, then the index.
 */
export async function searchAccounts(db: Db, wanted: AccountSearch): Promise<SearchPage> {
  const words = searchedWords(wanted.text);
  if (words.length === 0 && wanted.state === undefined) return { accounts: [], next: null };
  const limit = wanted.limit + 1;
  const { walk, index, due } = searchStatements(words, wanted, limit);
  const idsOf = async (statement: RawBuilder<Id>): Promise<string[]> =>
    (await statement.execute(db)).rows.map((row) => row.account_id);
  const [walked, waiting] = await Promise.all([idsOf(walk), idsOf(due)]);
  const found = walked.length < limit && words.length > 0 ? await idsOf(index) : walked;
  const ids = [...new Set([...found, ...waiting])].sort(byCodePoint).slice(0, limit);
  const page = ids.slice(0, wanted.limit);
  return {
    accounts: await accountsOf(db, page),
    next: ids.length > page.length ? (page.at(-1) ?? null) : null,
  };
}

/** What is asked of the database: what many have, what few have, and who has just come or changed, as they are now. */
export function searchStatements(
  words: readonly string[],
  wanted: Pick<AccountSearch, 'state' | 'after'>,
  limit: number,
): Readonly<Record<'walk' | 'index' | 'due', RawBuilder<Id>>> {
  const place = sql`account_id > ${wanted.after ?? ''} ${ofState(wanted.state)}`;
  const page = sql`order by account_id limit ${limit}`;
  const matches = hasWords(sql`words`, words);
  return {
    walk: sql`
      select account_id from (
        select account_id, words from account_search where ${place}
        order by account_id limit ${words.length === 0 ? limit : WALK}) s
      where ${matches} ${page}`,
    index: sql`
      select account_id from account_search
      where ${mayHaveWords(words)} and ${matches} and ${place} ${page}`,
    due: sql`
      select account_id from ${DUE} s
      where ${place} and ${matches} ${page}`,
  };
}

/** The states are few and written out, so that the index of those who are not active can be used. */
function ofState(state: AccountRow['state'] | undefined): RawBuilder<unknown> {
  switch (state) {
    case undefined:
      return sql``;
    case 'active':
      return sql`and state = 'active'`;
    case 'suspended':
      return sql`and state = 'suspended' and state <> 'active'`;
    case 'closed':
      return sql`and state = 'closed' and state <> 'active'`;
  }
}

/** These accounts as a search gives them. */
export async function accountsOf(db: Db, ids: readonly string[]): Promise<FoundAccount[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<FoundAccount>`
    select a.id as "accountId", a.email_address as "emailAddress", a.name, a.company, a.state,
      exists (select 1 from password_credential p where p.account_id = a.id) as "hasPassword",
      coalesce((select jsonb_agg(jsonb_build_object('clientId', c.client_id, 'consoleUserId', l.console_user_id) order by c.client_id, l.console_user_id)
        from console_link l join console c on c.id = l.console_id where l.account_id = a.id), '[]') as links
    from account a where a.id = any(${ids}::text[]) order by a.id collate "C"`.execute(db);
  return rows;
}

/** As the database compares ids, whatever the language of this machine. */
function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Id = { account_id: string };
