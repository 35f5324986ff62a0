import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from './database.ts';

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Two starters wait for each other on this advisory lock; the number only has to be ours. */
const LOCK = 4_100_725_019;

/**
 * A migration waits for a table no longer than this (milliseconds): whoever wants the table afterwards waits behind it, sign-ins too (R17). Then it lets them through and tries again, for two
 * minutes in all.
 */
const LONGEST_WAIT = 500;
const BETWEEN_TRIES = 1_000;
const TRIES = 80;

export type MigrationResult =
  | { ok: true; applied: readonly string[] }
  | { ok: false; reason: 'database-is-newer'; found: number; known: number };

/**
 * Brings the schema to what this release knows: applies each numbered file once, in order, each in a transaction of its own that does not stand in the way of a release that serves.
 * Refuses a database that a newer release has already migrated, so that an old node never writes what it does not understand.
 */
export async function migrate(database: Database): Promise<MigrationResult> {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  const known = files.length;
  const client = await database.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query(
      'create table if not exists schema_migration (number integer primary key, name text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ found: number }>(
      'select coalesce(max(number), 0) as found from schema_migration',
    );
    const found = rows[0]?.found ?? 0;
    if (found > known) return { ok: false, reason: 'database-is-newer', found, known };
    const waiting = files.slice(found);
    for (const name of waiting) await apply(name);
    return { ok: true, applied: waiting };
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    client.release();
  }

  async function apply(name: string): Promise<void> {
    const text = await readFile(FOLDER + name, 'utf8');
    for (let tries = 1; ; tries++)
      try {
        await client.query('begin');
        await client.query(`set local lock_timeout = ${LONGEST_WAIT}`);
        await client.query(text);
        await client.query('insert into schema_migration (number, name) values ($1, $2)', [
          Number(name.slice(0, 4)),
          name,
        ]);
        await client.query('commit');
        return;
      } catch (error) {
        await client.query('rollback');
        if (!isLockTimeout(error) || tries === TRIES)
          throw new Error(`Migration ${name} failed; nothing of it was kept.`, { cause: error });
        await pause(BETWEEN_TRIES);
      }
  }
}

/** PostgreSQL's lock_not_available. */
function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03';
}
