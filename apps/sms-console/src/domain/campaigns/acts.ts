import { sql } from 'kysely';
import { dueAt } from '#domain/sending-rules/quiet-hours.ts';
import { rulesOf } from '#domain/sending-rules/sending-rules.ts';
import type { Db } from '#support/db/database.ts';
import type { CampaignState } from '#support/db/schema.ts';

export type CampaignAct = 'pause' | 'resume' | 'cancel';
/** From which states each act leads on; in any other it is refused and changes nothing. */
export const ACTS_IN: Readonly<Record<CampaignState, readonly CampaignAct[]>> = {
  preparing: ['pause', 'cancel'],
  held: ['cancel'],
  scheduled: ['pause', 'cancel'],
  sending: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  cancelled: [],
  finished: [],
};

/**
 * Pauses, resumes or cancels a campaign: its state first, by one guarded statement; its messages follow in batches (`work`). What is
 * on its way to the carrier already cannot be stopped. False when the campaign is not the company's or does not stand so.
 */
export async function actOnCampaign(
  db: Db,
  companyId: string,
  { id, act }: { id: string; act: CampaignAct },
  now: Date,
): Promise<boolean> {
  const from = (Object.keys(ACTS_IN) as CampaignState[]).filter((state) => ACTS_IN[state].includes(act));
  const guarded = db
    .updateTable('campaign')
    .where('id', '=', id)
    .where('company_id', '=', companyId)
    .where('state', 'in', from);
  switch (act) {
    case 'pause': {
      const { numUpdatedRows } = await guarded
        .set({ state: 'paused', work: keepQueueing('hold') })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    }
    case 'cancel': {
      const { numUpdatedRows } = await guarded
        .set({ state: 'cancelled', work: 'cancel', finished_at: now })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    }
    case 'resume': {
      const { quiet } = await rulesOf(db, companyId);
      const goesOn = dueAt(now, quiet);
      const { numUpdatedRows } = await guarded
        .set({
          send_at: sql<Date>`greatest(send_at, ${goesOn}::timestamptz)`,
          state: sql<CampaignState>`case when work = 'queue' then 'preparing'
            when greatest(send_at, ${goesOn}::timestamptz) > ${now}::timestamptz then 'scheduled' else 'sending' end`,
          work: keepQueueing('let-go'),
        })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    }
  }
}

/** Rows of a file that are still to be queued are queued as the campaign stands then; the rest follows after that. */
function keepQueueing(work: 'hold' | 'let-go') {
  return sql<'queue' | 'hold' | 'let-go'>`case when work = 'queue' then 'queue' else ${work} end`;
}
