import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import type { Side, Step } from './wire.ts';
import { CONSOLE_IDS, type ConsoleId, type LoginIdWorld } from './world.ts';

/** What was broken, and how often. */
export type Chaos = {
  readonly counts: Map<string, number>;
  stop(): Promise<void>;
};

/** Of the steps of a change this part breaks, and of those this part with a kill -9 of one side. */
const BROKEN = 0.16;
const KILLED = 0.3;
const LONGEST_OUTAGE = 5_000;

/** Breaks things until it is stopped: at the named steps of changes, and at any moment. @param pace milliseconds between two outages, about */
export function startChaos(world: LoginIdWorld, chance: Chance, pace: number): Chaos {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  const away = (): number => chance.below(LONGEST_OUTAGE);
  let stopped = false;

  world.wire.onStep = (step: Step, side: Side, clientId: string): boolean => {
    if (stopped || !chance.hits(BROKEN / 2)) return false;
    const where = `${side} the login server ${side === 'before' ? 'hears' : 'has answered'} (${step})`;
    if (!chance.hits(KILLED)) {
      count(`connection cut ${where}`);
      return true;
    }
    if (chance.hits(0.5)) {
      count(`login server killed ${where}`);
      world.login.program.killAndRestart(away());
      return true;
    }
    const id = CONSOLE_IDS.find((one) => one === clientId);
    if (id === undefined) return false;
    count(`console killed ${where}`);
    world.consoles[id].program.killAndRestart(away());
    return true;
  };

  const running = (async () => {
    while (!stopped) {
      await pause(pace / 2 + chance.below(pace));
      if (stopped) return;
      await outage(world, chance, count, away()).catch((error: unknown) => count(`failed: ${String(error)}`));
    }
  })();
  return {
    counts,
    async stop() {
      stopped = true;
      world.wire.onStep = () => false;
      await running;
      world.wire.cut = false;
      for (const program of [
        world.login.program,
        ...CONSOLE_IDS.map((id: ConsoleId) => world.consoles[id].program),
      ])
        await program.up();
    },
  };
}

async function outage(
  world: LoginIdWorld,
  chance: Chance,
  count: (what: string) => void,
  length: number,
): Promise<void> {
  const kind = chance.pick(['kill-login', 'kill-console', 'wire', 'wire', 'database', 'database'] as const);
  const console = world.consoles[chance.pick(CONSOLE_IDS)];
  switch (kind) {
    case 'kill-login':
      count('login server killed at any moment');
      return world.login.program.killAndRestart(length);
    case 'kill-console':
      count('console killed at any moment');
      return console.program.killAndRestart(length);
    case 'wire':
      count('wire cut for a while');
      world.wire.cut = true;
      await pause(length);
      world.wire.cut = false;
      return;
    case 'database':
      count('connections to a database broken');
      return world.breakConnections(chance.hits(0.5) ? world.login.databaseUrl : console.databaseUrl);
  }
}
