import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { duration, grouped, type Report, type Zero } from '../report.ts';
import type { Databases } from '../world.ts';
import { costOfAsking, type Cost } from './cost.ts';
import { OUTAGES } from './gate.ts';
import { troubledLogout, type Trouble } from './round.ts';
import { STEPS } from './steps.ts';
import { newTally, quantile, type Tally } from './tally.ts';
import { openWorld, type LogoutWorld } from './world.ts';

/** Logouts in a row in which every kind of outage and every step of a kill has come up; of the steps of a console's own question the unreachable console is part. */
export const FULL = STEPS.length + 1;
const SESSIONS = 10_000;

/**
 * L1–L3, L5: one person in three browsers at five consoles leaves in one of them, with consoles away in every way and the login server killed with -9 at every step, and comes back at once.
 * @param options.rounds logouts with something in their way; two more in each round have nothing in theirs
 * @param options.seed the same seed plays the same campaign
 */
export async function drillLogout(
  databases: Databases,
  options: { rounds: number; seed: number; tell(line: string): void },
): Promise<Report> {
  const { rounds, seed, tell } = options;
  const begun = performance.now();
  const tally = newTally();
  const random = randomOf(seed);
  const world = await openWorld(databases, rounds);
  try {
    for (let round = 0; round < rounds; round += 1) {
      const trouble = troubleOf(round, random);
      tell(
        `${round + 1} of ${rounds}: ${trouble.step ? `killed when ${trouble.step.name}` : 'not killed'}, ${trouble.outages.map((one) => one ?? 'well').join(', ')} for ${duration(trouble.lasts / 1_000)} …`,
      );
      const person = world.people[round];
      if (!person) throw new Error('There is a person for each round.');
      try {
        await troubledLogout(world, person, trouble, tally);
      } catch (error) {
        tally.broken.push(`${(error as Error).message}: ${JSON.stringify(trouble)}`);
      }
    }
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: new Date() });
    tell(`and ${grouped(SESSIONS)} sessions live, while a console asks …`);
    const cost = await costOfAsking(world, SESSIONS);
    return reportOf(world, tally, { ...options, broken, cost, seconds: (performance.now() - begun) / 1_000 });
  } finally {
    await world.close();
  }
}

/** The steps one after the other, the kinds of outages in turn over the consoles; one console is always well. */
function troubleOf(round: number, random: () => number): Trouble {
  const step = STEPS[round % (STEPS.length + 1)] ?? null;
  const asks = step?.name.startsWith('a console asks') === true;
  const kinds = OUTAGES.map((_, index) => OUTAGES[(round * 4 + index) % OUTAGES.length] ?? 'down').slice(
    0,
    4,
  );
  const outages = [
    null,
    ...(asks && !kinds.includes('unreachable') ? ['unreachable' as const, ...kinds.slice(1)] : kinds),
  ];
  // In another order each time.
  for (let last = outages.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [outages[last], outages[other]] = [outages[other] ?? null, outages[last] ?? null];
  }
  return {
    outages,
    step,
    lasts: Math.round(500 + random() * 9_500),
    from: Math.floor(random() * outages.length),
  };
}

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function reportOf(
  { login, people }: LogoutWorld,
  tally: Tally,
  {
    rounds,
    seed,
    broken,
    cost,
    seconds,
  }: { rounds: number; seed: number; broken: readonly Zero[]; cost: Cost; seconds: number },
): Report {
  const full = rounds >= FULL;
  const reached = new Set(login.kills.map(({ step }) => step));
  const missed = STEPS.slice(0, rounds).filter(({ name }) => !reached.has(name));
  const times = (name: string, values: readonly number[], target: string) => [
    name,
    grouped(values.length),
    ...[0.5, 0.99, 1].map((share) => milliseconds(quantile(values, share))),
    target,
  ];
  const zero = (what: string, samples: readonly string[]) => ({
    what,
    count: samples.length,
    samples: samples.slice(0, 5),
  });
  return {
    title: 'Drill: logout (L1–L3, L5)',
    lead: [
      `${people.length} people, each in three browsers at five consoles, leave in one of them, come back at once, and leave in the two others: --rounds ${rounds} --seed ${seed}.`,
      'In between consoles are away in every way, and the login server, a process of its own on durable PostgreSQL, kills itself with -9 at every step and is started again.',
    ],
    tables: [
      {
        title: 'Times in milliseconds',
        head: ['', 'how often', 'p50', 'p99', 'longest', 'target'],
        rows: [
          times('five consoles out, nothing in the way', tally.calm, 'p99 ≤ 2,000'),
          times('the page after the button', tally.pages, '≤ 2,500'),
          times('the page when it is loaded again after a kill', tally.pagesAgain, ''),
          times('five consoles out, after the last outage and kill', tally.afterTrouble, '≤ 60,000'),
          times(
            'server up again after a kill',
            login.kills.map(({ upAgain }) => upAgain),
            '',
          ),
        ],
      },
      {
        title: 'What was in the way',
        head: ['', 'how often'],
        rows: [
          ...[...tally.outages].map(([kind, count]) => [`console ${kind}`, grouped(count)]),
          ...STEPS.map(({ name }) => [
            `killed when ${name}`,
            grouped(login.kills.filter(({ step }) => step === name).length),
          ]),
          ['the browser asked again after a kill', grouped(tally.askedAgain)],
        ],
      },
      {
        title: 'How consoles with something in the way were told',
        head: ['', 'how often'],
        rows: [
          ...[...tally.told].map(([by, count]) => [`by ${by}`, grouped(count)]),
          ['tries', grouped(tally.tries)],
        ],
      },
      {
        title: `A console asks which of its sessions have ended, ${grouped(cost.sessions)} of them live`,
        head: ['', 'p50', 'p99', 'answer'],
        rows: cost.rows,
      },
    ],
    zeros: [
      zero('lost: sessions still alive or deliveries untold after 60 s', tally.lost),
      zero('wrong: sessions ended that began later or belong to another browser', tally.wrong),
      zero('doubled: deliveries more or fewer than one for each console', tally.doubled),
      zero('consoles said to be out that were not', tally.untrue),
      zero('pages after more than 2.5 s', tally.slowPages),
      zero('logouts that did not end on their page', tally.broken),
      zero(
        'steps at which no kill came',
        missed.map(({ name }) => name),
      ),
      zero('ends of the server that nobody had asked for', login.unexplained),
      ...broken,
      ...(full
        ? [
            {
              what: 'p99 of logouts with nothing in the way over 2 s',
              count: quantile(tally.calm, 0.99) > 2_000 ? 1 : 0,
            },
          ]
        : []),
    ],
    seconds,
  };
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? '–' : grouped(Math.round(value));
}
