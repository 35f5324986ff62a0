import { after, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { ClaimedMessage } from './claim.ts';
import type { Verdict } from './command-status.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import type { DeliveryFault } from './message-states.ts';

/** What became of one part: the gateway's answer, no answer (`in-doubt`), or it was never written (`unsent`). */
export type PartOutcome =
  | { readonly kind: 'taken'; readonly carrierId: string }
  | { readonly kind: 'refused'; readonly name: string; readonly verdict: Verdict }
  | { readonly kind: 'in-doubt' }
  | { readonly kind: 'unsent' };

/** How a message goes on, with the parts that this try was about. */
export type Decision = {
  readonly messageId: string;
  readonly state: 'sent' | 'queued' | 'failed';
  readonly gateway: string | null;
  readonly dueAt: Date | null;
  readonly tries: number;
  readonly doubts: number;
  readonly fault: DeliveryFault | null;
  readonly settled: boolean;
  readonly parts: readonly DecidedPart[];
};
type DecidedPart = {
  readonly number: number;
  readonly state: 'taken' | 'waiting' | 'refused' | 'unknown';
  readonly carrierId: string | null;
  readonly fault: string | null;
};

const WAITS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR];
const MOST_TRIES = 10;
/** A gateway that takes and never answers must not get the same message for ever. */
export const MOST_DOUBTS = 5;
const A_MOMENT = SECOND;
const FAULTS: Readonly<Record<'number' | 'content', DeliveryFault>> = {
  number: 'number-refused',
  content: 'content-refused',
};

/**
 * Decides how a message goes on after a try. `hadParts`: a gateway has some of its parts from an earlier try, so the rest must follow
 * them. All that may pass is tried again until the message's time is over.
 */
export function decide(
  message: ClaimedMessage,
  gateway: GatewaySettings,
  outcomes: ReadonlyMap<number, PartOutcome>,
  hadParts: boolean,
  now: Date,
): Decision {
  const settlesDoubt = gateway.inDoubt === 'settle' || message.doubts + 1 >= MOST_DOUBTS;
  const parts = [...outcomes].map(([number, outcome]) => decidePart(number, outcome, settlesDoubt));
  const verdicts = new Set(
    [...outcomes.values()].flatMap((one) => (one.kind === 'refused' ? [one.verdict] : [])),
  );
  const kinds = new Set([...outcomes.values()].map((one) => one.kind));
  const isThere = hadParts || parts.some((part) => part.state === 'taken' || part.state === 'unknown');
  const common = {
    messageId: message.id,
    gateway: isThere ? gateway.name : null,
    doubts: message.doubts + (kinds.has('in-doubt') ? 1 : 0),
    parts,
  };
  for (const verdict of ['number', 'content'] as const)
    if (verdicts.has(verdict))
      return {
        ...common,
        state: 'failed',
        dueAt: null,
        tries: message.tries,
        fault: FAULTS[verdict],
        settled: true,
      };
  const tries = message.tries + (verdicts.has('passing') || verdicts.has('gateway') ? 1 : 0);
  if (verdicts.has('passing') && tries >= MOST_TRIES)
    return { ...common, state: 'failed', dueAt: null, tries, fault: 'gateway-refused', settled: true };
  if (parts.some((part) => part.state === 'waiting')) {
    const wait = waitFor(verdicts, tries);
    return {
      ...common,
      state: 'queued',
      dueAt: wait === 0 ? null : after(now, wait),
      tries,
      fault: null,
      settled: false,
    };
  }
  const fault = parts.some((part) => part.state === 'unknown') ? 'in-doubt' : null;
  return { ...common, state: 'sent', dueAt: null, tries, fault, settled: !gateway.receipts };
}

/** What was not refused keeps its place in the queue. */
function waitFor(verdicts: ReadonlySet<Verdict>, tries: number): number {
  if (verdicts.has('passing')) return WAITS[Math.min(tries, WAITS.length) - 1] ?? A_MOMENT;
  return verdicts.size > 0 ? A_MOMENT : 0;
}

function decidePart(number: number, outcome: PartOutcome, settlesDoubt: boolean): DecidedPart {
  switch (outcome.kind) {
    case 'taken':
      return { number, state: 'taken', carrierId: outcome.carrierId || null, fault: null };
    case 'refused': {
      const { name, verdict } = outcome;
      const forGood = verdict === 'number' || verdict === 'content';
      return { number, state: forGood ? 'refused' : 'waiting', carrierId: null, fault: name };
    }
    case 'in-doubt':
      return { number, state: settlesDoubt ? 'unknown' : 'waiting', carrierId: null, fault: 'in-doubt' };
    case 'unsent':
      return { number, state: 'waiting', carrierId: null, fault: null };
  }
}
