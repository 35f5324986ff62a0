import { createTransport, type SendMailOptions } from 'nodemailer';
import { buildMailbox, type Mailbox, type MailboxOptions } from '../src/app.ts';

/** A mailbox on free ports with a sender before it, stopped at the end of the block (`await using`). */
export type Started = AsyncDisposable & {
  readonly mailbox: Mailbox;
  /** Sends over real SMTP; rejects with the server's answer. */
  send(mail: SendMailOptions): Promise<unknown>;
  /** Asks the HTTP side, as a Japanese browser unless the headers say otherwise; follows no redirect. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** The mails that the API lists. */
  list(query?: string): Promise<Record<string, string>[]>;
};

export const noon = new Date('2026-11-21T03:00:00.000Z');

export const welcome: SendMailOptions = {
  from: '"絶対リーチ! 統合認証" <no-reply@login.example.co.jp>',
  to: '"見本 太郎" <taro@example.co.jp>',
  subject: '【統合認証】検証コードのお知らせ',
  text: '検証コード: 1234 5678\n10分以内に入力してください。',
  html: '<p>検証コード: <b>1234 5678</b></p>',
};

export async function started(options: Partial<MailboxOptions> = {}): Promise<Started> {
  const mailbox = buildMailbox({ smtpPort: 0, httpPort: 0, clock: () => noon, ...options });
  await mailbox.start();
  const base = `http://127.0.0.1:${mailbox.httpPort}`;
  const ask = (path: string, init: RequestInit = {}) => fetch(base + path, { redirect: 'manual', ...init });
  return {
    mailbox,
    ask,
    send: async (mail) => {
      const transport = createTransport({ host: '127.0.0.1', port: mailbox.smtpPort });
      return transport.sendMail(mail).finally(() => transport.close());
    },
    list: async (query = '') =>
      (await ask(`/api/messages${query}`)).json() as Promise<Record<string, string>[]>,
    [Symbol.asyncDispose]: () => mailbox.stop(),
  };
}
