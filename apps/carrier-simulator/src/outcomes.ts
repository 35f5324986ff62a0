import { commandStatus } from './command-status.ts';

/** How a message ends: `stat` and `err` of the receipt (SMPP 3.4, appendix B) and its message_state (5.2.28). */
export type FinalState = {
  readonly stat: 'DELIVRD' | 'UNDELIV' | 'EXPIRED';
  readonly messageState: number;
  readonly error: string;
};

/** What happens to a submit: it is taken and ends in a state, or it is refused with a command status. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly final: FinalState }
  | { readonly kind: 'refused'; readonly status: number };

const delivered: Outcome = {
  kind: 'accepted',
  final: { stat: 'DELIVRD', messageState: 2, error: '000' },
};

/** The last two digits of the destination choose the outcome; the README shows the same table. */
const outcomeByEnding: Readonly<Record<string, Outcome>> = {
  '90': { kind: 'accepted', final: { stat: 'UNDELIV', messageState: 5, error: '001' } },
  '91': { kind: 'accepted', final: { stat: 'EXPIRED', messageState: 3, error: '027' } },
  '92': { kind: 'refused', status: commandStatus.ESME_RTHROTTLED },
  '93': { kind: 'refused', status: commandStatus.ESME_RSYSERR },
};

/** Says what happens to a message for this destination (digits, with or without a leading plus). */
export function outcomeFor(destination: string): Outcome {
  if (!/^\+?\d{1,20}$/.test(destination)) {
    return { kind: 'refused', status: commandStatus.ESME_RINVDSTADR };
  }
  return outcomeByEnding[destination.slice(-2)] ?? delivered;
}
