import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';
import type { NoticeKind, NoticeTexts } from './kinds.ts';
import { withConsoleWords } from './words.ts';

/** Whom a notice goes to: everybody, or only those who have not signed in through the unified login yet. */
export type Audience = 'everybody' | 'not-moved';

/**
 * Creates a notice with its audience and the console's words of this moment, in the caller's transaction; sending begins by itself at `sendAt`.
 * Nobody is in it twice, and nobody who uses the console only through its API.
 * @param wanted.cutOverAt the cut-over that the notice names; null: none any more
 */
export async function createNotice(
  trx: Trx,
  wanted: {
    consoleId: string;
    kind: NoticeKind;
    daysBefore?: number;
    cutOverAt: Date | null;
    texts?: NoticeTexts;
    sendAt: Date;
    audience: Audience;
  },
  by: { actor: string; now: Date },
): Promise<{ noticeId: string; recipients: number }> {
  const noticeId = newId('ntc', by.now);
  const texts = await withConsoleWords(trx, wanted.consoleId, wanted, wanted.texts ?? {});
  await trx
    .insertInto('notice')
    .values({
      id: noticeId,
      console_id: wanted.consoleId,
      kind: wanted.kind,
      days_before: wanted.daysBefore ?? null,
      cut_over_at: wanted.cutOverAt,
      texts: JSON.stringify(texts),
      send_at: wanted.sendAt,
      created_at: by.now,
      created_by: by.actor,
    })
    .execute();
  const recipients = await addRecipients(trx, noticeId, wanted.consoleId, wanted.audience);
  await recordEvent(trx, {
    at: by.now,
    action: 'notice.created',
    actor: by.actor,
    consoleId: wanted.consoleId,
    detail: {
      noticeId,
      kind: wanted.kind,
      daysBefore: wanted.daysBefore ?? null,
      cutOverAt: wanted.cutOverAt?.toISOString() ?? null,
      sendAt: wanted.sendAt.toISOString(),
      recipients,
    },
  });
  return { noticeId, recipients };
}

/** How many people a notice to everybody would go to now. */
export async function countAudience(db: Db, consoleId: string): Promise<number> {
  const { rows } = await sql<{ people: number }>`
    select count(*)::int as people
    from console_link l join account a on a.id = l.account_id and a.state = 'active'
    where l.console_id = ${consoleId} and not l.api_only`.execute(db);
  return rows[0]?.people ?? 0;
}

/** Adds everybody of the audience who is not in the notice yet. Returns how many were added. */
export async function addRecipients(
  trx: Trx,
  noticeId: string,
  consoleId: string,
  audience: Audience,
): Promise<number> {
  const notMoved =
    audience === 'everybody'
      ? sql``
      : sql`and not exists (
          select 1 from sign_in_day d
          where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified')`;
  const { numAffectedRows } = await sql`
    insert into notice_recipient (notice_id, account_id)
    select ${noticeId}, l.account_id
    from console_link l join account a on a.id = l.account_id and a.state = 'active'
    where l.console_id = ${consoleId} and not l.api_only ${notMoved}
    on conflict do nothing`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}
