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

/** From this line of a migration on each statement runs by itself: indexes of big tables, made while others write. */
const OUTSIDE = '-- outside a transaction:';

export type MigrationResult =
  | { ok: true; applied: readonly string[] }
  | { ok: false; reason: 'database-is-newer'; found: number; known: number };

/**
 * Brings the schema to what this release knows: applies each numbered file once, in order, each in a transaction of its own that does not stand in the way of a release that serves.
 * What a file names after the line `-- outside a transaction:` comes before it: indexes made, begun anew when a start was cut off, or dropped (`if exists`), `concurrently`.
 * Refuses a database that a newer release has already migrated, so that an old node never writes what it does not understand.
 */
export async function migrate(database: Database): Promise<MigrationResult> {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort();
  const known = numberOf(files.at(-1));
  const client = await database.pool.connect();
  try {
    // Asking again, not waiting: an index that is made concurrently waits for every statement that has begun before it.
    while (!(await hasLock())) await pause(200);
    await client.query(
      'create table if not exists schema_migration (number integer primary key, name text not null, applied_at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ number: number }>('select number from schema_migration');
    const applied = new Set(rows.map((row) => row.number));
    const found = Math.max(0, ...applied);
    if (found > known) return { ok: false, reason: 'database-is-newer', found, known };
    const waiting = files.filter((name) => !applied.has(numberOf(name)));
    for (const name of waiting) await apply(name);
    return { ok: true, applied: waiting };
  } finally {
    await client.query('select pg_advisory_unlock($1)', [LOCK]).catch(() => undefined);
    client.release();
  }

  async function hasLock(): Promise<boolean> {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [LOCK]);
    return rows[0]?.mine === true;
  }

  async function apply(name: string): Promise<void> {
    const [text = '', outside = ''] = (await readFile(FOLDER + name, 'utf8')).split(OUTSIDE);
    for (const [, index] of outside.matchAll(/^create (?:unique )?index concurrently (\w+)/gm))
      await client.query(`drop index concurrently if exists ${index}`);
    for (const statement of outside.split(/;\s*$/m))
      if (statement.trim() !== '') await client.query(statement);
    for (let tries = 1; ; tries++)
      try {
        await client.query('begin');
        await client.query(`set local lock_timeout = ${LONGEST_WAIT}`);
        await client.query(text);
        await client.query('insert into schema_migration (number, name) values ($1, $2)', [
          numberOf(name),
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

function numberOf(name: string | undefined): number {
  return Number(name?.slice(0, 4) ?? 0);
}

/** PostgreSQL's lock_not_available. */
function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === '55P03';
}
