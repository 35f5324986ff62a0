import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Chance } from '../login-id/chance.ts';
import type { HistoryWorld } from './world.ts';

export type OutageName =
  | 'a node paused'
  | 'a node killed -9'
  | 'both nodes killed -9'
  | 'all connections to PostgreSQL cut'
  | 'PostgreSQL stopped at once'
  | 'PostgreSQL killed -9';

type Play = (world: HistoryWorld, chance: Chance) => Promise<void>;

const LONGEST_PAUSE = 8_000;
const LONGEST_RECOVERY = 60_000;

/** What breaks while clients ask; beside these their own connections break now and then. A pause is longer than clients wait, sometimes: what they have given up takes effect afterwards. */
export const OUTAGES: Readonly<Record<OutageName, Play>> = {
  'a node paused': async ({ nodes }, chance) => {
    const node = chance.pick(nodes);
    node.signal('SIGSTOP');
    await pause(300 + chance.below(LONGEST_PAUSE - 300));
    node.signal('SIGCONT');
  },
  'a node killed -9': async ({ nodes }, chance) => {
    await pause(chance.below(400));
    await chance.pick(nodes).kill();
  },
  'both nodes killed -9': async ({ nodes }) => {
    await Promise.all(nodes.map((node) => node.kill()));
  },
  'all connections to PostgreSQL cut': async ({ databaseUrl }) => {
    const admin = new pg.Client({ connectionString: databaseUrl });
    admin.on('error', () => undefined);
    await admin.connect();
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await admin.end();
  },
  'PostgreSQL stopped at once': (world) => endPostgres(world, 'SIGQUIT'),
  'PostgreSQL killed -9': (world) => endPostgres(world, 'SIGKILL'),
};

async function endPostgres(world: HistoryWorld, signal: NodeJS.Signals): Promise<void> {
  process.kill(await world.postmaster(), signal);
  // Whoever keeps the database starts it again; here that is this process.
  await pause(300);
}

/** Starts what has gone, as whoever watches over them would, and waits until both nodes take requests. */
export async function recover(world: HistoryWorld): Promise<void> {
  const end = performance.now() + LONGEST_RECOVERY;
  do {
    for (const node of world.nodes) if (!node.isAlive()) await node.start();
    await pause(100);
  } while (world.balancer.ready.size < world.nodes.length && performance.now() < end);
  if (world.balancer.ready.size < world.nodes.length) throw new Error('The nodes did not come back.');
}
