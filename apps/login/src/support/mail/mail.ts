import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import type { MessageRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';

/**
 * What goes to one person: plain text is as good as the HTML.
 * `to`: the address on file, where the recipient was typed by somebody; without it the mail goes to the recipient as queued.
 */
export type RenderedMail = { subject: string; text: string; html: string; to?: string };

/** Nothing is to be sent; from outside it looks like a mail that was. The reason is told to who hears of the end. */
export type DroppedMail = 'drop' | { readonly drop: string };

/** Makes the mail of one template at the moment of sending, so that what it carries (a code) is never stored in clear. */
export type MailTemplate = (message: MessageRow, now: Date) => Promise<RenderedMail | DroppedMail>;

/** How a mail ended. `response` is what the mail server said, or why nobody knows; of a dropped one, why. */
export type MailEnd = {
  readonly state: 'accepted' | 'refused' | 'dropped';
  readonly response: string | null;
  readonly at: Date;
};

/** Hears of the end of the mails of one template, in the transaction that ends them. */
export type MailEndListener = (trx: Trx, message: MessageRow, end: MailEnd) => Promise<void>;

export type QueuedMail = {
  template: string;
  recipient: string;
  locale: Locale;
  /** Ids and facts for the template; never a code or token. */
  params: Record<string, unknown>;
  accountId?: string | null;
  /** One of many of the same: sent at the installation's pace, and never before a mail that somebody waits for. */
  bulk?: boolean;
};

/** Queues a mail in the caller's transaction: it will be sent if and only if that commits. */
export async function queueMail(
  trx: Db,
  jobs: Pick<Jobs, 'enqueueAll'>,
  mail: QueuedMail,
  now: Date,
): Promise<string> {
  const [id = ''] = await queueMails(trx, jobs, [mail], now);
  return id;
}

/** The same for many at once, in two statements. Returns their ids, in order. */
export async function queueMails(
  trx: Db,
  jobs: Pick<Jobs, 'enqueueAll'>,
  mails: readonly QueuedMail[],
  now: Date,
): Promise<string[]> {
  if (mails.length === 0) return [];
  const rows = mails.map((mail) => ({
    id: newId('msg', now),
    template: mail.template,
    recipient: mail.recipient,
    locale: mail.locale,
    params: JSON.stringify(mail.params),
    account_id: mail.accountId ?? null,
    bulk: mail.bulk ?? false,
    smtp_response: null,
    created_at: now,
    ended_at: null,
  }));
  await trx.insertInto('message').values(rows).execute();
  for (const bulk of [false, true]) {
    const messages = rows.filter((row) => row.bulk === bulk).map((row) => ({ messageId: row.id }));
    await jobs.enqueueAll(trx, bulk ? 'mail.bulk' : 'mail.send', messages);
  }
  return rows.map((row) => row.id);
}

/** Notes to whose account a mail goes, where that was not known when it was queued. */
export async function noteAccountOf(trx: Db, messageId: string, accountId: string): Promise<void> {
  await trx.updateTable('message').set({ account_id: accountId }).where('id', '=', messageId).execute();
}

/** A message without a job for so long has lost it. */
const LOST_AFTER = 1 * MINUTE;
const PAGE = 1_000;

/**
 * Queues mails again whose job was lost (a queue that was emptied, tries that were used up), so that none stays queued for ever.
 * @returns how many
 */
export async function requeueLostMails(db: Db, jobs: Jobs, now: Date): Promise<number> {
  let found = 0;
  for (let last = ''; ;) {
    const page = await db
      .selectFrom('message')
      .select(['id', 'bulk'])
      .where('state', '=', 'queued')
      .where('created_at', '<', after(now, -LOST_AFTER))
      .where('id', '>', last)
      .orderBy('id')
      .limit(PAGE)
      .execute();
    for (const bulk of [false, true]) {
      const name = bulk ? 'mail.bulk' : 'mail.send';
      const ids = page.filter((row) => row.bulk === bulk).map((row) => row.id);
      const pending = new Set(await jobs.pending(db, name, 'messageId', ids));
      const lost = ids.filter((id) => !pending.has(id));
      await jobs.enqueueAll(
        db,
        name,
        lost.map((messageId) => ({ messageId })),
      );
      found += lost.length;
    }
    if (page.length < PAGE) return found;
    last = page.at(-1)?.id ?? '';
  }
}

/** Forgets what was sent so many days ago; until then operators can see each mail's fate. */
export async function forgetOldMessages(db: Db, keepDays: number, now: Date): Promise<void> {
  await deleteInBatches(db, 'message', sql`created_at < ${after(now, -keepDays * DAY)}`);
}
