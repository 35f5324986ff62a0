import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { fullSignIn } from '../../bench/flows.ts';
import { brokenInvariants } from '../invariants.ts';
import { chanceOf, type Chance } from '../login-id/chance.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { duration, grouped, type Report, type Zero } from '../report.ts';
import { fillDisk } from './disk-full.ts';
import { live, newLedger, type Ledger } from './ledger.ts';
import { STEPS, type Step } from './steps.ts';
import { openNodes, type NodesWorld } from './world.ts';

/** From so many faults on the times are judged too; fewer are played in CI, where the machine does much else. */
const FULL = 40;
const AT_ONCE = 8;
const LONGEST_RECOVERY = 60_000;
/** A node that is told of a step must come to it within this, in milliseconds. */
const LONGEST_APPROACH = 20_000;

type Fault = { readonly name: string; play(world: NodesWorld, chance: Chance): Promise<void> };

const FAULTS: readonly Fault[] = [
  { name: 'node killed -9 at any moment', play: killNode },
  ...STEPS.map((step) => ({
    name: `node killed -9: ${step.name}`,
    play: (world: NodesWorld) => killAt(world, step),
  })),
  { name: 'both nodes killed -9', play: killBoth },
  { name: 'all connections to PostgreSQL cut', play: cutConnections },
  { name: 'a process of PostgreSQL killed -9', play: killBackend },
  { name: 'PostgreSQL stopped at once (immediate)', play: (world) => endPostgres(world, 'SIGQUIT') },
  { name: 'PostgreSQL killed -9', play: (world) => endPostgres(world, 'SIGKILL') },
  { name: 'no connection is free: a table is locked for 3 s', play: lockTable },
];

/**
 * S1, S2: people sign in, set passwords by code and leave at two nodes, while nodes are killed -9 at named steps and at any moment, and PostgreSQL is cut, killed, stopped, exhausted and runs out of
 * disk. What people were answered is kept apart and compared at the end; then the invariants of the database are read.
 * @param of.faults how many things break; from 23 on each kind has come up
 */
export async function drillFaults(of: {
  faults: number;
  seed: number;
  /** Whether the disk fills up too; true by default. */
  disk?: boolean;
  tell(line: string): void;
}): Promise<Report> {
  const begun = performance.now();
  const stepFile = join(process.env.TMPDIR ?? '/tmp', `hitokagi-drill-step-${process.pid}`);
  const preload = join(import.meta.dirname, 'kill-at.ts');
  const world = await openNodes({
    nodes: 2,
    people: 400 + of.faults * 40,
    environment: {
      DRILL_STEP_FILE: stepFile,
      NODE_OPTIONS: `--import tsx --import ${preload}`,
      HITOKAGI_DRAIN_SECONDS: '0',
    },
  });
  const ledger = newLedger();
  const seen = new Map<string, number[]>();
  const stuck: string[] = [];
  const chance = chanceOf(of.seed);
  try {
    const load = startLives(world, ledger, of.seed);
    for (let number = 0; number < of.faults; number += 1) {
      // Each kind in turn, in an order of the seed's.
      const fault = FAULTS[(number * 7 + of.seed) % FAULTS.length];
      if (!fault) throw new Error('There are faults.');
      of.tell(`${number + 1} of ${of.faults}: ${fault.name} …`);
      armedFile = stepFile;
      const error = await fault.play(world, chance).catch((reason: unknown) => reason as Error);
      if (error) stuck.push(`${fault.name}: ${error.message}`);
      const recovered = await untilWell(world);
      seen.set(fault.name, [...(seen.get(fault.name) ?? []), recovered]);
      if (Number.isNaN(recovered))
        stuck.push(`${fault.name}: nobody could sign in within ${LONGEST_RECOVERY / 1_000} s`);
      await pause(chance.below(1_500));
    }
    of.tell('Everything is left in peace …');
    await load.stop();
    const disk = of.disk === false ? { zeros: [], said: [] } : await fillDisk(of.tell);
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: new Date() });
    const seconds = (performance.now() - begun) / 1_000;
    return reportOf(of, {
      ledger,
      seen,
      stuck,
      broken: [...broken, ...disk.zeros],
      disk: disk.said,
      world,
      seconds,
    });
  } finally {
    await world.close();
  }
}

let armedFile = '';

