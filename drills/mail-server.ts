import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** How the mail server behaves at present: it never answers, says 451 or 554, or takes a mail and breaks the connection instead of saying so. */
export type MailMood = 'well' | 'hangs' | 'defers' | 'refuses' | 'cuts after DATA';

/** The mail server of the company whose mails the drill sends: takes them by SMTP, refuses some mailboxes, and knows the codes that pass. */
export type DrillMailServer = {
  readonly url: string;
  /** Addresses that it says no to (550), compared in lower case; may change at any time. */
  readonly refused: Set<string>;
  /** May change at any time. */
  mood: MailMood;
  /** Addresses of which it refused a mail in its mood `refuses`. */
  readonly refusedInMood: ReadonlySet<string>;
  /** Every mail that it took: to whom, its Message-ID without the host, its plain text, and the code in it. */
  readonly taken: readonly { to: string; messageId: string; text: string; code: string | undefined }[];
  /** Resolves with the next code that is mailed to this address. */
  codeFor(address: string, within?: number): Promise<string>;
  close(): Promise<void>;
};

const LONGEST_WAIT = 60_000;

/** @param onMail hears of each mail that was taken, with its plain text */
export async function openMailServer(
  onMail: (mail: { to: string; text: string }) => void = () => undefined,
): Promise<DrillMailServer> {
  const refused = new Set<string>();
  const refusedInMood = new Set<string>();
  const state: { mood: MailMood } = { mood: 'well' };
  const taken: { to: string; messageId: string; text: string; code: string | undefined }[] = [];
  const waiting = new Map<string, (code: string) => void>();
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onMailFrom(_address, _session, done) {
      if (state.mood === 'hangs') return;
      if (state.mood === 'defers') done(refusal(451, '4.3.2 not now (sample refusal of the drill)'));
      else done();
    },
    onRcptTo({ address }, _session, done) {
      if (state.mood === 'refuses') {
        refusedInMood.add(address.toLowerCase());
        return done(refusal(554, '5.7.1 not wanted (sample refusal of the drill)'));
      }
      if (!refused.has(address.toLowerCase())) done();
      else done(refusal(550, '5.1.1 no such mailbox (sample refusal of the drill)'));
    },
    onData(stream, session, done) {
      const to = session.envelope.rcptTo[0]?.address.toLowerCase() ?? '';
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = Buffer.concat(chunks).toString('latin1');
        const text = textOf(mail);
        const code = codeIn(text);
        taken.push({ to, messageId: /^message-id: <([^@>]+)/im.exec(mail)?.[1] ?? '', text, code });
        if (state.mood === 'cuts after DATA')
          [...smtp.connections].find((one) => one.session.id === session.id)?._socket.destroy();
        else done();
        onMail({ to, text });
        const tell = waiting.get(to);
        if (tell === undefined || code === undefined) return;
        waiting.delete(to);
        tell(code);
      });
    },
  });
  // A login server that is killed in the middle of a mail.
  smtp.on('error', () => undefined);
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
    refused,
    refusedInMood,
    get mood() {
      return state.mood;
    },
    set mood(mood) {
      state.mood = mood;
    },
    taken,
    codeFor: (address, within = LONGEST_WAIT) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`No code for ${address} within ${within / 1_000} s.`)),
          within,
        );
        waiting.set(address.toLowerCase(), (code) => {
          clearTimeout(timer);
          resolve(code);
        });
      }),
    close: () => new Promise((closed) => smtp.close(closed)),
  };
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** The plain text of a mail; empty for one without. */
function textOf(mail: string): string {
  const [, encoding, body = ''] =
    /content-type: text\/plain[^]*?content-transfer-encoding: (\S+)[^]*?\r\n\r\n([^]*?)\r\n--/i.exec(mail) ??
    [];
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  return encoding === 'quoted-printable' ? body.replaceAll('=\r\n', '').replaceAll('=3D', '=') : body;
}

/** The code on a line of its own; undefined for a text without one. */
export function codeIn(text: string): string | undefined {
  const [, first, second] = /^ {4}(\d{4}) (\d{4})/m.exec(text) ?? [];
  return first === undefined ? undefined : `${first}${second}`;
}
