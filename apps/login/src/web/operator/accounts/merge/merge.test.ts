import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { mergeCommand } from '#app/cli/commands/account-merge.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let chief: Browser;
let jobs: Jobs;
let token: string;
let kept: string;
let absorbed: string;
let round = 0;
beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({ now: new Date('2027-02-01T03:00:00Z') });
  await world.addConsole('sms', { nameJa: '管理画面SMS', nameEn: 'SMS Console' });
  await world.addConsole('mail', { nameJa: '管理画面メール', nameEn: 'Mail Console' });
  await world.addPerson('chief@example.co.jp', {}, { password: PASSWORD });
  const by = { actor: 'operator:cli', now: world.now };
  const { db } = world.database;
  await addOperator(db, { emailAddress: 'chief@example.co.jp', role: 'administrator' }, by);
  token = (await createOperatorToken(db, { name: 'merge', role: 'administrator' }, by)).token;
  chief = new Browser(world);
  await signIn(chief, '/sign-in', 'chief@example.co.jp');
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterAll(async () => {
  await jobs.stop();
  await world.close();
});
beforeEach(async () => {
  round++;
  kept = await world.addPerson(`keep${round}@example.co.jp`, { sms: `s-${round}` }, { password: PASSWORD });
  absorbed = await world.addPerson(`go${round}@example.co.jp`, { mail: `m-${round}` });
});
afterEach(() => {
  process.exitCode = 0;
  vi.restoreAllMocks();
});

const path = (id = kept) => `/operator/accounts/${id}/merge`;
const looked = (other = `go${round}@example.co.jp`) =>
  chief.open(`${path()}?other=${encodeURIComponent(other)}`);
const stateOf = async (id: string) =>
  (
    await world.database.db
      .selectFrom('account')
      .select('state')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).state;

describe('R25: the page that merges two accounts', () => {
  it('asks for the other one, shows what will happen, and does it when its login ID is typed', async () => {
    expect((await chief.open(`/operator/accounts/${kept}`)).body).toContain(`href="${path()}"`);
    const asked = await chief.open(path());
    expect(textOf(asked)).toContain('統合する（なくなる）アカウント');
    const shown = await looked();
    const text = textOf(shown);
    for (const word of [
      `keep${round}@example.co.jp`,
      `go${round}@example.co.jp`,
      `管理画面メール（利用者ID：m-${round}）`,
    ])
      expect(text).toContain(word);
    expect(shown.body).toContain(`href="${path(absorbed)}?other=${kept}"`);
    expect(await stateOf(absorbed)).toBe('active');

    const unsaid = await chief.submit(shown, path(), { reason: ' ', typed: `go${round}@example.co.jp` });
    expect(unsaid.statusCode).toBe(422);
    const wrong = await chief.submit(shown, path(), {
      reason: '本人確認済み',
      typed: `keep${round}@example.co.jp`,
    });
    expect([wrong.statusCode, await stateOf(absorbed)]).toEqual([422, 'active']);
    expect(wrong.body).toContain('本人確認済み');
    const done = await chief.submit(wrong, path(), {
      reason: '本人確認済み',
      typed: `ＧＯ${round}@example.co.jp `,
    });
    expect(textOf(done)).toContain('アカウントを統合しました');
    expect(await stateOf(absorbed)).toBe('closed');
    const former = await chief.open(`/operator/accounts/${absorbed}`);
    expect(textOf(former)).toContain('このアカウントは、ほかのアカウントに統合されています');
    expect(former.body).toContain(`href="/operator/accounts/${kept}"`);
    expect(former.body).not.toContain('/reinstate');
  });

  it.each([
    ['nobody@example.co.jp', 'ありません'],
    ['<script>alert(1)</script>', 'ありません'],
    ['x'.repeat(900), 'ありません'],
  ])('%s is no account, and the page says what to do', async (other, words) => {
    const page = await looked(other);
    expect(page.statusCode).toBe(409);
    expect(textOf(page)).toContain(words);
    expect(page.body).not.toContain('<script>alert');
  });

  it('names the console in which both have a user, and the cure', async () => {
    await world.addPerson(`twin${round}@example.co.jp`, { sms: `t-${round}` });
    const page = await looked(`twin${round}@example.co.jp`);
    expect(page.statusCode).toBe(409);
    expect(textOf(page)).toContain('管理画面SMS');
    const same = await looked(kept);
    expect(textOf(same)).toContain('同じアカウントです');
  });

  it('does nothing else than what was shown', async () => {
    const shown = await looked();
    await world.database.db.deleteFrom('console_link').where('account_id', '=', absorbed).execute();
    const answer = await chief.submit(shown, path(), { reason: 'r', typed: `go${round}@example.co.jp` });
    expect([answer.statusCode, await stateOf(absorbed)]).toEqual([409, 'active']);
    expect(textOf(answer)).toContain('もう一度ご確認ください');
  });

  it('reads in English', async () => {
    const asked = await chief.request('GET', `${path()}?other=${absorbed}&lang=en`, undefined, {
      'accept-language': 'en',
    });
    expect(asked.statusCode).toBe(200);
  });

  it('an operator whose sign-in is long ago proves anew who they are', async () => {
    const old = new Browser(world);
    await signIn(old, '/sign-in', 'chief@example.co.jp');
    world.pass(HOUR / 2);
    const answer = await old.open(path());
    expect(textOf(answer)).not.toContain('統合する（なくなる）アカウント');
    chief = new Browser(world);
    await signIn(chief, '/sign-in', 'chief@example.co.jp');
  });
});

