import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compareLoginIds } from '#domain/login-id/compare.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { openWorld, type World } from '#test/world.ts';
import { changeAddressCommand, driftCommand } from './account-login-id.ts';

let world: World;
let jobs: Jobs;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterAll(async () => {
  await jobs.stop();
  await world.close();
});
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<{ out: string; err: string; code: unknown }> {
  const said = { out: '', err: '' };
  process.exitCode = 0;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true));
  const deps = {
    openDatabase: async () => world.database,
    openJobs: async () => jobs,
    clock: () => world.now,
    locale: 'en' as const,
  };
  const [name = '', ...rest] = args;
  const command = name === 'drift' ? driftCommand(deps) : changeAddressCommand(deps);
  await command.exitOverride().parseAsync(rest, { from: 'user' });
  vi.restoreAllMocks();
  return { ...said, code: process.exitCode };
}

/** The console tells of one person with this address. */
async function listed(consoleUserId: string, emailAddress: string): Promise<string> {
  const { id: consoleId } = await world.database.db
    .selectFrom('console')
    .select('id')
    .executeTakeFirstOrThrow();
  const people = [{ consoleUserId, emailAddress, version: null }];
  await compareLoginIds(world.database.db, consoleId, { round: 'one', last: false, people }, world.now);
  const row = await world.database.db
    .selectFrom('login_id_drift')
    .select('id')
    .where('console_user_id', '=', consoleUserId)
    .executeTakeFirstOrThrow();
  return row.id;
}

describe('R18: hitokagi account change-address', () => {
  it('mails a code to the new mailbox and changes nothing by itself; refusals say what to do', async () => {
    const accountId = await world.addPerson('lost@example.co.jp');
    await world.addPerson('other@example.co.jp');
    const done = await run(
      'change-address',
      'lost@example.co.jp',
      'found@example.co.jp',
      '--reason',
      '本人確認済み',
    );
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('found@example.co.jp') as string]);
    expect((await world.nextMail('found@example.co.jp')).text).toMatch(/\d{4} \d{4}/);
    const account = await world.database.db
      .selectFrom('account')
      .select('email_address')
      .where('id', '=', accountId)
      .executeTakeFirst();
    expect(account).toEqual({ email_address: 'lost@example.co.jp' });
    for (const [who, address, reason, said] of [
      ['nobody@example.co.jp', 'x@example.co.jp', 'y', 'no such account'],
      [accountId, 'other@example.co.jp', 'y', 'another account'],
      [accountId, 'found@example.co.jp', 'y', 'a moment ago'],
      [accountId, 'x@example.co.jp', ' ', '--reason'],
    ] as const) {
      const refused = await run('change-address', who, address, '--reason', reason);
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(said) as string]);
    }
    const json = await run('change-address', accountId, 'other@example.co.jp', '--reason', 'y', '--json');
    expect([json.code, JSON.parse(json.out)]).toEqual([1, { ok: false, reason: 'address-taken' }]);
  });
});

describe('R18: hitokagi account drift', () => {
  it('lists, repairs and dismisses, for people and for programs', async () => {
    await world.addPerson('drift-1@example.co.jp', { sms: 'd1' });
    await world.addPerson('drift-2@example.co.jp', { sms: 'd2' });
    expect((await run('drift', 'list')).out).toBe('There are none.\n');
    const one = await listed('d1', 'by-hand-1@example.co.jp');
    world.pass(1_000);
    const two = await listed('d2', 'by-hand-2@example.co.jp');
    const list = await run('drift', 'list', '--console', 'sms');
    expect(list.out).toContain(
      'login ID drift-1@example.co.jp\tconsole by-hand-1@example.co.jp\tproposed: ask-person',
    );
    expect(JSON.parse((await run('drift', 'list', '--json')).out)).toMatchObject([{ id: one }, { id: two }]);
    expect((await run('drift', 'list', '--console', 'never')).err).toContain('hitokagi console list');

    expect((await run('drift', 'repair', one, '--by', 'ask-person', '--reason', 'x')).out).toContain(
      'on its way',
    );
    expect((await world.nextMail('by-hand-1@example.co.jp')).text).toMatch(/\d{4} \d{4}/);
    expect(
      (await run('drift', 'repair', two, '--by', 'console-takes-ours', '--reason', 'x', '--json')).out,
    ).toBe('{"ok":true,"state":"told"}\n');
    expect((await run('drift', 'dismiss', two, '--reason', 'x')).out).toContain('is dismissed');
    expect((await run('drift', 'list', '--state', 'open')).out).toBe('There are none.\n');
    const gone = await run('drift', 'dismiss', 'drf_never', '--reason', 'x');
    expect([gone.code, gone.err]).toEqual([1, expect.stringContaining('not listed') as string]);
  });
});
