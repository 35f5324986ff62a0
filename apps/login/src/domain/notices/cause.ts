import type { Recipient } from './recipients.ts';

/** Why a notice did not reach somebody, as far as the mail server's words tell; each calls for something else. */
export type UnreachedCause =
  /** There is no such mailbox or domain. */
  | 'address-wrong'
  | 'mailbox-full'
  /** Refused by the receiver's rules: filter, allow list, policy. */
  | 'blocked'
  /** The receiver's mail server did not answer for a whole day, or nobody knows what became of the mail. */
  | 'no-answer'
  /** Was not in the audience when the mails went out, and is now. */
  | 'left-audience'
  | 'unknown';

/** Why a notice did not reach this person; null where it did, or may still. Enhanced status codes (RFC 3463) first, then the reply code and the words. */
export function causeOf({
  state,
  dropReason,
  response,
}: Pick<Recipient, 'state' | 'dropReason' | 'response'>): UnreachedCause | null {
  if (state === 'dropped' && dropReason === 'left-audience') return 'left-audience';
  if (state !== 'refused' && state !== 'bounced') return null;
  const said = response ?? '';
  const status = /\b[245]\.(\d{1,3})\.(\d{1,3})\b/.exec(said);
  return (status && bySubject(Number(status[1]), Number(status[2]))) ?? byWords(said);
}

function bySubject(subject: number, detail: number): UnreachedCause | undefined {
  switch (subject) {
    case 1:
      // 1.7 and 1.8 are about the sender's address.
      return detail === 7 || detail === 8 ? 'blocked' : 'address-wrong';
    case 2:
      if (detail === 2) return 'mailbox-full';
      return detail === 1 ? 'address-wrong' : undefined;
    case 4:
      // 4.4: no route, which is a domain that does not exist.
      return detail === 4 ? 'address-wrong' : 'no-answer';
    case 7:
      return 'blocked';
    default:
      return undefined;
  }
}

function byWords(said: string): UnreachedCause {
  if (/full|quota|over ?limit|^552/i.test(said)) return 'mailbox-full';
  if (/spam|block|black ?list|policy|denied|reputation|dmarc|spf/i.test(said)) return 'blocked';
  if (/unknown|no such|not exist|not found|invalid|unavailable|no mailbox|user/i.test(said))
    return 'address-wrong';
  if (/time ?out|timed|connect|refused to talk|nobody knows|^4\d\d/i.test(said)) return 'no-answer';
  return 'unknown';
}
