import { sql, type RawBuilder } from 'kysely';
import { hasWords, searchedWords } from '#domain/search/words.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { accountsToSearch } from './people-search.ts';

/**
 * Where a person stands; everybody is in exactly one. The first that holds: uses the console only through its API; account suspended or closed; has signed in through
 * the unified login; has a password there; the last notice did not reach the mailbox; a code was mailed; none of these.
 */
export type PersonState = (typeof PERSON_STATES)[number];

/** People who have a way to go or have gone it. */
export const STATES_TO_MOVE = [
  'never-seen',
  'code-requested',
  'unreachable',
  'password-set',
  'signed-in-unified',
] as const;

/** Those and, counted apart, the ones whom nobody asks to move. */
export const PERSON_STATES = [...STATES_TO_MOVE, 'api-only', 'inactive'] as const;

/** Somebody who signed in at the legacy login within this time still uses it, whatever else they did. */
const STILL_LEGACY = 30 * DAY;

/** What a list can be narrowed to: a state, all who have not moved yet, or those who still use the legacy login, who are in any state. */
export type PeopleFilter = PersonState | 'not-moved' | 'still-legacy';

/** When somebody was last seen at either login of the console: never, or not for so many days (never seen is not seen for any number of days). */
export type LastSeen = 'never' | { overDays: number };

/** What a list of people is narrowed to; everything that is given holds. */
export type WantedPeople = {
  state?: PeopleFilter | undefined;
  /** Words in any order, each found anywhere in login ID, name, company or this console's user id, as `domain/search` finds them. */
  search?: string | undefined;
  seen?: LastSeen | undefined;
  /** The whole name of a company; width, case and spaces do not matter. */
  company?: string | undefined;
};

export type ProgressPerson = {
  accountId: string;
  consoleUserId: string;
  emailAddress: string;
  name: string;
  company: string;
  state: PersonState;
  codeSentAt: Date | null;
  /** Of the first password. */
  passwordSetAt: Date | null;
  /** Of the first sign-in through the unified login. */
  movedAt: Date | null;
  /** The last day (Japan time, `YYYY-MM-DD`) with a sign-in through the unified login. */
  lastUnifiedDay: string | null;
  lastLegacyAt: Date | null;
  /** The last sign-in at either login of this console. */
  lastSeenAt: Date | null;
  stillLegacy: boolean;
  /** The last notice did not reach the mailbox, whether or not there is a password. */
  mailUnreachable: boolean;
};

export type PeoplePage = { people: ProgressPerson[]; next: string | null };

/**
 * One page of a console's people in the order of their login IDs, as they stand now. Takes a pass over everybody where a state or a time leaves few of many; pages ask `listPeople`.
 * @param wanted.cursor `next` of the page before
 * @param wanted.among only these accounts; null: everybody, because it was asked before whether fewer will do
 */
export async function progressPeople(
  db: Db,
  consoleId: string,
  wanted: WantedPeople & { cursor?: string | undefined; limit: number; among?: readonly string[] | null },
  now: Date,
): Promise<PeoplePage> {
  const { state, search, seen, company, cursor, limit } = wanted;
  const words = searchedWords(search ?? '');
  const among =
    wanted.among === undefined ? await accountsToSearch(db, consoleId, words) : (wanted.among ?? undefined);
  const { rows } = await sql<PersonRow>`
    with ${unreachableOf(consoleId, among)}, person as (${peopleOf(consoleId, now)}), placed as (
      select person.*, (select d.last_at from sign_in_day d
        where d.console_id = ${consoleId} and d.account_id = person.account_id and d.kind = 'unified' order by d.day desc limit 1) as last_unified_at
      from person
    )
    select placed.*, (last_unified_at at time zone 'Asia/Tokyo')::date::text as last_unified_day, greatest(last_unified_at, last_legacy_at) as last_seen_at
    from placed
    where true
      ${among === undefined ? sql`` : sql`and account_id = any(${[...among]}::text[])`}
      ${cursor === undefined ? sql`` : sql`and email_key > ${cursor}`}
      ${state === undefined ? sql`` : inState(state)}
      ${seen === undefined ? sql`` : inSeen(sql`greatest(last_unified_at, last_legacy_at)`, seen, now)}
      ${company === undefined ? sql`` : sql`and search_word(company) = search_word(${company})`}
      ${words.length === 0 ? sql`` : sql`and ${hasWords(OWN_WORDS, words)}`}
    order by email_key limit ${limit + 1}`.execute(db);
  const people = rows.slice(0, limit).map(personIn);
  return { people, next: rows.length > limit ? (rows[limit - 1]?.email_key ?? null) : null };
}

/** All that somebody is found by in one console's list. */
const OWN_WORDS: RawBuilder<string> = sql`
  (' ' || email_key || ' ' || search_word(name) || ' ' || search_word(company) || ' ' || search_word(console_user_id))`;

/** The condition of a state. Written out, because the indexes of `move_standing` that hold only some states are found by their words. */
export function inState(filter: PeopleFilter): RawBuilder<unknown> {
  if (filter === 'still-legacy') return sql`and still_legacy`;
  if (filter === 'not-moved')
    return sql`and state in ('never-seen', 'code-requested', 'unreachable', 'password-set')`;
  return sql`and state = ${sql.lit(filter)}`;
}

