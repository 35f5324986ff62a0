import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';

/** A mail server on the way between the programs and the mailbox: it takes every mail and passes it on, at once or when told to. */
export type PostOffice = {
  readonly url: string;
  /** Keeps the next mail to this address back until it is told to deliver it. */
  holdNext(address: string): HeldLetter;
  close(): Promise<void>;
};

export type HeldLetter = {
  /** Resolves when the mail has been taken here. */
  readonly taken: Promise<void>;
  deliver(): Promise<void>;
};

type Letter = { from: string; to: readonly string[]; raw: Buffer };

export async function openPostOffice(mailboxPort: number): Promise<PostOffice> {
  const onward = createTransport({ host: '127.0.0.1', port: mailboxPort });
  const holds = new Map<string, (letter: Letter) => void>();
  const passOn = async ({ from, to, raw }: Letter): Promise<void> => {
    await onward.sendMail({ envelope: { from, to: [...to] }, raw });
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const letter = {
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(pieces),
        };
        const held = letter.to.find((address) => holds.has(address.toLowerCase()));
        if (held === undefined) passOn(letter).then(() => done(), done);
        else {
          holds.get(held.toLowerCase())?.(letter);
          holds.delete(held.toLowerCase());
          done();
        }
      });
    },
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    holdNext(address) {
      const taken = new Promise<Letter>((take) => holds.set(address.toLowerCase(), take));
      return { taken: taken.then(() => undefined), deliver: async () => passOn(await taken) };
    },
    async close() {
      await new Promise<void>((closed) => server.close(closed));
      onward.close();
    },
  };
}
