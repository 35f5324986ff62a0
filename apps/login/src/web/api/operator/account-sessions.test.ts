import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { authorizeUrl, enter, PASSWORD } from '#test/steps.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let receiver: Receiver;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  receiver = await openReceiver();
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: receiver.url });
  await world.addConsole('mail');
  for (const role of ['viewer', 'support'] as const)
    tokens[role] = (
      await createOperatorToken(
        world.database.db,
        { name: role, role },
        { actor: 'operator:cli', now: world.now },
      )
    ).token;
});
afterAll(async () => {
  await world.close();
  await receiver.close();
});

type Session = { id: string; state: string; browser: string; clientIp: string; clientIds: string[] };
type Sessions = { items: Session[]; next: null };

async function call<T = unknown>(role: 'viewer' | 'support', method: 'GET' | 'POST', path: string) {
  const answer = await world.app.server.inject({
    method,
    url: `/api/operator/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role] ?? ''}` },
  });
  return { status: answer.statusCode, body: answer.json<T>() };
}

let people = 0;
async function signedIn(count: number) {
  const address = `operated${++people}@example.co.jp`;
  const id = await world.addPerson(address, { sms: `s${people}` }, { password: PASSWORD });
  const browsers = Array.from({ length: count }, () => new Browser(world));
  for (const browser of browsers) {
    browser.headers['user-agent'] = 'Mozilla/5.0 (Windows NT 10.0) Firefox/151.0';
    await enter(world, browser, 'sms', { address });
    world.pass(1 * MINUTE);
  }
  return { address, id, browsers };
}

const isIn = async (browser: Browser): Promise<boolean> =>
  String((await browser.request('GET', authorizeUrl('sms').url)).headers.location).includes('code=');

const endings = (accountId: string) =>
  world.database.db
    .selectFrom('audit_event')
    .select(['actor', 'detail', 'request_id'])
    .where('account_id', '=', accountId)
    .where('action', '=', 'session.ended')
    .execute();

