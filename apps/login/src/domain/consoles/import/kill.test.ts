import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRefusals } from './run.ts';
import { openImportWorld, type ImportWorld } from './test-world.ts';

const CHILD = fileURLToPath(new URL('./test-child.ts', import.meta.url));
const ROWS = 20_000;

let world: ImportWorld;
let folder: string;
beforeAll(async () => {
  world = await openImportWorld();
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-kill-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

test(
  'R20: an import that is killed with -9 again and again goes on where it was; nothing is doubled, nothing is lost',
  { timeout: 180_000 },
  async () => {
    const path = join(folder, 'people.csv');
    await writeFile(path, peopleFile());

    let settled = 0;
    for (const delay of [0, 11, 29]) {
      const reached = await importAndKill(path, settled + 3_000, delay);
      expect(reached).toBeGreaterThan(settled);
      settled = reached;
      await expect.poll(isLocked).toBe(false);
      const run = await oneRun();
      expect(run.ended_at).toBeNull();
      expect(run.rows_read).toBeGreaterThanOrEqual(settled);
      expect(run.created + run.refused).toBe(run.rows_read);
      expect((await world.people()).length).toBe(run.created);
    }

    const { report, refusals } = await world.imported(await readFile(path));
    expect(report).toMatchObject({
      rowsRead: ROWS,
      created: ROWS - 200,
      linked: 0,
      unchanged: 0,
      refused: 200,
    });
    expect(report.resumedAfterLine).toBeGreaterThan(settled);
    const people = await world.people();
    expect(people).toHaveLength(ROWS - 200);
    expect(people.every((one) => one.links.length === 1)).toBe(true);

    // Each hundredth row repeats the id of the first one: found again after every kill.
    expect(refusals.map((one) => one.line)).toEqual(
      Array.from({ length: 200 }, (_, index) => index * 100 + 101),
    );
    expect(refusals.every((one) => one.reason === 'id-repeated' && one.firstLine === 2)).toBe(true);
    expect(await importRefusals(world.database.db, report.runId ?? '', { limit: 1_000 })).toEqual(refusals);
    const events = await world.database.pool.query(
      `select detail from audit_event where action = 'people.imported'`,
    );
    expect(events.rows).toMatchObject([{ detail: { rowsRead: ROWS, created: ROWS - 200 } }]);
  },
);

function peopleFile(): string {
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const id = index % 100 === 99 ? 'first' : index === 0 ? 'first' : String(index);
    return `${id},user${index}@example.co.jp,見本 ${index}`;
  });
  return ['id,email,name', ...rows, ''].join('\n');
}

/** Kills the process `delay` milliseconds after it said that it has settled so many rows; returns what it said last. */
async function importAndKill(path: string, rows: number, delay: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, world.url, world.sms, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  let reached = 0;
  for await (const line of createInterface(child.stdout)) {
    reached = Number(line);
    if (reached >= rows) break;
  }
  await sleep(delay);
  child.kill('SIGKILL');
  expect(await gone).toEqual([null, 'SIGKILL']);
  return reached;
}

/** The killed process's connection may still be carrying out its last statement. */
async function isLocked(): Promise<boolean> {
  const { rows } = await world.database.pool.query(
    `select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.length > 0;
}

async function oneRun() {
  const { rows } = await world.database.pool.query('select * from import_run');
  expect(rows).toHaveLength(1);
  return rows[0];
}
