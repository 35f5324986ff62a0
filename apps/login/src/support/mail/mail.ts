import { createTransport, type Transporter } from 'nodemailer';
import type { Db } from '#support/db/database.ts';
import type { MessageRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** What goes to one person: plain text is as good as the HTML. */
export type RenderedMail = { subject: string; text: string; html: string };

/**
 * Makes the mail of one template at the moment of sending, so that what it carries (a code) is never stored in clear.
 * `drop` means that nothing is to be sent, and looks from outside like a mail that was.
 */
export type MailTemplate = (message: MessageRow, now: Date) => Promise<RenderedMail | 'drop'>;

export type QueuedMail = {
  template: string;
  recipient: string;
  locale: Locale;
  /** Ids and facts for the template; never a code or token. */
  params: Record<string, unknown>;
  accountId?: string | null;
};

/** Queues a mail in the caller's transaction: it will be sent if and only if that commits. */
export async function queueMail(trx: Db, jobs: Jobs, mail: QueuedMail, now: Date): Promise<string> {
  const id = newId('msg', now);
  await trx
    .insertInto('message')
    .values({
      id,
      template: mail.template,
      recipient: mail.recipient,
      locale: mail.locale,
      params: JSON.stringify(mail.params),
      account_id: mail.accountId ?? null,
      smtp_response: null,
      created_at: now,
      ended_at: null,
    })
    .execute();
  await jobs.enqueue(trx, 'mail.send', { messageId: id });
  return id;
}

export type MailSettings = { smtpUrl: string; senderName: string; senderAddress: string; issuerHost: string };

export type Mailer = { send(messageId: string): Promise<void>; close(): void };

/**
 * Sends queued mails over SMTP and keeps the mail server's verdict with each: accepted, refused (5xx, final), or still
 * queued (4xx, connection lost: throws, so that the job queue tries again; RFC 5321 §4.2.1).
 */
export function createMailer(
  db: Db,
  settings: MailSettings,
  templates: Readonly<Record<string, MailTemplate>>,
  clock: () => Date,
): Mailer {
  const transport: Transporter = createTransport({
    url: settings.smtpUrl,
    pool: true,
    maxConnections: 4,
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: 60 * SECOND,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as object);

  return {
    async send(messageId) {
      const message = await db.selectFrom('message').selectAll().where('id', '=', messageId).executeTakeFirst();
      if (!message || message.state !== 'queued') return;
      const template = templates[message.template];
      if (!template) throw new Error(`No mail template ${message.template}.`);
      const rendered = await template(message, clock());
      if (rendered === 'drop') return conclude(messageId, 'dropped', null);
      try {
        const answer = await transport.sendMail({
          from: { name: settings.senderName, address: settings.senderAddress },
          to: { name: '', address: message.recipient },
          subject: rendered.subject,
          text: rendered.text,
          html: rendered.html,
          // A retry after a lost answer carries the same id, so that mailboxes can show it once.
          messageId: `<${message.id}@${settings.issuerHost}>`,
          date: clock(),
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Content-Language': message.locale },
        });
        await conclude(messageId, 'accepted', String(answer.response));
      } catch (error) {
        const { responseCode, response } = error as { responseCode?: number; response?: string };
        if (responseCode !== undefined && responseCode >= 500) return conclude(messageId, 'refused', response ?? String(responseCode));
        await db
          .updateTable('message')
          .set((eb) => ({ tries: eb('tries', '+', 1), smtp_response: response ?? (error as Error).message }))
          .where('id', '=', messageId)
          .execute();
        throw error;
      }
    },
    close: () => transport.close(),
  };

  async function conclude(id: string, state: 'accepted' | 'refused' | 'dropped', response: string | null): Promise<void> {
    await db
      .updateTable('message')
      .set((eb) => ({ state, smtp_response: response, ended_at: clock(), tries: eb('tries', '+', 1) }))
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .execute();
  }
}
