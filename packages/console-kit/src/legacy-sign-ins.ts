import { randomUUID } from 'node:crypto';
import type { CheckedOptions } from './checked-options.ts';
import { type CallConsoleApi, problemCode } from './console-api.ts';
import { MINUTE, SECOND } from './durations.ts';
import type { LegacySignIn } from './options.ts';
import { LoginServerUnreachable } from './outbound.ts';

/** As many as the login server takes at once. */
const LARGEST_BATCH = 500;
const LONGEST_PAUSE = 10 * MINUTE;
/** Each pause is up to a fifth shorter or longer, so that nodes do not report in step. */
const JITTER = 0.2;
/** A sign-in waits no longer than this for its note in the outbox. */
const PATIENCE = 1 * SECOND;
/** Answers that speak of what was sent, and not of the login server or of who sends. */
const ABOUT_THE_ROWS = new Set([400, 413, 422]);

/** What one attempt came to: more is waiting, all is told, or nobody could be told. */
export type LegacySignInsFlushed = { ok: true; more: boolean } | { ok: false };

/** Tells the login server who still uses the legacy login (R15), from the console's own outbox. */
export type LegacySignInReporter = {
  /** Begins to report in the background: soon, then every ten seconds, with growing pauses while the login server cannot be reached. */
  start(): void;
  /** Stops; resolves when no report is under way. What is in the outbox stays there for the next start. */
  stop(): Promise<void>;
  /** Reports one batch now. */
  flush(): Promise<LegacySignInsFlushed>;
};

/**
 * Notes a legacy sign-in in the outbox. Never throws and never takes longer than a second: a sign-in does not hang on a figure. Without a store
 * (`legacySignIns` was not given) it does nothing.
 */
export async function recordLegacySignIn(
  { legacySignIns: store, log }: CheckedOptions,
  signIn: { consoleUserId: string; at: Date },
): Promise<void> {
  if (!store) return;
  const id = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), PATIENCE);
  });
  try {
    const done = Promise.resolve(store.add({ id, ...signIn }));
    if ((await Promise.race([done, late])) === 'late') {
      log.warn({ id }, 'legacy sign-ins: noting one takes long; the sign-in goes on');
      done.catch((error: unknown) =>
        log.error({ err: error, id }, 'legacy sign-ins: one could not be noted'),
      );
    }
  } catch (error) {
    log.error({ err: error, id }, 'legacy sign-ins: one could not be noted; the sign-in goes on');
  } finally {
    clearTimeout(timer);
  }
}

/** Reports from the outbox. Several nodes may report the same rows at once: the login server counts each id once. */
export function legacySignInReporter(options: CheckedOptions, call: CallConsoleApi): LegacySignInReporter {
  const { legacySignIns: store, log, legacySignInIntervalMilliseconds: interval } = options;
  /** Grows with each start and stop, so that a loop knows when it is over. */
  let turn = 0;
  let running = false;
  let failures = 0;
  /** Halved when the login server refuses a batch as a whole, so that a row that it cannot read is found and does not hold up the others. */
  let batch = LARGEST_BATCH;
  /** What was last wrong; each trouble is logged once, not at every try of an outage. */
  let trouble: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<LegacySignInsFlushed> | null = null;

  return {
    start: () => {
      if (running || !store) return;
      running = true;
      // Not at once: a console that restarts in circles must not report in circles.
      const mine = ++turn;
      timer = setTimeout(() => void reportAndReportAgain(mine), jittered(Math.min(interval, SECOND))).unref();
    },
    stop: async () => {
      running = false;
      turn++;
      clearTimeout(timer);
      await underWay;
    },
    flush,
  };

  async function reportAndReportAgain(mine: number): Promise<void> {
    const result = await flush();
    if (mine !== turn) return;
    failures = result.ok ? 0 : failures + 1;
    const pause =
      result.ok && result.more
        ? 0
        : jittered(Math.min(interval * 2 ** Math.min(failures, 20), LONGEST_PAUSE));
    timer = setTimeout(() => void reportAndReportAgain(mine), pause).unref();
  }

  function flush(): Promise<LegacySignInsFlushed> {
    underWay ??= report()
      .catch((error: unknown) => {
        log.error({ err: error }, 'legacy sign-ins: the outbox fails; it is tried again');
        return { ok: false as const };
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  }

  async function report(): Promise<LegacySignInsFlushed> {
    const rows = (await store?.oldest(batch)) ?? [];
    if (!store || rows.length === 0) return { ok: true, more: false };
    const answer = await call({
      method: 'POST',
      path: '/legacy-sign-ins',
      body: { signIns: rows.map(wireForm) },
    });
    if (answer instanceof LoginServerUnreachable) return troubled(answer.message);
    if (ABOUT_THE_ROWS.has(answer.status)) {
      if (rows.length > 1) {
        batch = Math.ceil(rows.length / 2);
        return { ok: true, more: true };
      }
      await drop(rows, problemCode(answer));
      return told(true);
    }
    if (answer.status !== 200) return troubled(problemCode(answer));

    const asked = new Set(rows.map((row) => row.id));
    const taken = textsIn(answer.body.taken).filter((id) => asked.has(id));
    const refused = refusalsIn(answer.body.refused).filter(({ id }) => asked.has(id));
    if (taken.length > 0) await store.remove(taken);
    for (const { id, reason } of refused)
      await drop(
        rows.filter((row) => row.id === id),
        reason,
      );
    if (taken.length + refused.length === 0) return troubled('no row is named in the answer');
    return told(rows.length === batch);
  }

  async function drop(rows: readonly LegacySignIn[], reason: string): Promise<void> {
    for (const { id, consoleUserId, at } of rows)
      log.error(
        { id, consoleUserId, at, reason },
        'legacy sign-ins: the login server will never take one; it is dropped',
      );
    await store?.remove(rows.map((row) => row.id));
  }

  function told(more: boolean): LegacySignInsFlushed {
    if (trouble !== null) log.info({}, 'legacy sign-ins: reported again');
    trouble = null;
    batch = LARGEST_BATCH;
    return { ok: true, more };
  }

  function troubled(what: string): LegacySignInsFlushed {
    if (trouble !== what)
      log.warn({ trouble: what }, 'legacy sign-ins: cannot be reported; they stay in the outbox');
    trouble = what;
    return { ok: false };
  }
}

function wireForm({ id, consoleUserId, at }: LegacySignIn): object {
  return { id, consoleUserId, at: at.toISOString() };
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function refusalsIn(value: unknown): { id: string; reason: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    const { id, reason } = (typeof one === 'object' && one !== null ? one : {}) as Record<string, unknown>;
    return typeof id === 'string' ? [{ id, reason: typeof reason === 'string' ? reason : 'unknown' }] : [];
  });
}

function jittered(pause: number): number {
  return pause * (1 - JITTER + 2 * JITTER * Math.random());
}
