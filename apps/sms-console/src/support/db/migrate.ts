import { readFile, readdir } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Db } from './database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
const LOCK = 4_200_001;

/**
 * Brings the database to the schema of this release: runs the numbered .sql files that have not run yet, in one
 * transaction, one starter at a time. Throws when the database has a migration that this release does not know.
 */
export async function migrate(db: Db): Promise<void> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(trx);
    await sql`create table if not exists migration (name text primary key, ran_at timestamptz not null default now())`.execute(
      trx,
    );
    const ran = await sql<{ name: string }>`select name from migration order by name`.execute(trx);
    const done = new Set(ran.rows.map((row) => row.name));
    const unknown = [...done].filter((name) => !files.includes(name));
    if (unknown.length > 0) {
      throw new Error(
        `The database is newer than this release: it has ${unknown.join(', ')}. Start a newer release.`,
      );
    }
    for (const name of files.filter((file) => !done.has(file))) {
      await sql.raw(await readFile(new URL(name, FOLDER), 'utf8')).execute(trx);
      await sql`insert into migration (name) values (${name})`.execute(trx);
    }
  });
}
