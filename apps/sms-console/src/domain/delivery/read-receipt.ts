import type { FinalPartState } from '#support/db/schema.ts';
import type { Pdu } from '#support/smpp/smpp.d.ts';
import type { SmppSettings } from './gateway-settings.ts';

/** What a receipt says of one part. `carrierId` is in the form of `carrierIdOf`. */
export type Receipt = {
  readonly carrierId: string;
  readonly state: FinalPartState;
  /** The carrier's own word for why, such as `UNDELIV 027`. */
  readonly fault: string | null;
};

/** `other`: a deliver_sm that is no receipt, or one of a message that is still on its way. */
export type ReadReceipt = { readonly kind: 'final'; readonly receipt: Receipt } | { readonly kind: 'other' };

/** esm_class bits 5 to 2 (SMPP 3.4, 5.2.12): 0001 receipt, 1000 intermediate notification; 0000 is what some carriers send all the same. */
const MESSAGE_TYPE = 0b0011_1100;
const RECEIPT = 0b0000_0100;
/** By the text of appendix B and by message_state (5.2.28); what is missing here is still on its way. */
const BY_STAT: Readonly<Record<string, FinalPartState>> = {
  DELIVRD: 'delivered',
  DELIVERED: 'delivered',
  EXPIRED: 'expired',
  DELETED: 'undelivered',
  UNDELIV: 'undelivered',
  REJECTD: 'undelivered',
  UNKNOWN: 'undelivered',
};
const BY_MESSAGE_STATE: Readonly<Record<number, readonly [stat: string, state: FinalPartState]>> = {
  2: ['DELIVRD', 'delivered'],
  3: ['EXPIRED', 'expired'],
  4: ['DELETED', 'undelivered'],
  5: ['UNDELIV', 'undelivered'],
  7: ['UNKNOWN', 'undelivered'],
  8: ['REJECTD', 'undelivered'],
};

/** Reads a deliver_sm: by its parameters where the carrier gives them, else by the text that most of them write. */
export function readReceipt(pdu: Pdu, ids: SmppSettings['messageIds']): ReadReceipt {
  const type = (pdu.esm_class ?? 0) & MESSAGE_TYPE;
  if (type !== RECEIPT && type !== 0) return { kind: 'other' };
  const text = textOf(pdu);
  const field = (name: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}:\\s*"?([0-9a-z_.-]+)`, 'i').exec(text)?.[1];
  const id = pdu.receipted_message_id || field('id');
  const stat = field('stat')?.toUpperCase();
  const byParameter = BY_MESSAGE_STATE[pdu.message_state ?? 0];
  const state = byParameter?.[1] ?? BY_STAT[stat ?? ''];
  // Without its flag a receipt must look like one in every respect: people write "id:" too.
  const looksRight =
    type === RECEIPT || (field('id') !== undefined && stat !== undefined && /done date:/i.test(text));
  if (!id || state === undefined || !looksRight) return { kind: 'other' };
  const words = [stat ?? byParameter?.[0], field('err')].filter((word) => word !== undefined);
  const carrierId = carrierIdOf(id, ids, 'receipt');
  return {
    kind: 'final',
    receipt: { carrierId, state, fault: state === 'delivered' ? null : words.join(' ') },
  };
}

/** A carrier's id in one form for answers and receipts: as it stands, or as a decimal number where the two write it differently. */
export function carrierIdOf(
  written: string,
  ids: SmppSettings['messageIds'],
  where: 'answer' | 'receipt',
): string {
  const id = written.replace(/\0.*$/s, '').trim();
  if (ids === 'same') return id;
  const isHex = (ids === 'hex-then-decimal') === (where === 'answer');
  if (!(isHex ? /^(0x)?[0-9a-f]{1,64}$/i : /^\d{1,64}$/).test(id)) return id;
  return BigInt(isHex ? `0x${id.replace(/^0x/i, '')}` : id).toString();
}

function textOf(pdu: Pdu): string {
  for (const content of [pdu.short_message, pdu.message_payload]) {
    const message = content?.message;
    if (message !== undefined && message.length > 0)
      return typeof message === 'string' ? message : message.toString('latin1');
  }
  return '';
}
