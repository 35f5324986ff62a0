import { readStatus, type Verdict } from './command-status.ts';
import type { PartOutcome } from './decide.ts';
import type { Receipt } from './read-receipt.ts';

const ACCEPTED = 202;
/** What smsbox answers (Kannel user guide, "send-sms": 202 accepted, 4xx not again, 503 later), by the words of its refusals: a name or password of ours that is wrong must not fail a campaign. */
const REFUSALS: readonly (readonly [status: number, words: RegExp, name: string, verdict: Verdict])[] = [
  [403, /not routable/i, 'not routable', 'number'],
  [403, /./s, 'not authorized', 'gateway'],
  [400, /receiver|number\(s\)|'to' field/i, 'number refused', 'number'],
  [400, /text|body|charset/i, 'text refused', 'content'],
  [400, /sender|from|dlr-|smsc|account|field/i, 'request refused', 'gateway'],
];
/** By status alone: what stands between, such as a proxy, says it too. */
const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: 'gateway',
  403: 'gateway',
  404: 'gateway',
  405: 'gateway',
  407: 'gateway',
  408: 'passing',
  429: 'slow-down',
};
/** Answers of a proxy that has lost the answer. */
const NOBODY_KNOWS: readonly number[] = [502, 504];

/** Reads smsbox's answer about the message with this id of ours. Its words are not passed on: they may hold numbers. */
export function readKannelAnswer(status: number, text: string, id: string): PartOutcome {
  if (status === ACCEPTED) return { kind: 'taken', carrierId: id };
  // Not what Kannel says to a message that it took, and no refusal.
  if (status < 300 || NOBODY_KNOWS.includes(status)) return { kind: 'in-doubt' };
  for (const [code, words, name, verdict] of REFUSALS)
    if (status === code && words.test(text))
      return { kind: 'refused', name: `HTTP ${code} ${name}`, verdict };
  const verdict = BY_STATUS[status] ?? (status < 400 ? 'gateway' : status < 500 ? 'content' : 'passing');
  return { kind: 'refused', name: `HTTP ${status}`, verdict };
}

/** dlr-mask: what a phone got, what it did not, what the carrier refused; not what is merely on its way (4, 8). */
export const FINAL_RECEIPTS = 1 + 2 + 16;
const DELIVERED = 1;
/** Kannel's own kinds of 2: expired, unknown. */
const NOT_DELIVERED: readonly number[] = [2, 34, 66];
const EXPIRED = 34;
const REFUSED = 16;

/**
 * Reads a delivery report of Kannel: `type` is its %d, `answer` its %A, the carrier's own words; null: it is not the final one. Of these
 * words only the state, the code of the error and the code of a refusal are taken: some carriers repeat the message in them.
 */
export function readKannelReceipt(type: number, answer: string, id: string): Receipt | null {
  if (type === DELIVERED) return { carrierId: id, state: 'delivered', fault: null };
  if (type === REFUSED) {
    const status = /^NACK\/(0x[0-9a-f]{1,8}|\d{1,10})\b/i.exec(answer)?.[1];
    return {
      carrierId: id,
      state: 'undelivered',
      fault: status === undefined ? 'REJECTD' : readStatus(Number(status)).name,
    };
  }
  if (!NOT_DELIVERED.includes(type)) return null;
  const field = (name: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}:([0-9a-z_.-]{1,20})`, 'i').exec(answer)?.[1]?.toUpperCase();
  const stat = field('stat');
  const expired = type === EXPIRED || stat === 'EXPIRED';
  const words = [stat ?? (expired ? 'EXPIRED' : 'UNDELIV'), field('err')].filter(
    (word) => word !== undefined,
  );
  return { carrierId: id, state: expired ? 'expired' : 'undelivered', fault: words.join(' ') };
}
