import { createHash } from 'node:crypto';
import { encodingOf, lineBreaksAsSent, partsOf } from '#domain/message-text/message-text.ts';
import { smpp } from '#support/smpp/smpp-library.ts';
import type { PduFields } from '#support/smpp/smpp.d.ts';
import type { GatewaySettings, SmppSettings } from './gateway-settings.ts';

/** What of a message is sent: its id ties the parts together, `validFor` is in milliseconds. */
export type Sendable = {
  readonly id: string;
  readonly recipient: string;
  readonly body: string;
  readonly validFor: number;
};

const SECOND = 1_000;
const UCS2 = 8;
const UDH_INDICATOR = 0x40;
const TON_INTERNATIONAL = 1;
const TON_NATIONAL = 2;
const NPI_ISDN = 1;
const RECEIPT_ASKED = 1;
/** SMPP 3.4, 5.2.21: the largest octet string of short_message; what is longer goes into message_payload. */
const LONGEST_SHORT_MESSAGE = 254;

/**
 * The submit_sm of a message for a gateway, in the order of its parts: the same for the same message and settings every time, so
 * that a part that goes again has the reference of those that a phone has already.
 */
export function submitsOf(message: Sendable, gateway: SmppSettings): readonly PduFields[] {
  const text = lineBreaksAsSent(message.body);
  const encoding = encodingOf(text);
  const encode = (part: string): Buffer =>
    (encoding === 'gsm7' ? smpp.encodings.ASCII : smpp.encodings.UCS2).encode(part);
  const common: PduFields = {
    source_addr: gateway.sender,
    source_addr_ton: gateway.senderTon,
    source_addr_npi: gateway.senderNpi,
    destination_addr: numberFor(message.recipient, gateway.numbers),
    dest_addr_ton: gateway.numbers === 'international' ? TON_INTERNATIONAL : TON_NATIONAL,
    dest_addr_npi: NPI_ISDN,
    data_coding: encoding === 'gsm7' ? 0 : UCS2,
    registered_delivery: gateway.receipts ? RECEIPT_ASKED : 0,
    validity_period: relativeTime(message.validFor),
  };
  const how = gateway.longMessages;
  if (how === 'payload') {
    const whole = encode(text);
    return [
      whole.length <= LONGEST_SHORT_MESSAGE && partsOf(text).length === 1
        ? { ...common, short_message: whole }
        : { ...common, short_message: '', message_payload: whole },
    ];
  }
  const parts = partsOf(text, how === 'udh-16' ? '16-bit' : '8-bit');
  const reference = referenceOf(message.id);
  return parts.map((part, index) => ({
    ...common,
    ...(parts.length === 1
      ? { short_message: encode(part) }
      : tiedPart(encode(part), how, reference, index + 1, parts.length)),
  }));
}

/** 3GPP TS 23.040, 9.2.3.24.1 and .8; SMPP 3.4, 5.3.2.22 to 24. */
function tiedPart(
  octets: Buffer,
  how: 'udh-8' | 'udh-16' | 'sar',
  reference: number,
  number: number,
  total: number,
): PduFields {
  if (how === 'sar')
    return {
      short_message: octets,
      sar_msg_ref_num: reference,
      sar_total_segments: total,
      sar_segment_seqnum: number,
    };
  const header =
    how === 'udh-8'
      ? [5, 0x00, 3, reference & 0xff, total, number]
      : [6, 0x08, 4, reference >> 8, reference & 0xff, total, number];
  return { esm_class: UDH_INDICATOR, short_message: Buffer.concat([Buffer.from(header), octets]) };
}

/** 16 bits of the message's id. */
function referenceOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt16BE(0);
}

/** E.164 to what the gateway wants. */
export function numberFor(e164: string, form: GatewaySettings['numbers']): string {
  return form === 'international' ? e164.replace(/^\+/, '') : e164.replace(/^\+81/, '0');
}

/** SMPP 3.4, 7.1.1.2: `YYMMDDhhmmss000R`, from now on. At least a second. */
function relativeTime(milliseconds: number): string {
  let left = Math.max(1, Math.round(milliseconds / SECOND));
  const take = (size: number): string => {
    const count = Math.floor(left / size);
    left -= count * size;
    return String(count).padStart(2, '0');
  };
  return `0000${take(86_400)}${take(3_600)}${take(60)}${take(1)}000R`;
}
