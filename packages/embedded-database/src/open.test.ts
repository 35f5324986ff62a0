import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { removeEmbeddedDatabase } from './index.ts';
import { query, serversOn, testFolder } from './test-folder.ts';

const folder = testFolder();

describe('a data folder with an embedded database', () => {
  test('keeps its data from one start to the next', async () => {
    const first = await folder.open();
    expect(await first.createDatabase('one')).toBe(true);
    await query(first.url('one'), "CREATE TABLE word AS SELECT '見本' AS it");
    await first.stop();
    expect(serversOn(folder.dataFolder)).toEqual([]);

    const second = await folder.open();
    expect(await second.createDatabase('one')).toBe(false);
    expect(await query(second.url('one'), 'SELECT it FROM word')).toEqual([{ it: '見本' }]);
  });

  test('is UTF-8, sorts by code point, and knows upper case beyond ASCII on every machine', async () => {
    const database = await folder.open();
    const rows = await query(
      database.url('postgres'),
      `SELECT current_setting('server_encoding') AS encoding, upper('ä') AS upper, 'Z' < 'a' AS by_code_point`,
    );
    expect(rows).toEqual([{ encoding: 'UTF8', upper: 'Ä', by_code_point: true }]);
  });

  test('is durable unless the caller says otherwise, and listens on no network address', async () => {
    const database = await folder.open({ settings: {} });
    const rows = await query(
      database.url('postgres'),
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('full_page_writes') AS pages, current_setting('listen_addresses') AS listens`,
    );
    expect(rows).toEqual([{ fsync: 'on', commit: 'on', pages: 'on', listens: '' }]);
  });

  test('has a socket that only the user of the server may reach', async () => {
    const database = await folder.open();
    const socketFolder = new URL(database.url('postgres')).searchParams.get('host') ?? '';
    expect(lstatSync(socketFolder).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(join(socketFolder, '.s.PGSQL.5432.lock'))).toBeLessThan(100);
    await database.stop();
    expect(existsSync(socketFolder)).toBe(false);
  });

  test('clones databases from a template and drops them under living connections', async () => {
    const database = await folder.open();
    await database.createDatabase('template_one');
    await query(database.url('template_one'), 'CREATE TABLE filled AS SELECT 7 AS seven');
    expect(await database.createDatabase('"copy" of 見本', { template: 'template_one' })).toBe(true);
    const client = new pg.Client(database.url('"copy" of 見本'));
    client.on('error', () => undefined);
    await client.connect();
    expect((await client.query('SELECT seven FROM filled')).rows).toEqual([{ seven: 7 }]);
    await database.dropDatabase('"copy" of 見本');
    await database.dropDatabase('"copy" of 見本');
    expect(await database.createDatabase('"copy" of 見本')).toBe(true);
  });

  test('refuses a database name that PostgreSQL would cut', async () => {
    const database = await folder.open();
    await expect(database.createDatabase('x'.repeat(64))).rejects.toThrow('not a name for a database');
  });
});

describe('several starters of one data folder', () => {
  test('the second attaches to the server of the first, and stopping it leaves the server alone', async () => {
    const first = await folder.open();
    const second = await folder.open();
    expect([first.owned, second.owned]).toEqual([true, false]);
    expect(second.url('x')).toBe(first.url('x'));
    await second.stop();
    expect(await query(first.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('of five at the same moment one starts and four attach', async () => {
    const five = await Promise.all([
      folder.open(),
      folder.open(),
      folder.open(),
      folder.open(),
      folder.open(),
    ]);
    expect(five.filter((database) => database.owned)).toHaveLength(1);
    expect(serversOn(folder.dataFolder)).toHaveLength(1);
  });

  test('of three processes at the same moment one starts and two attach', async () => {
    const three = await Promise.all([folder.openInChild(), folder.openInChild(), folder.openInChild()]);
    expect(three.map((child) => child.owned).sort()).toEqual([false, false, true]);
    expect(serversOn(folder.dataFolder)).toHaveLength(1);
  });

  test('a lock left by a dead process does not stop the next starter', async () => {
    mkdirSync(folder.dataFolder);
    writeFileSync(join(folder.dataFolder, 'postgresql.lock'), '999999@long-ago#1');
    expect((await folder.open()).owned).toBe(true);
  });

  test('the database of a living owner is not removed', async () => {
    await folder.open();
    await expect(removeEmbeddedDatabase(folder.dataFolder)).rejects.toMatchObject({ code: 'in-use' });
  });
});

describe('what a person can cause', () => {
  test('a file in the place of the data folder is said in one sentence', async () => {
    writeFileSync(folder.dataFolder, '');
    await expect(folder.open()).rejects.toMatchObject({
      code: 'data-folder-not-writable',
      message: `The data folder ${folder.dataFolder} cannot be written: correct its permissions or choose another one.`,
      messageJa: expect.stringContaining(`データフォルダー ${folder.dataFolder} に書き込めません`),
    });
    rmSync(folder.dataFolder);
  });

  test('a cluster of another major version is left alone', async () => {
    mkdirSync(join(folder.dataFolder, 'postgresql'), { recursive: true });
    writeFileSync(join(folder.dataFolder, 'postgresql', 'PG_VERSION'), '15\n');
    await expect(folder.open()).rejects.toMatchObject({
      code: 'cluster-version',
      message: expect.stringContaining('15, not 18'),
    });
    expect(readFileSync(join(folder.dataFolder, 'postgresql', 'PG_VERSION'), 'utf8')).toBe('15\n');
  });

  test('a setting that PostgreSQL refuses is told with its own reason', async () => {
    await expect(folder.open({ settings: { shared_buffers: 'plenty' } })).rejects.toMatchObject({
      code: 'start-failed',
      message: expect.stringContaining('shared_buffers'),
    });
    expect((await folder.open()).owned).toBe(true);
  });

  test('a data folder that is removed under a running server is told as a loss', async () => {
    const reasons: string[] = [];
    const database = await folder.open({ onLost: (error) => reasons.push(error.code) });
    const [server] = serversOn(folder.dataFolder);
    rmSync(folder.dataFolder, { recursive: true });
    process.kill(server ?? 0, 'SIGKILL');
    await expect.poll(() => reasons, { timeout: 30_000 }).toEqual(['keeps-crashing']);
    await database.stop();
  });

  test('a server that cannot be kept running is given up with a reason', async () => {
    const reasons: string[] = [];
    const database = await folder.open({ onLost: (error) => reasons.push(error.code) });
    const [server] = serversOn(folder.dataFolder);
    writeFileSync(join(folder.dataFolder, 'postgresql', 'pg_hba.conf'), 'nonsense\n');
    process.kill(server ?? 0, 'SIGKILL');
    await expect.poll(() => reasons, { timeout: 30_000 }).toEqual(['keeps-crashing']);
    await database.stop();
  }, 40_000);
});
