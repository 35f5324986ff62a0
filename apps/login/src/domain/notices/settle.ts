import { sql } from 'kysely';
import { markApiOnly } from '#domain/consoles/links.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';

/** How an operator settles somebody whom a notice did not reach (R14). */
export type Settlement =
  /** The address was corrected in the console, and with it the login ID (R18): the notice goes there. */
  | { kind: 'new-address'; emailAddress: string }
  /** Told by telephone, letter or in person; the note says how and by whom. */
  | { kind: 'told-otherwise'; note: string }
  /** Uses the console through its API only; gets no notices and counts nowhere as someone to move. */
  | { kind: 'api-only'; note?: string };

export type SettleRefusal =
  | 'notice-unknown'
  | 'notice-cancelled'
  | 'recipient-unknown'
  /** The mail is under way or was accepted: there is nothing to settle. */
  | 'recipient-not-unreached'
  | 'recipient-settled'
  | 'note-missing'
  | 'address-malformed'
  /** The address given is not the person's login ID: correct it in the console first, the login ID follows (R18). */
  | 'address-not-login-id'
  /** The mail went to this very address and did not arrive. */
  | 'address-unchanged';

export type SettleResult = { ok: true } | { ok: false; reason: SettleRefusal };

/** The longest note that is kept. */
export const MAX_NOTE = 1_000;

/** Settles one person of the unreached. Of several operators at once one succeeds. */
export async function settleRecipient(
  db: Db,
  who: { noticeId: string; accountId: string },
  how: Settlement,
  by: { actor: string; now: Date },
): Promise<SettleResult> {
  const note = how.kind === 'new-address' ? '' : (how.note ?? '').trim().slice(0, MAX_NOTE);
  if (how.kind === 'told-otherwise' && note === '') return { ok: false, reason: 'note-missing' };
  return db.transaction().execute(async (trx): Promise<SettleResult> => {
    const found = await find(trx, who);
    if ('reason' in found) return { ok: false, reason: found.reason };
    if (how.kind === 'new-address') {
      const problem = addressProblem(how.emailAddress, found);
      if (problem) return { ok: false, reason: problem };
    }
    const again = how.kind === 'new-address';
    const settled = await trx
      .updateTable('notice_recipient')
      .set({
        settlement: how.kind,
        settlement_note: note || null,
        settled_at: by.now,
        settled_by: by.actor,
        ...(again
          ? {
              state: 'waiting',
              message_id: null,
              recipient: null,
              smtp_response: null,
              verdict_at: null,
              drop_reason: null,
              delayed_at: null,
            }
          : {}),
      })
      .where('notice_id', '=', who.noticeId)
      .where('account_id', '=', who.accountId)
      .where('settled_at', 'is', null)
      .where('state', 'in', ['refused', 'bounced', 'dropped'])
      .returning('state')
      .executeTakeFirst();
    if (!settled) return { ok: false, reason: 'recipient-settled' };
    if (again)
      await trx.updateTable('notice').set({ ended_at: null }).where('id', '=', who.noticeId).execute();
    if (how.kind === 'api-only') await markApiOnly(trx, found.consoleId, who.accountId);
    await recordEvent(trx, {
      at: by.now,
      action: 'notice.recipient-settled',
      actor: by.actor,
      accountId: who.accountId,
      consoleId: found.consoleId,
      detail: {
        noticeId: who.noticeId,
        settlement: how.kind,
        note,
        was: found.state,
        failed: found.recipient,
      },
    });
    return { ok: true };
  });
}

type Found = { consoleId: string; state: string; recipient: string | null; emailKey: string };

async function find(
  trx: Trx,
  who: { noticeId: string; accountId: string },
): Promise<Found | { reason: SettleRefusal }> {
  // Who settles waits for whoever settles the same person at this moment, and then sees the outcome.
  const { rows } = await sql<{
    console_id: string;
    cancelled: boolean;
    state: string | null;
    drop_reason: string | null;
    settled: boolean;
    recipient: string | null;
    email_key: string;
  }>`
    select n.console_id, n.cancelled_at is not null as cancelled, r.state, r.drop_reason,
      r.settled_at is not null as settled, r.recipient, a.email_key
    from notice n
      join notice_recipient r on r.notice_id = n.id
      join account a on a.id = r.account_id
    where n.id = ${who.noticeId} and r.account_id = ${who.accountId}
    for update of r`.execute(trx);
  const row = rows[0];
  if (!row) {
    const notice = await trx
      .selectFrom('notice')
      .select('id')
      .where('id', '=', who.noticeId)
      .executeTakeFirst();
    return { reason: notice ? 'recipient-unknown' : 'notice-unknown' };
  }
  if (row.cancelled) return { reason: 'notice-cancelled' };
  const unreached =
    row.state === 'refused' ||
    row.state === 'bounced' ||
    (row.state === 'dropped' && row.drop_reason === 'left-audience');
  if (!unreached) return { reason: 'recipient-not-unreached' };
  if (row.settled) return { reason: 'recipient-settled' };
  return {
    consoleId: row.console_id,
    state: row.state ?? '',
    recipient: row.recipient,
    emailKey: row.email_key,
  };
}

function addressProblem(text: string, found: Found): SettleRefusal | undefined {
  const given = parseEmailAddress(text);
  if (!given.ok) return 'address-malformed';
  if (given.key !== found.emailKey) return 'address-not-login-id';
  const failed = parseEmailAddress(found.recipient);
  return failed.ok && failed.key === given.key ? 'address-unchanged' : undefined;
}
