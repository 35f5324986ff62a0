import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '#support/db/database.ts';
import type { MessageRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, DAY, SECOND } from '#support/primitives/durations.ts';
import type { MailEnd, MailEndListener, MailTemplate, RenderedMail } from './mail.ts';
import { waitForTurn } from './pace.ts';
import { openTransport, type HandOver, type Transport } from './transport.ts';

/** Who sends, and how many, is read anew with each mail. */
export type MailSettings = {
  smtpUrl: string;
  readonly sender: { senderName: string; senderAddress: string; replyTo: string | null };
  issuerHost: string;
  /** Bulk mails a second of the whole installation. */
  readonly bulkPerSecond: number;
  /** Milliseconds after which a mail under way is given up on; after a little more, a process that left one under way counts as dead. */
  timeLimit: number;
};

export type Mailer = { send(messageId: string): Promise<void>; close(): void };

/** How long a mail is tried (RFC 5321 §4.5.4.1 asks for some days). */
const GIVE_UP_AFTER = 2 * DAY;

/** A mail goes out twice at most: after so many hand-overs of unknown outcome it is given up. */
const MOST_UNCONFIRMED = 2;

const NOBODY_KNOWS =
  'Nobody knows: the connection broke twice after the mail had been handed over, so it may have arrived.';

/**
 * Sends queued mails over SMTP and keeps the mail server's verdict with each: accepted, refused (5xx for the recipient or the mail, or two days without
 * success: final), or still queued (4xx, connection lost: throws, so that the job queue tries again; RFC 5321 §4.2.1).
 *
 * Before the first byte of a mail leaves, `handed_over_at` is committed; it goes with the verdict, in the same statement. A mark that is found later belongs
 * to a process that died: the mail may have arrived, so it is sent once more and no more.
 * @param ends who hears of the end of a template's mails
 */
