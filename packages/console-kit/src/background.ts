import { SECOND } from './durations.ts';
import type { KitLog } from './options.ts';

/** Each pause is up to a fifth shorter or longer, so that nodes do not ask in step. */
const JITTER = 0.2;

/** Work that comes again and again in the background. */
export type Background = {
  start(): void;
  /** Resolves when nothing is under way. */
  stop(): Promise<void>;
  /** Once now; who calls while it is under way waits for that. */
  flush(): Promise<{ ok: boolean }>;
  /** As soon as it can be, if it was started. */
  wake(): void;
};

/**
 * Runs `work` every `interval` milliseconds; after failures the pauses double up to `longest`. `work` says how it went and throws only when a store fails, which counts as a
 * failure and is logged once.
 */
export function inBackground(
  log: KitLog,
  name: string,
  { interval, longest }: { interval: number; longest: number },
  work: () => Promise<{ ok: boolean }>,
): Background {
  /** Grows with each start and stop, so that a loop knows when it is over. */
  let turn = 0;
  let running = false;
  let failures = 0;
  let woken = false;
  let storeFails = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<{ ok: boolean }> | null = null;

  return {
    start: () => {
      if (running) return;
      running = true;
      // Not at once: a console that restarts in circles must not ask in circles.
      next(++turn, jittered(Math.min(interval, SECOND)));
    },
    stop: async () => {
      running = false;
      turn++;
      clearTimeout(timer);
      await underWay;
    },
    flush,
    wake: () => {
      if (!running) return;
      woken = true;
      if (underWay === null) next(turn, 0);
    },
  };

  function next(mine: number, pause: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void runAndRunAgain(mine), pause).unref();
  }

  async function runAndRunAgain(mine: number): Promise<void> {
    woken = false;
    const { ok } = await flush();
    if (mine !== turn) return;
    failures = ok ? 0 : failures + 1;
    const pause = Math.min(interval * 2 ** Math.min(failures, 20), longest);
    next(mine, woken && ok ? 0 : jittered(pause));
  }

  function flush(): Promise<{ ok: boolean }> {
    underWay ??= work()
      .then((result) => {
        if (storeFails) log.info({}, `${name}: the store works again`);
        storeFails = false;
        return result;
      })
      .catch((error: unknown) => {
        if (!storeFails) log.error({ err: error }, `${name}: the store fails; it is tried again`);
        storeFails = true;
        return { ok: false };
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  }
}

export function jittered(pause: number): number {
  return pause * (1 - JITTER + 2 * JITTER * Math.random());
}
