import { sql, type RawBuilder } from 'kysely';
import { stillUnproved } from '#domain/consoles/links.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { actorOf, namesConsoleUsers, type Provider } from './provider.ts';

/** What a provider said of a person, beyond who it is. */
export type Profile = {
  displayName?: string;
  name?: { formatted?: string; familyName?: string; givenName?: string };
  preferredLanguage?: string;
};

/** A person as one provider may see them. */
export type ProvisionedPerson = {
  consoleUserId: string;
  accountId: string;
  externalId: string | null;
  userName: string;
  profile: Profile;
  company: string;
  active: boolean;
  /** The login ID that this provider asked for, while its mailbox is to be proved. */
  pendingUserName: string | null;
  createdAt: Date;
  changedAt: Date;
  /** See `isUnproved`: what the account is beyond what was said of it here is not shown. */
  unproved: boolean;
  /** Whether somebody said anything of this person by SCIM yet. */
  provisioned: boolean;
  deactivated: boolean;
};

/** Which people: all that are given must fit. At most one of the first three is looked up, the rest is compared. */
export type Wanted = { id?: string; externalId?: string; userName?: string; active?: boolean };
export type Page = { offset: number; limit: number } | { after: string; limit: number };

/** One person of this provider, or undefined for an unknown one as for another's. */
export async function personOf(
  db: Db,
  provider: Provider,
  consoleUserId: string,
  now: Date,
): Promise<ProvisionedPerson | undefined> {
  const rows = await read(db, provider, sql`(values (${consoleUserId}::text)) w (console_user_id)`, now);
  return rows[0];
}

/**
 * The people of a provider in the order of their ids, and how many there are; null where pages go on from an id, because counting a million costs more than the page.
 * @param page.after the id after which the page begins; '' at the beginning
 */
export async function peopleOf(
  db: Db,
  provider: Provider,
  wanted: Wanted,
  page: Page,
  now: Date,
): Promise<{ people: readonly ProvisionedPerson[]; total: number | null }> {
  const { id, externalId, userName, active } = wanted;
  if (id !== undefined || externalId !== undefined || userName !== undefined) {
    const found = (await read(db, provider, candidates(provider, wanted), now)).filter((person) =>
      fits(person, wanted),
    );
    const from =
      'offset' in page ? page.offset : found.filter((one) => one.consoleUserId <= page.after).length;
    return { people: found.slice(from, from + page.limit), total: found.length };
  }
  const all = sql`(${membersOf(provider, active)}) m`;
  const place =
    'offset' in page
      ? sql`order by console_user_id offset ${page.offset} limit ${page.limit}`
      : sql`where console_user_id > ${page.after} order by console_user_id limit ${page.limit}`;
  const total =
    'offset' in page
      ? await sql<{ total: number }>`select count(*)::integer as total from ${all}`.execute(db)
      : undefined;
  const people =
    page.limit === 0
      ? []
      : await read(db, provider, sql`(select console_user_id from ${all} ${place}) w`, now);
  return { people, total: total ? (total.rows[0]?.total ?? 0) : null };
}

/** The ids of those whom one key can mean. */
function candidates({ console, directory, ...rest }: Provider, wanted: Wanted): RawBuilder<unknown> {
  const provider = { console, directory, ...rest };
  if (wanted.id !== undefined) return sql`(values (${wanted.id}::text)) w (console_user_id)`;
  if (wanted.externalId !== undefined)
    return namesConsoleUsers(provider)
      ? sql`(values (${wanted.externalId}::text)) w (console_user_id)`
      : sql`(select console_user_id from provisioned_user
          where directory_id = ${directory?.id ?? ''} and external_id = ${wanted.externalId}) w`;
  const address = parseEmailAddress(wanted.userName);
  const key = address.ok ? address.key : '';
  return sql`(
    select l.console_user_id from account a join console_link l on l.account_id = a.id and l.console_id = ${console.id}
      where a.email_key = ${key}
    union select console_user_id from provisioned_user where console_id = ${console.id} and user_key = ${key}) w`;
}

function fits(person: ProvisionedPerson, { id, externalId, userName, active }: Wanted): boolean {
  return (
    (id === undefined || person.consoleUserId === id) &&
    (externalId === undefined || person.externalId === externalId) &&
    (userName === undefined || sameAddress(person.userName, userName)) &&
    (active === undefined || person.active === active)
  );
}

/** Whether two spellings mean one mailbox. */
export function sameAddress(one: string, other: string): boolean {
  const [a, b] = [parseEmailAddress(one), parseEmailAddress(other)];
  return a.ok && b.ok && a.key === b.key;
}

