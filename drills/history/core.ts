import { linearize } from './linearize.ts';
import type { History, Model, Operation } from './operation.ts';

/** Fewer than for a verdict: what is not decided so soon stays as it is. */
const MOST_STEPS = 50_000;

/**
 * The part of a history that no order explains, as small as it can be made by two steps that never make an explained history an unexplained one: the history is cut off as early as can be, and whatever is not needed for the
 * contradiction may be left out.
 * @param history one that is not linearizable
 */
export function coreOf<S, I, O>(history: History<I, O>, model: Model<S, I, O>): History<I, O> {
  const isImpossible = (part: History<I, O>, doubted?: ReadonlySet<number>): boolean => {
    const verdict = linearize(part, model, doubted ? { doubted, mostSteps: MOST_STEPS } : {});
    return !verdict.ok && verdict.reason === 'impossible';
  };
  const cut = earliestCut(history, isImpossible);
  const answered = cut
    .filter(({ output }) => output !== undefined)
    .toSorted((one, other) => one.start - other.start);
  // The earliest first, so that what stays is near to where it shows.
  let doubted: ReadonlySet<number> = new Set();
  for (const { id } of answered) {
    const more = new Set([...doubted, id]);
    if (isImpossible(cut, more)) doubted = more;
  }
  return cut.filter(({ id, output }) => output !== undefined && !doubted.has(id));
}

/** As it was known at the end of one of its operations: the earliest at which it contradicts itself already. Later ones do too, so halving finds it. */
function earliestCut<I, O>(
  history: History<I, O>,
  isImpossible: (part: History<I, O>) => boolean,
): History<I, O> {
  const ends = history
    .map(({ end }) => end)
    .filter(Number.isFinite)
    .toSorted((one, other) => one - other);
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isImpossible(cutAt(history, ends[middle] ?? Infinity))) high = middle;
    else low = middle + 1;
  }
  return cutAt(history, ends[low] ?? Infinity);
}

function cutAt<I, O>(history: History<I, O>, moment: number): History<I, O> {
  return history
    .filter(({ start }) => start <= moment)
    .map((one) => (one.end > moment ? unanswered(one) : one));
}

function unanswered<I, O>(operation: Operation<I, O>): Operation<I, O> {
  return { ...operation, output: undefined, end: Infinity };
}
