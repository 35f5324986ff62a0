import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { deleteBatch, deleteInBatches } from './delete-in-batches.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.database.pool.query(
    'create table old_thing (number integer primary key, at timestamptz not null)',
  );
});
afterAll(() => world.close());

const NOW = new Date('2026-11-22T01:00:00Z');
const old = sql`at < ${NOW}`;
const left = async (): Promise<number> =>
  Number((await world.database.pool.query('select count(*) from old_thing')).rows[0].count);

describe('deleting what is too old', () => {
  beforeEach(async () => {
    await world.database.pool.query('truncate old_thing');
    await world.database.pool.query(
      `insert into old_thing select n, $1::timestamptz + (n - 2000) * interval '1 second' from generate_series(1, 2100) n`,
      [NOW],
    );
  });

  it('goes batch by batch to the end, and leaves the rest', async () => {
    expect(await deleteInBatches(world.database.db, 'old_thing', old, 300)).toBe(1_999);
    expect(await left()).toBe(101);
  });

  it('never takes more rows in a statement than a batch has', async () => {
    expect(await deleteBatch(world.database.db, 'old_thing', old, 300)).toBe(300);
    expect(await left()).toBe(1_800);
  });

  it('by many nodes at once deletes each row once, and none waits for another', async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, () => deleteInBatches(world.database.db, 'old_thing', old, 50)),
    );
    expect(all.reduce((sum, one) => sum + one, 0)).toBe(1_999);
    expect(await left()).toBe(101);
  });

  it('passes over a row that somebody holds, and takes it the next time', async () => {
    const holder = await world.database.pool.connect();
    await holder.query('begin');
    await holder.query('select from old_thing where number = 7 for update');
    const began = performance.now();
    expect(await deleteInBatches(world.database.db, 'old_thing', old, 300)).toBe(1_998);
    expect(performance.now() - began).toBeLessThan(2_000);
    await holder.query('rollback');
    holder.release();
    expect(await deleteInBatches(world.database.db, 'old_thing', old, 300)).toBe(1);
  });

  it('lets others read and write the table meanwhile: no statement holds a lock on it that they wait for', async () => {
    const waits: string[] = [];
    let done = false;
    const cleaning = deleteInBatches(world.database.db, 'old_thing', old, 100).then(() => (done = true));
    while (!done) {
      const { rows } = await world.database.pool.query<{ mode: string }>(
        `select mode from pg_locks where relation = 'old_thing'::regclass and mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')`,
      );
      waits.push(...rows.map(({ mode }) => mode));
      await pause(1);
    }
    await cleaning;
    expect(waits).toEqual([]);
  });
});

/** The tables that only grow, and what their oldest rows are found by. */
const CLEANED: readonly (readonly [table: string, column: string])[] = [
  ['oidc_artifact', 'expires_at'],
  ['sso_session', 'expires_at'],
  ['verification_request', 'created_at'],
  ['verification_attempt', 'at'],
  ['message', 'created_at'],
  ['logout_delivery', 'created_at'],
  ['single_logout', 'at'],
  ['event_delivery', 'created_at'],
  ['account_event', 'at'],
  ['idempotency_key', 'created_at'],
  ['known_browser', 'signed_in_at'],
  ['legacy_proof', 'expires_at'],
  ['kept_operator_form', 'expires_at'],
  ['legacy_sign_in', 'received_at'],
];

describe('of every table that only grows', () => {
  it.each(CLEANED)('%s: an index finds what is too old, by %s', async (table, column) => {
    const { rows } = await world.database.pool.query<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index i
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where i.indrelid = $1::regclass and a.attname = $2 and i.indpred is null`,
      [table, column],
    );
    expect(rows).not.toEqual([]);
  });

  it('what goes with a deleted row is found by an index too', async () => {
    const { rows } = await world.database.pool.query<{ key: string }>(
      `select c.conrelid::regclass || '.' || a.attname as key from pg_constraint c
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       where c.contype = 'f' and c.confrelid = any($1::regclass[]) and not exists (
         select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])
       order by 1`,
      [CLEANED.map(([table]) => table)],
    );
    expect(rows.map(({ key }) => key)).toEqual([]);
  });
});
