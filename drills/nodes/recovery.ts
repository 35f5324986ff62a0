import { setTimeout as pause } from 'node:timers/promises';
import { fullSignIn } from '../../bench/flows.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { mustStart } from './kinds.ts';
import { asAdmin } from './scene.ts';
import type { NodesWorld } from './world.ts';

export const LONGEST_RECOVERY = 60_000;

export type Recovery = {
  /** Milliseconds until PostgreSQL took connections and answered; 0 where it had never been away. */
  readonly database: number;
  /** Milliseconds from then until somebody signed in; NaN when nobody did within a minute. */
  readonly signIn: number;
  /** Milliseconds until all nodes were up again. */
  readonly nodes: number;
};

/** Waits until somebody signs in again; the first person is nobody else's. Nodes that are gone are started, as whoever watches over them would. */
export async function untilWell(world: NodesWorld): Promise<Recovery> {
  const from = performance.now();
  let answersAt: number | undefined;
  const asking = (async () => {
    while (answersAt === undefined && performance.now() - from < LONGEST_RECOVERY)
      try {
        await asAdmin(world.databaseUrl, (admin) => admin.query('select 1'));
        answersAt = performance.now();
      } catch {
        await pause(20);
      }
  })();
  const starting = Promise.all(
    world.nodes.map(async (node) => {
      while (!node.isAlive() && performance.now() - from < LONGEST_RECOVERY)
        await mustStart(node).catch(() => pause(50));
    }),
  ).then(() => performance.now() - from);
  const signedInAt = await untilSignedIn(world, from);
  const nodes = await starting;
  await asking;
  const database = (answersAt ?? Number.NaN) - from;
  return { database, signIn: Math.max(0, signedInAt - from - database), nodes };
}

async function untilSignedIn(world: NodesWorld, from: number): Promise<number> {
  const [person] = world.people;
  if (!person) throw new Error('There are people.');
  while (performance.now() - from < LONGEST_RECOVERY) {
    try {
      await fullSignIn(world.browser(), world.console, { ...person, password: UNIFIED_PASSWORD });
      return performance.now();
    } catch {
      await pause(50);
    }
  }
  return Number.NaN;
}
