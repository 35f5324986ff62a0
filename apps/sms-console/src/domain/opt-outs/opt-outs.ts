import { sql } from 'kysely';
import type { RecipientNumber } from '#domain/recipients/recipient-number.ts';
import { readRecipientNumber } from '#domain/recipients/recipient-number.ts';
import type { Db } from '#support/db/database.ts';

export type OptOut = {
  readonly number: string;
  readonly reason: string;
  readonly addedAt: Date;
  readonly addedBy: string | null;
};

export const LONGEST_REASON = 100;
const PAGE = 50;

/** A page of the numbers that get nothing more of this company, by number; `after` is the last of the page before. */
export async function listOptOuts(
  db: Db,
  companyId: string,
  { after, search }: { after: string; search: string },
): Promise<{ entries: readonly OptOut[]; next: string | null }> {
  const rows = await db
    .selectFrom('opt_out')
    .leftJoin('person', 'person.id', 'opt_out.added_by')
    .select([
      'opt_out.number as number',
      'opt_out.reason as reason',
      'opt_out.added_at as addedAt',
      'person.name as addedBy',
    ])
    .where('opt_out.company_id', '=', companyId)
    .where('opt_out.number', '>', after)
    .$if(search !== '', (query) => query.where('opt_out.number', 'like', `%${search}%`))
    .orderBy('opt_out.number')
    .limit(PAGE + 1)
    .execute();
  const entries = rows.slice(0, PAGE);
  return { entries, next: rows.length > PAGE ? (entries.at(-1)?.number ?? null) : null };
}

export async function countOptOuts(db: Db, companyId: string): Promise<number> {
  const { count } = await db
    .selectFrom('opt_out')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('company_id', '=', companyId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Puts a number on the list; one that is there stays with the reason and date that it has. */
export async function addOptOut(
  db: Db,
  by: { personId: string; companyId: string },
  typed: { number: string; reason: string },
  now: Date,
): Promise<RecipientNumber> {
  const read = readRecipientNumber(typed.number);
  if (read.ok) await addOptOuts(db, by, [{ number: read.number, reason: typed.reason }], now);
  return read;
}

/** Puts many numbers (E.164) on the list and returns how many are new. */
export async function addOptOuts(
  db: Db,
  by: { personId: string; companyId: string },
  entries: readonly { number: string; reason: string }[],
  now: Date,
): Promise<number> {
  if (entries.length === 0) return 0;
  const result = await sql`
    insert into opt_out (company_id, number, reason, added_at, added_by)
    select ${by.companyId}::bigint, number, reason, ${now}::timestamptz, ${by.personId}::bigint
    from unnest(${entries.map((one) => one.number)}::text[], ${entries.map((one) => one.reason.trim().slice(0, LONGEST_REASON))}::text[]) as one (number, reason)
    on conflict do nothing`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** Takes a number off the list: it may be written to again. False when it was not there. */
export async function removeOptOut(db: Db, companyId: string, number: string): Promise<boolean> {
  const result = await db
    .deleteFrom('opt_out')
    .where('company_id', '=', companyId)
    .where('number', '=', number)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Which of these numbers are on the company's list. */
export async function optedOutOf(
  db: Db,
  companyId: string,
  numbers: readonly string[],
): Promise<ReadonlySet<string>> {
  if (numbers.length === 0) return new Set();
  const rows = await db
    .selectFrom('opt_out')
    .select('number')
    .where('company_id', '=', companyId)
    .where(sql<boolean>`number = any(${numbers}::text[])`)
    .execute();
  return new Set(rows.map((row) => row.number));
}
