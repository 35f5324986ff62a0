import { Readable } from 'node:stream';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { SECOND } from '#support/primitives/durations.ts';

/**
 * What is known after handing a mail to the mail server.
 * - `accepted`, `refused`: its answer is final for this recipient and this mail (RFC 5321 §4.2.1: 2xx, 5xx to RCPT or to the message)
 * - `deferred`: it certainly does not have the mail; try again
 * - `unconfirmed`: the mail was on its way (past DATA) and no answer came: nobody knows
 */
export type HandOver = { kind: 'accepted' | 'refused' | 'deferred' | 'unconfirmed'; response: string };

export type Transport = {
  /**
   * @param beforeContent awaited after the mail server has agreed to take the mail (354) and before the first byte of it; throwing keeps it back
   */
  handOver(mail: SendMailOptions, beforeContent: () => Promise<void>): Promise<HandOver>;
  close(): void;
};

/**
 * SMTP connections of one kind of mail, kept open between mails.
 * @param options.timeLimit milliseconds after which a mail is given up on, whatever the mail server does
 */
export function openTransport(options: {
  smtpUrl: string;
  connections: number;
  timeLimit: number;
}): Transport {
  const transport = createTransport({
    url: options.smtpUrl,
    pool: true,
    maxConnections: options.connections,
    // The pool must not send a mail again by itself: it does not know what we have written down.
    maxRequeues: 0,
    connectionTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: 60 * SECOND,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as object);
  // The connection reads the message only after 354, so that its first byte marks the point of no certainty.
  transport.use('stream', (mail, done) => {
    const { content } = mail.data as Watched;
    mail.message.processFunc((message) => Readable.from(content(message), { objectMode: false }));
    done();
  });
  transport.on('error', () => undefined);

  return {
    async handOver(mail, beforeContent) {
      const first = await once(mail, beforeContent);
      // A kept connection that the mail server had closed meanwhile is no reason to let a reader wait.
      return first.kind === 'deferred' && first.stale ? once(mail, beforeContent) : first;
    },
    close: () => transport.close(),
  };

  async function once(
    mail: SendMailOptions,
    beforeContent: () => Promise<void>,
  ): Promise<HandOver & { stale?: boolean }> {
    let past = false;
    let over = false;
    async function* content(message: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      await beforeContent();
      if (over) return;
      past = true;
      yield* message;
    }
    const watched: SendMailOptions & Watched = {
      ...mail,
      content,
      signal: AbortSignal.timeout(options.timeLimit),
    };
    try {
      const answer = (await transport.sendMail(watched)) as { response: string };
      return { kind: 'accepted', response: answer.response };
    } catch (error) {
      over = true;
      const { responseCode, response, command = '', code, message: text } = error as SmtpError;
      // An answer is an answer, wherever it came: the mail server does not have the mail.
      if (responseCode) {
        // Final is only what is said of this recipient or this mail; a refused log-in, sender or greeting is ours to mend, and the mail waits.
        const final = responseCode >= 500 && /^(RCPT TO|DATA)/.test(command);
        return { kind: final ? 'refused' : 'deferred', response: response ?? text };
      }
      if (past) return { kind: 'unconfirmed', response: text };
      return { kind: 'deferred', response: text, stale: code === 'ECONNECTION' };
    }
  }
}

type Watched = { content(message: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> };
type SmtpError = Error & { responseCode?: number; response?: string; command?: string; code?: string };
