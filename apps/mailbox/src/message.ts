import { randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { simpleParser, type AddressObject } from 'mailparser';

/** One mail in one person's mailbox: a mail to three recipients is stored three times. */
export type StoredMessage = {
  /** `mail_…`, ordered by time. */
  readonly id: string;
  /** Recipient of the envelope, a plain address: whose mailbox it is, whatever the header says. */
  readonly to: string;
  /** Address of the From header, a plain address; the envelope's sender when there is no such header. */
  readonly from: string;
  /** Sender of the envelope, where bounces go; empty for the null sender. */
  readonly envelopeFrom: string;
  /** To header as a mail program shows it: decoded names and addresses. */
  readonly toHeader: string;
  readonly fromHeader: string;
  readonly subject: string;
  /** The plain text part; empty when the mail has none (it is not made up from the HTML). */
  readonly text: string;
  /** The HTML part with its attached images inlined; empty when the mail has none. */
  readonly html: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** The header block as it came, folding included. */
  readonly headers: string;
  /** The whole mail as it came, one character a byte (latin1). */
  readonly source: string;
};

/** Envelope of an accepted mail (RFC 5321): what the sending server said, not what the header claims. */
export type Envelope = { readonly from: string; readonly to: readonly string[] };

/** Reads a mail into one stored message per recipient. Throws when it is beyond what the parser takes. */
export async function readMessages(source: Buffer, envelope: Envelope, now: Date): Promise<StoredMessage[]> {
  const mail = await simpleParser(source, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    checksumAlgo: false,
  });
  const shared = {
    from: plainAddress(mail.from?.value[0]?.address ?? envelope.from),
    envelopeFrom: envelope.from,
    toHeader: headerText(mail.to),
    fromHeader: headerText(mail.from),
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html || '',
    receivedAt: now.toISOString(),
    headers: mail.headerLines.map(({ line }) => line).join('\r\n'),
    source: source.toString('latin1'),
  };
  return envelope.to.map((to) => ({ id: newId(now), to: plainAddress(to), ...shared }));
}

/** Whether two addresses are the same mailbox here: case does not matter, nor the way an IDN domain is written. */
export function sameAddress(left: string, right: string): boolean {
  return plainAddress(left).toLowerCase() === plainAddress(right).toLowerCase();
}

/**
 * The address as people write it: domain in ASCII (A-labels), and the local part without the quotes that a sender puts
 * around dots in odd places (`"foo..bar."@docomo.ne.jp`): both forms name the same mailbox (RFC 5321, 4.1.2).
 */
function plainAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at).replace(/^"([^\s"\\@<>()[\],;:]+)"$/, '$1');
  const domain = domainToASCII(address.slice(at + 1));
  return at < 0 || domain === '' ? address : `${local}@${domain}`;
}

function headerText(header: AddressObject | AddressObject[] | undefined): string {
  return [header ?? []]
    .flat()
    .map(({ text }) => text)
    .join(', ');
}

function newId(now: Date): string {
  return `mail_${now.getTime().toString(36).padStart(9, '0')}${randomBytes(6).toString('hex')}`;
}
