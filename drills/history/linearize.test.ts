import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOf } from '../login-id/chance.ts';
import { coreOf } from './core.ts';
import { linearize } from './linearize.ts';
import type { History, Model, Operation } from './operation.ts';
import { ask, REGISTER, type RegisterInput, type RegisterOutput } from './register.fixture.ts';

type Registered = Operation<RegisterInput, RegisterOutput>;

const read = (value: number): [RegisterInput, RegisterOutput] => [{ do: 'read' }, { value }];
const write = (value: number): [RegisterInput, RegisterOutput] => [{ do: 'write', value }, { done: true }];

/** Each with its beginning and end. */
function historyOf(
  ...lines: (readonly [number, number, readonly [RegisterInput, RegisterOutput?]])[]
): History<RegisterInput, RegisterOutput> {
  return lines.map(([start, end, [input, output]], index) => ({
    id: index + 1,
    client: `client ${index + 1}`,
    input,
    output,
    start,
    end,
  }));
}

describe('the check for linearizability', () => {
  test.each<[string, boolean, History<RegisterInput, RegisterOutput>]>([
    ['nothing', true, []],
    ['one after the other', true, historyOf([0, 1, write(1)], [2, 3, read(1)])],
    ['a stale read after a write was answered', false, historyOf([0, 1, write(1)], [2, 3, read(0)])],
    [
      'a read beside a write sees either',
      true,
      historyOf([0, 9, write(1)], [1, 2, read(0)], [3, 4, read(1)]),
    ],
    [
      'but not the new value and then the old one',
      false,
      historyOf([0, 9, write(1)], [1, 2, read(1)], [3, 4, read(0)]),
    ],
    [
      'unless both reads are under way together',
      true,
      historyOf([0, 9, write(1)], [1, 4, read(1)], [3, 5, read(0)]),
    ],
    ['what touches is together', true, historyOf([0, 2, write(1)], [2, 3, read(0)])],
    [
      'two writes, read in the other order by two',
      false,
      historyOf([0, 9, write(1)], [0, 9, write(2)], [10, 11, read(1)], [12, 13, read(2)]),
    ],
    [
      'a write that nobody was answered may take effect late',
      true,
      historyOf([0, Infinity, [{ do: 'write', value: 1 }]], [1, 2, read(0)], [3, 4, read(1)]),
    ],
    [
      'or never',
      true,
      historyOf([0, Infinity, [{ do: 'write', value: 1 }]], [1, 2, read(0)], [3, 4, read(0)]),
    ],
    [
      'but only once',
      false,
      historyOf(
        [0, Infinity, [{ do: 'write', value: 1 }]],
        [1, 2, read(1)],
        [3, 4, write(2)],
        [5, 6, read(1)],
      ),
    ],
    [
      'and not before its beginning',
      false,
      historyOf([0, 1, read(1)], [2, Infinity, [{ do: 'write', value: 1 }]]),
    ],
    [
      'a swap that only one can win',
      false,
      historyOf(
        [0, 9, [{ do: 'swap', from: 0, to: 1 }, { done: true }]],
        [1, 8, [{ do: 'swap', from: 0, to: 2 }, { done: true }]],
      ),
    ],
    [
      'a swap that loses to one nobody was answered',
      true,
      historyOf(
        [0, Infinity, [{ do: 'swap', from: 0, to: 1 }]],
        [1, 8, [{ do: 'swap', from: 0, to: 2 }, { done: false }]],
        [9, 10, read(1)],
      ),
    ],
  ])('%s: %s', (_name, isOk, history) => {
    expect(linearize(history, REGISTER).ok).toBe(isOk);
  });

  test('says of every small history what trying all orders says', () => {
    const value = fc.integer({ min: 0, max: 2 });
    const operation = fc.record({
      input: fc.oneof(
        fc.constant<RegisterInput>({ do: 'read' }),
        fc.record({ do: fc.constant('write' as const), value }),
        fc.record({ do: fc.constant('swap' as const), from: value, to: value }),
      ),
      value,
      done: fc.boolean(),
      start: fc.integer({ min: 0, max: 12 }),
      length: fc.integer({ min: 0, max: 8 }),
      isAnswered: fc.boolean(),
    });
    const seen = { ok: 0, wrong: 0 };
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 5 }), (drawn) => {
        const history = drawn.map(
          ({ input, value: read, done, start, length, isAnswered }, index): Registered => ({
            id: index + 1,
            client: String(index),
            input,
            output: isAnswered ? (input.do === 'read' ? { value: read } : { done }) : undefined,
            start,
            end: isAnswered ? start + length : Infinity,
          }),
        );
        const expected = triesAll(history, REGISTER);
        seen[expected ? 'ok' : 'wrong'] += 1;
        expect(linearize(history, REGISTER).ok).toBe(expected);
      }),
      { numRuns: 3_000, seed: 7 },
    );
    // The histories that were drawn are of both kinds.
    expect(Math.min(seen.ok, seen.wrong)).toBeGreaterThan(300);
  });

  test('accepts whatever was done one after the other, however the beginnings and ends were shuffled and answers lost', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, length) => {
        expect(linearize(shuffled(seed, length), REGISTER)).toMatchObject({ ok: true });
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test('and rejects it once an answer was read that nobody had written, or a swap was won that could not be', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), fc.boolean(), (seed, length, isRead) => {
        const history = shuffled(seed, length);
        const at = chanceOf(seed + 1).below(length) * 10;
        const wrong: [RegisterInput, RegisterOutput] = isRead
          ? read(99)
          : [{ do: 'swap', from: 99, to: 1 }, { done: true }];
        const [added] = historyOf([at, at + 15, wrong]) as [Registered];
        expect(linearize([...history, { ...added, id: length + 1 }], REGISTER)).toMatchObject({
          ok: false,
          reason: 'impossible',
        });
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test('decides 3,000 operations of eight clients, a hundred without an answer, within a second', () => {
    const history = shuffled(11, 3_000, { lost: 0.03, spread: 40 });
    const begun = performance.now();
    expect(linearize(history, REGISTER)).toMatchObject({ ok: true });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test('gives up where it is told to, and says so', () => {
    const history = Array.from({ length: 12 }, (_, index): Registered => {
      const value = index + 1;
      return {
        id: value,
        client: 'x',
        input: { do: 'write', value },
        output: { done: true },
        start: 0,
        end: 9,
      };
    });
    const [impossible] = historyOf([10, 11, read(99)]) as [Registered];
    expect(linearize([...history, impossible], REGISTER, { mostSteps: 100 })).toMatchObject({
      ok: false,
      reason: 'undecided',
    });
  });
});

describe('the core of a history that no order explains', () => {
  test('is the two operations that contradict each other, out of a hundred', () => {
    const history = shuffled(5, 100, { lost: 0 }).map((one) => ({ ...one, client: 'others' }));
    const [written, stale] = historyOf([400, 401, write(50)], [402, 403, read(51)]) as [
      Registered,
      Registered,
    ];
    const quiet = history.filter(({ start, end }) => end < 400 || start > 403);
    const whole = [...quiet, { ...written, id: 201 }, { ...stale, id: 202 }];
    const core = coreOf(whole, REGISTER);
    // Whatever others did: nobody has written it.
    expect(core.map(({ id }) => id)).toEqual([202]);
    const again = coreOf(
      [
        ...quiet,
        { ...written, id: 201 },
        { ...stale, id: 202, output: { value: 0 } },
        { ...stale, id: 203, start: 404, end: 405, output: { value: 50 } },
      ],
      REGISTER,
    );
    expect(again.map(({ id }) => id)).toEqual([201, 202]);
  });

  test('is cut off at the first end at which it shows', () => {
    const core = coreOf(historyOf([0, 1, write(1)], [2, 3, read(0)], [4, 5, read(7)]), REGISTER);
    expect(core.map(({ id }) => id)).toEqual([1, 2]);
  });
});

/** A register asked one thing after the other, whose beginnings and ends are then moved apart, so that they overlap; some answers are lost, and some operations never took effect. */
function shuffled(
  seed: number,
  length: number,
  { lost = 0.1, spread = 25 }: { lost?: number; spread?: number } = {},
): History<RegisterInput, RegisterOutput> {
  const chance = chanceOf(seed);
  let value = 0;
  return Array.from({ length }, (_, index): Registered => {
    const input = chance.pick<RegisterInput>([
      { do: 'read' },
      { do: 'write', value: chance.below(5) },
      { do: 'swap', from: value, to: chance.below(5) },
      { do: 'swap', from: chance.below(5), to: chance.below(5) },
    ]);
    const isLost = chance.hits(lost);
    const start = index * 10 - chance.below(spread);
    const base = { id: index + 1, client: String(index % 8), input, start };
    if (isLost && chance.hits(0.5)) return { ...base, output: undefined, end: Infinity };
    const answer = ask(value, input);
    ({ value } = answer);
    return isLost
      ? { ...base, output: undefined, end: Infinity }
      : { ...base, output: answer.output, end: index * 10 + chance.below(spread) };
  });
}

/** The definition itself: some of the operations without an answer, and all others, in some order that keeps what ended before what began after it. */
function triesAll<S, I, O>(history: History<I, O>, model: Model<S, I, O>): boolean {
  const goesOn = (left: History<I, O>, state: S): boolean =>
    left.every(({ output }) => output === undefined) ||
    left
      .filter((one) => left.every((other) => other.end >= one.start))
      .some((one) =>
        model.step(state, one).some((next) =>
          goesOn(
            left.filter(({ id }) => id !== one.id),
            next,
          ),
        ),
      );
  return goesOn(history, model.initial);
}
