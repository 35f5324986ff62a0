import { duration, grouped, type Report, type Zero } from '../report.ts';
import type { Ledger } from './ledger.ts';
import type { Recovery } from './recovery.ts';
import type { Watch } from './watch.ts';
import type { NodesWorld } from './world.ts';

/** From so many faults on the times are judged too; fewer are played in CI, where the machine does much else. */
const FULL = 40;
/** QUALITY.md, S1, S2 and the logout page; in milliseconds. */
const LONGEST = { recovery: 5_000, leaving: 2_500 };

export function reportOf(
  { faults, seed }: { faults: number; seed: number },
  found: {
    ledger: Ledger;
    seen: ReadonlyMap<string, readonly Recovery[]>;
    stuck: readonly string[];
    /** Kinds that cannot be played here, and why. */
    skipped: ReadonlyMap<string, string>;
    watch: Watch;
    untold: readonly string[];
    world: NodesWorld;
    more: readonly Zero[];
    said: readonly string[];
    seconds: number;
  },
): Report {
  const { ledger, seen, stuck, skipped, watch, untold, world, more, said, seconds } = found;
  const slow = [...seen].flatMap(([name, times]) =>
    times
      .filter(({ signIn }) => signIn > LONGEST.recovery)
      .map(({ signIn }) => `${name}: ${inSeconds(signIn)}`),
  );
  const lateLeaving = ledger.leaving.filter((time) => time > LONGEST.leaving);
  // A step is a death that the drill asked for.
  const deaths = world.nodes.flatMap((node) =>
    node.deaths.filter((one) => !one.includes('ended with SIGKILL')),
  );
  const { count, slowest } = watch.unavailable();
  return {
    title: 'Drill: faults (S1, S2, J1, L2, O1)',
    lead: [
      `People sign in, set passwords by mailed code and leave at two nodes on durable PostgreSQL while ${faults} things break: --faults ${faults} --seed ${seed}.`,
      `Each node was asked four times a second past the load balancer: ${grouped(count)} answers 503, ${grouped(watch.late.length)} of them later than a second, the slowest after ${Math.round(slowest)} ms. The page after leaving took ${Math.round(Math.max(0, ...ledger.leaving))} ms at most.`,
      ...[...skipped].map(([name, why]) => `Not played: ${name}; ${why}.`),
      ...said,
    ],
    tables: [
      {
        title: 'What broke, and how long until somebody could sign in again',
        head: [
          ...['fault', 'times', 'PostgreSQL away, longest', 'sign-in after it is back: median', 'longest'],
          'all nodes up, longest',
        ],
        rows: [...seen].map(([name, times]) => {
          const sorted = times.map(({ signIn }) => signIn).toSorted((one, other) => one - other);
          return [
            name,
            grouped(times.length),
            inSeconds(Math.max(...times.map(({ database }) => database))),
            inSeconds(sorted[sorted.length >> 1] ?? 0),
            inSeconds(sorted.at(-1) ?? 0),
            inSeconds(Math.max(...times.map(({ nodes }) => nodes))),
          ];
        }),
        note: 'PostgreSQL and nodes that were killed are started again by the drill; counted from when PostgreSQL answers.',
      },
      {
        title: 'What was acknowledged',
        head: ['what', 'count'],
        rows: [
          ...Object.entries(ledger.acknowledged).map(([what, count]) => [what, grouped(count)]),
          ['logouts of which the console was told', grouped(world.receiver.told.size)],
          ...[...ledger.statuses].map(([status, count]) => [
            `seen while things broke, and done again: ${status}`,
            grouped(count),
          ]),
        ],
      },
    ],
    zeros: [
      zero('acknowledged writes that are not there', ledger.lost),
      zero('answers that were wrong, 500 among them', [...ledger.wrong, ...watch.wrong]),
      zero('steps that never came through', ledger.stuck),
      zero('faults that could not be played or left', stuck),
      zero('nodes that ended by themselves', deaths),
      zero('logouts that the console was not told of', untold),
      zero('redirects that a logout followed', world.receiver.followed),
      ...(faults >= FULL
        ? [
            zero('recoveries of more than 5 s', slow),
            zero('answers 503 later than 1 s', watch.late),
            zero('pages after leaving later than 2.5 s', lateLeaving.map(String)),
          ]
        : []),
      {
        what: 'drills in which nothing was acknowledged',
        count: Object.values(ledger.acknowledged).includes(0) ? 1 : 0,
      },
      ...more,
    ],
    seconds,
  };
}

export function zero(what: string, samples: readonly string[]): Zero {
  return { what, count: samples.length, samples: samples.slice(0, 5) };
}

function inSeconds(milliseconds: number): string {
  return Number.isNaN(milliseconds) ? 'never' : duration(milliseconds / 1_000);
}
