import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Envelope } from './message.ts';

const SECOND = 1_000;
const STOP_GRACE = SECOND / 4;
const MEGABYTE = 1024 * 1024;
const MAX_MESSAGE_SIZE = 5 * MEGABYTE;

/** Local parts of recipients that stand for a mail server's refusal (RFC 5321, 4.2.2). */
const faults = [
  { prefix: 'refuse550', code: 550, words: 'No such user here (a fault on demand)' },
  { prefix: 'refuse450', code: 450, words: 'Mailbox busy, try again later (a fault on demand)' },
] as const;

export type SmtpReceiver = {
  /** Listens and returns the port; rejects with the system's error when it cannot. */
  start(): Promise<number>;
  /** Stops listening and ends open connections, an idle one at once or nearly so. */
  stop(): Promise<void>;
};

/**
 * Takes mail for any address, also those that break RFC 5321 and yet exist (`foo..bar.@docomo.ne.jp`), with any
 * login or none. `receive` is called before the mail is acknowledged; what it throws the sender hears, as 450 unless
 * the error names a `responseCode`.
 */
export function smtpReceiver(options: {
  host: string;
  port: number;
  receive: (source: Buffer, envelope: Envelope) => Promise<void>;
}): SmtpReceiver {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    lenientAddressParsing: true,
    size: MAX_MESSAGE_SIZE,
    closeTimeout: STOP_GRACE,
    logger: false,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anyone' }),
    onRcptTo: (address, _session, done) => done(refusal(address.address)),
    onData: (stream, session, done) => {
      readMail(stream)
        .then((source) => options.receive(source, envelopeOf(session)))
        .then(
          () => done(),
          (error: Error) => done(error),
        );
    },
  });
  // A broken connection ends by itself; without a listener it would end the program.
  server.on('error', () => undefined);

  return {
    async start() {
      const listener = server.listen(options.port, options.host);
      await once(listener, 'listening');
      return (listener.address() as AddressInfo).port;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Reads a mail to its end, keeping no more of it than is acceptable. */
async function readMail(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (!stream.sizeExceeded) chunks.push(chunk);
  }
  if (stream.sizeExceeded) throw smtpError(552, 'Message exceeds the size limit');
  return Buffer.concat(chunks);
}

function refusal(address: string): Error | null {
  const fault = faults.find(({ prefix }) => address.toLowerCase().startsWith(prefix));
  return fault ? smtpError(fault.code, fault.words) : null;
}

function envelopeOf({ envelope }: SMTPServerSession): Envelope {
  return {
    from: envelope.mailFrom ? envelope.mailFrom.address : '',
    to: envelope.rcptTo.map(({ address }) => address),
  };
}

/** An error whose code and words the sender hears as the reply. */
export function smtpError(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}
