import type { DecodedMessage, Pdu } from './smpp.d.ts';

const CONCATENATED_8_BIT = 0x00;
const CONCATENATED_16_BIT = 0x08;

/** Which part of a long message a submit carries; reference, total and number as the sender gave them. */
export type Part = { readonly reference: number; readonly total: number; readonly number: number };

/** One accepted submit_sm. `text` is that part's text; binary content is shown as hexadecimal. */
export type Submit = {
  readonly messageId: string;
  readonly systemId: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly dataCoding: number;
  readonly registeredDelivery: number;
  /** Until when it is valid, in ISO 8601; empty when nothing was said. */
  readonly validityPeriod: string;
  readonly part?: Part;
  readonly submittedAt: Date;
};

/** A whole message as the phone would show it: one submit, or all parts of a long one in their order. */
export type CarrierMessage = {
  readonly messageIds: readonly string[];
  readonly systemId: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly dataCoding: number;
  readonly completedAt: Date;
};

/** Reads a submit_sm; works with whatever fields a peer left out. */
export function readSubmit(pdu: Pdu, known: { messageId: string; systemId: string; now: Date }): Submit {
  const part = partOf(pdu);
  return {
    messageId: known.messageId,
    systemId: known.systemId,
    from: pdu.source_addr ?? '',
    to: pdu.destination_addr ?? '',
    text: textOf(pdu.short_message) || textOf(pdu.message_payload),
    dataCoding: pdu.data_coding ?? 0,
    registeredDelivery: pdu.registered_delivery ?? 0,
    validityPeriod: readValidity(pdu.validity_period),
    submittedAt: known.now,
    ...(part && { part }),
  };
}

/** The library makes a Date of a time, absolute or relative, and leaves anything else as it is. */
function readValidity(given: string | Date | undefined): string {
  return given instanceof Date ? given.toISOString() : (given ?? '');
}

/** Keeps the newest submits and puts long messages together; both lists are bounded. */
export class SubmitLog {
  readonly #limit: number;
  #count = 0;
  readonly #submits: Submit[] = [];
  readonly #messages: CarrierMessage[] = [];
  readonly #incomplete = new Map<string, Map<number, Submit>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many were taken in. */
  get count(): number {
    return this.#count;
  }

  /** The newest accepted submits, oldest first. */
  get submits(): readonly Submit[] {
    return this.#submits;
  }

  /** All whole messages, oldest first. */
  get messages(): readonly CarrierMessage[] {
    return this.#messages;
  }

  /** Takes an accepted submit in. */
  add(submit: Submit): void {
    this.#count += 1;
    pushBounded(this.#submits, submit, this.#limit);
    const parts = submit.part ? this.#collect(submit, submit.part) : [submit];
    if (parts) pushBounded(this.#messages, wholeMessage(parts, submit.submittedAt), this.#limit);
  }

  /** Returns the parts in order once the last missing one is there. */
  #collect(submit: Submit, part: Part): readonly Submit[] | undefined {
    const key = [submit.systemId, submit.from, submit.to, part.reference, part.total].join('\n');
    const parts = this.#incomplete.get(key) ?? new Map<number, Submit>();
    parts.set(part.number, submit);
    if (parts.size < part.total) {
      this.#incomplete.set(key, parts);
      if (this.#incomplete.size > this.#limit) this.#dropOldestIncomplete();
      return undefined;
    }
    this.#incomplete.delete(key);
    return [...parts].sort(([left], [right]) => left - right).map(([, each]) => each);
  }

  #dropOldestIncomplete(): void {
    for (const key of this.#incomplete.keys()) {
      this.#incomplete.delete(key);
      return;
    }
  }
}

function wholeMessage(parts: readonly Submit[], completedAt: Date): CarrierMessage {
  const last = parts.at(-1)!;
  return {
    messageIds: parts.map((part) => part.messageId),
    systemId: last.systemId,
    from: last.from,
    to: last.to,
    text: parts.map((part) => part.text).join(''),
    dataCoding: last.dataCoding,
    completedAt,
  };
}

function pushBounded<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit) list.splice(0, list.length - limit);
}

function textOf(content: DecodedMessage | undefined): string {
  const message = content?.message;
  if (message === undefined) return '';
  return typeof message === 'string' ? message : message.toString('hex');
}

/** Concatenation by user data header (3GPP TS 23.040, 9.2.3.24.1 and .8) or by the SAR parameters of SMPP. */
function partOf(pdu: Pdu): Part | undefined {
  const part = partOfHeader(pdu.short_message?.udh ?? []) ?? partOfSar(pdu);
  return part && part.number >= 1 && part.number <= part.total ? part : undefined;
}

function partOfHeader(elements: readonly Buffer[]): Part | undefined {
  for (const element of elements) {
    if (element[0] === CONCATENATED_8_BIT && element.length === 5) {
      return { reference: element.readUInt8(2), total: element.readUInt8(3), number: element.readUInt8(4) };
    }
    if (element[0] === CONCATENATED_16_BIT && element.length === 6) {
      return {
        reference: element.readUInt16BE(2),
        total: element.readUInt8(4),
        number: element.readUInt8(5),
      };
    }
  }
  return undefined;
}

function partOfSar(pdu: Pdu): Part | undefined {
  const { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: number } = pdu;
  if (reference === undefined || total === undefined || number === undefined) return undefined;
  return { reference, total, number };
}
