import { grouped, type Report, type Zero } from '../report.ts';
import type { Verdict } from './linearize.ts';
import type { History, Operation } from './operation.ts';
import type { Story } from './story.ts';

/** A story and what was found of it. */
export type Judged = {
  kind: string;
  key: string;
  history: History<unknown, unknown>;
  verdict: Verdict;
  core: History<unknown, unknown>;
};

export function judged(story: Story): Judged {
  const verdict = story.verdict();
  return {
    kind: story.kind,
    key: story.key,
    history: story.history(),
    verdict,
    core: !verdict.ok && verdict.reason === 'impossible' ? story.core() : [],
  };
}

export function reportOf(of: {
  size: number;
  seed: number;
  folder: string;
  found: readonly Judged[];
  outages: ReadonlyMap<string, number>;
  odd: readonly string[];
  untold: readonly string[];
  invariants: readonly Zero[];
  seconds: number;
}): Report {
  const { found } = of;
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  const wrong = (reason: 'impossible' | 'undecided') =>
    found.filter(({ verdict }) => !verdict.ok && verdict.reason === reason);
  const unanswered = (history: History<unknown, unknown>): number =>
    history.filter(({ output }) => output === undefined).length;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  return {
    title: 'Drill: history (R2, R4, R9, R12, R18, P2, V1, S1)',
    lead: [
      `Two nodes, ${of.size} objects of each kind, several clients at each: --size ${of.size} --seed ${of.seed}. What is chosen is the seed's; what meets what is the machine's.`,
      `What every client asked and was answered, with the times: ${of.folder}/history.jsonl`,
    ],
    tables: [
      {
        title: 'Histories',
        head: ['kind', 'objects', 'operations', 'without an answer', 'longest', 'most looked at', 'verdict'],
        rows: kinds.map((kind) => {
          const of = found.filter((one) => one.kind === kind);
          const lengths = of.map(({ history }) => history.length);
          return [
            kind,
            grouped(of.length),
            grouped(sum(lengths)),
            grouped(sum(of.map(({ history }) => unanswered(history)))),
            grouped(Math.max(...lengths)),
            grouped(Math.max(...of.map(({ verdict }) => verdict.steps))),
            of.every(({ verdict }) => verdict.ok) ? 'linearizable' : 'NOT LINEARIZABLE',
          ];
        }),
      },
      {
        title: 'What broke',
        head: ['what', 'times'],
        rows: [...of.outages].map(([name, times]) => [name, grouped(times)]),
      },
    ],
    zeros: [
      {
        what: 'objects whose answers no order explains',
        count: wrong('impossible').length,
        samples: wrong('impossible')
          .slice(0, 5)
          .map(({ kind, key, core, history }) => `${kind} ${key}\n${written(core, history)}`),
      },
      {
        what: 'objects of which the search was given up',
        count: wrong('undecided').length,
        samples: wrong('undecided').map(({ kind, key }) => `${kind} ${key}`),
      },
      {
        what: 'answers that nobody expects, 500 among them',
        count: of.odd.length,
        samples: of.odd.slice(0, 5),
      },
      {
        what: 'ended sessions of which the console was not told',
        count: of.untold.length,
        samples: of.untold.slice(0, 5),
      },
      {
        what: 'kinds of which nothing was answered',
        count: kinds.filter((kind) =>
          found.every((one) => one.kind !== kind || unanswered(one.history) === one.history.length),
        ).length,
      },
      ...of.invariants,
    ],
    seconds: of.seconds,
  };
}

/** Operations shown beside those that contradict each other. */
const BESIDE = 6;

/** The operations that contradict each other, and what was asked just before them, in the order of their beginnings, with milliseconds since the first. */
export function written(core: History<unknown, unknown>, whole: History<unknown, unknown>): string {
  const ids = new Set(core.map(({ id }) => id));
  const until = Math.max(...core.map(({ end }) => end));
  const beside = whole
    .filter(({ id, start }) => !ids.has(id) && start <= until)
    .toSorted((one, other) => one.start - other.start)
    .slice(-BESIDE);
  const shown = [...core, ...beside].toSorted((one, other) => one.start - other.start);
  const from = shown[0]?.start ?? 0;
  const lines = shown.map(
    (one) =>
      `  ${ids.has(one.id) ? '>' : ' '} ${timeOf(one, from)}  ${one.client}: ${textOf(one.input)} → ${textOf(one.output)}`,
  );
  return [
    ...lines,
    `    (${core.length} of ${whole.length} operations, marked with >, cannot all have been answered so in any order, whichever of the others took effect; shown are the last before them too)`,
  ].join('\n');
}

function timeOf({ start, end }: Operation<unknown, unknown>, from: number): string {
  return `${(start - from).toFixed(1)}–${(end - from).toFixed(1)} ms`.padStart(22);
}

function textOf(value: unknown): string {
  if (value === undefined) return 'no answer';
  return JSON.stringify(value).replaceAll(/["{}]/g, '').replaceAll(':', ' ').replaceAll(',', ', ');
}
