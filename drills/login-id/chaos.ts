import { setTimeout as pause } from 'node:timers/promises';
import type { Chance } from './chance.ts';
import type { Program } from './program.ts';
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
  let breathing = false;
  /**
   * Kills one program at a time and lets all of them run for a while before the next. Whoever waits asks again and again, and so do programs that come back: were some of all questions to end in a
   * kill, nobody would ever be there to answer. False when it is not the time.
   */
  const kill = (program: Program, what: string): boolean => {
    if (breathing) return false;
    breathing = true;
    count(what);
    program.killAndRestart(away());
    void program
      .up()
      .catch(() => undefined)
      .then(() => pause(pace / 2, undefined, { ref: false }))
      .then(() => (breathing = false));
    return true;
  };

  world.wire.onStep = (step: Step, side: Side, clientId: string): boolean => {
    if (stopped || !chance.hits(BROKEN / 2)) return false;
    const where = `${side} the login server ${side === 'before' ? 'hears' : 'has answered'} (${step})`;
    const id = chance.hits(0.5) ? undefined : CONSOLE_IDS.find((one) => one === clientId);
    const [victim, name] =
      id === undefined ? [world.login.program, 'login server'] : [world.consoles[id].program, 'console'];
    const what = `${name} killed ${where}`;
    // Each kind of kill comes before one of them comes again by chance.
    const kills = chance.hits(KILLED) || !counts.has(what);
    if (!kills || !kill(victim, what)) count(`connection cut ${where}`);
    return true;
  };

  const running = (async () => {
    while (!stopped) {
      await pause(pace / 2 + chance.below(pace));
      while (breathing && !stopped) await pause(250);
      if (stopped) return;
      await outage(world, chance, { count, kill, length: away() }).catch((error: unknown) =>
        count(`failed: ${String(error)}`),
      );
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
  {
    count,
    kill,
    length,
  }: {
    count: (what: string) => void;
    kill: (program: Program, what: string) => boolean;
    length: number;
  },
): Promise<void> {
  const kind = chance.pick(['kill-login', 'kill-console', 'wire', 'wire', 'database', 'database'] as const);
  const console = world.consoles[chance.pick(CONSOLE_IDS)];
  switch (kind) {
    case 'kill-login':
      kill(world.login.program, 'login server killed at any moment');
      return;
    case 'kill-console':
      kill(console.program, 'console killed at any moment');
      return;
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
