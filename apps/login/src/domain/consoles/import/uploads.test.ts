import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { after, DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { importEntry, importHistory } from './history.ts';
import { withConsoleLock } from './lock.ts';
import { receiveFile } from './receive.ts';
import { forgetOldUploads, requeueLostImports } from './retention.ts';
import { judgeHash, NOW, openImportWorld, type ImportWorld } from './test-world.ts';
import { cancelImport, startImport } from './upload-acts.ts';
import { workOnUpload } from './upload-work.ts';

const CHILD = fileURLToPath(new URL('./test-upload-child.ts', import.meta.url));
const BY = { actor: 'operator:acc_sample', now: NOW };

let world: ImportWorld;
let queued: { importId: string; delay: number | undefined }[] = [];
const jobs = {
  enqueue: async (_: unknown, __: string, data: object, options: { delay?: number } = {}) =>
    void queued.push({ ...(data as { importId: string }), delay: options.delay }),
};
beforeAll(async () => {
  world = await openImportWorld();
});
beforeEach(async () => {
  await world.clear();
  await world.database.pool.query('truncate import_upload cascade');
  queued = [];
});
afterAll(() => world.close());

async function* chunks(text: string | Buffer, size = 100_000): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function received(text: string | Buffer, largest?: number) {
  const of = { consoleId: world.sms, fileName: 'people.csv', actor: BY.actor, clock: () => NOW };
  return receiveFile(
    world.database.db,
    jobs,
    { ...of, ...(largest === undefined ? {} : { largest }) },
    chunks(text),
  );
}

async function uploaded(text: string): Promise<string> {
  const result = await received(text);
  if (!result.ok) throw new Error(result.reason);
  return result.id;
}

const work = (id: string, more: { isStopping?: () => boolean } = {}) =>
  workOnUpload(
    { db: world.database.db, jobs, judgeHash, clock: () => NOW, isStopping: () => false, ...more },
    id,
  );
const entry = async (id: string) => {
  const found = await importEntry(world.database.db, id);
  if (!found) throw new Error(`There is no import ${id}.`);
  return found;
};
const pieces = async () =>
  (await world.database.db.selectFrom('import_piece').select('number').execute()).length;
const people = (count: number, first = 0): string =>
  `id,email,name\n${Array.from({ length: count }, (_, i) => `${first + i},p${first + i}@example.co.jp,${i % 50 === 7 ? `x${'長'.repeat(200)}` : `見本 ${i}`}`).join('\n')}\n`;

describe('R20: an uploaded file of people', () => {
  test('lies in bounded pieces, is checked and then imported as the command line does it', async () => {
    const id = await uploaded(people(9_000));
    expect(queued).toEqual([{ importId: id, delay: undefined }]);
    expect(await pieces()).toBeGreaterThan(1);
    await work(id);
    expect(await entry(id)).toMatchObject({
      state: 'checked',
      foreseen: { rowsRead: 9_000, created: 8_820, refused: 180 },
      done: null,
    });
    expect(await world.people()).toEqual([]);
    await startImport(world.database.db, jobs, id, BY);
    await work(id);
    expect(await entry(id)).toMatchObject({
      state: 'imported',
      done: { rowsRead: 9_000, created: 8_820, refused: 180 },
      startedBy: BY.actor,
    });
    expect(await pieces()).toBe(0);
  });

  test('started twenty times at once, and taken up by several workers, is imported once', async () => {
    const id = await uploaded(people(60));
    await work(id);
    queued = [];
    const { db } = world.database;
    const started = await Promise.all(Array.from({ length: 20 }, () => startImport(db, jobs, id, BY)));
    expect(started.filter(({ ok }) => ok)).toHaveLength(1);
    expect(queued).toEqual([{ importId: id, delay: undefined }]);
    await Promise.all(Array.from({ length: 5 }, () => work(id)));
    expect(await entry(id)).toMatchObject({ state: 'imported', done: { rowsRead: 60, created: 58 } });
    expect(await world.people()).toHaveLength(58);
    const events = await db
      .selectFrom('audit_event')
      .select('id')
      .where('action', '=', 'import.started')
      .where(sql`detail ->> 'importId'`, '=', id)
      .execute();
    expect(events).toHaveLength(1);
  });

  test('of twenty who start or cancel it at once one does', async () => {
    const id = await uploaded(people(60));
    await work(id);
    const { db } = world.database;
    const acts = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        nth % 2 === 0 ? startImport(db, jobs, id, BY) : cancelImport(db, id, BY),
      ),
    );
    const cancelled = acts.filter(({ ok }, nth) => ok && nth % 2 === 1).length;
    // What was started can be cancelled, once; what was cancelled cannot be started.
    expect(cancelled).toBe(1);
    expect(await entry(id)).toMatchObject({ state: 'cancelled' });
    expect(await pieces()).toBe(0);
    expect(await world.people()).toEqual([]);
  });

  test('that is too large, empty or cut off on its way leaves nothing behind', async () => {
    expect(await received(people(5_000), 50_000)).toEqual({
      ok: false,
      reason: 'file-too-large',
      limit: 50_000,
    });
    expect(await received('')).toEqual({ ok: false, reason: 'file-empty' });
    async function* broken(): AsyncGenerator<Buffer> {
      yield* chunks(people(9_000));
      throw new Error('The connection broke.');
    }
    const of = { consoleId: world.sms, fileName: 'people.csv', actor: BY.actor, clock: () => NOW };
    await expect(receiveFile(world.database.db, jobs, of, broken())).rejects.toThrow('The connection broke.');
    expect(await world.database.db.selectFrom('import_upload').selectAll().execute()).toEqual([]);
    expect(await pieces()).toBe(0);
    expect(queued).toEqual([]);
  });

  test('killed with -9 in the middle of its import and of its dry run, it goes on, and nothing is doubled or lost', async () => {
    const ROWS = 12_000;
    const id = await uploaded(people(ROWS));
    await killedWhen(id, async () => ((await entry(id)).foreseen?.rowsRead ?? 0) >= 2_000);
    expect(await entry(id)).toMatchObject({ state: 'checking' });
    await work(id);
    expect(await entry(id)).toMatchObject({ state: 'checked', foreseen: { rowsRead: ROWS, refused: 240 } });
    await startImport(world.database.db, jobs, id, BY);
    await killedWhen(id, async () => ((await entry(id)).done?.rowsRead ?? 0) >= 3_000);
    const { done } = await entry(id);
    expect(done?.rowsRead).toBeLessThan(ROWS);
    await work(id);
    expect(await entry(id)).toMatchObject({
      state: 'imported',
      done: { rowsRead: ROWS, created: ROWS - 240, unchanged: 0, refused: 240 },
    });
    expect(await world.people()).toHaveLength(ROWS - 240);
  }, 60_000);

  test('a node that stops lets go of it between two pieces; another goes on', async () => {
    const id = await uploaded(people(9_000));
    await work(id);
    await startImport(world.database.db, jobs, id, BY);
    let asked = 0;
    // The file is read twice: once to know it, once to take it in.
    const count = await pieces();
    const isStopping = () => ++asked > (count * 3) / 2;
    await expect(work(id, { isStopping })).rejects.toThrow('The node stops.');
    expect(await entry(id)).toMatchObject({ state: 'importing' });
    await work(id);
    expect(await entry(id)).toMatchObject({ state: 'imported', done: { rowsRead: 9_000, created: 8_820 } });
  });

  test('cancelled in the middle, it ends at once: what was settled stays, and the figures say it', async () => {
    const id = await uploaded(people(12_000));
    await work(id);
    await startImport(world.database.db, jobs, id, BY);
    const running = work(id);
    while (((await entry(id)).done?.rowsRead ?? 0) < 1_000) await new Promise((then) => setTimeout(then, 5));
    expect(await cancelImport(world.database.db, id, BY)).toEqual({ ok: true });
    const { done, state } = await entry(id);
    await running;
    expect(state).toBe('cancelled');
    expect((await entry(id)).done).toEqual(done);
    expect((await world.people()).length).toBe(done?.created);
    expect(await pieces()).toBe(0);
    expect(await cancelImport(world.database.db, id, BY)).toEqual({ ok: false, reason: 'import-ended' });
    // The same file once more takes in the rest.
    const again = await uploaded(people(12_000));
    await work(again);
    expect(await entry(again)).toMatchObject({ foreseen: { unchanged: done?.created } });
  });

  test('waits while another import of the console runs, and takes over a run of the command line that was cut off', async () => {
    const file = people(3_000);
    const cutOff = world.imported(file, {
      onRefusals: () => {
        throw new Error('Killed.');
      },
    });
    await expect(cutOff).rejects.toThrow('Killed.');
    const id = await uploaded(file);
    await work(id);
    await startImport(world.database.db, jobs, id, BY);
    await work(id);
    expect(await entry(id)).toMatchObject({ state: 'imported' });
    const { entries } = await importHistory(world.database.db, {}, { limit: 10 });
    expect(entries.map(({ state, byCommand }) => [state, byCommand]).toSorted()).toEqual([
      ['imported', false],
      ['replaced', true],
    ]);

    const other = await uploaded(people(10, 50_000));
    queued = [];
    await world.database.db.connection().execute(async (connection) => {
      await withConsoleLock(connection, world.sms, () => work(other));
    });
    expect(await entry(other)).toMatchObject({ state: 'checking' });
    expect(queued).toEqual([{ importId: other, delay: 5_000 }]);
  });

  test('a file that nobody starts is taken away after a day; one that kills each process is given up', async () => {
    const id = await uploaded(people(10));
    await work(id);
    await forgetOldUploads(world.database.db, after(NOW, 23 * HOUR));
    expect(await entry(id)).toMatchObject({ state: 'checked' });
    await forgetOldUploads(world.database.db, after(NOW, 25 * HOUR));
    expect(await entry(id)).toMatchObject({ state: 'expired' });
    expect(await pieces()).toBe(0);
    expect(await startImport(world.database.db, jobs, id, BY)).toEqual({
      ok: false,
      reason: 'import-not-checked',
    });
    await forgetOldUploads(world.database.db, after(NOW, 92 * DAY));
    expect(await entry(id)).toMatchObject({ foreseen: { created: 9, refused: 1 } });
    const refusals = await world.database.db.selectFrom('import_check_refusal').selectAll().execute();
    expect(refusals).toEqual([]);

    const poison = await uploaded(people(10));
    await world.database.db
      .updateTable('import_upload')
      .set({ starts: 30 })
      .where('id', '=', poison)
      .execute();
    await work(poison);
    expect(await entry(poison)).toMatchObject({ state: 'failed' });
    expect(await pieces()).toBe(0);
  });

  test('one whose job was lost is queued again, once', async () => {
    const id = await uploaded(people(10));
    const again: object[] = [];
    let pending: string[] = [];
    const queue = {
      ...jobs,
      pending: async () => pending,
      enqueueAll: async (_: unknown, __: string, data: readonly object[]) => void again.push(...data),
    } as never;
    await requeueLostImports(world.database.db, queue, NOW);
    expect(again).toEqual([]);
    await requeueLostImports(world.database.db, queue, after(NOW, 2 * MINUTE));
    expect(again).toEqual([{ importId: id }]);
    pending = [id];
    await requeueLostImports(world.database.db, queue, after(NOW, 2 * MINUTE));
    expect(again).toHaveLength(1);
  });
});

/** Works on an upload in a process of its own and kills that at a moment. */
async function killedWhen(id: string, isTime: () => Promise<boolean>): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, world.url, id], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const gone = new Promise((then) => child.once('exit', then));
  while (!(await isTime()) && child.exitCode === null) await new Promise((then) => setTimeout(then, 3));
  child.kill('SIGKILL');
  await gone;
}
