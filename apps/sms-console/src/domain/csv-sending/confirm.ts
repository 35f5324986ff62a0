import { becomeCampaign } from '#domain/campaigns/become-campaign.ts';
import { campaignName } from '#domain/campaigns/confirm.ts';
import { wantedTime, type TimeFault } from '#domain/campaigns/review.ts';
import { lockLimit, usageOfMonth } from '#domain/messages/quota.ts';
import { dueAt } from '#domain/sending-rules/quiet-hours.ts';
import { rulesOf } from '#domain/sending-rules/sending-rules.ts';
import type { Db } from '#support/db/database.ts';
import { findCsvSending, forgetFile, type CsvSending } from './csv-sendings.ts';

export type ConfirmedCsv =
  | { ok: true; campaignId: string }
  /** `changed`: it is not what was seen; the others say what is in the way. */
  | { ok: false; reason: 'gone' | 'changed' | CsvHindrance };
export type CsvHindrance = 'nobody-left' | 'monthly-limit' | TimeFault;

/** What stands against sending a file as it is now, and when it would go out. */
export async function prospectOf(
  db: Db,
  companyId: string,
  { wanted, counts }: CsvSending,
  now: Date,
): Promise<{ hindrance: CsvHindrance | null; wantedAt: Date; dueAt: Date; partsLeft: number | null }> {
  const rules = await rulesOf(db, companyId);
  const time = wanted === null ? ({ ok: true, at: now } as const) : wantedTime(wanted, now);
  const wantedAt = time.ok ? time.at : now;
  const partsLeft = rules.monthlyParts === null ? null : (await usageOfMonth(db, companyId, now)).left;
  const parts = counts?.parts ?? 0;
  const hindrance = !time.ok
    ? time.reason
    : (counts?.ready ?? 0) === 0
      ? 'nobody-left'
      : partsLeft !== null && parts > partsLeft
        ? 'monthly-limit'
        : null;
  return { hindrance, wantedAt, dueAt: dueAt(wantedAt, rules.quiet), partsLeft };
}

/**
 * Makes a campaign of a file whose rows were read. Its messages are queued in batches after that, whichever program does it. However often and at
 * however many places at once it is confirmed, one campaign comes of it.
 * @param revision of what the person saw
 */
export async function confirmCsv(
  db: Db,
  by: { personId: string; companyId: string },
  { id, revision }: { id: string; revision: number },
  now: Date,
): Promise<ConfirmedCsv> {
  return db.transaction().execute(async (trx): Promise<ConfirmedCsv> => {
    await trx.selectFrom('csv_sending').select('id').where('id', '=', id).forUpdate().execute();
    const found = await findCsvSending(trx, by.companyId, id);
    if (found === null) return { ok: false, reason: 'gone' };
    if (found.campaignId !== null) return { ok: true, campaignId: found.campaignId };
    if (found.state !== 'checked' || found.revision !== revision || found.wanted === null)
      return { ok: false, reason: 'changed' };
    const { wanted } = found;
    await lockLimit(trx, by.companyId);
    const { hindrance, dueAt: sendAt } = await prospectOf(trx, by.companyId, found, now);
    if (hindrance !== null) return { ok: false, reason: hindrance };
    const campaignId = await becomeCampaign(
      trx,
      by,
      { table: 'csv_sending', id, revision },
      {
        name: campaignName(wanted.name, wanted.body),
        kind: 'csv',
        state: 'preparing',
        work: 'queue',
        csv_id: id,
        body: wanted.body,
        send_at: sendAt,
        counts: JSON.stringify(found.counts),
      },
      now,
    );
    await trx.updateTable('csv_sending').set({ state: 'queued' }).where('id', '=', id).execute();
    await forgetFile(trx, id, 'file');
    return { ok: true, campaignId };
  });
}
