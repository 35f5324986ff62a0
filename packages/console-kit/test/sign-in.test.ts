import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestBrowser } from './browser.ts';
import { kitFor, type RunningConsole, startConsole } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

let login: TestLoginServer;
let sms: RunningConsole;
let mail: RunningConsole;

beforeAll(async () => {
  login = await startLoginServer();
  sms = await startConsole(login, 'sms');
  mail = await startConsole(login, 'mail');
});
beforeEach(() => {
  login.person = 'acc_1';
  sms.failures.length = 0;
});
afterAll(async () => {
  await sms.app.close();
  await mail.app.close();
  await login.goDown();
});

describe('sign-in against a real OpenID Provider', () => {
  test('R1: a person who signs in through the login server lands where they set out for, as the linked user', async () => {
    const browser = new TestBrowser();
    const page = await browser.open(
      `${sms.origin}/auth/start?return_path=${encodeURIComponent('/messages?page=2')}`,
    );
    expect(JSON.parse(page.text)).toEqual({ path: '/messages?page=2', person: 'user-of-acc_1' });
    const [session] = sms.sessions.all.values();
    expect(session).toMatchObject({
      sub: 'acc_1',
      sid: expect.stringMatching(/.+/u),
      emailAddress: 'acc_1@example.co.jp',
      emailVerified: true,
      name: '見本 花子',
      authTime: expect.any(Date),
      startedAt: expect.any(Date),
    });
  });

  test('R1: the second console is entered without being asked again', async () => {
    const browser = new TestBrowser();
    await browser.open(`${sms.origin}/auth/start`);
    login.person = null; // the sign-in page would show from here on
    const page = await browser.open(`${mail.origin}/auth/start`);
    expect(JSON.parse(page.text)).toMatchObject({ person: 'user-of-acc_1' });
  });

  test('R1: ID tokens come as ES256 and are kept for sign-out', async () => {
    await new TestBrowser().open(`${sms.origin}/auth/start`);
    const { idToken } = [...sms.sessions.all.values()].at(-1) ?? { idToken: '' };
    expect(JSON.parse(Buffer.from(idToken.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      alg: 'ES256',
      kid: 'es-1',
    });
  });

  test('R1: two tabs that sign in at the same time both arrive', async () => {
    const browser = new TestBrowser();
    const first = await browser.open(`${sms.origin}/auth/start?return_path=/first`, '/auth/callback');
    const second = await browser.open(`${sms.origin}/auth/start?return_path=/second`, '/auth/callback');
    expect(JSON.parse((await browser.open(first.url)).text)).toMatchObject({ path: '/first' });
    expect(JSON.parse((await browser.open(second.url)).text)).toMatchObject({ path: '/second' });
  });

  test('R10: a silent sign-in without an SSO session says login-required, with one it signs in', async () => {
    login.person = null;
    const kit = kitFor(login, { consoleUrl: sms.origin });
    const browser = new TestBrowser();
    const silently = async () => {
      const started = await kit.startSignIn({ returnPath: '/quiet', prompt: 'none' });
      if (!started.ok) throw new Error(started.reason);
      const { url } = await browser.open(started.redirectTo, '/auth/callback');
      return kit.finishSignIn({ callbackUrl: url, pending: started.pending });
    };
    expect(await silently()).toEqual({ ok: false, reason: 'login-required', returnPath: '/quiet' });
    login.person = 'acc_1';
    await browser.open(`${sms.origin}/auth/start`);
    login.person = null;
    expect(await silently()).toMatchObject({ ok: true, sub: 'acc_1', returnPath: '/quiet' });
  });

  test('R2: login hint and language reach the login server', async () => {
    const started = await sms.kit.startSignIn({
      returnPath: '/',
      loginHint: 'hanako@example.co.jp',
      locale: 'ja',
    });
    const query = new URL(started.ok ? started.redirectTo : '').searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      login_hint: 'hanako@example.co.jp',
      ui_locales: 'ja',
      response_type: 'code',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      redirect_uri: `${sms.origin}/auth/callback`,
    });
  });
});