describe('R26: the same by API and command line', () => {
  const call = (payload: object, id = kept) =>
    world.app.server.inject({
      method: 'POST',
      url: `/api/operator/v1/accounts/${id}/merge`,
      headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}` },
      payload,
    });

  it('API: a dry run says what would be, and its word is taken', async () => {
    const dry = await call({ absorb: `go${round}@example.co.jp`, dryRun: true });
    expect(dry.statusCode, dry.body).toBe(200);
    expect(dry.json()).toMatchObject({
      done: false,
      kept: { id: kept, hasPassword: true },
      absorbed: { id: absorbed, hasPassword: false },
      links: [{ clientId: 'mail', consoleUserId: `m-${round}`, active: true }],
    });
    expect(await stateOf(absorbed)).toBe('active');
    const { seen } = dry.json<{ seen: string }>();
    expect((await call({ absorb: absorbed, seen })).json()).toMatchObject({ code: 'reason-missing' });
    expect((await call({ absorb: absorbed, reason: 'r', seen: 'other' })).json()).toMatchObject({
      code: 'preview-outdated',
    });
    expect((await call({ absorb: absorbed, reason: 'r', seen })).json()).toMatchObject({ done: true });
    expect(await stateOf(absorbed)).toBe('closed');
    expect((await call({ absorb: absorbed, reason: 'r' })).json()).toMatchObject({
      code: 'account-state-unfit',
    });
    expect((await call({ absorb: kept, dryRun: true })).json()).toMatchObject({ code: 'same-account' });
    expect((await call({ absorb: 'nobody', dryRun: true })).json()).toMatchObject({
      code: 'account-unknown',
    });
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
    };
    await mergeCommand(deps as never)
      .exitOverride()
      .parseAsync(args, { from: 'user' });
    vi.restoreAllMocks();
    return { ...said, code: process.exitCode };
  }

  it('command line: nothing without --yes, everything with it', async () => {
    const [a, b] = [`keep${round}@example.co.jp`, `go${round}@example.co.jp`];
    const dry = await run(a, b, '--dry-run');
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining(`mail\tuser m-${round}`)]);
    expect(await run(a, b)).toMatchObject({
      code: 1,
      out: expect.stringContaining('Nothing was done') as string,
    });
    expect(await run(a, b, '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('--reason') as string,
    });
    expect(await run(a, 'nobody@example.co.jp', '--yes', '--reason', 'r')).toMatchObject({ code: 1 });
    expect(await stateOf(absorbed)).toBe('active');
    const done = await run(a, b, '--yes', '--reason', 'r', '--json');
    expect([done.code, JSON.parse(done.out)]).toEqual([0, expect.objectContaining({ ok: true, done: true })]);
    expect(await stateOf(absorbed)).toBe('closed');
    expect((await run(a, b, '--yes', '--reason', 'r')).err).toContain('Only active accounts are merged');
  });
});
