import { setTimeout as pause } from 'node:timers/promises';
import { fullSignIn, silentSignIn } from '../../bench/flows.ts';
import { memoryOf } from '../../bench/processes.ts';
import { brokenInvariants } from '../invariants.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { grouped, type Report } from '../report.ts';
import { beginSignIn } from './crowds.ts';
import { openNodes, type NodesWorld } from './world.ts';

const SAMPLE_EVERY = 5_000;
/** What is warmed up before it is looked whether memory grows. */
const WARM = 0.2;
/** MiB an hour; QUALITY.md: flat after the first hour. Shorter runs say less, so it is judged from an hour on. */
const MOST_GROWTH = 10;
const LONGEST_CLEANING = 15 * 60_000;

/**
 * O2: sign-ins at a steady pace, and as many that are begun and left; the memory of the server must not grow, and what was left must be gone 15 minutes after it expired.
 * @param of.minutes how long; @param of.perSecond sign-ins, and as many that are left
 */
export async function drillSoak(of: {
  minutes: number;
  perSecond: number;
  tell(line: string): void;
}): Promise<Report> {
  const begun = performance.now();
  const world = await openNodes({ nodes: 1, people: 500 });
  const tally = { signIns: 0, left: 0, failed: [] as string[] };
  const samples: { at: number; memory: number }[] = [];
  try {
    const [node] = world.nodes;
    if (!node) throw new Error('There is one node.');
    const from = performance.now();
    const end = from + of.minutes * 60_000;
    const underWay = new Set<Promise<void>>();
    let sampled = 0;
    for (let number = 0; performance.now() < end; number += 1) {
      await pause(Math.max(0, from + (number * 1_000) / of.perSecond - performance.now()));
      const one = act(world, number, tally).finally(() => underWay.delete(one));
      underWay.add(one);
      if (performance.now() - sampled < SAMPLE_EVERY) continue;
      sampled = performance.now();
      samples.push({ at: (sampled - from) / 3_600_000, memory: memoryOf(node.pid()).now });
      if (samples.length % 12 === 0)
        of.tell(`${samples.at(-1)?.memory.toFixed(0)} MiB after ${samples.length / 12} min …`);
    }
    await Promise.all(underWay);
    of.tell('What was left expires now, and has to go …');
    const { pool } = world.database;
    await pool.query(
      `update oidc_artifact set expires_at = now() - interval '1 second' where kind = 'Interaction'`,
    );
    const cleaned = await untilCleaned(world);
    const growth = slope(samples.slice(Math.floor(samples.length * WARM)));
    return {
      title: 'Drill: soak (O2)',
      lead: [
        `${of.minutes} minutes, ${of.perSecond} sign-ins a second and as many begun and left: --minutes ${of.minutes} --per-second ${of.perSecond}.`,
      ],
      tables: [
        {
          title: 'Figures',
          head: ['what', 'figure'],
          rows: [
            ['sign-ins', grouped(tally.signIns)],
            ['begun and left', grouped(tally.left)],
            [
              'memory at first, at last, MiB',
              `${samples[0]?.memory.toFixed(0)}, ${samples.at(-1)?.memory.toFixed(0)}`,
            ],
            ['growth after the first fifth, MiB an hour', growth.toFixed(1)],
            ['what was left was gone after', `${(cleaned / 1_000).toFixed(0)} s`],
          ],
        },
      ],
      zeros: [
        { what: 'failed requests', count: tally.failed.length, samples: tally.failed.slice(0, 5) },
        { what: 'sign-ins that were left and not removed', count: Number.isNaN(cleaned) ? 1 : 0 },
        ...(of.minutes >= 60
          ? [{ what: `growth of more than ${MOST_GROWTH} MiB an hour`, count: growth > MOST_GROWTH ? 1 : 0 }]
          : []),
        ...(await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: new Date() })),
      ],
      seconds: (performance.now() - begun) / 1_000,
    };
  } finally {
    await world.close();
  }
}

async function act(
  world: NodesWorld,
  number: number,
  tally: { signIns: number; left: number; failed: string[] },
): Promise<void> {
  const person = world.people[number % world.people.length];
  if (!person) throw new Error('There are people.');
  try {
    const browser = world.browser();
    await fullSignIn(browser, world.console, { ...person, password: UNIFIED_PASSWORD });
    await silentSignIn(browser, world.console);
    tally.signIns += 1;
    const status = await beginSignIn(world);
    if (status !== 303) throw new Error(`a sign-in could not be begun: ${status}`);
    tally.left += 1;
  } catch (error) {
    tally.failed.push((error as Error).message.slice(0, 300));
  }
}

async function untilCleaned({ database }: NodesWorld): Promise<number> {
  const from = performance.now();
  while (performance.now() - from < LONGEST_CLEANING) {
    const { rows } = await database.pool.query<{ left: number }>(
      `select count(*)::int as left from oidc_artifact where kind = 'Interaction' and expires_at < now()`,
    );
    if (rows[0]?.left === 0) return performance.now() - from;
    await pause(1_000);
  }
  return Number.NaN;
}

/** MiB an hour, by least squares. */
function slope(samples: readonly { at: number; memory: number }[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const [at, memory] = [mean(samples.map((one) => one.at)), mean(samples.map((one) => one.memory))];
  const across = samples.reduce((sum, one) => sum + (one.at - at) * (one.memory - memory), 0);
  const along = samples.reduce((sum, one) => sum + (one.at - at) ** 2, 0);
  return along === 0 ? 0 : across / along;
}
