import type { AddressInfo, Socket } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

export type SmtpBehaviour =
  | 'accept'
  | 'refuse-recipient'
  | 'defer-recipient'
  | 'refuse-message'
  | 'defer-message'
  | 'refuse-login'
  | 'refuse-sender'
  /** The connection breaks when the recipient is named: nothing was handed over. */
  | 'cut-before-message'
  /** The mail is taken, and the connection breaks instead of an answer. */
  | 'cut-after-message'
  /** No answer to the recipient. */
  | 'hang-at-recipient'
  /** The mail is taken, and no answer comes. */
  | 'hang-after-message';

const ANSWERS: Partial<Record<SmtpBehaviour, [code: number, text: string]>> = {
  'refuse-login': [535, 'authentication failed'],
  'refuse-sender': [553, 'sender not allowed'],
  'refuse-recipient': [550, 'no such mailbox'],
  'defer-recipient': [450, 'mailbox busy'],
  'refuse-message': [554, 'looks like spam'],
  'defer-message': [451, 'try later'],
};

export type ArrivedMail = { source: string; parsed: ParsedMail; recipients: string[]; at: number };

/** A mail server that behaves as it is told, for everybody or for each recipient anew, and keeps what it took. */
export async function openSmtp() {
  const smtp = {
    behaviour: 'accept' as SmtpBehaviour,
    /** How it treats one recipient; asked at each try. Unset: as `behaviour` says. */
    behaviourOf: undefined as ((address: string) => SmtpBehaviour) | undefined,
    /** What went past DATA, whatever was answered then. */
    arrived: [] as ArrivedMail[],
    port: 0,
    /** The server goes away at once, connections and all; `arrived` stays. */
    close: () => {
      for (const client of server.connections) socketOf(client)?.destroy();
      return new Promise<void>((closed) => server.close(closed));
    },
  };
  const behaviours = new WeakMap<SMTPServerSession, SmtpBehaviour>();
  const answer = (how: SmtpBehaviour, ...when: SmtpBehaviour[]): Error | null => {
    const refusal = when.includes(how) ? ANSWERS[how] : undefined;
    return refusal ? Object.assign(new Error(refusal[1]), { responseCode: refusal[0] }) : null;
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: (_auth, _session, done) => done(answer(smtp.behaviour, 'refuse-login'), { user: 'x' }),
    onMailFrom: (_address, _session, done) => done(answer(smtp.behaviour, 'refuse-sender')),
    onRcptTo({ address }, session, done) {
      const how = smtp.behaviourOf?.(address) ?? smtp.behaviour;
      behaviours.set(session, how);
      if (how === 'cut-before-message') cut(session);
      else if (how !== 'hang-at-recipient') done(answer(how, 'refuse-recipient', 'defer-recipient'));
    },
    onData(stream, session, done) {
      const how = behaviours.get(session) ?? smtp.behaviour;
      const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const source = Buffer.concat(chunks);
        void simpleParser(source).then((parsed) => {
          smtp.arrived.push({ source: source.toString('latin1'), parsed, recipients, at: performance.now() });
          if (how === 'cut-after-message') cut(session);
          else if (how !== 'hang-after-message') done(answer(how, 'refuse-message', 'defer-message'));
        });
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  smtp.port = (server.server.address() as AddressInfo).port;
  return smtp;

  function cut(session: SMTPServerSession): void {
    for (const client of server.connections)
      if ((client as unknown as { session: SMTPServerSession }).session === session)
        socketOf(client)?.destroy();
  }
  function socketOf(client: unknown): Socket | undefined {
    return (client as { _socket?: Socket })._socket;
  }
}