export function createMailer(
  deps: { db: Db; jobs: Jobs; clock: () => Date },
  settings: MailSettings,
  templates: Readonly<Record<string, MailTemplate>>,
  ends: Readonly<Record<string, MailEndListener>> = {},
): Mailer {
  const { db, jobs, clock } = deps;
  const open = (connections: number): Transport =>
    openTransport({ smtpUrl: settings.smtpUrl, timeLimit: settings.timeLimit, connections });
  // Connections of their own, so that a thousand notices before a slow mail server never hold up a code.
  const transports = { prompt: open(8), bulk: open(16) };

  return {
    async send(messageId) {
      const found = await db.selectFrom('message').selectAll().where('id', '=', messageId).executeTakeFirst();
      if (!found || found.state !== 'queued') return;
      const message = found.handed_over_at ? await takeOver(found, found.handed_over_at) : found;
      if (!message) return;
      const template = templates[message.template];
      if (!template) throw new Error(`No mail template ${message.template}.`);
      const mail = await template(message, clock());
      if (mail === 'drop') return conclude(message, 'dropped', null);
      if ('drop' in mail) return conclude(message, 'dropped', mail.drop);
      if (message.bulk) await waitForTurn(db, settings.bulkPerSecond);
      const result = await handOver(mail, message);
      if (result) await settle(result.message, result.handOver);
    },
    close() {
      transports.prompt.close();
      transports.bulk.close();
    },
  };

  /** A mark was found. Undefined: somebody may still be at it, or the mail has ended. */
  async function takeOver(message: MessageRow, markedAt: Date): Promise<MessageRow | undefined> {
    const deadAt = after(markedAt, settings.timeLimit + 5 * SECOND);
    const remaining = deadAt.getTime() - clock().getTime();
    if (remaining > 0) {
      const delay = Math.min(remaining, settings.timeLimit + 5 * SECOND);
      await jobs.enqueue(db, message.bulk ? 'mail.bulk' : 'mail.send', { messageId: message.id }, { delay });
      return undefined;
    }
    if (message.unconfirmed + 1 >= MOST_UNCONFIRMED) {
      await conclude(message, 'refused', NOBODY_KNOWS);
      return undefined;
    }
    return noteUnconfirmed(message, 'The process died while the mail was handed over.');
  }

  /** Undefined: another one has handed it over, and its verdict counts. */
  async function handOver(
    mail: RenderedMail,
    message: MessageRow,
  ): Promise<{ message: MessageRow; handOver: HandOver } | undefined> {
    const { to = message.recipient, ...content } = mail;
    let marked: MessageRow | undefined;
    let lostRace = false;
    const transport = message.bulk ? transports.bulk : transports.prompt;
    const { sender } = settings;
    const result = await transport.handOver(
      {
        from: { name: sender.senderName, address: sender.senderAddress },
        ...(sender.replyTo === null ? {} : { replyTo: { name: '', address: sender.replyTo } }),
        to: { name: '', address: to },
        ...content,
        // A retry after a lost answer carries the same id, so that mailboxes can show it once.
        messageId: `<${message.id}@${settings.issuerHost}>`,
        date: clock(),
        headers: {
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'Content-Language': message.locale,
        },
      },
      async () => {
        marked = await db
          .updateTable('message')
          .set({ handed_over_at: clock() })
          .where('id', '=', message.id)
          .where('state', '=', 'queued')
          .where('handed_over_at', 'is', null)
          .where('unconfirmed', '=', message.unconfirmed)
          .returningAll()
          .executeTakeFirst();
        lostRace = !marked;
        if (!marked) throw new Error('Somebody else sends this mail.');
      },
    );
    return lostRace ? undefined : { message: marked ?? message, handOver: result };
  }

  async function settle(message: MessageRow, { kind, response }: HandOver): Promise<void> {
    switch (kind) {
      case 'accepted':
      case 'refused':
        return conclude(message, kind, response);
      case 'unconfirmed':
        if (message.unconfirmed + 1 >= MOST_UNCONFIRMED)
          return conclude(message, 'refused', `${NOBODY_KNOWS} (${response})`);
        await noteUnconfirmed(message, response);
        break;
      case 'deferred':
        if (clock().getTime() - message.created_at.getTime() > GIVE_UP_AFTER)
          return conclude(message, 'refused', response);
        await patiently(() => noteTry(message, response, message.unconfirmed));
    }
    throw new Error(`The mail server did not take ${message.id}: ${response}`);
  }

  function noteUnconfirmed(message: MessageRow, response: string): Promise<MessageRow | undefined> {
    return patiently(() => noteTry(message, response, message.unconfirmed + 1));
  }

  /** Takes our own mark away, never one that another process has set meanwhile. */
  async function noteTry(
    message: MessageRow,
    response: string,
    unconfirmed: number,
  ): Promise<MessageRow | undefined> {
    return db
      .updateTable('message')
      .set((eb) => ({
        tries: eb('tries', '+', 1),
        smtp_response: response,
        handed_over_at: null,
        unconfirmed,
      }))
      .where('id', '=', message.id)
      .where('state', '=', 'queued')
      .where('handed_over_at', 'is not distinct from', message.handed_over_at)
      .returningAll()
      .executeTakeFirst();
  }

  function conclude(message: MessageRow, state: MailEnd['state'], response: string | null): Promise<void> {
    const end = { state, response, at: clock() };
    return patiently(() =>
      db.transaction().execute(async (trx) => {
        const ended = await trx
          .updateTable('message')
          .set((eb) => ({
            state,
            smtp_response: state === 'dropped' ? null : response,
            ended_at: end.at,
            tries: eb('tries', '+', 1),
            handed_over_at: null,
          }))
          .where('id', '=', message.id)
          .where('state', '=', 'queued')
          // That the mail server has it is true whoever else is at it; a refusal counts only while nobody else is.
          .$if(state !== 'accepted', (query) =>
            query.where('handed_over_at', 'is not distinct from', message.handed_over_at),
          )
          .returningAll()
          .executeTakeFirst();
        if (ended) await ends[message.template]?.(trx, ended, end);
      }),
    );
  }
}

/** A verdict that the database cannot take at this moment is kept for a while: without it a mail would go out twice. */
async function patiently<T>(write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (tries >= 10) throw error;
      await pause(1 * SECOND);
    }
  }
}
