import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from './database.ts';
import { migrate } from './migrate.ts';

async function withDatabase<T>(work: (database: Database, url: string) => Promise<T>): Promise<T> {
  const { url } = await freshDatabase();
  const database = openDatabase(url, { connections: 4 });
  try {
    return await work(database, url);
  } finally {
    await database.close();
  }
}

const applied = async (database: Database): Promise<string[]> =>
  (await database.pool.query<{ name: string }>('select name from schema_migration order by number')).rows.map(
    (row) => row.name,
  );

describe('R17: migrations', () => {
  it('are applied once, in order, and a second start applies nothing', () =>
    withDatabase(async (database) => {
      const first = await migrate(database);
      expect(first.ok && first.applied.length).toBeGreaterThanOrEqual(3);
      expect(first).toMatchObject({ ok: true, applied: [...(first.ok ? first.applied : [])].sort() });
      const names = await applied(database);
      expect(names).toEqual(first.ok ? first.applied : []);
      expect(await migrate(database)).toEqual({ ok: true, applied: [] });
      expect(await applied(database)).toEqual(names);
    }));

  it('of five starters at once one does the work, and all come up', () =>
    withDatabase(async (_, url) => {
      const starters = Array.from({ length: 5 }, () => openDatabase(url, { connections: 2 }));
      try {
        const results = await Promise.all(starters.map((database) => migrate(database)));
        expect(results.every((result) => result.ok)).toBe(true);
        const work = results.map((result) => (result.ok ? result.applied.length : -1)).sort((a, b) => a - b);
        expect(work.slice(0, 4)).toEqual([0, 0, 0, 0]);
        expect(work[4]).toBeGreaterThanOrEqual(3);
      } finally {
        await Promise.all(starters.map((database) => database.close()));
      }
    }));

  it('let others through while somebody holds a table for long, and are applied afterwards', () =>
    withDatabase(async (database) => {
      await database.pool.query(
        'create table schema_migration (number integer primary key, name text not null, applied_at timestamptz not null default now())',
      );
      const holder = await database.pool.connect();
      await holder.query('begin');
      await holder.query('lock table schema_migration in share mode');
      const migrating = migrate(database);
      const waits: boolean[] = [];
      for (let i = 0; i < 40; i++) {
        const { rows } = await holder.query<{ waits: boolean }>(
          "select exists (select from pg_locks where not granted and relation = 'schema_migration'::regclass) as waits",
        );
        waits.push(rows[0]?.waits ?? false);
        await pause(50);
      }
      await holder.query('rollback');
      holder.release();
      // It waited, let the others through, and asked again.
      expect(waits).toContain(true);
      expect(waits.slice(waits.indexOf(true))).toContain(false);
      expect(await migrating).toMatchObject({ ok: true });
      expect((await applied(database)).length).toBeGreaterThanOrEqual(3);
    }));

  it('a database that a newer release has migrated is refused and left alone', () =>
    withDatabase(async (database) => {
      const first = await migrate(database);
      const names = first.ok ? first.applied : [];
      const known = Number(names.at(-1)?.slice(0, 4));
      await database.pool.query('insert into schema_migration (number, name) values ($1, $2)', [
        known + 1,
        '9999_of_tomorrow.sql',
      ]);
      expect(await migrate(database)).toEqual({
        ok: false,
        reason: 'database-is-newer',
        found: known + 1,
        known,
      });
      expect(await applied(database)).toHaveLength(names.length + 1);
    }));

  it('one that fails keeps nothing, says which it was, and lets the next start try again', () =>
    withDatabase(async (database) => {
      await database.pool.query('create table single_logout (in_the_way integer)');
      await expect(migrate(database)).rejects.toThrow(
        'Migration 0002_protocol_and_logout.sql failed; nothing of it was kept.',
      );
      expect(await applied(database)).toEqual(['0001_foundation.sql']);
      const { rows } = await database.pool.query(
        "select 1 from information_schema.tables where table_name = 'sso_session'",
      );
      expect(rows).toEqual([]);
      await database.pool.query('drop table single_logout');
      expect(await migrate(database)).toMatchObject({ ok: true });
    }));

  it('makes the indexes of a big table while others write into it, anew where a start was cut off', () =>
    withDatabase(async (database) => {
      await migrate(database);
      await database.pool.query(`
        delete from schema_migration where number = 20;
        drop index logout_delivery_untold, logout_delivery_failed`);
      const holder = await database.pool.connect();
      await holder.query('begin');
      await holder.query("update logout_delivery set state = 'waiting'");
      const migrating = migrate(database);
      const writer = await database.pool.connect();
      await writer.query("set lock_timeout = '200ms'");
      for (let i = 0; i < 15; i++) {
        await writer.query("update logout_delivery set state = 'waiting'");
        await pause(50);
      }
      await holder.query('commit');
      for (const client of [holder, writer]) client.release();
      expect(await migrating).toEqual({ ok: true, applied: ['0020_ended_session_indexes.sql'] });
      const { rows } = await database.pool.query<{ name: string; valid: boolean }>(
        `select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid
         where i.indrelid = 'logout_delivery'::regclass and c.relname ~ 'listed|untold|failed' order by 1`,
      );
      expect(rows).toEqual(
        ['failed', 'listed', 'unlisted', 'untold'].map((name) => ({
          name: `logout_delivery_${name}`,
          valid: true,
        })),
      );
    }));

  it('since number 13 none makes an index inside its transaction on a table that was there before and can be big', async () => {
    const folder = new URL('./migrations/', import.meta.url);
    const blocking: string[] = [];
    for (const name of (await readdir(folder)).filter((one) => Number(one.slice(0, 4)) >= 13)) {
      const [inside = ''] = (await readFile(new URL(name, folder), 'utf8')).split(
        '-- outside a transaction:',
      );
      const made = [...inside.matchAll(/^create table (\w+)/gm)].map(([, table]) => table);
      for (const [, index, table] of inside.matchAll(/^create (?:unique )?index (\w+) on (\w+)/gm))
        if (!made.includes(table) && !SMALL.has(table ?? '')) blocking.push(`${name}: ${index}`);
    }
    expect(blocking).toEqual([]);
  });
});

/** Tables whose rows go after days, or are made by an operator one by one. */
const SMALL: ReadonlySet<string> = new Set(['verification_request', 'import_run']);
