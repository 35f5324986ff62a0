/**
 * How the login server's process is started. V8 takes memory generously where there is much of it; the first two have it collect sooner: a young generation of at most 8 MiB a half,
 * and an old one that is collected when it has grown by a third. A young generation that small is collected in a millisecond or two; helpers for it cost more than they do
 * where the database is on the same processors. Figures: docs/performance.md.
 */
export const NODE_FLAGS: readonly string[] = [
  '--max-semi-space-size=8',
  '--heap-growing-percent=30',
  '--no-parallel-scavenge',
];

/** The environment that goes with the flags. The C library gives each thread a heap of its own, and none of them gives back what it once held; one for all holds 20 MiB less. */
export const NODE_ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '1' };
