import { setTimeout as pause } from 'node:timers/promises';

export type ReceivedMail = {
  id: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  headers: string;
};

/** The mailbox of everybody, read through its HTTP API; its pages stand at `url`. */
export type MailReader = {
  readonly url: string;
  /** The oldest mail to an address that was not handed out before; waits for it, at most 20 s. */
  next(address: string): Promise<ReceivedMail>;
  /** All mails to an address, oldest first, handed out or not. */
  all(address: string): Promise<readonly ReceivedMail[]>;
};

export function mailReader(url: string): MailReader {
  const handedOut = new Set<string>();
  const all = async (address: string): Promise<ReceivedMail[]> => {
    const answer = await fetch(`${url}/api/messages?to=${encodeURIComponent(address)}`);
    return ((await answer.json()) as ReceivedMail[]).toReversed();
  };
  return {
    url,
    all,
    async next(address) {
      for (let tries = 0; tries < 200; tries += 1) {
        const mail = (await all(address)).find(({ id }) => !handedOut.has(id));
        if (mail) {
          handedOut.add(mail.id);
          return mail;
        }
        await pause(100);
      }
      throw new Error(`No new mail to ${address} came within 20 s.`);
    },
  };
}

/** The verification code as it stands in a mail: two groups of four figures. */
export function codeIn(mail: Pick<ReceivedMail, 'text'>): string {
  const found = /^\s*(\d{4} \d{4})\s*$/m.exec(mail.text)?.[1];
  if (found === undefined) throw new Error(`There is no code alone on its line in this mail:\n${mail.text}`);
  return found;
}
