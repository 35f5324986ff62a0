import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { monthStart } from '#support/primitives/japan-months.ts';
import { monthCounts, type MonthTotals } from './counts.ts';

/** `limit`: short messages that the month may have, `left`: how many of them are still to be had; null: as many as wanted. */
export type Usage = MonthTotals & { readonly limit: number | null; readonly left: number | null };

/** What a company used of this month of Japan, and what is left of it. Rows of files that were confirmed and are still being queued are not left any more. */
export async function usageOfMonth(db: Db, companyId: string, now: Date): Promise<Usage> {
  const { month, from } = monthStart(now);
  // One statement: a row becomes a message between two, and would be seen as neither.
  const { rows } = await sql<Row>`
    select used.messages, used.parts, used.delivered, rules.monthly_parts as "limit",
      case when rules.monthly_parts is null then 0 else (
        select coalesce(sum(csv_row.parts), 0) from campaign join csv_row on csv_row.csv_id = campaign.csv_id
        where campaign.company_id = ${companyId} and campaign.work = 'queue') end as reserved
    from (select) as this_month left join ${monthCounts(db, companyId, from)} as used on true
    left join sending_rules as rules on rules.company_id = ${companyId}`.execute(db);
  const [row] = rows;
  const [messages, parts, delivered] = [row?.messages, row?.parts, row?.delivered].map((one) =>
    Number(one ?? 0),
  );
  const limit = row?.limit ?? null;
  return {
    month,
    messages: messages ?? 0,
    parts: parts ?? 0,
    delivered: delivered ?? 0,
    limit,
    left: limit === null ? null : Math.max(0, limit - (parts ?? 0) - Number(row?.reserved ?? 0)),
  };
}

type Row = {
  messages: string | null;
  parts: string | null;
  delivered: string | null;
  limit: number | null;
  reserved: string;
};

/** Whether a company has a limit for the month at all. */
export async function hasLimit(db: Db, companyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('sending_rules')
    .select('company_id')
    .where('company_id', '=', companyId)
    .where('monthly_parts', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Until the end of the transaction nobody else decides about this company's limit: what is left is left. Companies without a limit lock
 * nothing. Whoever locks something else of the company does so before.
 */
export async function lockLimit(trx: Db, companyId: string): Promise<void> {
  await trx
    .selectFrom('sending_rules')
    .select('company_id')
    .where('company_id', '=', companyId)
    .where('monthly_parts', 'is not', null)
    .forUpdate()
    .execute();
}
