import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'vitest';

export type PlainSmtp = Awaited<ReturnType<typeof openPlainSmtp>>;

/** What an address of ours may look like at most. */
export const STRICT =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/;

/** A mail server that takes everything as it comes, and notes the commands and what went past DATA, byte by byte; smtp-server refuses addresses that carriers handed out. */
export async function openPlainSmtp() {
  const commands: string[] = [];
  const messages: { recipients: string[]; source: string }[] = [];
  const server = createServer((socket) => {
    let inMessage = false;
    let rest = '';
    let lines: string[] = [];
    let recipients: string[] = [];
    socket.write('220 here\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        if (inMessage) {
          inMessage = line !== '.';
          if (inMessage) lines.push(line);
          else {
            messages.push({ recipients, source: lines.join('\r\n') });
            [lines, recipients] = [[], []];
            socket.write('250 taken\r\n');
          }
          continue;
        }
        commands.push(line);
        if (/^RCPT TO:/i.test(line)) recipients.push(line.slice('RCPT TO:'.length));
        inMessage = line === 'DATA';
        socket.write(inMessage ? '354 go on\r\n' : '250 ok\r\n');
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, commands, messages, close: () => server.close() };
}

/** What stands between the angle brackets. Dots in odd places make a local part a quoted one (RFC 5321 §4.1.2); it is the same mailbox. */
export function mailboxOf(path = ''): string {
  return path.replace(/^<|>$/g, '').replace(/^"([^"\\]+)"@/, '$1@');
}

/**
 * Nothing was said to the mail server but what a sender like ours means to say, and each mail names one mailbox in its head, the one of its envelope.
 * @param sender the one address from which mails come
 */
export function expectCleanDialogue(smtp: Pick<PlainSmtp, 'commands' | 'messages'>, sender: string): void {
  const local = STRICT.source.slice(1, -1);
  const command = new RegExp(
    `^(EHLO \\S+|MAIL FROM:<${escaped(sender)}>|RCPT TO:<(${local}|"[^"\\\\\\s<>@,;:()]+"@[a-z0-9.-]+)>|DATA|RSET|QUIT)$`,
  );
  for (const line of smtp.commands) expect(line).toMatch(command);
  expect(smtp.commands.filter((line) => line === 'DATA')).toHaveLength(smtp.messages.length);
  for (const { recipients, source } of smtp.messages) {
    const head = source
      .slice(0, source.indexOf('\r\n\r\n'))
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n');
    const names = head.map((line) => line.split(':')[0]?.toLowerCase());
    expect(
      names
        .filter((name) => ['to', 'cc', 'bcc', 'from', 'sender', 'reply-to', 'subject'].includes(name ?? ''))
        .toSorted(),
    ).toEqual(['from', 'subject', 'to']);
    expect(head.find((line) => line.startsWith('To:'))).toMatch(
      // A name before the address is encoded (RFC 2047), so it cannot be taken for an address.
      new RegExp(
        `^To: (=\\?UTF-8\\?[BQ]\\?[^?\\s]*\\?= )*<?${escaped(recipients[0]?.slice(1, -1) ?? '')}>?$`,
      ),
    );
  }
}

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '\\$&');
}
