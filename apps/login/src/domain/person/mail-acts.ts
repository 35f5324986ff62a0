import { NOTICE_MAIL, noticeMailEnded } from '#domain/notices/mail.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { MessageRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

export type MailActResult =
  | { ok: true }
  /** `mail-ended`: it has its verdict. `mail-under-way`: it is being handed over at this moment. */
  | { ok: false; reason: 'mail-unknown' | 'mail-ended' | 'mail-under-way' };

/** Has a mail that waits tried at once, instead of at its next time. Whatever is at it already sends it once all the same. */
export async function retryMail(
  db: Db,
  jobs: Pick<Jobs, 'enqueue'>,
  id: string,
  by: { actor: string; now: Date },
): Promise<MailActResult> {
  return act(db, id, async (trx, message) => {
    await jobs.enqueue(trx, message.bulk ? 'mail.bulk' : 'mail.send', { messageId: id });
    await record(trx, 'mail.retried', message, by);
  });
}

/** Ends a mail that waits: it is not sent any more, and counts as refused (of a notice, the person is listed as not reached). */
export async function giveUpMail(
  db: Db,
  id: string,
  by: { actor: string; now: Date },
): Promise<MailActResult> {
  return act(db, id, async (trx, message) => {
    const said = message.smtp_response === null ? '' : ` The mail server last said: ${message.smtp_response}`;
    const end = { state: 'refused', response: `Given up by an operator.${said}`, at: by.now } as const;
    const ended = await trx
      .updateTable('message')
      .set({ state: end.state, smtp_response: end.response, ended_at: end.at })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (ended.template === NOTICE_MAIL) await noticeMailEnded(trx, ended, end);
    await record(trx, 'mail.abandoned', message, by);
  });
}

async function act(
  db: Db,
  id: string,
  change: (trx: Trx, message: MessageRow) => Promise<void>,
): Promise<MailActResult> {
  return db.transaction().execute(async (trx): Promise<MailActResult> => {
    const message = await trx
      .selectFrom('message')
      .selectAll()
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!message) return { ok: false, reason: 'mail-unknown' };
    if (message.state !== 'queued') return { ok: false, reason: 'mail-ended' };
    if (message.handed_over_at !== null) return { ok: false, reason: 'mail-under-way' };
    await change(trx, message);
    return { ok: true };
  });
}

function record(
  trx: Trx,
  action: 'mail.retried' | 'mail.abandoned',
  message: MessageRow,
  by: { actor: string; now: Date },
): Promise<void> {
  return recordEvent(trx, {
    at: by.now,
    action,
    actor: by.actor,
    accountId: message.account_id,
    detail: { messageId: message.id, template: message.template, tries: message.tries },
  });
}
