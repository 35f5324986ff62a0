import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { LoginIdDriftRow } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';

/** A person as a console has them; `version` of the login ID that it took over last, null when it never took one. */
export type ComparedPerson = { consoleUserId: string; emailAddress: string; version: number | null };

/** What a console is told of a person with whom something is different. */
export type Difference =
  | { consoleUserId: string; action: 'take'; emailAddress: string; version: number }
  | { consoleUserId: string; action: 'listed' }
  | { consoleUserId: string; action: 'unknown-user' };

/** What the login server knows of a compared person. */
export type KnownPerson = {
  accountId: string;
  address: string;
  key: string;
  version: number;
  /** The console's address was a login ID of this account before. */
  isFormer: boolean;
  /** The console's address is another account's login ID. */
  isOthers: boolean;
  /** The console named this person by itself, and the person has never entered it. */
  isUnentered: boolean;
};

export type Verdict = 'same' | 'take' | LoginIdDriftRow['kind'];

type Listed = ComparedPerson & {
  kind: LoginIdDriftRow['kind'];
  accountId: string;
  accountVersion: number;
};

/**
 * What a difference means, from the safest on. A console that has an address which the account had before is behind, and so is one that knows only an older version: it takes ours. Whatever
 * else is different came into the console without us, and nobody but people can say which address is right.
 */
export function verdictOn(
  console: { key: string | undefined; version: number | null },
  account: Pick<KnownPerson, 'key' | 'version' | 'isFormer' | 'isOthers'>,
): Verdict {
  const { key, version } = console;
  if (version !== null && version > account.version) return 'console-ahead';
  const isBehind = (version ?? 0) < account.version;
  if (key === account.key) return isBehind ? 'take' : 'same';
  if (isBehind && account.isFormer) return 'take';
  if (key === undefined) return 'address-malformed';
  return account.isOthers ? 'address-of-another' : 'console-changed';
}

/**
 * Compares the addresses of a console's people with their login IDs (R18). What only people can decide is listed for operators; what was listed and is no more different is taken from the list, and
 * with the `last` part of a round everybody of this console whom the round did not name.
 */
export async function compareLoginIds(
  db: Db,
  consoleId: string,
  compared: { round: string; last: boolean; people: readonly ComparedPerson[] },
  now: Date,
): Promise<Difference[]> {
  const people = [...new Map(compared.people.map((one) => [one.consoleUserId, one])).values()].map((one) => {
    const address = parseEmailAddress(one.emailAddress);
    return { ...one, key: address.ok ? address.key : undefined };
  });
  return db.transaction().execute(async (trx) => {
    const known = await knownPeople(trx, consoleId, people);
    const differences: Difference[] = [];
    const listed: Listed[] = [];
    const settled: string[] = [];
    for (const one of people) {
      const { consoleUserId } = one;
      const account = known.get(consoleUserId);
      const verdict = account && verdictOn(one, account);
      // Nobody has said yet that they are this console's user: neither what their login ID is nor whether they had one before is told (docs/decisions/0031).
      if (account?.isUnentered) settled.push(consoleUserId);
      else if (!account || verdict === undefined) {
        differences.push({ consoleUserId, action: 'unknown-user' });
        settled.push(consoleUserId);
      } else if (verdict === 'same') {
        settled.push(consoleUserId);
      } else if (verdict === 'take') {
        const { address: emailAddress, version } = account;
        differences.push({ consoleUserId, action: 'take', emailAddress, version });
        settled.push(consoleUserId);
      } else {
        differences.push({ consoleUserId, action: 'listed' });
        listed.push({ ...one, kind: verdict, accountId: account.accountId, accountVersion: account.version });
      }
    }
    await forget(trx, consoleId, settled);
    await list(trx, { consoleId, round: compared.round }, listed, now);
    if (compared.last)
      await trx
        .deleteFrom('login_id_drift')
        .where('console_id', '=', consoleId)
        .where('round', '!=', compared.round)
        .execute();
    return differences;
  });
}

async function knownPeople(
  trx: Db,
  consoleId: string,
  people: readonly { consoleUserId: string; key: string | undefined }[],
): Promise<Map<string, KnownPerson>> {
  const wanted = JSON.stringify(people.map(({ consoleUserId: id, key = null }) => ({ id, key })));
  const { rows } = await sql<KnownPerson & { id: string }>`
    select w.id, a.id as "accountId", a.email_address as address, a.email_key as key, a.login_id_version as version,
      exists (
        select from login_id_change c
        where c.account_id = a.id and c.confirmed_at is not null and (c.old_key = w.key or c.new_key = w.key)
      ) as "isFormer",
      exists (select from account other where other.email_key = w.key and other.id != a.id) as "isOthers",
      exists (select from provisioned_user p where p.console_id = l.console_id and p.console_user_id = l.console_user_id)
        and not exists (select from sign_in_day d where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified')
        as "isUnentered"
    from json_to_recordset(${wanted}::json) as w (id text, key text)
    join console_link l on l.console_id = ${consoleId} and l.console_user_id = w.id
    join account a on a.id = l.account_id and a.state != 'closed'`.execute(trx);
  return new Map(rows.map(({ id, ...person }) => [id, person]));
}

async function forget(trx: Db, consoleId: string, consoleUserIds: readonly string[]): Promise<void> {
  await sql`
    delete from login_id_drift
    where console_id = ${consoleId} and console_user_id = any(${consoleUserIds}::text[])`.execute(trx);
}

/** Lists what was found, in one order, so that two parts at once wait for each other. What an operator settled stays settled while the facts are the same. */
async function list(
  trx: Db,
  at: { consoleId: string; round: string },
  found: readonly Listed[],
  now: Date,
): Promise<void> {
  if (found.length === 0) return;
  const rows = found
    .toSorted((a, b) => (a.consoleUserId < b.consoleUserId ? -1 : 1))
    .map((one) => ({ id: newId('drf', now), ...one }));
  const changed = sql`(d.kind, d.console_address, d.console_version, d.account_version)
    is distinct from (excluded.kind, excluded.console_address, excluded.console_version, excluded.account_version)`;
  await sql`
    insert into login_id_drift as d (id, console_id, console_user_id, account_id, kind, console_address, console_version,
      account_version, round, first_seen_at, last_seen_at)
    select id, ${at.consoleId}, "consoleUserId", "accountId", kind, "emailAddress", version, "accountVersion", ${at.round}, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(rows)}::json) as new (id text, "consoleUserId" text, "accountId" text, kind text,
      "emailAddress" text, version integer, "accountVersion" integer)
    on conflict (console_id, console_user_id) do update set
      account_id = excluded.account_id, kind = excluded.kind, console_address = excluded.console_address,
      console_version = excluded.console_version, account_version = excluded.account_version,
      round = excluded.round, last_seen_at = excluded.last_seen_at,
      state = case when ${changed} then 'open' else d.state end,
      note = case when ${changed} then '' else d.note end,
      settled_by = case when ${changed} then null else d.settled_by end,
      first_seen_at = case when ${changed} then excluded.first_seen_at else d.first_seen_at end`.execute(trx);
}
