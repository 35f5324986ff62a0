import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importPeople } from './import-people.ts';
import { judgeHash, NOW, openImportWorld, type ImportWorld } from './test-world.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await openImportWorld();
});
beforeEach(() => world.clear());
afterAll(() => world.close());

const HEADER = 'id,email,name,company,locale\n';

describe('R20: imports that meet', () => {
  const people = (prefix: string) =>
    HEADER +
    Array.from({ length: 4_000 }, (_, index) => `${prefix}${index},u${index}@example.co.jp,,,\n`).join('');

  test('a second import of the same console is told to wait', async () => {
    let second: Promise<unknown> | undefined;
    await world.imported(people('s'), {
      onProgress: ({ stage }) => {
        if (stage === 'checking') second ??= importPeople(world.database.db, orderOf('1,a@example.co.jp,,,'));
      },
      // Longer than the second one has patience for.
      file: slowly(people('s'), 2_500),
    });
    expect(await second).toEqual({ ok: false, reason: 'already-running' });
    expect((await world.people()).every((one) => one.links.length === 1)).toBe(true);
  });

  test('two consoles with the same people at once give one account each with two links', async () => {
    const [sms, mail] = await Promise.all([
      world.imported(people('s')),
      world.imported(people('m'), { consoleId: world.mail }),
    ]);
    expect(sms.report.created + mail.report.created).toBe(4_000);
    expect(sms.report.linked + mail.report.linked).toBe(4_000);
    const found = await world.people();
    expect(found).toHaveLength(4_000);
    expect(found.every((one) => one.links.length === 2)).toBe(true);
  });

  test('an account that someone else makes at the same moment is waited for, and linked', async () => {
    const { pool } = world.database;
    const other = await pool.connect();
    await other.query('begin');
    await other.query(`
      insert into account (id, email_address, email_key, created_at, updated_at)
      values ('acc_other', 'b@example.co.jp', 'b@example.co.jp', now(), now())`);
    const importing = world.imported(`${HEADER}1,a@example.co.jp,,,\n2,b@example.co.jp,,,\n`);
    await expect.poll(isWaiting, { timeout: 10_000 }).toBe(true);
    await other.query('commit');
    other.release();
    expect((await importing).report).toMatchObject({ created: 1, linked: 1 });
    expect((await world.people()).map((one) => one.links)).toEqual([['sms:1'], ['sms:2']]);

    async function isWaiting(): Promise<boolean> {
      const { rows } = await pool.query(
        `select 1 from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into account%' and pid != pg_backend_pid()`,
      );
      return rows.length > 0;
    }
  });

  test('a file that is written to meanwhile is not reported as imported', async () => {
    let opened = 0;
    const file = () =>
      Readable.from([Buffer.from(`${HEADER}1,a@example.co.jp,,,\n${'\n'.repeat(opened++)}`)]);
    const result = await importPeople(world.database.db, { ...orderOf(''), file });
    expect(result).toEqual({ ok: false, reason: 'file-changed' });
  });

  function orderOf(row: string) {
    const file = () => Readable.from([Buffer.from(`${HEADER}${row}\n`)]);
    return {
      consoleId: world.sms,
      file,
      fileName: 'x.csv',
      dryRun: false,
      actor: 'system',
      judgeHash,
      clock: () => NOW,
    };
  }

  /** A file that keeps its first reader waiting. */
  function slowly(text: string, milliseconds: number): () => Readable {
    let opened = 0;
    return () =>
      Readable.from(
        (async function* () {
          yield Buffer.from(text.slice(0, 100));
          if (opened++ === 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
          yield Buffer.from(text.slice(100));
        })(),
      );
  }
});
