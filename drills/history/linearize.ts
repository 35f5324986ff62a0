import type { History, Model, Operation } from './operation.ts';

export type Verdict =
  | { ok: true; steps: number }
  /** No order explains the answers. */
  | { ok: false; reason: 'impossible'; steps: number }
  /** The search was given up. */
  | { ok: false; reason: 'undecided'; steps: number };

/** Places looked at until a search is given up. */
const MOST_STEPS = 2_000_000;

/** How far an order has come: `first` is the first operation that has to be in it and is not yet; `done` those that are, of what lies beyond and of what may be left out. */
type Place<S> = { readonly first: number; readonly done: readonly number[]; readonly state: S };

/** Operations by their beginnings, and which of them may be left out. */
type Course<I, O> = {
  readonly operations: History<I, O>;
  readonly optional: readonly number[];
  isOptional(index: number): boolean;
};

/**
 * Whether a history is linearizable (Herlihy and Wing 1990): whether each operation can be given one moment between its beginning and its end, so that the object, asked in the order of these moments,
 * answers as was answered. An operation without an answer may have any moment after its beginning, or none.
 *
 * The search is the one of Wing and Gong (1993) with the memory of Lowe (2017): from each place it goes on with every operation that nothing had to precede, and comes to no place twice, a place being
 * what has been done and the state of the object. Objects are checked one by one, which is enough (locality).
 * @param of.doubted ids of operations that may be left out although they were answered
 */
export function linearize<S, I, O>(
  history: History<I, O>,
  model: Model<S, I, O>,
  of: { mostSteps?: number; doubted?: ReadonlySet<number> } = {},
): Verdict {
  const course = courseOf(history, of.doubted ?? new Set());
  const { operations, isOptional } = course;
  const start: Place<S> = { first: firstLeft(course, 0, []), done: [], state: model.initial };
  const seen = new Set([nameOf(start)]);
  const open = [start];
  let steps = 0;
  for (let place = open.pop(); place; place = open.pop()) {
    if (place.first === operations.length) return { ok: true, steps };
    if ((steps += 1) > (of.mostSteps ?? MOST_STEPS)) return { ok: false, reason: 'undecided', steps };
    const standing = JSON.stringify(place.state);
    // What comes first is tried first: the last that is pushed is the next that is looked at.
    for (const index of candidates(course, place).toReversed()) {
      for (const state of model.step(place.state, at(operations, index)).toReversed()) {
        // What may be left out and changes nothing explains nothing.
        if (isOptional(index) && JSON.stringify(state) === standing) continue;
        const next = after(course, place, index, state);
        const name = nameOf(next);
        if (seen.has(name)) continue;
        seen.add(name);
        open.push(next);
      }
    }
  }
  return { ok: false, reason: 'impossible', steps };
}

function courseOf<I, O>(history: History<I, O>, doubted: ReadonlySet<number>): Course<I, O> {
  const operations = history.toSorted((one, other) => one.start - other.start);
  const isLeftOut = operations.map(({ id, output }) => output === undefined || doubted.has(id));
  return {
    operations,
    optional: isLeftOut.flatMap((is, index) => (is ? [index] : [])),
    isOptional: (index) => isLeftOut[index] === true,
  };
}

/** What may come next: whatever began before the first end of all that have to come, and did not end before something began that has come. What has to come is named first. */
function candidates<S>(course: Course<unknown, unknown>, place: Place<S>): readonly number[] {
  const { operations, optional, isOptional } = course;
  const found: number[] = [];
  let firstEnd = Infinity;
  for (let index = place.first; index < operations.length; index += 1) {
    const { start, end } = at(operations, index);
    if (start > firstEnd) break;
    if (isOptional(index) || place.done.includes(index)) continue;
    found.push(index);
    firstEnd = Math.min(firstEnd, end);
  }
  const last = lastStart(course, place);
  for (const index of optional) {
    const { start, end } = at(operations, index);
    if (start > firstEnd) break;
    if (end >= last && !place.done.includes(index)) found.push(index);
  }
  return found;
}

/** The latest beginning of all that has come. */
function lastStart<S>(
  { operations, isOptional }: Course<unknown, unknown>,
  { first, done }: Pick<Place<S>, 'first' | 'done'>,
): number {
  let before = first - 1;
  while (before >= 0 && isOptional(before)) before -= 1;
  const latest = Math.max(before, done.at(-1) ?? -1);
  return latest < 0 ? -Infinity : at(operations, latest).start;
}

function after<S>(course: Course<unknown, unknown>, place: Place<S>, index: number, state: S): Place<S> {
  const { operations, isOptional } = course;
  const done = [...place.done, index].toSorted((one, other) => one - other);
  const first = firstLeft(course, place.first, done);
  const last = lastStart(course, { first, done });
  // What lies before `first` has all come, and what ended before `last` cannot come any more; neither needs to be remembered.
  const kept = done.filter((one) => (isOptional(one) ? at(operations, one).end >= last : one > first));
  return { first, done: kept, state };
}

function firstLeft(course: Course<unknown, unknown>, from: number, done: readonly number[]): number {
  let first = from;
  while (first < course.operations.length && (course.isOptional(first) || done.includes(first))) first += 1;
  return first;
}

function at<I, O>(operations: History<I, O>, index: number): Operation<I, O> {
  return operations[index] as Operation<I, O>;
}

function nameOf<S>({ first, done, state }: Place<S>): string {
  return `${first} ${done.join(',')} ${JSON.stringify(state)}`;
}
