import pg from 'pg';
import { isInRequest } from './wait-budget.ts';

/**
 * Finds out when PostgreSQL has fallen silent: connections are there, and nobody answers, as behind a network or a machine that is gone without a goodbye. Otherwise whoever has asked would wait until TCP gives
 * up, which takes a quarter of an hour.
 */
export type SilenceWatch = {
  /** Throws where nobody answers at present and somebody waits for a connection to be asked on: they are told at once. */
  refuse(): void;
  /** Watches over one statement of a request; statements that nobody waits for may take as long as they like. */
  during<T>(client: pg.PoolClient, answer: Promise<T>): Promise<T>;
  stop(): void;
};

/** Parts of the time in which silence must be found: until it is suspected, and that the question whether anybody is there may take. */
const SUSPECTED_AFTER = 0.4;
const ASKED_FOR = 0.4;
const LOOKS_EVERY = 0.1;

/**
 * A statement that takes long is no fault by itself: it may wait for a lock, or have much to do. So PostgreSQL is asked by a connection of its own whether it is there; any answer will do, a refusal too. Where none
 * comes, all connections of the pool are cut, for who answers later may be another machine; and until somebody does, requests are refused at once.
 * @param within milliseconds from a statement to the end of its connection
 */
export function watchForSilence(pool: pg.Pool, within: number): SilenceWatch {
  const connections = new Set<pg.PoolClient>();
  pool.on('connect', (client) => void connections.add(client));
  pool.on('remove', (client) => void connections.delete(client as pg.PoolClient));
  const waiting = new Map<pg.PoolClient, { since: number }>();
  let isSilent = false;
  let isAsking = false;
  let lookedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // Who was held up itself has heard nothing either.
    const wasHeldUp = now - lookedAt > 3 * LOOKS_EVERY * within;
    lookedAt = now;
    if (wasHeldUp) for (const asked of waiting.values()) asked.since = now;
    const suspects = [...waiting].filter(([, { since }]) => now - since > SUSPECTED_AFTER * within);
    if ((suspects.length === 0 && !isSilent) || isAsking) return;
    isAsking = true;
    void isThere(pool.options, ASKED_FOR * within).then((is) => {
      isAsking = false;
      const stillWait = suspects.filter(([client, asked]) => waiting.get(client) === asked);
      if (is) for (const [, asked] of stillWait) asked.since = performance.now();
      // One that was answered meanwhile says that somebody is there.
      else if (stillWait.length === suspects.length) connections.forEach(cut);
      isSilent = !is && stillWait.length === suspects.length;
    });
  }, LOOKS_EVERY * within);
  timer.unref();
  return {
    refuse() {
      if (isSilent && isInRequest()) throw new Error('Connection terminated: PostgreSQL does not answer');
    },
    during(client, answer) {
      if (!isInRequest()) return answer;
      waiting.set(client, { since: performance.now() });
      return answer.finally(() => waiting.delete(client));
    },
    stop: () => clearInterval(timer),
  };
}

/** Its statement fails as one of a connection that broke. */
function cut(client: pg.PoolClient): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Whether anybody answers, and be it with a refusal. */
async function isThere({ connectionString }: pg.PoolConfig, within: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: within,
    application_name: 'hitokagi-silence',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // At a Unix socket EAGAIN says that so many wait at the door that nobody else gets in.
    return code !== 'EAGAIN' && !/timeout/.test(message);
  } finally {
    client.end().catch(() => undefined);
  }
}
