import { recordEvent } from '#support/audit/record.ts';
import type { Trx } from '#support/db/database.ts';
import type { NoticeKind } from '#domain/notices/kinds.ts';
import type { By } from './change.ts';

/** Notices that a change of the date makes wrong. */
export const ABOUT_THE_DATE: readonly NoticeKind[] = ['announcement', 'reminder', 'correction'];

/**
 * Cancels the notices of these kinds that have not gone out to everybody yet: what they say of the date is no longer so. Who has got one keeps it; the change that
 * cancels them tells everybody what holds now.
 * @param except the notice that still holds
 */
export async function cancelUnfinished(
  trx: Trx,
  consoleId: string,
  kinds: readonly NoticeKind[],
  by: By,
  except?: string,
): Promise<void> {
  const cancelled = await trx
    .updateTable('notice')
    .set({ cancelled_at: by.now })
    .where('console_id', '=', consoleId)
    .where('kind', 'in', kinds)
    .where('ended_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .$if(except !== undefined, (query) => query.where('id', '!=', except as string))
    .returning(['id', 'kind'])
    .execute();
  for (const { id, kind } of cancelled)
    await recordEvent(trx, {
      at: by.now,
      action: 'notice.cancelled',
      actor: by.actor,
      consoleId,
      detail: { noticeId: id, kind },
    });
}
