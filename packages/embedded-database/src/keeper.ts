import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedDatabaseError } from './errors.ts';
import type { Place } from './place.ts';
import { removeMisleadingPidFiles } from './postmaster-file.ts';
import { signal } from './processes.ts';
import { type Server, startServer, stopServer } from './server.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const pauses = [0.1 * SECOND, 0.2 * SECOND, 0.5 * SECOND, 1 * SECOND, 2 * SECOND, 4 * SECOND];

/** What the keeper tells its owner. `log` gets one line a happening, `onLost` the reason why it gave up. */
export type Listeners = {
  log: (line: string) => void;
  onLost: (error: EmbeddedDatabaseError) => void;
  /** It is started again at once however often it ends, and never given up. */
  alwaysRestart?: boolean;
};

/** A server that is started again whenever it ends by itself, until `stop`. */
export type Keeper = { stop: () => Promise<void> };

/**
 * Keeps a server running. Each end within a minute of the last start makes the pause before the next start longer; after
 * six such starts in a row it gives up and calls `onLost` once. Should this process end without `stop`, the server is told to
 * stop as the last thing.
 */
export function keepRunning(first: Server, place: Place, command: string[], listeners: Listeners): Keeper {
  const stopping = new AbortController();
  let server: Server | null = first;
  let lastFailure: EmbeddedDatabaseError | null = null;
  const tellServer = () => server && signal(server.pid, 'SIGINT');
  process.once('exit', tellServer);

  const stopAsked = new Promise<void>((resolve) =>
    stopping.signal.addEventListener('abort', () => resolve()),
  );

  async function watch(): Promise<void> {
    let quickCrashes = 0;
    let startedAt = performance.now();
    while (!stopping.signal.aborted) {
      await Promise.race([server?.ended, stopAsked]);
      if (stopping.signal.aborted) return;
      server = null;
      quickCrashes = performance.now() - startedAt < MINUTE ? quickCrashes + 1 : 1;
      const pause = pauses[listeners.alwaysRestart ? 0 : quickCrashes - 1];
      if (pause === undefined) return listeners.onLost(reasonToGiveUp());
      listeners.log(`PostgreSQL ended unexpectedly, starting it again in ${pause / SECOND} s`);
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      startedAt = performance.now();
      server = await startAgain();
    }
  }

  async function startAgain(): Promise<Server | null> {
    try {
      await removeMisleadingPidFiles(place.cluster, place.socketFolder);
      const started = await startServer(place, command);
      listeners.log('PostgreSQL is running again');
      return started;
    } catch (error) {
      lastFailure = asOurs(error);
      listeners.log(lastFailure.message);
      return null;
    }
  }

  // Nobody awaits this, so nothing may be thrown: the data folder can vanish under a running server, for one.
  function asOurs(error: unknown): EmbeddedDatabaseError {
    if (error instanceof EmbeddedDatabaseError) return error;
    return new EmbeddedDatabaseError('start-failed', error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }

  function reasonToGiveUp(): EmbeddedDatabaseError {
    if (lastFailure?.code === 'disk-full') return lastFailure;
    return new EmbeddedDatabaseError('keeps-crashing', place.logFile, { cause: lastFailure });
  }

  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await watching; // it may be starting the server again at this moment
      if (server) await stopServer(server.pid);
      process.off('exit', tellServer);
    },
  };
}
