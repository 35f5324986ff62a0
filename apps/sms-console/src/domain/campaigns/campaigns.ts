import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { CampaignState, CampaignWork, MessageState } from '#support/db/schema.ts';
import { firstId, isId } from '#support/primitives/ids.ts';

/** One sending to one or many. */
export type Campaign = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'composed' | 'csv' | 'api';
  readonly state: CampaignState;
  readonly body: string;
  readonly sendAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: string | null;
  readonly confirmedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Its messages still follow what was done last. */
  readonly work: CampaignWork | null;
};
export type MessageCounts = Readonly<Record<MessageState, number>> & {
  readonly all: number;
  readonly parts: number;
};

/** `name`: a part of it. `from` and `until`: when it was made. */
export type CampaignFilter = {
  readonly name?: string;
  readonly state?: CampaignState | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
};

const PAGE = 20;

/** A page of a company's campaigns, newest first; `before` is the id of the last of the page before. */
export async function listCampaigns(
  db: Db,
  companyId: string,
  {
    before = '',
    limit = PAGE,
    name = '',
    state,
    from,
    until,
  }: { before?: string; limit?: number } & CampaignFilter,
): Promise<{ campaigns: readonly Campaign[]; next: string | null }> {
  const rows = await campaigns(db, companyId)
    .$if(isId('cmp', before), (query) => query.where('campaign.id', '<', before))
    .$if(name !== '', (query) =>
      query.where('campaign.name', 'ilike', `%${name.replace(/[\\%_]/g, '\\$&')}%`),
    )
    .$if(state !== undefined, (query) => query.where('campaign.state', '=', state ?? 'finished'))
    .$if(from !== undefined, (query) => query.where('campaign.id', '>=', from ? firstId('cmp', from) : ''))
    .$if(until !== undefined, (query) => query.where('campaign.id', '<', until ? firstId('cmp', until) : ''))
    .orderBy('campaign.id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  return { campaigns: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}

/** One campaign of the company; null for any other id. */
export async function findCampaign(db: Db, companyId: string, id: string): Promise<Campaign | null> {
  if (!isId('cmp', id)) return null;
  return (await campaigns(db, companyId).where('campaign.id', '=', id).executeTakeFirst()) ?? null;
}

/** How the messages of a campaign stand. */
export async function countMessages(db: Db, campaignId: string): Promise<MessageCounts> {
  const rows = await db
    .selectFrom('message')
    .select(['state', sql<string>`count(*)`.as('count'), sql<string>`coalesce(sum(parts), 0)`.as('parts')])
    .where('campaign_id', '=', campaignId)
    .groupBy('state')
    .execute();
  const counts = { ...NONE };
  for (const row of rows) {
    counts[row.state] = Number(row.count);
    counts.all += Number(row.count);
    counts.parts += Number(row.parts);
  }
  return counts;
}

const NONE = {
  held: 0,
  queued: 0,
  sending: 0,
  sent: 0,
  delivered: 0,
  undelivered: 0,
  expired: 0,
  failed: 0,
  cancelled: 0,
  all: 0,
  parts: 0,
};

function campaigns(db: Db, companyId: string) {
  return db
    .selectFrom('campaign')
    .leftJoin('person', 'person.id', 'campaign.created_by')
    .where('campaign.company_id', '=', companyId)
    .select([
      'campaign.id as id',
      'campaign.name as name',
      'campaign.kind as kind',
      'campaign.state as state',
      'campaign.body as body',
      'campaign.send_at as sendAt',
      'campaign.created_at as createdAt',
      'campaign.confirmed_at as confirmedAt',
      'campaign.finished_at as finishedAt',
      'campaign.work as work',
      'person.name as createdBy',
    ]);
}
