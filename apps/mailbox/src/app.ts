import type { AddressInfo } from 'node:net';
import { buildHttp } from './http.ts';
import { MessageStore } from './message-store.ts';
import { readMessages, type StoredMessage } from './message.ts';
import { smtpError, smtpReceiver } from './smtp.ts';

export type { StoredMessage };

const KEPT_MESSAGES = 1_000;

export type MailboxOptions = {
  /** TCP ports; 0 takes a free one. */
  readonly smtpPort: number;
  readonly httpPort: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Folder that keeps the mails over a restart; without it they live in memory only. */
  readonly dataFolder?: string;
  readonly clock: () => Date;
  /** Writes JSON lines to stderr; silent by default. */
  readonly log?: boolean;
};

export type Mailbox = {
  /** Listens on both ports; rejects with the system's error (code EADDRINUSE, port) when one is taken. */
  start(): Promise<void>;
  /** Ends both servers; what was received stays in the data folder. */
  stop(): Promise<void>;
  /** The mails kept, newest first, at most 1,000. */
  messages(): readonly StoredMessage[];
  /** The ports that it listens on (after start). */
  readonly smtpPort: number;
  readonly httpPort: number;
};

/** Builds a mailbox that takes mail for everybody by SMTP and shows it by HTTP. Throws when the data folder cannot be used. */
export function buildMailbox(options: MailboxOptions): Mailbox {
  const host = options.host ?? '127.0.0.1';
  const store = new MessageStore({ folder: options.dataFolder, limit: KEPT_MESSAGES });
  const ports = { smtp: options.smtpPort, http: options.httpPort };
  const http = buildHttp({ store, smtpPort: () => ports.smtp, log: options.log ?? false });
  const smtp = smtpReceiver({
    host,
    port: options.smtpPort,
    receive: async (source, envelope) => {
      const messages = await readMessages(source, envelope, options.clock()).catch((error: unknown) => {
        throw smtpError(554, `Unreadable mail: ${String(error)}`);
      });
      store.add(messages);
      for (const { id, to } of messages) http.log.info({ id, to }, 'mail received');
    },
  });

  return {
    async start() {
      ports.smtp = await smtp.start();
      try {
        await http.listen({ host, port: options.httpPort });
      } catch (error) {
        await smtp.stop();
        throw error;
      }
      ports.http = (http.server.address() as AddressInfo).port;
    },
    async stop() {
      await Promise.all([smtp.stop(), http.close()]);
    },
    messages: () => store.newestFirst(),
    get smtpPort() {
      return ports.smtp;
    },
    get httpPort() {
      return ports.http;
    },
  };
}