/** The condition of when somebody was last seen. Who is in a state that nobody reaches without a sign-in has been seen, which the database cannot know. */
export function inSeen(
  column: RawBuilder<unknown>,
  seen: LastSeen,
  now: Date,
  state?: PeopleFilter,
): RawBuilder<unknown> {
  if (seen === 'never') return sql`and ${column} is null`;
  const before = sql`${column} <= ${after(now, -seen.overDays * DAY)}`;
  return state === 'signed-in-unified' || state === 'still-legacy'
    ? sql`and ${before}`
    : sql`and (${column} is null or ${before})`;
}

/** All people of a filter, a thousand at a time: for exports. Whoever is in throughout is given once. */
export async function* allProgressPeople(
  db: Db,
  consoleId: string,
  wanted: WantedPeople,
  now: Date,
): AsyncGenerator<ProgressPerson> {
  const among = (await accountsToSearch(db, consoleId, searchedWords(wanted.search ?? ''))) ?? null;
  let cursor: string | undefined;
  do {
    const asked = { ...wanted, cursor, limit: 1_000, among };
    const page: PeoplePage = await progressPeople(db, consoleId, asked, now);
    yield* page.people;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/**
 * A console's accounts whose mailbox the last verdict of a notice, of any console, calls unreachable: not since the login ID was changed, and not since another mail was
 * accepted. A `with` of its own, so that it is found once and not once a person.
 * @param among only of these accounts
 */
export function unreachableOf(consoleId: string, among?: readonly string[]): RawBuilder<unknown> {
  return sql`unreachable as materialized (
    select distinct on (r.account_id) r.account_id, r.state as verdict, r.smtp_response, r.verdict_at
    from notice_recipient r join notice n on n.id = r.notice_id join account a on a.id = r.account_id
    where ${among === undefined ? sql`` : sql`r.account_id = any(${[...among]}::text[]) and`}
      r.account_id in (select account_id from console_link where console_id = ${consoleId}) and r.state in ('refused', 'bounced') and r.settlement is distinct from 'new-address'
      and coalesce(r.recipient, a.email_address) = a.email_address
      and not exists (
        select 1 from notice_recipient t join notice m on m.id = t.notice_id
        where t.account_id = r.account_id and t.state = 'accepted' and m.created_at > n.created_at
          and coalesce(t.recipient, a.email_address) = a.email_address)
    order by r.account_id, n.created_at desc
  )`;
}

/**
 * A console's people with state and times: one pass over its links, each time found by an index. Needs `unreachableOf`.
 * @param all everybody is wanted and not a page: what several columns need is then found once a person
 */
export function peopleOf(consoleId: string, now: Date, all = false): RawBuilder<unknown> {
  return sql`
    select found.*,
      case
        when api_only then 'api-only'
        when account_state <> 'active' then 'inactive'
        when moved_at is not null then 'signed-in-unified'
        when password_set_at is not null then 'password-set'
        when mail_unreachable then 'unreachable'
        when code_sent_at is not null then 'code-requested'
        else 'never-seen'
      end as state,
      coalesce(last_legacy_at > ${after(now, -STILL_LEGACY)}, false) as still_legacy
    from (
      select l.account_id, l.console_user_id, l.api_only, a.email_address, a.email_key, a.name, a.company,
        a.state as account_state, a.code_sent_at, coalesce(p.first_set_at, p.set_at) as password_set_at,
        u.account_id is not null as mail_unreachable,
        (select d.first_at from sign_in_day d
          where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified' order by d.day limit 1) as moved_at,
        greatest(w.last_at, (select d.last_at from sign_in_day d
          where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'legacy' order by d.day desc limit 1)) as last_legacy_at
      from console_link l
      join account a on a.id = l.account_id
      left join password_credential p on p.account_id = l.account_id
      left join unreachable u on u.account_id = l.account_id
      left join unknown_console_user w on w.console_id = l.console_id and w.console_user_id = l.console_user_id
      where l.console_id = ${consoleId} and not starts_with(l.account_id, 'chk_') ${all ? sql`offset 0` : sql``}
    ) found`;
}

type PersonRow = {
  account_id: string;
  console_user_id: string;
  email_address: string;
  email_key: string;
  name: string;
  company: string;
  state: PersonState;
  code_sent_at: Date | null;
  password_set_at: Date | null;
  moved_at: Date | null;
  last_unified_day: string | null;
  last_legacy_at: Date | null;
  last_seen_at: Date | null;
  still_legacy: boolean;
  mail_unreachable: boolean;
};

function personIn(row: PersonRow): ProgressPerson {
  return {
    accountId: row.account_id,
    consoleUserId: row.console_user_id,
    emailAddress: row.email_address,
    name: row.name,
    company: row.company,
    state: row.state,
    codeSentAt: row.code_sent_at,
    passwordSetAt: row.password_set_at,
    movedAt: row.moved_at,
    lastUnifiedDay: row.last_unified_day,
    lastLegacyAt: row.last_legacy_at,
    lastSeenAt: row.last_seen_at,
    stillLegacy: row.still_legacy,
    mailUnreachable: row.mail_unreachable,
  };
}
