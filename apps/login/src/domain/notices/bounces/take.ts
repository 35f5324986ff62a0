import { createHash } from 'node:crypto';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import {
  parseNotification,
  type DeliveryNotification,
  type NotificationProblem,
  type RecipientStatus,
} from './parse.ts';

export type BounceOutcome =
  /** Somebody counts as not reached now. */
  | 'bounced'
  /** It is late, and may still arrive. */
  | 'delayed'
  /** It tells of a success, or of nothing that changes anything. */
  | 'nothing-to-do'
  /** The mail is not a notice's, or the address is not the one that it went to. */
  | 'not-ours'
  /** The mail has no verdict yet: feed the notification again later. */
  | 'under-way'
  /** Read before. */
  | 'known';

export type BounceResult =
  | {
      ok: true;
      outcome: BounceOutcome;
      people: readonly { noticeId: string; accountId: string; status: string }[];
    }
  | { ok: false; problem: NotificationProblem };

/**
 * Takes one delivery status notification (RFC 3464). Somebody is bounced only if the returned headers carry the Message-ID of our mail, which nobody can guess, and
 * the notification names the address that it went to. One notification counts once, however often it is fed.
 * @param from.issuerHost the host in our Message-IDs
 */
export async function takeBounce(
  db: Db,
  source: Buffer,
  from: { issuerHost: string; actor: string; now: Date },
): Promise<BounceResult> {
  const read = await parseNotification(source);
  if (!read.ok) return read;
  const digest = createHash('sha256').update(source).digest('base64url');
  return db.transaction().execute(async (trx): Promise<BounceResult> => {
    const fresh = await trx
      .insertInto('delivery_notification')
      .values({ digest, read_at: from.now, result: 'reading' })
      .onConflict((conflict) => conflict.doNothing())
      .returning('digest')
      .executeTakeFirst();
    if (!fresh) return { ok: true, outcome: 'known', people: [] };
    const { outcome, people } = await apply(trx, read.notification, from);
    if (outcome === 'under-way')
      await trx.deleteFrom('delivery_notification').where('digest', '=', digest).execute();
    else
      await trx
        .updateTable('delivery_notification')
        .set({ result: outcome })
        .where('digest', '=', digest)
        .execute();
    return { ok: true, outcome, people };
  });
}

type Applied = Extract<BounceResult, { ok: true }>;

async function apply(
  trx: Trx,
  notification: DeliveryNotification,
  from: { issuerHost: string; actor: string; now: Date },
): Promise<Pick<Applied, 'outcome' | 'people'>> {
  const [, messageId, host] = /^<(msg_[0-9a-z]+)@([^<>@\s]+)>$/.exec(notification.originalMessageId) ?? [];
  if (messageId === undefined || host?.toLowerCase() !== from.issuerHost.toLowerCase())
    return { outcome: 'not-ours', people: [] };
  const found = await trx
    .selectFrom('notice_recipient')
    .innerJoin('notice', 'notice.id', 'notice_recipient.notice_id')
    .select([
      'notice_recipient.notice_id',
      'notice_recipient.account_id',
      'notice_recipient.recipient',
      'notice_recipient.state',
      'notice.console_id',
    ])
    .where('notice_recipient.message_id', '=', messageId)
    .forUpdate('notice_recipient')
    .executeTakeFirst();
  const said = found && notification.recipients.find((status) => isAbout(status, found.recipient));
  if (!said) return { outcome: 'not-ours', people: [] };
  const people = [{ noticeId: found.notice_id, accountId: found.account_id, status: said.status }];
  const person = trx
    .updateTable('notice_recipient')
    .where('notice_id', '=', found.notice_id)
    .where('account_id', '=', found.account_id);
  if (said.action === 'delayed') {
    await person.set({ delayed_at: from.now }).execute();
    return { outcome: 'delayed', people };
  }
  if (said.action !== 'failed') return { outcome: 'nothing-to-do', people };
  if (found.state === 'queued') return { outcome: 'under-way', people };
  if (found.state !== 'accepted') return { outcome: 'nothing-to-do', people };
  await person
    .set({
      state: 'bounced',
      smtp_response: `${said.status} ${said.diagnostic}`.trim(),
      verdict_at: from.now,
      settlement: null,
      settlement_note: null,
      settled_at: null,
      settled_by: null,
    })
    .execute();
  await recordEvent(trx, {
    at: from.now,
    action: 'notice.bounced',
    actor: from.actor,
    accountId: found.account_id,
    consoleId: found.console_id,
    detail: { noticeId: found.notice_id, status: said.status, diagnostic: said.diagnostic },
  });
  return { outcome: 'bounced', people };
}

function isAbout(status: RecipientStatus, recipient: string | null): boolean {
  const ours = parseEmailAddress(recipient);
  return (
    ours.ok &&
    status.addresses.some((address) => {
      const theirs = parseEmailAddress(address);
      return theirs.ok && theirs.key === ours.key;
    })
  );
}