function startLives(world: NodesWorld, ledger: Ledger, seed: number): { stop(): Promise<void> } {
  let next = 1;
  let isStopped = false;
  const workers = Array.from({ length: AT_ONCE }, async () => {
    while (!isStopped && next < world.people.length) {
      const number = next;
      next += 1;
      const person = world.people[number];
      if (person) await live(world, ledger, person, chanceOf(seed * 1_000_003 + number));
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(workers);
    },
  };
}

/** Milliseconds until somebody signs in again; the first person is nobody else's. */
async function untilWell(world: NodesWorld): Promise<number> {
  const from = performance.now();
  const [person] = world.people;
  if (!person) throw new Error('There are people.');
  while (performance.now() - from < LONGEST_RECOVERY) {
    // As whoever watches over them would.
    for (const node of world.nodes) if (!node.isAlive()) await mustStart(node);
    try {
      await fullSignIn(world.browser(), world.console, { ...person, password: UNIFIED_PASSWORD });
      return performance.now() - from;
    } catch {
      await pause(50);
    }
  }
  return Number.NaN;
}

async function killNode({ nodes }: NodesWorld, chance: Chance): Promise<void> {
  const node = chance.pick(nodes);
  await pause(chance.below(500));
  await node.kill();
  await mustStart(node);
}

async function killBoth({ nodes }: NodesWorld): Promise<void> {
  await Promise.all(nodes.map((node) => node.kill()));
  await Promise.all(nodes.map(mustStart));
}

/** Names the step to both nodes; whichever comes to it first dies there. */
async function killAt({ nodes }: NodesWorld, step: Step): Promise<void> {
  await writeFile(armedFile, step.name);
  for (const node of nodes) node.signal('SIGUSR2');
  const end = performance.now() + LONGEST_APPROACH;
  while (existsSync(armedFile) && performance.now() < end) await pause(20);
  if (existsSync(armedFile)) throw new Error('no node came to this step');
  for (const node of nodes) node.signal('SIGUSR1');
  while (nodes.every((node) => node.isAlive()) && performance.now() < end) await pause(10);
}

async function mustStart(node: NodesWorld['nodes'][number]): Promise<void> {
  const started = await node.start();
  if (!started.ok) throw new Error(`${node.name} did not start again: ${started.complaint}`);
}

async function asAdmin(world: NodesWorld, act: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: world.databaseUrl });
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    await act(admin);
  } finally {
    await admin.end().catch(() => undefined);
  }
}

function cutConnections(world: NodesWorld): Promise<void> {
  return asAdmin(world, (admin) =>
    admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    ),
  );
}

async function killBackend(world: NodesWorld): Promise<void> {
  let pid = 0;
  await asAdmin(world, async (admin) => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'hitokagi' limit 1`,
    );
    pid = rows[0]?.pid ?? 0;
  });
  if (pid === 0) throw new Error('nobody was connected');
  // All others are ended by it, and recovery begins.
  process.kill(pid, 'SIGKILL');
}

async function endPostgres(world: NodesWorld, signal: NodeJS.Signals): Promise<void> {
  process.kill(await world.postmaster(), signal);
  // Whoever keeps the database starts it again; here that is this process.
  await pause(300);
}

function lockTable(world: NodesWorld): Promise<void> {
  return asAdmin(world, async (admin) => {
    await admin.query('begin; lock table sign_in_throttle in access exclusive mode');
    await pause(3_000);
    await admin.query('rollback');
  });
}

function reportOf(
  { faults, seed }: { faults: number; seed: number },
  found: {
    ledger: Ledger;
    seen: ReadonlyMap<string, readonly number[]>;
    stuck: readonly string[];
    broken: readonly Zero[];
    disk: readonly string[];
    world: NodesWorld;
    seconds: number;
  },
): Report {
  const { ledger, seen, stuck, broken, disk, world, seconds } = found;
  const slow = [...seen].flatMap(([name, times]) =>
    times.filter((time) => time > 5_000).map((time) => `${name}: ${duration(time / 1_000)}`),
  );
  const zero = (what: string, samples: readonly string[]): Zero => ({
    what,
    count: samples.length,
    samples: samples.slice(0, 5),
  });
  // A step is a death that the drill asked for.
  const deaths = world.nodes.flatMap((node) =>
    node.deaths.filter((one) => !one.includes('ended with SIGKILL')),
  );
  return {
    title: 'Drill: faults (S1, S2)',
    lead: [
      `People sign in, set passwords by mailed code and leave at two nodes on durable PostgreSQL while ${faults} things break: --faults ${faults} --seed ${seed}.`,
      ...disk,
    ],
    tables: [
      {
        title: 'What broke, and how long until somebody could sign in again',
        head: ['fault', 'times', 'median', 'longest'],
        rows: [...seen].map(([name, times]) => {
          const sorted = times.toSorted((one, other) => one - other);
          return [
            name,
            grouped(times.length),
            ...[sorted[sorted.length >> 1], sorted.at(-1)].map((time) =>
              Number.isNaN(time) ? 'never' : duration((time ?? 0) / 1_000),
            ),
          ];
        }),
      },
      {
        title: 'What was acknowledged',
        head: ['what', 'count'],
        rows: [
          ...Object.entries(ledger.acknowledged).map(([what, count]) => [what, grouped(count)]),
          ...[...ledger.statuses].map(([status, count]) => [
            `seen while things broke, and done again: ${status}`,
            grouped(count),
          ]),
        ],
      },
    ],
    zeros: [
      zero('acknowledged writes that are not there', ledger.lost),
      zero('answers that were wrong, 500 among them', ledger.wrong),
      zero('steps that never came through', ledger.stuck),
      zero('faults that could not be played or left', stuck),
      zero('nodes that ended by themselves', deaths),
      ...(faults >= FULL ? [zero('recoveries of more than 5 s', slow)] : []),
      {
        what: 'drills in which nothing was acknowledged',
        count: Object.values(ledger.acknowledged).includes(0) ? 1 : 0,
      },
      ...broken,
    ],
    seconds,
  };
}
