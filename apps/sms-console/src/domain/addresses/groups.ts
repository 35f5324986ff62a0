import { sql } from 'kysely';
import { readRecipientNumber, type NumberFault } from '#domain/recipients/recipient-number.ts';
import { isUniqueViolation, type Db } from '#support/db/database.ts';
import { isId, newId } from '#support/primitives/ids.ts';

/** People who are written to together. `columns` are what is known of each beside the number; they fill placeholders. */
export type AddressGroup = {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly entries: number;
};
export type Address = {
  readonly id: string;
  readonly number: string;
  readonly fields: Readonly<Record<string, string>>;
};

export type GroupFault = 'name-missing' | 'name-too-long' | 'name-taken' | 'too-many-groups';
export type SavedGroup = { ok: true; id: string } | { ok: false; reason: GroupFault };
export type AddressFault = NumberFault | 'number-there' | 'group-full' | 'gone';
export type SavedAddress = { ok: true } | { ok: false; reason: AddressFault };

export const LONGEST_NAME = 60;
export const MOST_GROUPS = 200;
/** A larger group is a file's work. */
export const MOST_ENTRIES = 10_000;
export const LONGEST_FIELD = 200;
/** What a group has as columns when nobody says otherwise. */
export const NAME_COLUMN = '名前';
const PAGE = 50;

/** The groups of a company by name, with how many entries each has. */
export async function listGroups(db: Db, companyId: string): Promise<readonly AddressGroup[]> {
  const rows = await groups(db, companyId).orderBy('name').orderBy('id').execute();
  return rows.map((row) => ({ ...row, entries: Number(row.entries) }));
}

/** One group of the company; null for any other id. */
export async function findGroup(db: Db, companyId: string, id: string): Promise<AddressGroup | null> {
  if (!isId('grp', id)) return null;
  const row = await groups(db, companyId).where('id', '=', id).executeTakeFirst();
  return row ? { ...row, entries: Number(row.entries) } : null;
}

export async function createGroup(
  db: Db,
  companyId: string,
  typedName: string,
  now: Date,
): Promise<SavedGroup> {
  const name = typedName.trim().replace(/\s+/g, ' ');
  if (name === '') return { ok: false, reason: 'name-missing' };
  if ([...name].length > LONGEST_NAME) return { ok: false, reason: 'name-too-long' };
  const id = newId('grp', now);
  try {
    return await db.transaction().execute(async (trx): Promise<SavedGroup> => {
      await trx.selectFrom('company').select('id').where('id', '=', companyId).forUpdate().execute();
      const { count } = await trx
        .selectFrom('address_group')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('company_id', '=', companyId)
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_GROUPS) return { ok: false, reason: 'too-many-groups' };
      await trx
        .insertInto('address_group')
        .values({ id, company_id: companyId, name, columns: [NAME_COLUMN], created_at: now })
        .execute();
      return { ok: true, id };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'address_group_name')) return { ok: false, reason: 'name-taken' };
    throw error;
  }
}

/** The group with all its entries goes; messages that were sent to them stay. False when there was none. */
export async function deleteGroup(db: Db, companyId: string, id: string): Promise<boolean> {
  const result = await db
    .deleteFrom('address_group')
    .where('id', '=', id)
    .where('company_id', '=', companyId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** A page of a group's entries in the order in which they came; `after` is the id of the last of the page before. */
export async function listAddresses(
  db: Db,
  groupId: string,
  after: string,
): Promise<{ entries: readonly Address[]; next: string | null }> {
  const rows = await db
    .selectFrom('address')
    .select(['id', 'number', 'fields'])
    .where('group_id', '=', groupId)
    .where('id', '>', /^\d{1,18}$/.test(after) ? after : '0')
    .orderBy('id')
    .limit(PAGE + 1)
    .execute();
  const entries = rows.slice(0, PAGE);
  return { entries, next: rows.length > PAGE ? (entries.at(-1)?.id ?? null) : null };
}

/** Adds one entry. `fields` by the group's columns; others are left out. */
export async function addAddress(
  db: Db,
  group: AddressGroup,
  typed: { number: string; fields: Readonly<Record<string, string>> },
  now: Date,
): Promise<SavedAddress> {
  const read = readRecipientNumber(typed.number);
  if (!read.ok) return read;
  const fields = Object.fromEntries(
    group.columns.map((column) => [column, (typed.fields[column] ?? '').trim().slice(0, LONGEST_FIELD)]),
  );
  return db.transaction().execute(async (trx): Promise<SavedAddress> => {
    const room = await lockGroup(trx, group.id);
    if (room === null) return { ok: false, reason: 'gone' };
    if (room < 1) return { ok: false, reason: 'group-full' };
    const added = await insertAddresses(trx, group.id, [{ number: read.number, fields }], now);
    return added === 1 ? { ok: true } : { ok: false, reason: 'number-there' };
  });
}

export async function removeAddress(db: Db, groupId: string, id: string): Promise<boolean> {
  if (!/^\d{1,18}$/.test(id)) return false;
  const result = await db
    .deleteFrom('address')
    .where('id', '=', id)
    .where('group_id', '=', groupId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** All entries of these groups of the company, in order; `gone` are the groups that are not there (any more). */
export async function addressesOf(
  db: Db,
  companyId: string,
  groupIds: readonly string[],
): Promise<{ groups: readonly AddressGroup[]; entries: readonly Address[] }> {
  if (groupIds.length === 0) return { groups: [], entries: [] };
  const found = await groups(db, companyId).where('id', 'in', groupIds).execute();
  if (found.length === 0) return { groups: [], entries: [] };
  const entries = await db
    .selectFrom('address')
    .select(['id', 'number', 'fields'])
    .where(
      'group_id',
      'in',
      found.map(({ id }) => id),
    )
    .orderBy('group_id')
    .orderBy('id')
    .execute();
  return { groups: found.map((one) => ({ ...one, entries: Number(one.entries) })), entries };
}

/** Locks the group, so that those who add entries at once do so one after the other; returns how many more it has room for, null when it is gone. */
export async function lockGroup(trx: Db, groupId: string): Promise<number | null> {
  const there = await trx
    .selectFrom('address_group')
    .select('id')
    .where('id', '=', groupId)
    .forUpdate()
    .executeTakeFirst();
  if (!there) return null;
  const { count } = await trx
    .selectFrom('address')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('group_id', '=', groupId)
    .executeTakeFirstOrThrow();
  return MOST_ENTRIES - Number(count);
}

/** Returns how many were new; a number that the group has keeps its entry. */
export async function insertAddresses(
  trx: Db,
  groupId: string,
  entries: readonly Omit<Address, 'id'>[],
  now: Date,
): Promise<number> {
  const result = await sql`
    insert into address (group_id, number, fields, added_at)
    select ${groupId}, number, fields::jsonb, ${now}::timestamptz
    from unnest(${entries.map((one) => one.number)}::text[], ${entries.map((one) => JSON.stringify(one.fields))}::text[]) as one (number, fields)
    on conflict do nothing`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}

function groups(db: Db, companyId: string) {
  return db
    .selectFrom('address_group')
    .select((eb) => [
      'id',
      'name',
      'columns',
      eb
        .selectFrom('address')
        .select(eb.fn.countAll<string>().as('count'))
        .whereRef('address.group_id', '=', 'address_group.id')
        .as('entries'),
    ])
    .where('company_id', '=', companyId);
}
