import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PEOPLE_HEADER, samplePeople, writePeopleFile } from '../../../../../../test-support/people-file.ts';
import { importPeople } from './import-people.ts';
import { importRefusals } from './run.ts';
import type { Refusal } from './refusals.ts';
import { judgeHash, openImportWorld, type ImportWorld } from './test-world.ts';

const CHILD = fileURLToPath(new URL('./test-child.ts', import.meta.url));
/** The full campaign imports a million rows; each time the tests run, it is as many as a small company has. */
const ROWS = process.env.HITOKAGI_FULL_CAMPAIGN ? 1_000_000 : 20_000;
const KILLS = process.env.HITOKAGI_FULL_CAMPAIGN ? 10 : 4;

let world: ImportWorld;
let folder: string;
beforeAll(async () => {
  world = await openImportWorld();
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-campaign-'));
});
beforeEach(() => world.clear());
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

describe('M5: an import of many people, one row in twenty odd', { timeout: 3_600_000 }, () => {
  test('is killed with -9 at random moments and goes on; every oddity is told with its line, nothing is doubled or lost', async () => {
    const path = join(folder, 'sms.csv');
    await writePeopleFile(path, { rows: ROWS });

    let settled = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const upTo = settled + Math.random() * 1.5 * ((ROWS - settled) / (KILLS - kill + 1));
      const reached = await importAndKill(path, upTo, Math.random() * 40);
      if (reached === 'ended') break;
      await expect.poll(isLocked, { timeout: 10_000 }).toBe(false);
      const run = await oneRun();
      expect(run.rows_read).toBeGreaterThanOrEqual(Math.max(settled, reached));
      expect(run.created + run.refused).toBe(run.rows_read);
      expect(await accountsAndLinks()).toEqual({ accounts: run.created, links: run.created });
      settled = run.rows_read;
    }

    const { report, refusals } = await imported(path, world.sms);
    const wanted = fates('u');
    expect(report).toMatchObject({
      rowsRead: wanted.taken + wanted.refusals.length,
      created: wanted.taken,
      linked: 0,
      filled: 0,
      unchanged: 0,
      refused: wanted.refusals.length,
      encoding: 'utf-8',
    });
    expect(refusals).toEqual(wanted.refusals);
    expect(await storedRefusals(report.runId ?? '')).toEqual(wanted.refusals);
    expect(await accountsAndLinks()).toEqual({ accounts: wanted.taken, links: wanted.taken });
    expect(await linkedTo('sms')).toEqual(wanted.links);
    const events = await world.database.pool.query(
      `select detail from audit_event where action = 'people.imported'`,
    );
    expect(events.rows).toMatchObject([{ detail: { created: wanted.taken } }]);
  });

  test('the same people from a second console, in Shift_JIS, get a second link each and no second account; once more changes nothing', async () => {
    const [sms, mail] = [join(folder, 'one.csv'), join(folder, 'two.csv')];
    await writePeopleFile(sms, { rows: ROWS / 4 });
    await writePeopleFile(mail, { rows: ROWS / 4, encoding: 'shift_jis', idPrefix: 'm' });
    const wanted = fates('m', ROWS / 4);
    await imported(sms, world.sms);
    const { report, refusals } = await imported(mail, world.mail);
    expect(report).toMatchObject({ created: 0, linked: wanted.taken, encoding: 'shift_jis' });
    expect(refusals).toEqual(wanted.refusals);
    expect(await accountsAndLinks()).toEqual({ accounts: wanted.taken, links: 2 * wanted.taken });
    expect(await linkedTo('mail')).toEqual(wanted.links);

    const again = await imported(mail, world.mail);
    expect(again.report).toMatchObject({ created: 0, linked: 0, filled: 0, unchanged: wanted.taken });
    expect(again.refusals).toEqual(wanted.refusals);
    expect(await accountsAndLinks()).toEqual({ accounts: wanted.taken, links: 2 * wanted.taken });
  });

  test('a file that changes its encoding on the way is refused with the first line that cannot be read, before a row is used', async () => {
    const lines = [...samplePeople({ rows: 2_000 })].map((row) => row.text);
    const foreign = Buffer.from('82a0', 'hex');
    const file = Buffer.concat([
      Buffer.from(`${PEOPLE_HEADER}\n${lines.slice(0, 1_000).join('\n')}\nx1,a@example.co.jp,`),
      foreign,
      Buffer.from(`,,ja\n${lines.slice(1_000).join('\n')}\n`),
    ]);
    const result = await importPeople(world.database.db, {
      consoleId: world.sms,
      file: () => Readable.from([file]),
      fileName: 'mixed.csv',
      dryRun: false,
      actor: 'system',
      judgeHash,
      clock: () => new Date(),
    });
    const breaks = lines.slice(0, 1_000).join('\n').split('\n').length;
    expect(result).toEqual({ ok: false, reason: 'text-undecodable', line: breaks + 2 });
    expect(await accountsAndLinks()).toEqual({ accounts: 0, links: 0 });
  });
});

/** What the file's maker says of its rows: how many are taken, what is refused, which link each address gets. */
function fates(idPrefix: string, rows = ROWS) {
  const refusals: { line: number; reason: string }[] = [];
  const links: Record<string, string> = {};
  let taken = 0;
  for (const { fate, line, id, address } of samplePeople({ rows, idPrefix })) {
    if (fate === 'taken') {
      taken++;
      if (taken % 97 === 0) links[address] = id;
    } else if (fate !== 'empty')
      refusals.push({
        line,
        reason: fate.refused,
        ...(fate.firstLine === undefined ? {} : { firstLine: fate.firstLine }),
      });
  }
  return { taken, refusals, links };
}

async function imported(path: string, consoleId: string) {
  const refusals: Refusal[] = [];
  const result = await importPeople(world.database.db, {
    consoleId,
    file: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
    fileName: 'people.csv',
    dryRun: false,
    actor: 'system',
    judgeHash,
    clock: () => new Date(),
    onRefusals: (some) => void refusals.push(...some),
  });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return { report: result.report, refusals: refusals.map(inShort) };
}

function inShort(refusal: Refusal) {
  const { line, reason } = refusal;
  return { line, reason, ...('firstLine' in refusal ? { firstLine: refusal.firstLine } : {}) };
}

async function storedRefusals(runId: string) {
  const all: Refusal[] = [];
  for (;;) {
    const page = await importRefusals(world.database.db, runId, { after: all.at(-1), limit: 1_000 });
    if (page.length === 0) return all.map(inShort);
    all.push(...page);
  }
}

/** Kills the process `delay` milliseconds after it said that it has settled so many rows; returns what it said last. */
async function importAndKill(path: string, rows: number, delay: number): Promise<number | 'ended'> {
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
  const [, signal] = (await gone) as [number | null, string | null];
  return signal === 'SIGKILL' ? reached : 'ended';
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

async function accountsAndLinks() {
  const { rows } = await world.database.pool.query(
    `select (select count(*)::int from account) as accounts, (select count(*)::int from console_link) as links`,
  );
  return rows[0];
}

/** The links of every 97th person, by their address. */
async function linkedTo(clientId: string): Promise<Record<string, string>> {
  const wanted = fates('', ROWS).links;
  const { rows } = await world.database.pool.query(
    `select a.email_key as key, l.console_user_id as id from console_link l
     join account a on a.id = l.account_id join console c on c.id = l.console_id
     where c.client_id = $1 and a.email_key = any($2)`,
    [clientId, Object.keys(wanted)],
  );
  return Object.fromEntries(rows.map((row) => [row.key, row.id]));
}
