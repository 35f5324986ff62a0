import { sql } from 'kysely';
import { cancelAll } from '#domain/messages/read-messages.ts';
import type { Db } from '#support/db/database.ts';
import type { CampaignState, CampaignWork } from '#support/db/schema.ts';
import { after, HOUR, SECOND } from '#support/primitives/durations.ts';
import { queueMessages } from './confirm.ts';

/** For how long one batch may keep a campaign; whoever was cut off loses it after that. */
const LEASE = 30 * SECOND;
const BATCH = 2_000;

type Held = {
  id: string;
  work: CampaignWork;
  csv_id: string | null;
  company_id: string;
  created_by: string | null;
  /** The last line of its file that was queued by this claim: what lies before it need not be looked through again. */
  line: number;
};

/**
 * Does what is to be done with the messages of campaigns, batch by batch, each in a transaction of its own, until nothing is left or
 * `isStopping`. Any number of nodes may do so at once: a campaign is claimed by a lease.
 */
export async function workOnCampaigns(
  db: Db,
  { clock, isStopping }: { clock: () => Date; isStopping: () => boolean },
): Promise<void> {
  for (;;) {
    if (isStopping()) return;
    const held = await claim(db, clock());
    if (held === null) break;
    for (let more = true; more && !isStopping();) more = await batch(db, held, clock());
    await db.updateTable('campaign').set({ busy_until: null }).where('id', '=', held.id).execute();
  }
  await moveOn(db, clock());
}

async function claim(db: Db, now: Date): Promise<Held | null> {
  const row = await db
    .updateTable('campaign')
    .set({ busy_until: after(now, LEASE) })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('campaign')
        .select('id')
        .where('work', 'is not', null)
        .where((or) => or.or([or('busy_until', 'is', null), or('busy_until', '<', now)]))
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'work', 'csv_id', 'company_id', 'created_by'])
    .executeTakeFirst();
  return row?.work ? { ...row, work: row.work, line: 0 } : null;
}

/** One batch of what the campaign's work is now; false when there is none left. */
async function batch(db: Db, held: Held, now: Date): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const campaign = await trx
      .updateTable('campaign')
      .set({ busy_until: after(now, LEASE) })
      .where('id', '=', held.id)
      .returning(['state', 'work', 'send_at'])
      .executeTakeFirstOrThrow();
    const sendAt = campaign.send_at ?? now;
    switch (campaign.work) {
      case null:
        return false;
      case 'queue':
        return queueBatch(trx, held, campaign.state, sendAt, now);
      case 'hold':
        return settle(trx, held.id, await move(trx, held.id, 'queued', sql`state = 'held'`));
      case 'let-go':
        return settle(
          trx,
          held.id,
          await move(
            trx,
            held.id,
            'held',
            sql`state = 'queued', due_at = ${sendAt}::timestamptz, expires_at = greatest(expires_at, ${sendAt}::timestamptz + (expires_at - due_at))`,
          ),
        );
      case 'cancel':
        if (held.csv_id !== null && (await dropRows(trx, held.csv_id))) return true;
        return settle(trx, held.id, await cancelBatch(trx, held.id, now));
    }
  });
}

/** Rows of a file become messages; who has opted out since the file was checked gets none. */
async function queueBatch(
  trx: Db,
  held: Held,
  state: CampaignState,
  sendAt: Date,
  now: Date,
): Promise<boolean> {
  const rows = await sql<{ line: number; number: string; text: string }>`
    delete from csv_row where csv_id = ${held.csv_id} and line in
      (select line from csv_row where csv_id = ${held.csv_id} and line > ${held.line} order by line limit ${sql.lit(BATCH)})
    returning line, number, body as text`.execute(trx);
  if (rows.rows.length === 0) {
    await trx
      .updateTable('campaign')
      .set({
        work: state === 'paused' ? 'hold' : 'let-go',
        ...(state === 'preparing'
          ? { state: sendAt > now ? ('scheduled' as const) : ('sending' as const) }
          : {}),
      })
      .where('id', '=', held.id)
      .execute();
    return true;
  }
  held.line = rows.rows.reduce((last, { line }) => Math.max(last, line), held.line);
  await queueMessages(
    trx,
    {
      campaignId: held.id,
      companyId: held.company_id,
      personId: held.created_by,
      lane: 2,
      isWithinLimit: true,
      state: state === 'paused' ? 'held' : 'queued',
      dueAt: sendAt,
    },
    rows.rows,
    now,
  );
  return true;
}

async function dropRows(trx: Db, csvId: string): Promise<boolean> {
  const result = await trx.deleteFrom('csv_row').where('csv_id', '=', csvId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Changes one batch of the campaign's messages that stand so; those that are being handed to a carrier this moment are left alone. */
async function move(
  trx: Db,
  campaignId: string,
  from: 'queued' | 'held',
  change: ReturnType<typeof sql>,
): Promise<number> {
  const result = await sql`
    update message set ${change} where id in (
      select id from message where campaign_id = ${campaignId} and state = ${sql.lit(from)}
      order by id limit ${sql.lit(BATCH)} for update skip locked)`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Cancels one batch of what still waits, each with its event, which webhooks tell. */
function cancelBatch(trx: Db, campaignId: string, now: Date): Promise<number> {
  return cancelAll(
    trx,
    (eb) =>
      eb('id', 'in', (messages) =>
        messages
          .selectFrom('message as waiting')
          .select('waiting.id')
          .where('waiting.campaign_id', '=', campaignId)
          .where('waiting.state', 'in', ['held', 'queued'])
          .orderBy('waiting.id')
          .limit(BATCH)
          .forUpdate()
          .skipLocked(),
      ),
    now,
  );
}

/** The work is done when nothing moved any more; what another has changed it to meanwhile waited for this transaction's lock. */
async function settle(trx: Db, campaignId: string, moved: number): Promise<boolean> {
  if (moved > 0) return true;
  await trx.updateTable('campaign').set({ work: null }).where('id', '=', campaignId).execute();
  return false;
}

/** Scheduled ones begin at their time; those of which nothing waits any more are finished. What a carrier gave back into the queue of a campaign that pauses or was cancelled follows it. */
async function moveOn(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('campaign')
    .set({ state: 'sending' })
    .where('state', '=', 'scheduled')
    .where('send_at', '<=', now)
    .execute();
  await db
    .updateTable('campaign')
    .set({ state: 'finished', finished_at: now })
    .where('state', '=', 'sending')
    .where('work', 'is', null)
    .where(
      sql<boolean>`not exists (select from message where campaign_id = campaign.id and state in ('held', 'queued', 'sending'))`,
    )
    .execute();
  await db
    .updateTable('campaign')
    .set({ work: 'hold' })
    .where('state', '=', 'paused')
    .where('work', 'is', null)
    .where(sql<boolean>`exists (select from message where campaign_id = campaign.id and state = 'queued')`)
    .execute();
  await db
    .updateTable('campaign')
    .set({ work: 'cancel' })
    .where('state', '=', 'cancelled')
    .where('finished_at', '>', after(now, -HOUR))
    .where('work', 'is', null)
    .where(
      sql<boolean>`exists (select from message where campaign_id = campaign.id and state in ('held', 'queued'))`,
    )
    .execute();
}
