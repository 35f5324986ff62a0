const SECOND = 1000;

/** What people ask for by Ctrl-C and the system by SIGTERM. */
export type StopSignals = {
  /** Aborted by the first: end everything in order. */
  asked: AbortSignal;
  /** Aborted by the next, at least a second later: end everything now. */
  forced: AbortSignal;
};

/**
 * Listens for SIGINT, SIGTERM and SIGHUP (a closed terminal) from now on, so that none of them ends this process by itself.
 * One Ctrl-C can arrive several times, from the terminal and passed on by npm; so what follows within a second does not count.
 * `endsWithParent`: the end of the process that started this one counts as asking, too. npm passes a SIGTERM on to the shell
 * between it and us, and most shells just die of it.
 */
export function listenForStop({ endsWithParent }: { endsWithParent: boolean }): StopSignals {
  const [asked, forced] = [new AbortController(), new AbortController()];
  let firstAt = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!asked.signal.aborted) {
        firstAt = performance.now();
        asked.abort();
      } else if (performance.now() - firstAt > SECOND) {
        forced.abort();
      }
    });
  }
  const parent = process.ppid;
  const look = () => process.ppid !== parent && asked.abort();
  if (endsWithParent) setInterval(look, SECOND / 4).unref();
  return { asked: asked.signal, forced: forced.signal };
}

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
