import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '#test/browser.ts';
import { enter, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { progressCommand, type ReportDeps } from './progress.ts';
import { rehearseCommand } from './rehearse.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await openWorld({ now: new Date('2027-02-01T03:00:00Z'), work: false });
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-progress-'));
  const consoleId = await world.addConsole('sms');
  await world.addConsole('ready');
  await world.addPerson('moved@example.co.jp', { sms: 'u-1', ready: 'r-1' }, { password: PASSWORD });
  await enter(world, new Browser(world), 'sms', { address: 'moved@example.co.jp' });
  await world.addPerson('waiting@example.co.jp', { sms: 'u-2' }, { name: '見本 \u001b[31m 花子' });
  await world.database.db
    .insertInto('unknown_console_user')
    .values({ console_id: consoleId, console_user_id: 'lost', first_at: world.now, last_at: world.now })
    .execute();
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

type Result = { out: string; err: string; code: number };
async function run(
  command: typeof progressCommand,
  locale: 'ja' | 'en',
  ...words: string[]
): Promise<Result> {
  const result = { out: '', err: '', code: 0 };
  const deps: ReportDeps = {
    openDatabase: async () => world.database,
    clock: () => world.now,
    locale,
    output: { write: (text) => (result.out += text) },
    errors: { write: (text) => (result.err += text) },
    exit: (code) => (result.code = code),
  };
  await command(deps).parseAsync(words, { from: 'user' });
  return result;
}
const progress = (...words: string[]) => run(progressCommand, 'en', ...words);
const rehearse = (...words: string[]) => run(rehearseCommand, 'en', ...words);

describe('R15, R26: hitokagi progress', () => {
  it('shows totals and the forecast, in English and in Japanese', async () => {
    const { out, code } = await progress('sms');
    expect(code).toBe(0);
    expect(out).toContain('       2  people to move');
    expect(out).toContain('       1    moved');
    expect(out).toContain('       1  users of the legacy login whom nobody has imported');
    expect(out).toContain('No forecast: the cut-over is undetermined.');
    const japanese = (await run(progressCommand, 'ja', 'sms')).out;
    expect(japanese).toContain('       1    移行済み');
    expect(japanese).not.toMatch(/undefined|\[object/);
  });

  it('lists people by state or search', async () => {
    expect((await progress('sms', '--state', 'signed-in-unified')).out).toBe(
      'moved@example.co.jp\t見本商事\t見本 太郎\tu-1\tmoved\t2027-02-01 12:00\t-\n',
    );
    expect((await progress('sms', '--search', 'waiting')).out).toContain('waiting@example.co.jp');
    expect((await progress('sms', '--not-seen', 'ever')).out).toContain('waiting@example.co.jp');
    expect((await progress('sms', '--not-seen', 'ever', '--state', 'signed-in-unified')).out).toBe('');
    expect((await progress('sms', '--company', '見本')).out).toBe('');
    const { out } = await progress('sms', '--people');
    expect(out.split('\n')).toHaveLength(3);
    expect(out).not.toContain('\u001b');
    expect(JSON.parse((await progress('sms', '--people', '--json')).out)).toMatchObject([
      { emailAddress: 'moved@example.co.jp', state: 'signed-in-unified' },
      { emailAddress: 'waiting@example.co.jp', state: 'never-seen' },
    ]);
  });

  it('shows the days', async () => {
    const days = JSON.parse(
      (await progress('sms', '--series', '--from', '2027-01-31', '--json')).out,
    ) as object[];
    expect(days).toMatchObject([{ day: '2027-01-31' }, { day: '2027-02-01', newlyMoved: 1, moved: 1 }]);
    expect((await progress('sms', '--series', '--from', '2027-02-01')).out).toBe(
      '2027-02-01\t1\t1\t1\t0\t1\n',
    );
  });

  it('writes CSV files that only their owner can read, and the export is recorded', async () => {
    const file = join(folder, 'people.csv');
    expect(await progress('sms', '--csv', file)).toMatchObject({ code: 0, err: '' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(parse(await readFile(file), { bom: true })).toHaveLength(3);
    const events = await world.database.db
      .selectFrom('audit_event')
      .select('actor')
      .where('action', '=', 'people.exported')
      .execute();
    expect(events).toEqual([{ actor: 'operator:cli' }]);
    const days = join(folder, 'days.csv');
    await progress('sms', '--series', '--csv', days);
    expect(parse(await readFile(days), { bom: true })).toHaveLength(91);
  });

  it('says what is wrong and what to do: no such console, day or folder', async () => {
    expect(await progress('nobody')).toEqual({
      out: '',
      err: 'No console is registered as nobody. There are: sms, ready.\n',
      code: 1,
    });
    for (const day of ['2027-02-30', '2027-13-01', 'yesterday'])
      expect(await progress('sms', '--series', '--from', day)).toMatchObject({
        code: 1,
        err: `${day} is not a day. Give it as 2027-01-31.\n`,
      });
    const { code, err } = await progress('sms', '--csv', join(folder, 'none', 'people.csv'));
    expect(code).toBe(1);
    expect(err).toContain('cannot be written (ENOENT). Name a file in a folder that exists');
  });
});

describe('R15: hitokagi rehearse', () => {
  it('exits with 3 when somebody would be locked out, and says who, why and what to do', async () => {
    const { out, code, err } = await rehearse('sms', '--at', '2027-03-31T22:00+09:00');
    expect([code, err]).toEqual([3, '']);
    expect(out).toContain('If the cut-over were Wed 31 Mar 2027, 22:00 (Japan time):');
    expect(out).toContain(`locked out
- lost
    Uses the legacy login, and has not been imported into the unified login. Last sign-in at the legacy login: Mon 1 Feb 2027, 12:00 (Japan time).
    → Import a file that has this user (hitokagi import).`);
    expect(out).toContain('- u-2  waiting@example.co.jp');
    expect(out).not.toContain('\u001b');
    expect((await run(rehearseCommand, 'ja', 'sms')).out).toContain(
      '→ この利用者を含むファイルを取り込んでください',
    );
  });

  it('exits with 0 when nobody would be', async () => {
    const { out, code } = await rehearse('ready');
    expect(code).toBe(0);
    expect(out).toContain('       0  locked out');
  });

  it('as JSON has everybody with sentences in both languages, and the same exit code', async () => {
    const { out, code } = await rehearse('sms', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({
      lockedOut: 1,
      toldLate: 2,
      findings: [
        {
          class: 'unknown-user',
          consoleUserId: 'lost',
          why: {
            ja: expect.stringContaining('取り込まれていません') as string,
            en: expect.stringContaining('imported') as string,
          },
        },
        { class: 'not-told' },
        { class: 'not-told' },
      ],
    });
  });

  it('as CSV keeps the list out of the screen', async () => {
    const file = join(folder, 'rehearsal.csv');
    const { out, code } = await rehearse('sms', '--csv', file);
    expect(code).toBe(3);
    expect(out).not.toContain('lost');
    expect(parse(await readFile(file), { bom: true })).toHaveLength(4);
  });

  it('a moment without an offset, or an unknown console, is told and not guessed at', async () => {
    expect(await rehearse('sms', '--at', '2027-03-31 22:00')).toMatchObject({ code: 1, out: '' });
    expect(await rehearse('nobody')).toMatchObject({ code: 1, out: '' });
  });
});
