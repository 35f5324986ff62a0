import { setTimeout as pause } from 'node:timers/promises';
import { chanceOf } from '../login-id/chance.ts';
import { live, type Ledger } from './ledger.ts';
import type { NodesWorld } from './world.ts';

const AT_ONCE = 8;
/** What the console has not been told must be told within this after everything is well, in milliseconds. */
const LONGEST_DELIVERY = 60_000;

/** Lives go on until they are stopped. @param of.people how many of the world's people live; the first is the drill's own */
export function startLives(
  world: NodesWorld,
  ledger: Ledger,
  of: { people: number; seed: number; atOnce?: number },
): { stop(): Promise<void> } {
  let next = 1;
  let isStopped = false;
  const workers = Array.from({ length: of.atOnce ?? AT_ONCE }, async () => {
    while (!isStopped && next < of.people) {
      const number = next;
      next += 1;
      const person = world.people[number];
      if (person) await live(world, ledger, person, chanceOf(of.seed * 1_000_003 + number));
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(workers);
    },
  };
}

/** Logouts that the console was not told of, though it has taken tokens since; and those that it was told of only by our word. */
export async function untilTold({ database, receiver }: NodesWorld): Promise<readonly string[]> {
  const end = performance.now() + LONGEST_DELIVERY;
  for (;;) {
    const { rows } = await database.pool.query<{ id: string; sid: string; state: string }>(
      'select id, sid, state from logout_delivery',
    );
    const untold = rows.filter(({ state, sid }) => state !== 'delivered' || !receiver.told.has(sid));
    if (untold.length === 0 || performance.now() > end)
      return untold.map(
        ({ id, sid, state }) => `${id} is ${state}, ${receiver.told.has(sid) ? '' : 'not '}told`,
      );
    await pause(500);
  }
}
