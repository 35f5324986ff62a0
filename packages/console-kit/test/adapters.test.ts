import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Plan } from '../src/index.ts';
import { type AdapterConsole, adapters, startAdapterConsole } from './adapter-consoles.ts';
import { TestBrowser } from './browser.ts';
import { loginIdServer, RIGHT_CODE } from './login-id-server.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

const PLAN: Plan = {
  consoleId: 'con_1',
  revision: 1,
  linkAt: '2026-11-21T13:00:00.000Z', // 22:00 in Japan
  announceAt: null,
  cutOverAt: '2027-01-31T15:00:00.000Z',
  allows: {
    prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'console' },
    parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
    unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
  },
};
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** One test for what every adapter gives: it runs over Fastify, Express and node:http. */
describe.each(Object.entries(adapters))('R33: a console with the kit behind %s', (_name, mount) => {
  let login: TestLoginServer;
  let sms: AdapterConsole;
  let mail: AdapterConsole;
  let offset = 0;
  let alterIdToken: ((claims: JWTPayload) => JWTPayload) | null = null;
  const clock = () => new Date(Date.now() + offset);
  const at = (moment: string) => void (offset = Date.parse(moment) - Date.now());

  beforeAll(async () => {
    login = await startLoginServer();
    sms = await startAdapterConsole(mount, login, 'sms', clock, { fetch: alteringFetch });
    mail = await startAdapterConsole(mount, login, 'mail', clock);
  });
  beforeEach(() => {
    [offset, alterIdToken, login.person] = [0, null, 'acc_1'];
    login.api = () => ({ status: 404, body: { code: 'not-set-up' } });
  });
  afterAll(async () => {
    await sms.stop();
    await mail.stop();
    await login.goDown();
  });

  /** Token answers whose ID token says something else, signed with the right key. */
  async function alteringFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(input, init);
    if (alterIdToken === null || !String(input).endsWith('/token')) return response;
    const body = (await response.json()) as { id_token: string };
    const header = decodeProtectedHeader(body.id_token) as { alg: string };
    const claims = alterIdToken(decodeJwt(body.id_token));
    const id_token = await new SignJWT(claims).setProtectedHeader(header).sign(login.es256.privateKey);
    return Response.json({ ...body, id_token });
  }
  const token = (claims: JWTPayload, typ: string) => {
    const now = Math.floor(clock().getTime() / 1000);
    const all = {
      iss: login.issuer,
      aud: 'sms',
      iat: now,
      exp: now + 60,
      jti: crypto.randomUUID(),
      ...claims,
    };
    return new SignJWT(all)
      .setProtectedHeader({ alg: 'ES256', typ, kid: 'es-1' })
      .sign(login.es256.privateKey);
  };
  const logoutToken = (claims: JWTPayload) => token({ events: { [LOGOUT]: {} }, ...claims }, 'logout+jwt');
  const backChannel = async (logout_token: string) =>
    fetch(`${sms.origin}/auth/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token }),
    });
  const personAt = async (browser: TestBrowser, console = sms) =>
    (JSON.parse((await browser.open(`${console.origin}/`)).text) as { person: unknown }).person;
  const sidOf = async (browser: TestBrowser) => {
    const id = browser.cookies.find(
      ({ name, value }) => name.startsWith('own-') && value.startsWith('sms'),
    )?.value;
    return (await sms.stores.sessions.find(id ?? ''))?.sid ?? '';
  };
  const post = (browser: TestBrowser, path: string, form: Record<string, string>) =>
    browser.request(sms.origin + path, { method: 'POST', body: new URLSearchParams(form) });
  async function signedIn(): Promise<TestBrowser> {
    const browser = new TestBrowser();
    await browser.open(`${sms.origin}/auth/start?return_path=/settings`);
    return browser;
  }
  /** The callback that a sign-in would come back to, not yet opened. */
  async function callback(browser: TestBrowser): Promise<URL> {
    return new URL((await browser.open(`${sms.origin}/auth/start`, '/auth/callback')).url);
  }

  test('R1: signs in, lands where the person set out for, and forgets the pending sign-in', async () => {
    const browser = new TestBrowser();
    const page = await browser.open(`${sms.origin}/auth/start?return_path=/settings`);
    expect(JSON.parse(page.text)).toEqual({ path: '/settings', person: 'user-of-acc_1' });
    expect(browser.cookies.filter(({ name }) => name.startsWith('hk-signin'))).toEqual([]);
  });

  test('R22: the connection test of any page may read that the console is there, and nothing else', async () => {
    const asked = { headers: { origin: 'https://common-ui.example.co.jp' } };
    const answer = await fetch(`${sms.origin}/auth/reachable`, asked);
    expect([answer.status, await answer.json()]).toEqual([200, { reachable: true }]);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.getSetCookie()).toEqual([]);
    const other = await fetch(`${sms.origin}/auth/start`, { ...asked, redirect: 'manual' });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect((await fetch(`${sms.origin}/auth/reachable`, { ...asked, method: 'POST' })).status).toBe(404);
  });

  test('R1: a silent sign-in is back without a page, signed in or not', async () => {
    login.person = null;
    const browser = new TestBrowser();
    const page = await browser.open(`${sms.origin}/auth/start?prompt=none&return_path=/settings`);
    expect(JSON.parse(page.text)).toEqual({ path: '/settings', person: null });
    login.person = 'acc_1';
    await browser.open(`${mail.origin}/auth/start`);
    const silent = await browser.open(`${sms.origin}/auth/start?prompt=none&return_path=/settings`);
    expect(JSON.parse(silent.text)).toEqual({ path: '/settings', person: 'user-of-acc_1' });
  });

  test.each<[string, (url: URL) => void]>([
    ['another state', (url) => url.searchParams.set('state', 'x'.repeat(43))],
    ['no state', (url) => url.searchParams.delete('state')],
    ['two states', (url) => url.searchParams.append('state', 'y'.repeat(43))],
    [
      'the iss of another server (mix-up, RFC 9207)',
      (url) => url.searchParams.set('iss', 'https://evil.example'),
    ],
    ['no iss', (url) => url.searchParams.delete('iss')],
    ['another code', (url) => url.searchParams.set('code', 'z'.repeat(43))],
  ])('P2: a callback with %s starts no session', async (_what, alter) => {
    const browser = new TestBrowser();
    const url = await callback(browser);
    alter(url);
    expect((await browser.open(url.href)).status).toBe(400);
    expect(await personAt(browser)).toBeNull();
  });

  test("P2: the code of another browser's sign-in fails by PKCE", async () => {
    const thief = new TestBrowser();
    const own = await callback(thief);
    own.searchParams.set('code', (await callback(new TestBrowser())).searchParams.get('code') ?? '');
    expect((await thief.open(own.href)).status).toBe(400);
    expect(await personAt(thief)).toBeNull();
  });

  test('L5: a callback in another browser, and one opened twice, start no session', async () => {
    const browser = new TestBrowser();
    const url = await callback(browser);
    const other = new TestBrowser();
    expect((await other.open(url.href)).status).toBe(400);
    await browser.open(url.href);
    expect((await browser.open(url.href)).status).toBe(400);
    expect([await personAt(browser), await personAt(other)]).toEqual(['user-of-acc_1', null]);
  });

  test.each<[string, (claims: JWTPayload) => JWTPayload]>([
    ['another nonce', (claims) => ({ ...claims, nonce: 'x' })],
    ['no nonce', ({ nonce: _nonce, ...claims }) => claims],
    ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.example' })],
    ['another audience', (claims) => ({ ...claims, aud: 'mail' })],
  ])('P3: an ID token with %s starts no session', async (_what, alter) => {
    alterIdToken = alter;
    expect(await personAt(await signedIn())).toBeNull();
    alterIdToken = (claims) => claims;
    expect(await personAt(await signedIn())).toBe('user-of-acc_1');
  });

  test('R3: a sign-in that the login server begins lands on its target, one of another issuer nowhere', async () => {
    const query = new URLSearchParams({ iss: login.issuer, target_link_uri: `${sms.origin}/settings` });
    const page = await new TestBrowser().open(`${sms.origin}/auth/start?${query.toString()}`);
    expect(JSON.parse(page.text)).toMatchObject({ path: '/settings', person: 'user-of-acc_1' });
    query.set('iss', 'https://evil.example');
    expect((await fetch(`${sms.origin}/auth/start?${query.toString()}`)).status).toBe(400);
  });

  test('R9: signing out of this console ends the session in the other one and comes back', async () => {
    const browser = await signedIn();
    await browser.open(`${mail.origin}/auth/start`);
    const answer = await post(browser, '/logout', {});
    const back = await browser.confirmLogout(await browser.open(answer.headers.get('location') ?? ''));
    expect(back.headers.get('location')).toMatch(new RegExp(`^${sms.origin}/`));
    expect(await personAt(browser)).toBeNull();
    await vi.waitFor(async () => expect(await personAt(browser, mail)).toBeNull());
  });

  test('R9: a back-channel logout ends the session that it names, once, and no other', async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    const good = await logoutToken({ sid: await sidOf(browser) });
    expect((await backChannel(good)).status).toBe(200);
    expect([await personAt(browser), await personAt(other)]).toEqual([null, 'user-of-acc_1']);
    expect((await backChannel(good)).status).toBe(400);
  });

  test('R9: bad logout tokens get 400 as JSON, and the session lives', async () => {
    const browser = await signedIn();
    const sid = await sidOf(browser);
    const bad = [
      'x',
      await logoutToken({ sid, nonce: 'n' }),
      await logoutToken({ sid, aud: 'mail' }),
      await logoutToken({ sid, events: {} }),
      await token({ sid, events: { [LOGOUT]: {} } }, 'JWT'),
    ];
    for (const one of bad) {
      const answer = await backChannel(one);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
    }
    const raw = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'logout_token=x' };
    expect((await fetch(`${sms.origin}/auth/backchannel-logout`, raw)).status).toBe(400);
    const large = { method: 'POST', headers: FORM, body: `logout_token=${'x'.repeat(70_000)}` };
    expect((await fetch(`${sms.origin}/auth/backchannel-logout`, large)).status).toBe(413);
    expect(await personAt(browser)).toBe('user-of-acc_1');
  });

  test('R9: what the back channel could not tell is fetched', async () => {
    const browser = await signedIn();
    const sessions = [{ sid: await sidOf(browser), endedAt: clock().toISOString() }];
    login.api = () => ({ status: 200, body: { sessions, next: '1', more: false } });
    expect(await sms.kit.endedSessions.ask()).toEqual({ ok: true, ended: 1 });
    expect(await personAt(browser)).toBeNull();
  });

  test('R12, R13: link, legacy sign-in and reset follow the plan by the clock, in an outage too; live sessions go on', async () => {
    login.api = (request) => (request.url?.endsWith('/plan') ? { status: 200, body: PLAN } : { status: 404 });
    await sms.kit.plan.refresh();
    login.api = () => ({ status: 503 });
    const browser = await signedIn();
    const legacy = async () => {
      const page = (await browser.open(`${sms.origin}/login`)).text;
      const signIn = (await post(browser, '/login', { user: '7' })).headers.get('location');
      const reset = (await browser.request(`${sms.origin}/reset`)).headers.get('location');
      return [page, signIn, reset === null ? 'own' : new URL(reset).pathname];
    };
    at('2026-11-21T12:59:59Z');
    expect(await legacy()).toEqual(['ログイン', '/', 'own']);
    at('2026-11-21T13:00:01Z');
    expect(await legacy()).toEqual(['統合認証画面はこちら', '/', '/reset']);
    at('2027-01-31T15:00:01Z');
    expect(await legacy()).toEqual(['ログイン', '/auth/start', '/reset']);
    expect(await personAt(browser)).toBe('user-of-acc_1');
    const reset = new URL((await browser.request(`${sms.origin}/reset`)).headers.get('location') ?? '');
    expect(Object.fromEntries(reset.searchParams)).toEqual({
      client_id: 'sms',
      login_hint: 'a@example.co.jp',
      target_link_uri: `${sms.origin}/settings`,
    });
  });

  test('R19: a page is shown as in another phase to whom the login server has signed it, and to nobody else', async () => {
    at('2026-11-01T00:00:00Z');
    login.api = (request) => (request.url?.endsWith('/plan') ? { status: 200, body: PLAN } : { status: 404 });
    await sms.kit.plan.refresh();
    const legacy = async (signed?: string, path = '/login', method = 'GET') => {
      const headers = { ...FORM, ...(signed === undefined ? {} : { 'hitokagi-dry-run': signed }) };
      const sent = method === 'POST' ? { body: 'user=7' } : {};
      const page = await fetch(sms.origin + path, { method, headers, redirect: 'manual', ...sent });
      return [page.headers.get('hitokagi-dry-run'), page.headers.get('location') ?? (await page.text())];
    };
    const trial = (claims: JWTPayload, typ = 'dry-run+jwt') => token(claims, typ);
    const parallel = await trial({ phase: 'parallel' });
    expect(await legacy()).toEqual([null, 'ログイン']);
    // Requests at once keep to themselves.
    expect(await Promise.all([legacy(parallel), legacy(), legacy(parallel), legacy()])).toEqual([
      ['parallel', '統合認証画面はこちら'],
      [null, 'ログイン'],
      ['parallel', '統合認証画面はこちら'],
      [null, 'ログイン'],
    ]);
    expect((await legacy(await trial({ phase: 'unified' }), '/reset'))[1]).toContain(login.issuer);
    const hourAgo = Math.floor(clock().getTime() / 1000) - 3600;
    for (const refused of [
      await trial({ phase: 'parallel' }, 'logout+jwt'),
      await trial({ phase: 'parallel', aud: 'mail' }),
      await trial({ phase: 'parallel', iss: 'https://other.example' }),
      await trial({ phase: 'parallel', iat: hourAgo, exp: hourAgo + 60 }),
      await trial({ phase: 'closed' }),
      await trial({}),
      `${parallel.slice(0, -4)}AAAA`,
      'parallel',
    ])
      expect(await legacy(refused)).toEqual([null, 'ログイン']);
    // What is sent is never tried: a legacy sign-in goes by the clock.
    expect(await legacy(await trial({ phase: 'unified' }), '/login', 'POST')).toEqual([null, '/']);
  });

  test('R15: legacy sign-ins are reported', async () => {
    const reported: unknown[] = [];
    login.api = (_request, body) => {
      const { signIns } = JSON.parse(body) as { signIns: { id: string; consoleUserId: string }[] };
      reported.push(...signIns.map((one) => one.consoleUserId));
      return { status: 200, body: { taken: signIns.map(({ id }) => id), refused: [] } };
    };
    while ((await sms.stores.legacySignIns.oldest(1)).length > 0)
      await sms.stores.legacySignIns.remove((await sms.stores.legacySignIns.oldest(9)).map(({ id }) => id));
    await post(new TestBrowser(), '/login', { user: '8' });
    // After cut-over nobody gets in, and so nobody is reported; here the last known plan holds.
    at('2026-12-01T00:00:00Z');
    await post(new TestBrowser(), '/login', { user: '9' });
    expect(await sms.kit.legacySignIns.flush()).toMatchObject({ ok: true });
    expect(reported).toContain('9');
  });

  test('R18: the login ID follows the console', async () => {
    const server = loginIdServer({ 'user-of-acc_1': 'acc_1@example.co.jp' });
    login.api = server.handler;
    const browser = await signedIn();
    expect((await post(browser, '/address', { new: 'new@example.co.jp' })).status).toBe(200);
    expect(server.mails).toEqual(['new@example.co.jp']);
    expect((await post(browser, '/address', { code: '00000000' })).status).toBe(422);
    expect((await post(browser, '/address', { code: RIGHT_CODE })).status).toBe(200);
    expect(sms.users.get('user-of-acc_1')).toMatchObject({ emailAddress: 'new@example.co.jp', version: 1 });
  });

  test('R24: events of accounts are taken and acted upon once', async () => {
    const browser = await signedIn();
    const event = await token(
      {
        exp: undefined,
        toe: Math.floor(clock().getTime() / 1000) + 1,
        txn: 'evt_1',
        sub_id: { format: 'iss_sub', iss: login.issuer, sub: 'acc_1' },
        events: {
          'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {
            console_user_id: 'user-of-acc_1',
            sequence: 3,
          },
        },
      },
      'secevent+jwt',
    );
    const send = () =>
      fetch(`${sms.origin}/auth/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/secevent+jwt' },
        body: event,
      });
    expect([(await send()).status, (await send()).status]).toEqual([202, 202]);
    expect(sms.events).toEqual(['suspended']);
    expect(await personAt(browser)).toBeNull();
  });

  test('R21: a legacy password is checked for the login server, and for nobody else', async () => {
    const body = JSON.stringify({ emailAddress: 'a@example.co.jp', password: 'right' });
    const body_sha256 = createHash('sha256').update(body).digest('base64url');
    const check = async (bearer: string) =>
      fetch(`${sms.origin}/auth/legacy-password-check`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body,
      });
    const answer = await check(await token({ body_sha256 }, 'legacy-password-check+jwt'));
    expect(await answer.json()).toEqual({ matches: true, consoleUserId: '7' });
    expect((await check('x')).status).toBe(401);
  });

  test('P4: what is not the kit’s goes to the console untouched', async () => {
    for (const path of ['/auth/other', '/auth/start/', '/nothing'])
      expect(await (await fetch(sms.origin + path)).text()).toBe('own 404');
    for (const path of ['/auth/start', '/auth/callback?code=x']) {
      const head = await fetch(sms.origin + path, { method: 'HEAD', redirect: 'manual' });
      expect(head.status).toBe(404);
    }
  });
});
