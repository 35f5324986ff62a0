import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** The server of a client that was killed may need a moment to notice it and let go. */
const PATIENCE_MS = 2_000;

/**
 * Runs `work` while no other import of this console runs, on any node: a session-level advisory lock of PostgreSQL, which ends with
 * the connection, so a killed import never blocks the next one.
 * @returns `already-running` if another import holds it for two seconds
 */
export async function withConsoleLock<T>(
  connection: Db,
  consoleId: string,
  work: () => Promise<T>,
): Promise<{ ok: true; result: T } | { ok: false; reason: 'already-running' }> {
  const key = sql`hashtextextended(${`hitokagi import ${consoleId}`}, 0)`;
  try {
    await connection.transaction().execute(async (trx) => {
      await sql`select set_config('lock_timeout', ${String(PATIENCE_MS)}, true)`.execute(trx);
      await sql`select pg_advisory_lock(${key})`.execute(trx);
    });
  } catch (error) {
    if (isLockTimeout(error)) return { ok: false, reason: 'already-running' };
    throw error;
  }
  try {
    return { ok: true, result: await work() };
  } finally {
    // If the connection is gone, so is the lock.
    await sql`select pg_advisory_unlock(${key})`.execute(connection).catch(() => undefined);
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
