import { commandStatus, type CommandStatusName } from './command-status.ts';

/** How the gateway treats all that comes, beside the outcomes by destination. May be changed while it runs. */
export type Behaviour = {
  /** Milliseconds before a submit_sm is answered; 0: at once. */
  readonly answerDelayMs: number;
  /** Milliseconds between a submit and its receipt. */
  readonly receiptDelayMs: number;
  /** Submits a second and system id; what comes beyond is answered with ESME_RTHROTTLED. 0: no limit. */
  readonly perSecond: number;
  /** These shares (0 to 1) of the submits are refused, evenly spread: a share of 0.25 is every fourth. */
  readonly refusals: Readonly<Partial<Record<CommandStatusName, number>>>;
  /** This share of the submits is taken and never answered. */
  readonly unanswered: number;
  /** After so many submits on one connection the next is taken and, instead of an answer, the connection cut. 0: never. */
  readonly cutAfter: number;
  /** How receipts look: as the appendix says and with parameters; with one of both only; with ids in decimal where answers have hexadecimal; in the words of carriers that keep to nothing; before the answer; never. */
  readonly receipts: 'both' | 'text' | 'parameters' | 'decimal' | 'sloppy' | 'early' | 'none';
  /** Binds are refused with this. */
  readonly refuseBinds: CommandStatusName | null;
  readonly answersEnquireLink: boolean;
};

export const WELL_BEHAVED: Behaviour = {
  answerDelayMs: 0,
  receiptDelayMs: 1_500,
  perSecond: 0,
  refusals: {},
  unanswered: 0,
  cutAfter: 0,
  receipts: 'both',
  refuseBinds: null,
  answersEnquireLink: true,
};

const RECEIPTS = ['both', 'text', 'parameters', 'decimal', 'sloppy', 'early', 'none'];

/** Reads a part of a behaviour as JSON text; the problem is a sentence. */
export function readBehaviour(
  json: string,
): { ok: true; behaviour: Partial<Behaviour> } | { ok: false; problem: string } {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    return { ok: false, problem: 'The behaviour is not JSON.' };
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { ok: false, problem: 'The behaviour is not an object.' };
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof Behaviour] : undefined;
    if (check === undefined) return { ok: false, problem: `There is no behaviour "${name}".` };
    if (!check(value)) return { ok: false, problem: `"${name}" cannot be ${JSON.stringify(value)}.` };
  }
  return { ok: true, behaviour: given as Partial<Behaviour> };
}

const isWhole = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1;
const isStatus = (value: unknown): boolean =>
  typeof value === 'string' && Object.hasOwn(commandStatus, value);

const CHECKS: Readonly<Record<keyof Behaviour, (value: unknown) => boolean>> = {
  answerDelayMs: isWhole,
  receiptDelayMs: isWhole,
  perSecond: isWhole,
  refusals: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(([status, share]) => isStatus(status) && isShare(share)),
  unanswered: isShare,
  cutAfter: isWhole,
  receipts: (value) => RECEIPTS.includes(String(value)),
  refuseBinds: (value) => value === null || isStatus(value),
  answersEnquireLink: (value) => typeof value === 'boolean',
};
