import { openLink, type LinkEnd, type SubmitAnswer } from '#support/smpp/link.ts';
import type { Pdu, PduFields } from '#support/smpp/smpp.d.ts';
import type { Carriage, CarriageEvents } from './carriage.ts';
import { readStatus } from './command-status.ts';
import type { PartOutcome } from './decide.ts';
import type { SmppSettings } from './gateway-settings.ts';
import { carrierIdOf, readReceipt } from './read-receipt.ts';
import { submitsOf } from './submit.ts';

const ESME_ROK = 0;
/** "Not now": the gateway sends it again (SMPP 3.4, 5.1.3). */
const ESME_RX_T_APPN = 0x64;

/** Messages to a gateway that speaks SMPP 3.4: a submit_sm for each part, receipts by deliver_sm over the same bind. */
export function smppCarriage(settings: SmppSettings): Carriage<PduFields> {
  return {
    plan: (message) => submitsOf(message, settings),
    open(events) {
      const link = openLink(
        {
          ...settings,
          enquireInterval: settings.enquireLinkSeconds,
          answerTimeout: settings.answerSeconds,
        },
        {
          onBound: () => events.onReady(),
          onDeliver: (pdu, answer) => onDeliver(settings, events, pdu, answer),
          onEnd: (end) => events.onEnd(wordsFor(end)),
        },
      );
      return {
        submit: (fields, onOutcome) =>
          link.submit(fields, (answer) => onOutcome(outcomeOf(answer, settings))),
        close: () => link.close(),
      };
    },
  };
}

function onDeliver(
  settings: SmppSettings,
  events: CarriageEvents,
  pdu: Pdu,
  answer: (status: number) => void,
): void {
  const read = readReceipt(pdu, settings.messageIds);
  if (read.kind === 'other') return answer(ESME_ROK);
  events.onReceipt(read.receipt, (stored) => answer(stored ? ESME_ROK : ESME_RX_T_APPN));
}

function outcomeOf(answer: SubmitAnswer, settings: SmppSettings): PartOutcome {
  switch (answer.kind) {
    case 'taken':
      return { kind: 'taken', carrierId: carrierIdOf(answer.messageId, settings.messageIds, 'answer') };
    case 'refused':
      return { kind: 'refused', ...readStatus(answer.status) };
    case 'in-doubt':
      return answer;
  }
}

function wordsFor(end: LinkEnd): string {
  if (end.status !== undefined) return `bind refused: ${readStatus(end.status).name}`;
  return end.detail === undefined ? end.reason : `${end.reason}: ${end.detail}`;
}
