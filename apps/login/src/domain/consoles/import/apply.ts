import { sql } from 'kysely';
import { reservedKeys } from '#domain/accounts/reserved.ts';
import type { Db, Trx } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { decide, type Decision, type Fill, type KnownAccount } from './decide.ts';
import type { Person } from './rows.ts';

export type Decided = { person: Person; decision: Decision };

/** Someone else wrote between our reading and our writing; the batch must be rolled back and decided anew. */
export class Overtaken extends Error {}

/** Decides on people who are each the first in the file with their id and address, by three statements. Writes nothing. */
export async function decideAll(
  db: Db,
  consoleId: string,
  people: readonly Person[],
  now: Date,
): Promise<Decided[]> {
  const found = await sql<KnownAccountRow>`
    with wanted_link as (
      select account_id, console_user_id from console_link
      where console_id = ${consoleId} and console_user_id = any(${people.map((one) => one.id)}::text[])
    ), wanted_account as (
      select id from account where email_key = any(${people.map((one) => one.key)}::text[])
      union select account_id from wanted_link
    )
    select a.id, a.email_key as key, a.email_address as address, a.name, a.company, a.locale, a.state = 'closed' as closed,
      l.console_user_id as "linkedId", l.api_only as "linkedApiOnly"
    from wanted_account w
    join account a on a.id = w.id
    left join console_link l on l.account_id = a.id and l.console_id = ${consoleId}`.execute(db);
  const reserved = await reservedKeys(
    db,
    people.map((one) => one.key),
    now,
  );
  const byId = new Map(
    found.rows.flatMap((row) => (row.linkedId === null ? [] : [[row.linkedId, row] as const])),
  );
  const byKey = new Map(found.rows.map((row) => [row.key, row]));
  return people.map((person) => ({
    person,
    decision: decide(person, byId.get(person.id), byKey.get(person.key), reserved.has(person.key)),
  }));
}

/**
 * Carries out what was decided, in at most eight statements. New accounts are inserted in the order of their keys, so that two imports
 * of the same people wait for each other instead of blocking each other.
 * @throws Overtaken if an account or link came into being meanwhile
 */
