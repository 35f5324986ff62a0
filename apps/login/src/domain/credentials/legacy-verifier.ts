import { Worker } from 'node:worker_threads';
import { SECOND } from '#support/primitives/durations.ts';

export type LegacyVerifier = {
  /** Whether the password is the one of this legacy hash; false when the verification could not be made in time. */
  verify(hash: string, password: string): Promise<boolean>;
  close(): Promise<void>;
};

/** A queue that is longer than this would keep people waiting more than it helps them: they set a password by mail. */
const MOST_WAITING = 50;
const PATIENCE = 15 * SECOND;

/**
 * Verifies legacy hashes one after the other in one thread of its own, which starts with the first; the event loop stays free, and sign-ins with
 * a unified password do not wait for it.
 */
export function createLegacyVerifier(): LegacyVerifier {
  let worker: Worker | undefined;
  let nextId = 0;
  const waiting = new Map<number, (matches: boolean) => void>();

  const stop = async (): Promise<void> => {
    const stopped = worker;
    worker = undefined;
    for (const settle of [...waiting.values()]) settle(false);
    await stopped?.terminate();
  };

  const started = (): Worker => {
    if (worker) return worker;
    const made = new Worker(new URL('./legacy-worker.ts', import.meta.url));
    made.on('message', ({ id, matches }: { id: number; matches: boolean }) => waiting.get(id)?.(matches));
    made.on('error', () => void (worker === made && stop()));
    // After its listeners, which would hold the process again.
    made.unref();
    worker = made;
    return made;
  };

  return {
    verify(hash, password) {
      if (waiting.size >= MOST_WAITING) return Promise.resolve(false);
      const id = nextId++;
      return new Promise((resolve) => {
        const timer = setTimeout(() => void stop(), PATIENCE);
        waiting.set(id, (matches) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(matches);
        });
        started().postMessage({ id, hash, password });
      });
    },
    close: stop,
  };
}
