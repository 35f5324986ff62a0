import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { consoleWithPeople, giveVerdicts, japan, noticesOf } from '#test/migration.ts';
import { openWorld, type World } from '#test/world.ts';
import { planCommand } from './plan.ts';

let world: World;
let folder: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  folder = await mkdtemp(join(tmpdir(), 'hitokagi-cli-'));
});
afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  world.now = japan('2027-01-10 10:00');
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

const MARCH = '2027-03-31T22:00+09:00';

async function run(...words: string[]): Promise<{ out: string; err: string; code: number }> {
  let [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  process.exitCode = 0;
  const deps = { openDatabase: async () => world.database, clock: () => world.now, locale: 'en' as const };
  await planCommand(deps).parseAsync(words, { from: 'user' });
  const code = Number(process.exitCode);
  vi.restoreAllMocks();
  process.exitCode = 0;
  return { out, err, code };
}

async function announced(clientId: string, consoleId: string): Promise<void> {
  await run('announce', clientId, MARCH);
  world.pass(1 * MINUTE);
  for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
}

describe('R26: hitokagi plan', () => {
  it('shows the plan and the next step at each stage', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await run('link-time', clientId, '2027-01-01T22:00+09:00');
    expect((await run('show', clientId)).out).toBe(
      `phase         parallel
revision      2
link time     Fri 1 Jan 2027, 22:00 (Japan time)
announcement  -
cut-over      -
people        2
earliest      - (announce a date first: hitokagi plan announce ${clientId} …)
`,
    );
    const told = await run('announce', clientId, MARCH, '--note', 'board of January');
    expect(told.code).toBe(0);
    expect(told.out).toContain(
      'Announced to 2 people for Wed 31 Mar 2027, 22:00 (Japan time), as notice ntc_',
    );
    expect(told.out).toContain(`hitokagi plan cut-over ${clientId} ${MARCH}`);
    for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
    expect((await run('show', clientId)).out).toContain(
      `told          Wed 31 Mar 2027, 22:00 (Japan time)
              2 accepted, 0 under way, 0 not reached, 0 came since
last accepted Sun 10 Jan 2027, 10:00 (Japan time)
earliest      Wed 31 Mar 2027, 22:00 (Japan time)
`,
    );
    expect((await run('cut-over', clientId, MARCH)).out).toBe(
      'The cut-over is set for Wed 31 Mar 2027, 22:00 (Japan time).\n',
    );
    expect((await run('cut-over', clientId, '2027-04-30T22:00+09:00')).out).toContain(
      'The cut-over is postponed to Fri 30 Apr 2027, 22:00 (Japan time). Everybody is told, by notice ntc_',
    );
    expect((await run('rollback', clientId, '--no-correction')).out).toBe(
      'The cut-over is taken back. Nobody is told. Another date needs another announcement.\n',
    );
    await announced(clientId, consoleId);
    await run('cut-over', clientId, MARCH);
    world.now = new Date('2027-03-31T13:00:00Z');
    expect((await run('close', clientId)).out).toContain(
      'The plan is closed. Everybody is told, by notice ntc_',
    );
    const history = (await run('history', clientId)).out.trim().split('\n');
    expect(history).toHaveLength(8);
    expect(history[0]).toContain('closed');
    expect(history.at(-2)).toMatch(
      /^3\tSun 10 Jan 2027, 10:00 \(Japan time\)\tannounced\t.*operator:cli\tntc_\w+\tboard of January$/,
    );
  });

  it.each([
    [
      'cut-over',
      MARCH,
      'Announce the date first: everybody has to be told by mail at least one calendar month before',
    ],
    [
      'announce',
      '2027-02-09T10:00+09:00',
      'The earliest possible moment is Wed 10 Feb 2027, 10:00 (Japan time). (2027-02-10T01:00:00.000Z)',
    ],
    ['announce', '2027-03-31', 'Give the moment with its offset, such as 2027-03-31T22:00+09:00.'],
    ['announce', '2027-03-31T22:00', 'Give the moment with its offset'],
    ['rollback', '', 'No cut-over is set or announced.'],
    ['close', '', 'Only a plan whose cut-over has passed can be closed.'],
  ])('R14: %s %s ends with 1 and says what to do next', async (act, moment, sentence) => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const { out, err, code } = await run(act, clientId, ...(moment ? [moment] : []));
    expect([out, code]).toEqual(['', 1]);
    expect(err).toContain(sentence);
    expect(await noticesOf(world, consoleId)).toEqual([]);
  });

  it('refuses what was decided on an older plan', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await run('link-time', clientId, '2027-01-01T22:00+09:00', '--revision', '1');
    const { err, code } = await run('announce', clientId, MARCH, '--revision', '1');
    expect([err, code]).toEqual([expect.stringContaining('The plan was changed since you looked at it'), 1]);
    expect(await noticesOf(world, consoleId)).toEqual([]);
  });

  it('R14: names how many are not reached, and the command that lists them', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await run('announce', clientId, MARCH);
    expect((await run('cut-over', clientId, MARCH)).err).toContain(
      '2 mails of the announcement are under way.',
    );
    const [notice] = await noticesOf(world, consoleId);
    await giveVerdicts(world, notice?.id ?? '', { at: world.now, state: 'bounced' });
    const { err } = await run('cut-over', clientId, MARCH);
    expect(err).toContain('The announcement did not reach 2 people.');
    expect(err).toContain(`hitokagi notice unreached ${notice?.id}`);
  });

  it('--json gives documents that a program can read, refusals too', async () => {
    const { clientId } = await consoleWithPeople(world);
    expect(JSON.parse((await run('show', clientId, '--json')).out)).toMatchObject({
      phase: 'parallel',
      audience: 2,
    });
    const refused = await run('cut-over', clientId, MARCH, '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({
      ok: false,
      reason: 'not-announced',
      earliestCutOverAt: null,
    });
    expect(JSON.parse((await run('announce', clientId, MARCH, '--json')).out)).toMatchObject({
      ok: true,
      recipients: 2,
    });
    expect(JSON.parse((await run('history', clientId, '--json')).out)).toHaveLength(1);
    expect((await run('show', 'nobody')).err).toContain('"hitokagi console list" shows all.');
  });

  it('takes the operator’s own words from a file, and refuses what is none', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const file = join(folder, 'texts.json');
    await writeFile(file, JSON.stringify({ ja: { subject: '{console}の切替日' } }));
    expect((await run('announce', clientId, MARCH, '--texts', file)).code).toBe(0);
    const [notice] = await noticesOf(world, consoleId);
    const stored = await world.database.db
      .selectFrom('notice')
      .select('texts')
      .where('id', '=', notice?.id ?? '')
      .executeTakeFirst();
    expect(stored?.texts).toEqual({ ja: { subject: '{console}の切替日' } });
    await writeFile(file, JSON.stringify({ ja: { subject: '{nobody}' } }));
    expect((await run('rollback', clientId, '--texts', file)).err).toContain(
      'There is no placeholder {nobody}',
    );
    await writeFile(file, '{"fr":{}}');
    expect((await run('rollback', clientId, '--texts', file)).err).toContain('is no file of texts');
  });
});
