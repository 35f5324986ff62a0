import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { MessageState } from '#support/db/schema.ts';

export type Counts = {
  readonly counts: Readonly<Partial<Record<MessageState, number>>>;
  readonly parts: number;
};

/** How many messages of a campaign are in which state, and how many short messages they are. Read from the index alone. */
export async function countsOfCampaign(db: Db, campaignId: string): Promise<Counts> {
  const rows = await campaignCounts(db, campaignId).execute();
  return {
    counts: Object.fromEntries(rows.map(({ state, messages }) => [state, Number(messages)])),
    parts: rows.reduce((sum, row) => sum + Number(row.parts), 0),
  };
}

/** The query of `countsOfCampaign`, for the test that explains it. */
export function campaignCounts(db: Db, campaignId: string) {
  return db
    .selectFrom('message')
    .where('campaign_id', '=', campaignId)
    .groupBy('state')
    .select((eb) => [
      'state',
      eb.fn.countAll<string>().as('messages'),
      sql<string>`coalesce(sum(parts), 0)`.as('parts'),
    ]);
}

/** What a company handed over in one month of Japan, without what it cancelled. */
export type MonthTotals = {
  /** Such as 2026-11. */
  readonly month: string;
  readonly messages: number;
  /** Short messages used: of all but the cancelled and the failed. */
  readonly parts: number;
  readonly delivered: number;
};

/** The totals of months from `from` on (first days of months in Japan), newest first; months without a message are left out. */
export async function monthTotals(db: Db, companyId: string, from: Date): Promise<readonly MonthTotals[]> {
  const rows = await monthCounts(db, companyId, from).execute();
  return rows.map((row) => ({
    month: row.month,
    messages: Number(row.messages),
    parts: Number(row.parts),
    delivered: Number(row.delivered),
  }));
}

/** The query of `monthTotals`, for the test that explains it. */
export function monthCounts(db: Db, companyId: string, from: Date) {
  const month = sql<string>`to_char(accepted_at at time zone 'Asia/Tokyo', 'YYYY-MM')`;
  const used = sql`state not in ('cancelled', 'failed')`;
  return db
    .selectFrom('message')
    .where('company_id', '=', companyId)
    .where('accepted_at', '>=', from)
    .groupBy(month)
    .orderBy(month, 'desc')
    .select([
      month.as('month'),
      sql<string>`count(*) filter (where state <> 'cancelled')`.as('messages'),
      sql<string>`coalesce(sum(parts) filter (where ${used}), 0)`.as('parts'),
      sql<string>`count(*) filter (where state = 'delivered')`.as('delivered'),
    ]);
}
