import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';

export type CancelResult =
  | { ok: true; /** People who will not get it any more. */ dropped: number; accepted: number }
  | { ok: false; reason: 'notice-unknown' | 'notice-ended' | 'notice-cancelled' };

/**
 * Stops a notice at once: what no mail server was given yet is dropped. What was handed over stays, and its verdict is still noted.
 * The move itself is not touched; who was told something that is no longer true is told by a correction.
 */
export async function cancelNotice(
  db: Db,
  noticeId: string,
  by: { actor: string; now: Date },
): Promise<CancelResult> {
  return db.transaction().execute(async (trx): Promise<CancelResult> => {
    const notice = await trx
      .updateTable('notice')
      .set({ cancelled_at: by.now })
      .where('id', '=', noticeId)
      .where('ended_at', 'is', null)
      .where('cancelled_at', 'is', null)
      .returning('console_id')
      .executeTakeFirst();
    if (!notice) {
      const found = await trx
        .selectFrom('notice')
        .select('cancelled_at')
        .where('id', '=', noticeId)
        .executeTakeFirst();
      if (!found) return { ok: false, reason: 'notice-unknown' };
      return { ok: false, reason: found.cancelled_at ? 'notice-cancelled' : 'notice-ended' };
    }
    const count = await dropUnsent(trx, noticeId, by.now);
    const { accepted } = await trx
      .selectFrom('notice_recipient')
      .select((eb) => eb.fn.countAll<string>().as('accepted'))
      .where('notice_id', '=', noticeId)
      .where('state', '=', 'accepted')
      .executeTakeFirstOrThrow();
    await recordEvent(trx, {
      at: by.now,
      action: 'notice.cancelled',
      actor: by.actor,
      consoleId: notice.console_id,
      detail: { noticeId, dropped: count, accepted: Number(accepted) },
    });
    return { ok: true, dropped: count, accepted: Number(accepted) };
  });
}

/** Drops what no mail server was given yet of a cancelled notice, in the caller's transaction. Returns how many people get nothing. */
export async function dropUnsent(trx: Trx, noticeId: string, now: Date): Promise<number> {
  // Messages before recipients, in the order of the mailer, so that nobody waits for each other in a circle.
  await sql`
    update message m set state = 'dropped', ended_at = ${now}
    from notice_recipient r
    where r.notice_id = ${noticeId} and r.state = 'queued' and m.id = r.message_id
      and m.state = 'queued' and m.handed_over_at is null and m.unconfirmed = 0`.execute(trx);
  const dropped = await sql`
    update notice_recipient r set state = 'dropped', drop_reason = 'cancelled', verdict_at = ${now}
    where r.notice_id = ${noticeId} and (r.state = 'waiting' or r.state = 'queued' and exists (
      select 1 from message m where m.id = r.message_id and m.state = 'dropped'))`.execute(trx);
  return Number(dropped.numAffectedRows ?? 0n);
}
