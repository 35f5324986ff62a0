import type { Attachment, ParsedMail } from 'mailparser';

/** What a delivery status notification says of one recipient (RFC 3464 §2.3). */
export type RecipientStatus = {
  /** Final-Recipient and Original-Recipient, as far as they are there. */
  addresses: readonly string[];
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded' | 'unknown';
  /** RFC 3463, such as 5.1.1; empty when there is none. */
  status: string;
  diagnostic: string;
};

export type DeliveryNotification = {
  /** Message-ID of the mail that it is about, with its angle brackets, from the returned headers. */
  originalMessageId: string;
  recipients: readonly RecipientStatus[];
};

export type NotificationProblem =
  /** Larger than we read. */
  | 'too-large'
  /** Some other mail: a reply, an absence note, an advertisement, or nothing that is a mail. */
  | 'not-a-notification'
  /** Without the headers of the returned mail nobody can tell what it is about. */
  | 'no-returned-headers';

/** Notifications are small; what is returned with them is a mail of ours. */
export const MAX_NOTIFICATION = 1024 * 1024;

/** Reads a delivery status notification. Whatever comes, it is answered and never thrown. */
export async function parseNotification(
  source: Buffer,
): Promise<{ ok: true; notification: DeliveryNotification } | { ok: false; problem: NotificationProblem }> {
  if (source.length > MAX_NOTIFICATION) return { ok: false, problem: 'too-large' };
  const mail = await parsed(source);
  const report = partOf(mail, 'message/delivery-status');
  if (!report) return { ok: false, problem: 'not-a-notification' };
  const recipients: RecipientStatus[] = [];
  // The first group of fields is of the message, each further one of a recipient; what has a recipient is one.
  for (const group of report.content.toString('utf8').split(/(?:\r?\n){2,}/)) {
    const status = await recipientStatus(group);
    if (status) recipients.push(status);
  }
  if (recipients.length === 0) return { ok: false, problem: 'not-a-notification' };
  const returned =
    partOf(mail, 'message/rfc822') ?? partOf(mail, 'text/rfc822-headers') ?? partOf(mail, 'message/global');
  const originalMessageId = returned && (await parsed(returned.content))?.messageId;
  if (!originalMessageId) return { ok: false, problem: 'no-returned-headers' };
  return { ok: true, notification: { originalMessageId, recipients } };
}

const ACTIONS = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

async function recipientStatus(group: string): Promise<RecipientStatus | undefined> {
  const fields = (await parsed(Buffer.from(`${group.trim()}\r\n\r\n`)))?.headers;
  const text = (name: string): string => {
    const value = fields?.get(name);
    return typeof value === 'string' ? value.trim() : '';
  };
  const addresses = [text('final-recipient'), text('original-recipient')].map(addressIn).filter(Boolean);
  if (addresses.length === 0) return undefined;
  const action = text('action').toLowerCase();
  return {
    addresses,
    action: ACTIONS.find((known) => known === action) ?? 'unknown',
    status: /\d\.\d{1,3}\.\d{1,3}/.exec(text('status'))?.[0] ?? '',
    diagnostic: text('diagnostic-code').slice(0, 500),
  };
}

/** `rfc822; taro@example.co.jp`; some write angle brackets round it. */
function addressIn(field: string): string {
  return /^[^;]*;\s*<?([^<>\s]+)>?\s*$/.exec(field)?.[1] ?? '';
}

function partOf(mail: ParsedMail | undefined, type: string): Attachment | undefined {
  return mail?.attachments.find((part) => part.contentType.toLowerCase() === type);
}

async function parsed(source: Buffer): Promise<ParsedMail | undefined> {
  // 6 MiB that most servers never need.
  const { simpleParser } = await import('mailparser');
  try {
    return await simpleParser(source, {
      keepDeliveryStatus: true,
      skipHtmlToText: true,
      skipTextToHtml: true,
      skipImageLinks: true,
      skipTextLinks: true,
    });
  } catch {
    return undefined;
  }
}
