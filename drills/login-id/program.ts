import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** A program of the product in a process of its own, to be killed and started again. */
export type Program = {
  readonly name: string;
  readonly kills: number;
  /** How it ended each time that nobody ended it; whoever watches over it started it again. */
  readonly deaths: readonly string[];
  start(): Promise<void>;
  /** kill -9, and up again after `away` milliseconds; while that goes on a further kill does nothing. */
  killAndRestart(away: number): void;
  /** Resolves when it serves. */
  up(): Promise<void>;
  stop(): Promise<void>;
};

const LONGEST_START = 60_000;
const MOST_STARTS = 10;

/** @param environment everything the program is told; nothing else of this process's environment reaches it */
export function programOf(
  name: string,
  args: readonly string[],
  environment: () => Record<string, string>,
): Program {
  const state = { kills: 0, stopped: false, complaints: '' };
  let child: ChildProcess | undefined;
  let underWay: Promise<void> | null = null;
  const deaths: string[] = [];
  // Whatever ends the drill ends its programs.
  process.on('exit', () => void child?.kill('SIGKILL'));

  async function start(): Promise<void> {
    const started = spawn(process.execPath, [...args], {
      env: { PATH: process.env.PATH ?? '', ...environment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    state.complaints = '';
    started.stderr.on(
      'data',
      (chunk: Buffer) => void (state.complaints = (state.complaints + chunk.toString()).slice(-2_000)),
    );
    started.once('exit', (code, signal) => {
      if (child !== started || underWay !== null || state.stopped) return;
      deaths.push(`${name} ended with ${code ?? signal}: ${state.complaints.slice(-600)}`);
      restart(async () => undefined, 0);
    });
    const timeLimit = AbortSignal.timeout(LONGEST_START);
    await Promise.race([
      once(started.stdout, 'data', { signal: timeLimit }),
      once(started, 'exit', { signal: timeLimit }).then(() => {
        throw new Error(`${name} did not start: ${state.complaints}`);
      }),
    ]);
  }

  /** As whoever watches over it would: a start that meets an outage is tried again. */
  async function startAgain(): Promise<void> {
    for (let tries = 1; !state.stopped; tries += 1) {
      try {
        return await start();
      } catch (error) {
        if (tries === MOST_STARTS) throw error;
        await pause(500);
      }
    }
  }

  function restart(end: () => Promise<void>, away: number): void {
    underWay = (async () => {
      await end();
      await pause(away);
      await startAgain();
    })().finally(() => {
      underWay = null;
    });
    underWay.catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }

  return {
    name,
    deaths,
    get kills() {
      return state.kills;
    },
    start,
    killAndRestart(away) {
      if (underWay !== null || state.stopped) return;
      state.kills += 1;
      const victim = child;
      restart(async () => {
        if (victim?.exitCode !== null || victim.signalCode !== null) return;
        const gone = once(victim, 'exit');
        victim.kill('SIGKILL');
        await gone;
      }, away);
    },
    async up() {
      while (underWay !== null) await underWay;
    },
    async stop() {
      state.stopped = true;
      await underWay?.catch(() => undefined);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child?.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}