describe('what is refused at the callback', () => {
  const start = async (kit = sms.kit, returnPath = '/back') => {
    const started = await kit.startSignIn({ returnPath });
    if (!started.ok) throw new Error(started.reason);
    return started;
  };
  const authorised = async () => {
    const started = await start();
    const { url } = await new TestBrowser().open(started.redirectTo, '/auth/callback');
    return { started, url: new URL(url) };
  };

  test('L5: a callback without a pending sign-in of this browser starts no session (login CSRF)', async () => {
    const { url } = await authorised();
    const page = await new TestBrowser().open(url.href);
    expect(page.status).toBe(400);
    expect(sms.failures).toEqual([{ ok: false, reason: 'no-pending-sign-in' }]);
  });

  test('L5: an answer for another sign-in of the same browser is a state-mismatch', async () => {
    const { url } = await authorised();
    const other = await start();
    expect(await sms.kit.finishSignIn({ callbackUrl: url, pending: other.pending })).toEqual({
      ok: false,
      reason: 'state-mismatch',
    });
  });

  test('P4: a doubled state is a state-mismatch', async () => {
    const { started, url } = await authorised();
    url.searchParams.append('state', 'another');
    expect(await sms.kit.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
      reason: 'state-mismatch',
    });
  });

  test('P3: a pending sign-in that was altered, cut or sealed with another key is none', async () => {
    const { started, url } = await authorised();
    const foreign = await start(kitFor(login, { cookieKey: 'another-cookie-key-of-32-characters-or-more' }));
    const middle = Math.floor(started.pending.length / 2);
    const flipped = started.pending[middle] === 'A' ? 'B' : 'A';
    const altered = started.pending.slice(0, middle) + flipped + started.pending.slice(middle + 1);
    for (const pending of [
      altered,
      started.pending.slice(0, -1),
      foreign.pending,
      '',
      'x',
      null,
      undefined,
    ]) {
      expect(await sms.kit.finishSignIn({ callbackUrl: url, pending })).toEqual({
        ok: false,
        reason: 'no-pending-sign-in',
      });
    }
  });

  test('R4: a sign-in may take 60 minutes; after that it is expired and still knows where to return', async () => {
    let ahead = 0;
    const kit = kitFor(login, { consoleUrl: sms.origin, clock: () => new Date(Date.now() + ahead) });
    const { pending, state } = await start(kit);
    const callbackUrl = `/auth/callback?state=${state}&code=x&iss=${encodeURIComponent(login.issuer)}`;
    ahead = 60 * 60_000 + 1_000;
    expect(await kit.finishSignIn({ callbackUrl, pending })).toEqual({
      ok: false,
      reason: 'expired',
      returnPath: '/back',
    });
    ahead = 59 * 60_000;
    expect(await kit.finishSignIn({ callbackUrl, pending })).toMatchObject({
      reason: 'refused-by-login-server',
      code: 'invalid_grant',
    });
  });

  test('P3: an answer that names another issuer, or none, is refused before the code is redeemed (RFC 9207)', async () => {
    for (const iss of ['https://evil.example.co.jp', null]) {
      const { started, url } = await authorised();
      if (iss === null) url.searchParams.delete('iss');
      else url.searchParams.set('iss', iss);
      const redeemed = () => login.requests.filter((path) => path === '/token').length;
      const before = redeemed();
      expect(await sms.kit.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
        reason: 'bad-token',
      });
      expect(redeemed()).toBe(before);
    }
  });

  test('P2: a code is redeemed once, and only with the verifier of its own sign-in', async () => {
    const { started, url } = await authorised();
    expect(await sms.kit.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
      ok: true,
    });
    expect(await sms.kit.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
      reason: 'refused-by-login-server',
      code: 'invalid_grant',
    });
    const injected = await authorised();
    const own = await start();
    const callback = new URL(injected.url);
    callback.searchParams.set('state', own.state);
    expect(await sms.kit.finishSignIn({ callbackUrl: callback, pending: own.pending })).toMatchObject({
      code: 'invalid_grant',
    });
  });

  test('R1: a refusal of the login server comes back with its code', async () => {
    const started = await start();
    const query = new URLSearchParams({ state: started.state, error: 'access_denied', iss: login.issuer });
    const callbackUrl = `/auth/callback?${query.toString()}`;
    expect(await sms.kit.finishSignIn({ callbackUrl, pending: started.pending })).toEqual({
      ok: false,
      reason: 'refused-by-login-server',
      code: 'access_denied',
      returnPath: '/back',
    });
  });

  test('R10: login_required in answer to an ordinary sign-in is a refusal like any other', async () => {
    const started = await start();
    const query = new URLSearchParams({ state: started.state, error: 'login_required', iss: login.issuer });
    const callbackUrl = `/auth/callback?${query.toString()}`;
    expect(await sms.kit.finishSignIn({ callbackUrl, pending: started.pending })).toMatchObject({
      reason: 'refused-by-login-server',
      code: 'login_required',
    });
  });

  test('P1: a return path that leads away is dropped when the sign-in starts', async () => {
    const started = await start(sms.kit, '//evil.example');
    const { url } = await new TestBrowser().open(started.redirectTo, '/auth/callback');
    expect(await sms.kit.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
      ok: true,
      returnPath: '/',
    });
  });

  test("V1: an ID token that has expired by the console's clock is a bad-token", async () => {
    const kit = kitFor(login, { consoleUrl: sms.origin, clock: () => new Date(Date.now() + 3_600_000) });
    const started = await start(kit);
    const { url } = await new TestBrowser().open(started.redirectTo, '/auth/callback');
    expect(await kit.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
      reason: 'bad-token',
    });
  });

  test('R33: a wrong client secret is a refusal with the code that an engineer looks for', async () => {
    const { started, url } = await authorised();
    const misconfigured = kitFor(login, { consoleUrl: sms.origin, clientSecret: 'wrong' });
    expect(await misconfigured.finishSignIn({ callbackUrl: url, pending: started.pending })).toMatchObject({
      code: 'invalid_client',
    });
  });
});