describe('R11, R26: what operators see of signed-in browsers and end', () => {
  it('support lists them and finds an account by its login ID; a viewer does not: they are people', async () => {
    const { id, address, browsers } = await signedIn(2);
    const { status, body: page } = await call<Sessions>('support', 'GET', `/accounts/${id}/sessions`);
    const body = page.items;
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { state: 'living', browser: 'Firefox on Windows', clientIp: browsers[1]?.ip, clientIds: ['sms'] },
      { clientIp: browsers[0]?.ip },
    ]);
    expect(
      await call('support', 'GET', `/accounts?emailAddress=${encodeURIComponent(address)}`),
    ).toMatchObject({
      status: 200,
      body: {
        items: [{ id, emailAddress: address, name: '見本 太郎', company: '見本商事', state: 'active' }],
      },
    });
    expect(
      (await call('support', 'GET', '/accounts?emailAddress=nobody%40example.co.jp')).body,
    ).toMatchObject({ items: [] });
    expect((await call('support', 'GET', `/accounts?emailAddress=${id}`)).body).toMatchObject({ items: [] });
    expect(await call('viewer', 'GET', `/accounts?emailAddress=${address}`)).toMatchObject({ status: 403 });
    expect(await call('viewer', 'GET', `/accounts/${id}/sessions`)).toMatchObject({
      status: 403,
      body: { code: 'role-missing' },
    });
  });

  it('support ends one: it is out in its consoles, the others stay, the record names the operator', async () => {
    const { id, browsers } = await signedIn(2);
    const before = receiver.received.length;
    const body = (await call<Sessions>('support', 'GET', `/accounts/${id}/sessions`)).body.items;
    const path = `/accounts/${id}/sessions/${body[0]?.id ?? ''}/end`;
    expect(await call('viewer', 'POST', path)).toMatchObject({ status: 403, body: { code: 'role-missing' } });
    expect(await Promise.all(browsers.map(isIn))).toEqual([true, true]);
    expect(await call('support', 'POST', path)).toEqual({ status: 200, body: { ended: 1 } });
    await receiver.until(before + 1);
    expect(await Promise.all(browsers.map(isIn))).toEqual([true, false]);
    expect(await call('support', 'POST', path)).toMatchObject({
      status: 404,
      body: { code: 'session-unknown' },
    });
    expect(await endings(id)).toMatchObject([
      {
        actor: expect.stringMatching(/^operator:opt_/) as string,
        detail: { cause: 'operator' },
        request_id: expect.stringMatching(/^req_/) as string,
      },
    ]);
  });

  it('support ends all; the person reads on their page that the support desk did', async () => {
    const { id, address, browsers } = await signedIn(3);
    expect(await call('viewer', 'POST', `/accounts/${id}/sessions/end`)).toMatchObject({ status: 403 });
    expect((await call('support', 'POST', `/accounts/${id}/sessions/end`)).body).toEqual({ ended: 3 });
    expect((await call('support', 'POST', `/accounts/${id}/sessions/end`)).body).toEqual({ ended: 0 });
    expect(await Promise.all(browsers.map(isIn))).toEqual([false, false, false]);
    const again = new Browser(world);
    await enter(world, again, 'sms', { address });
    const page = await again.open('/account/activity');
    expect(page.body).toContain('サポート窓口の操作で、ログアウトしました');
    expect(page.body).not.toContain('opt_');
  });

  it('A1: never of another account than the one that is named, and unknown ones are said to be unknown', async () => {
    const [one, two] = [await signedIn(1), await signedIn(1)];
    const body = (await call<Sessions>('support', 'GET', `/accounts/${two.id}/sessions`)).body.items;
    expect(
      await call('support', 'POST', `/accounts/${one.id}/sessions/${body[0]?.id ?? ''}/end`),
    ).toMatchObject({ status: 404 });
    expect(await isIn(two.browsers[0] as Browser)).toBe(true);
    for (const path of ['/accounts/acc_none/sessions/end', '/accounts/acc_none/sessions/x/end'])
      expect(await call('support', 'POST', path)).toMatchObject({
        status: 404,
        body: { code: 'account-unknown' },
      });
    expect(
      await call('support', 'GET', `/accounts/${encodeURIComponent(one.address)}/sessions`),
    ).toMatchObject({ status: 422 });
  });
});

describe('R26: hitokagi account sessions', () => {
  it('lists by login ID, ends one or all, and says what it cannot find', async () => {
    // The command has the machine's own clock.
    world.now = new Date();
    const { id, address, browsers } = await signedIn(2);
    const list = await run('list', address.toUpperCase());
    expect(list).toMatchObject({ code: 0, err: '' });
    expect(list.out).toContain(`Firefox on Windows\t${browsers[0]?.ip ?? ''}`);
    const [newest] = JSON.parse((await run('list', id, '--json')).out) as { uid: string }[];
    expect((await run('end', id)).err).toContain('Say --session ID for one browser, or --all.');
    expect(await run('end', id, '--session', newest?.uid ?? '')).toMatchObject({ code: 0 });
    expect(await Promise.all(browsers.map(isIn))).toEqual([true, false]);
    expect((await run('end', id, '--session', newest?.uid ?? '')).code).toBe(1);
    expect(JSON.parse((await run('end', address, '--all', '--json')).out)).toEqual({ ended: 1 });
    expect(await endings(id)).toMatchObject([{ actor: 'operator:cli' }, { actor: 'operator:cli' }]);
    expect((await run('list', 'nobody@example.co.jp')).err).toContain(
      'There is no account nobody@example.co.jp.',
    );
  }, 60_000);
});

/** Runs `hitokagi account sessions …` as a process of its own. */
function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const environment = {
    PATH: process.env.PATH,
    DATABASE_URL: world.databaseUrl,
    HITOKAGI_SECRET: MASTER_SECRET,
    HITOKAGI_ISSUER: 'http://login.example.co.jp',
  };
  return new Promise((done) =>
    execFile(
      process.execPath,
      ['--import', 'tsx', 'apps/login/src/cli/main.ts', 'account', 'sessions', ...words],
      { env: environment },
      (error, out, err) => done({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    ),
  );
}
