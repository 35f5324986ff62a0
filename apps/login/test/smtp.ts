import { createServer, type AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type SmtpBehaviour =
  | 'accept'
  | 'refuse-recipient'
  | 'defer-recipient'
  | 'refuse-message'
  | 'defer-message'
  | 'refuse-login'
  | 'refuse-sender'
  | 'cut-after-message';

const ANSWERS: Partial<Record<SmtpBehaviour, [code: number, text: string]>> = {
  'refuse-login': [535, 'authentication failed'],
  'refuse-sender': [553, 'sender not allowed'],
  'refuse-recipient': [550, 'no such mailbox'],
  'defer-recipient': [450, 'mailbox busy'],
  'refuse-message': [554, 'looks like spam'],
  'defer-message': [451, 'try later'],
};

/** A mail server that behaves as it is told, and keeps what it took. */
export async function openSmtp() {
  const smtp = {
    behaviour: 'accept' as SmtpBehaviour,
    arrived: [] as { source: string; parsed: ParsedMail }[],
    port: 0,
    close: () => new Promise<void>((closed) => server.close(closed)),
  };
  const answer = (...when: SmtpBehaviour[]): Error | null => {
    const refusal = when.includes(smtp.behaviour) ? ANSWERS[smtp.behaviour] : undefined;
    return refusal ? Object.assign(new Error(refusal[1]), { responseCode: refusal[0] }) : null;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => done(answer('refuse-login'), { user: 'x' }),
    onMailFrom: (_address, _session, done) => done(answer('refuse-sender')),
    onRcptTo: (_address, _session, done) => done(answer('refuse-recipient', 'defer-recipient')),
    onData(stream, _session, done) {
      let source = '';
      stream.on('data', (chunk: Buffer) => (source += chunk.toString('latin1')));
      stream.on('end', () => {
        void simpleParser(Buffer.from(source, 'latin1')).then((parsed) => {
          smtp.arrived.push({ source, parsed });
          if (smtp.behaviour === 'cut-after-message') cutAll();
          else done(answer('refuse-message', 'defer-message'));
        });
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  smtp.port = (server.server.address() as AddressInfo).port;
  return smtp;

  function cutAll(): void {
    for (const client of server.connections)
      (client as unknown as { _socket: { destroy(): void } })._socket.destroy();
  }
}

/** A mail server that takes everything as it comes, and notes the commands; the usual one refuses addresses that carriers handed out. */
export async function openPlainSmtp() {
  const commands: string[] = [];
  const server = createServer((socket) => {
    let inMessage = false;
    let rest = '';
    socket.write('220 here\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
        const line = rest.slice(0, at);
        rest = rest.slice(at + 2);
        if (inMessage) {
          inMessage = line !== '.';
          if (!inMessage) socket.write('250 taken\r\n');
          continue;
        }
        commands.push(line);
        inMessage = line === 'DATA';
        socket.write(inMessage ? '354 go on\r\n' : '250 ok\r\n');
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, commands, close: () => server.close() };
}
