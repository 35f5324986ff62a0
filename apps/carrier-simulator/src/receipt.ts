import type { Behaviour } from './behaviour.ts';
import type { FinalState } from './outcomes.ts';
import type { OutgoingFields } from './smpp.d.ts';
import type { Submit } from './submits.ts';

const MINUTE = 60_000;
const JAPAN_OFFSET = 9 * 60 * MINUTE;
const TEXT_CHARACTERS = 20;
/** esm_class bits 5-2 = 0001: the short message is a delivery receipt (SMPP 3.4, section 5.2.12). */
const ESM_CLASS_RECEIPT = 0x04;

/**
 * The delivery receipt of a submit as deliver_sm fields: the text of SMPP 3.4 appendix B (dates are
 * YYMMDDhhmm in Japan time) and the same facts as receipted_message_id and message_state; or as carriers with other habits write it.
 */
export function receiptFor(
  submit: Submit,
  final: FinalState,
  doneAt: Date,
  form: Behaviour['receipts'] = 'both',
): OutgoingFields {
  const id = form === 'decimal' ? BigInt(`0x${submit.messageId}`).toString() : submit.messageId;
  const parameters = { receipted_message_id: id, message_state: final.messageState };
  const hasText = form !== 'parameters';
  return {
    source_addr: submit.to,
    destination_addr: submit.from,
    // Some carriers forget the flag.
    esm_class: form === 'sloppy' ? 0 : ESM_CLASS_RECEIPT,
    data_coding: 0,
    short_message: hasText ? receiptText({ ...submit, messageId: id }, final, doneAt, form) : '',
    ...(form === 'text' || form === 'decimal' || form === 'sloppy' ? {} : parameters),
  };
}

function receiptText(submit: Submit, final: FinalState, doneAt: Date, form: Behaviour['receipts']): string {
  if (form === 'sloppy')
    return `ID:"${submit.messageId}" Stat:${final.stat.toLowerCase()}  Done Date:${receiptDate(doneAt)}00 Err:${final.error}`;
  const deliveredCount = final.stat === 'DELIVRD' ? '001' : '000';
  return [
    `id:${submit.messageId}`,
    'sub:001',
    `dlvrd:${deliveredCount}`,
    `submit date:${receiptDate(submit.submittedAt)}`,
    `done date:${receiptDate(doneAt)}`,
    `stat:${final.stat}`,
    `err:${final.error}`,
    `text:${textStart(submit.text)}`,
  ].join(' ');
}

function receiptDate(at: Date): string {
  const [date, time] = new Date(at.getTime() + JAPAN_OFFSET).toISOString().split('T') as [string, string];
  return date.slice(2).replaceAll('-', '') + time.slice(0, 5).replace(':', '');
}

/** Receipts are sent in the default alphabet, so a text that is not plain ASCII leaves the field empty. */
function textStart(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text.slice(0, TEXT_CHARACTERS) : '';
}
