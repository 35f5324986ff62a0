import { createTransport, type Transporter } from 'nodemailer';
import type { Db } from '#support/db/database.ts';
import type { MessageRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, DAY, SECOND } from '#support/primitives/durations.ts';
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

/** How long a mail is tried (RFC 5321 §4.5.4.1 asks for some days). */
const GIVE_UP_AFTER = 2 * DAY;

type Verdict = { kind: 'accepted' | 'refused' | 'deferred'; response: string };

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
 * Sends queued mails over SMTP and keeps the mail server's verdict with each: accepted, refused (5xx for the recipient or the mail, or two days without
 * success: final), or still queued (4xx, connection lost: throws, so that the job queue tries again; RFC 5321 §4.2.1).
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
      const message = await db
        .selectFrom('message')
        .selectAll()
        .where('id', '=', messageId)
        .executeTakeFirst();
      if (!message || message.state !== 'queued') return;
      const template = templates[message.template];
      if (!template) throw new Error(`No mail template ${message.template}.`);
      const rendered = await template(message, clock());
      if (rendered === 'drop') return conclude(messageId, 'dropped', null);
      const verdict = await hand(rendered, message);
      switch (verdict.kind) {
        case 'accepted':
        case 'refused':
          return conclude(messageId, verdict.kind, verdict.response);
        case 'deferred':
          if (clock().getTime() - message.created_at.getTime() > GIVE_UP_AFTER)
            return conclude(messageId, 'refused', verdict.response);
          await db
            .updateTable('message')
            .set((eb) => ({ tries: eb('tries', '+', 1), smtp_response: verdict.response }))
            .where('id', '=', messageId)
            .execute();
          throw new Error(`The mail server did not take ${messageId}: ${verdict.response}`);
      }
    },
    close: () => transport.close(),
  };

  async function hand(mail: RenderedMail, message: MessageRow): Promise<Verdict> {
    try {
      const answer = await transport.sendMail({
        from: { name: settings.senderName, address: settings.senderAddress },
        to: { name: '', address: message.recipient },
        ...mail,
        // A retry after a lost answer carries the same id, so that mailboxes can show it once.
        messageId: `<${message.id}@${settings.issuerHost}>`,
        date: clock(),
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'Content-Language': message.locale,
        },
      });
      return { kind: 'accepted', response: String(answer.response) };
    } catch (error) {
      const {
        responseCode = 0,
        response,
        command = '',
        message: text,
      } = error as Error & { responseCode?: number; response?: string; command?: string };
      // Final is only what is said of this recipient or this mail; a refused log-in or greeting is ours to mend, and the mail waits.
      const isFinal = responseCode >= 500 && /^(RCPT TO|DATA)/.test(command);
      return { kind: isFinal ? 'refused' : 'deferred', response: response ?? text };
    }
  }

  async function conclude(
    id: string,
    state: 'accepted' | 'refused' | 'dropped',
    response: string | null,
  ): Promise<void> {
    await db
      .updateTable('message')
      .set((eb) => ({ state, smtp_response: response, ended_at: clock(), tries: eb('tries', '+', 1) }))
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .execute();
  }
}

/** Forgets what was sent after 90 days; until then operators can see each mail's fate. */
export async function forgetOldMessages(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('message')
    .where('created_at', '<', after(now, -90 * DAY))
    .execute();
}