/** The ids of a provider's people: each part of it is read from an index, in the order of the ids where there are many. */
function membersOf({ console, directory }: Provider, active: boolean | undefined): RawBuilder<unknown> {
  const company = directory?.company ?? null;
  const members =
    company === null
      ? sql`select console_user_id from console_link where console_id = ${console.id}`
      : sql`
        select l.console_user_id from account a join console_link l on l.account_id = a.id and l.console_id = ${console.id}
        where a.company <> '' and a.company = ${company} and not exists (
          select from provisioned_user p where p.console_id = l.console_id and p.console_user_id = l.console_user_id and p.company is not null)
        union all select console_user_id from provisioned_user where console_id = ${console.id} and company = ${company}`;
  if (active === undefined) return members;
  // Few people are not active: they are found first, and taken out of the others.
  const inactive = sql`
    select console_user_id from console_link where console_id = ${console.id} and deactivated_at is not null
    union select l.console_user_id from account a join console_link l on l.account_id = a.id and l.console_id = ${console.id}
      left join provisioned_user p on p.console_id = l.console_id and p.console_user_id = l.console_user_id
      where a.state <> 'active' and not coalesce(${stillUnproved}, false)`;
  return active
    ? sql`select console_user_id from (${members}) s where console_user_id not in (${inactive})`
    : sql`select console_user_id from (${inactive}) i where console_user_id in (${members})`;
}

type Row = {
  console_user_id: string;
  account_id: string;
  linked_at: Date;
  deactivated_at: Date | null;
  email_address: string;
  email_key: string;
  account_name: string;
  account_company: string;
  locale: string | null;
  state: AccountRow['state'];
  directory_id: string | null;
  external_id: string | null;
  user_name: string | null;
  user_key: string | null;
  company: string | null;
  profile: Profile | null;
  created_at: Date | null;
  updated_at: Date | null;
  unproved: boolean;
  pending: string | null;
};

/** The people with these ids whom the provider may see. */
async function read(
  db: Db,
  provider: Provider,
  ids: RawBuilder<unknown>,
  now: Date,
): Promise<ProvisionedPerson[]> {
  const { console, directory } = provider;
  const company = directory?.company ?? null;
  const { rows } = await sql<Row>`
    select l.console_user_id, l.account_id, l.created_at as linked_at, l.deactivated_at, a.email_address, a.email_key,
      a.name as account_name, a.company as account_company, a.locale, a.state, p.directory_id, p.external_id,
      p.user_name, p.user_key, p.company, p.profile, p.created_at, p.updated_at, coalesce(${stillUnproved}, false) as unproved,
      (select c.new_address from login_id_change c
        where c.account_id = a.id and c.operator = ${actorOf(provider)} and c.confirmed_at is null and c.superseded_at is null
          and c.base_version = a.login_id_version and c.requested_at > ${now}::timestamptz - interval '1 day'
        order by c.requested_at desc limit 1) as pending
    from ${ids}
    join console_link l on l.console_id = ${console.id} and l.console_user_id = w.console_user_id
    join account a on a.id = l.account_id
    left join provisioned_user p on p.console_id = l.console_id and p.console_user_id = l.console_user_id
    where ${company}::text is null or coalesce(p.company, a.company) = ${company}
    order by l.console_user_id`.execute(db);
  return rows.map((row) => personIn(row, provider));
}

function personIn(row: Row, provider: Provider): ProvisionedPerson {
  const own = row.user_key === row.email_key || row.unproved ? row.user_name : null;
  const isOurs = provider.directory !== null && row.directory_id === provider.directory.id;
  return {
    consoleUserId: row.console_user_id,
    accountId: row.account_id,
    externalId: namesConsoleUsers(provider) ? row.console_user_id : isOurs ? row.external_id : null,
    userName: own ?? row.email_address,
    profile: row.profile ?? {
      ...(row.account_name === '' ? {} : { displayName: row.account_name }),
      ...(row.locale === null ? {} : { preferredLanguage: row.locale }),
    },
    company: row.company ?? (row.profile ? '' : row.account_company),
    active: row.deactivated_at === null && (row.state === 'active' || row.unproved),
    pendingUserName: row.pending,
    createdAt: row.created_at ?? row.linked_at,
    changedAt: row.updated_at ?? row.linked_at,
    unproved: row.unproved,
    provisioned: row.profile !== null,
    deactivated: row.deactivated_at !== null,
  };
}