export async function writeAll(
  trx: Trx,
  consoleId: string,
  decided: readonly Decided[],
  now: Date,
): Promise<{ legacyPasswords: number }> {
  const created = decided
    .filter(({ decision }) => decision.do === 'create')
    .map(({ person: { id, address, key, name, company, locale, apiOnly } }) => ({
      account: newId('acc', now),
      id,
      address,
      key,
      name,
      company,
      locale,
      apiOnly,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const links = [
    ...created.map(({ account, id, apiOnly }) => ({ account, id, apiOnly: apiOnly === true })),
    ...decided.flatMap(({ person, decision }) =>
      decision.do === 'link'
        ? [{ account: decision.accountId, id: person.id, apiOnly: person.apiOnly === true }]
        : [],
    ),
  ];
  const fills = decided.flatMap(({ decision }) =>
    'fill' in decision && decision.fill ? [decision.fill] : [],
  );
  if (created.length > 0) await insertAccounts(trx, created, now);
  if (links.length > 0) await insertLinks(trx, consoleId, links, now);
  if (fills.length > 0) await fillAccounts(trx, fills, now);
  const told = decided.flatMap(({ person: { id, apiOnly }, decision }) =>
    decision.do === 'fill' && apiOnly !== null ? [{ id, apiOnly }] : [],
  );
  if (told.length > 0) await tellApiOnly(trx, consoleId, told);
  const hashes = decided.flatMap(({ person, decision }) =>
    person.passwordHash && decision.do !== 'refuse' ? [{ id: person.id, ...person.passwordHash }] : [],
  );
  return { legacyPasswords: hashes.length > 0 ? await keepHashes(trx, consoleId, hashes, now) : 0 };
}

type KnownAccountRow = KnownAccount;
type NewAccount = {
  account: string;
  address: string;
  key: string;
  name: string;
  company: string;
  locale: Locale | null;
};

async function insertAccounts(trx: Trx, accounts: readonly NewAccount[], now: Date): Promise<void> {
  const result = await sql`
    insert into account (id, email_address, email_key, name, company, locale, created_at, updated_at)
    select account, address, key, name, company, locale, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(accounts)}::json)
      as new (account text, address text, key text, name text, company text, locale text)
    on conflict (email_key) do nothing`.execute(trx);
  allOrOvertaken(result.numAffectedRows, accounts.length);
  // A login ID may have moved away while we waited for its address.
  const reserved = await reservedKeys(
    trx,
    accounts.map((one) => one.key),
    now,
  );
  if (reserved.size > 0) throw new Overtaken();
}

async function insertLinks(
  trx: Trx,
  consoleId: string,
  links: readonly { account: string; id: string; apiOnly: boolean }[],
  now: Date,
): Promise<void> {
  const result = await sql`
    insert into console_link (console_id, console_user_id, account_id, created_at, api_only)
    select ${consoleId}, id, account, ${now}, "apiOnly"
    from json_to_recordset(${JSON.stringify(links)}::json) as new (id text, account text, "apiOnly" boolean)
    on conflict do nothing`.execute(trx);
  allOrOvertaken(result.numAffectedRows, links.length);
}

async function fillAccounts(trx: Trx, fills: readonly Fill[], now: Date): Promise<void> {
  await sql`
    update account a set
      name = case when a.name = '' then f.name else a.name end,
      company = case when a.company = '' then f.company else a.company end,
      locale = coalesce(a.locale, f.locale),
      updated_at = ${now}
    from json_to_recordset(${JSON.stringify(fills)}::json) as f ("accountId" text, name text, company text, locale text)
    where a.id = f."accountId"`.execute(trx);
}

async function tellApiOnly(
  trx: Trx,
  consoleId: string,
  told: readonly { id: string; apiOnly: boolean }[],
): Promise<void> {
  await sql`
    update console_link l set api_only = t."apiOnly"
    from json_to_recordset(${JSON.stringify(told)}::json) as t (id text, "apiOnly" boolean)
    where l.console_id = ${consoleId} and l.console_user_id = t.id and l.api_only != t."apiOnly"`.execute(
    trx,
  );
}

/**
 * Keeps the hashes of those who have no password at the unified login, as long as the console wants them (R21): whoever switches that off waits for this batch and
 * then deletes what it kept. The accounts are locked, so that nobody sets a password in between and leaves a hash behind.
 */
async function keepHashes(
  trx: Trx,
  consoleId: string,
  hashes: readonly { id: string; hash: string; kind: string }[],
  now: Date,
): Promise<number> {
  const wanted = await trx
    .selectFrom('console')
    .select('id')
    .where('id', '=', consoleId)
    .where('legacy_passwords', '=', 'imported')
    .forShare()
    .executeTakeFirst();
  if (!wanted) return 0;
  await sql`
    select a.id from account a join console_link l on l.account_id = a.id
    where l.console_id = ${consoleId} and l.console_user_id = any(${hashes.map((one) => one.id)}::text[])
    order by a.id for update of a`.execute(trx);
  const kept = await sql`
    insert into legacy_credential as c (console_id, account_id, password_hash, kind, imported_at)
    select l.console_id, l.account_id, new.hash, new.kind, ${now}
    from json_to_recordset(${JSON.stringify(hashes)}::json) as new (id text, hash text, kind text)
    join console_link l on l.console_id = ${consoleId} and l.console_user_id = new.id
    where not exists (select from password_credential p where p.account_id = l.account_id)
    on conflict (console_id, account_id) do update set
      password_hash = excluded.password_hash, kind = excluded.kind, imported_at = excluded.imported_at`.execute(
    trx,
  );
  return Number(kept.numAffectedRows ?? 0);
}

function allOrOvertaken(affected: bigint | undefined, wanted: number): void {
  if (affected !== BigInt(wanted)) throw new Overtaken();
}
