import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps nothing but the codes that pass through it. */
export type Mailbox = {
  url: string;
  /** Resolves with the code that is mailed to this address. */
  codeFor(address: string): Promise<string>;
  close(): Promise<void>;
};

const LONGEST_WAIT = 30_000;

export async function openMailbox(): Promise<Mailbox> {
  const waiting = new Map<string, (code: string) => void>();
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const address = session.envelope.rcptTo[0]?.address ?? '';
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        done();
        const code = codeIn(Buffer.concat(chunks).toString('latin1'));
        if (code === undefined) return;
        waiting.get(address)?.(code);
        waiting.delete(address);
      });
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    codeFor: (address) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`No code for ${address} within ${LONGEST_WAIT} ms.`)),
          LONGEST_WAIT,
        );
        waiting.set(address, (code) => {
          clearTimeout(timer);
          resolve(code);
        });
      }),
    close: () => new Promise((closed) => smtp.close(closed)),
  };
}

/** The code on a line of its own in the plain text; undefined for a mail without one. */
function codeIn(mail: string): string | undefined {
  const [, encoding, body = ''] =
    /content-type: text\/plain[^]*?content-transfer-encoding: (\S+)[^]*?\r\n\r\n([^]*?)\r\n--/i.exec(mail) ??
    [];
  const text = encoding === 'base64' ? Buffer.from(body, 'base64').toString() : body;
  const [, first, second] = /^ {4}(\d{4}) (\d{4})/m.exec(text) ?? [];
  return first === undefined ? undefined : `${first}${second}`;
}
