import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
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
});
afterAll(async () => {
  await sms.app.close();
  await mail.app.close();
  await login.goDown();
});

const personAt = async (browser: TestBrowser, console: RunningConsole): Promise<unknown> =>
  (JSON.parse((await browser.open(`${console.origin}/`)).text) as { person: unknown }).person;

const newestIdToken = (console: RunningConsole): string =>
  [...console.sessions.all.values()].at(-1)?.idToken ?? '';

describe('single logout with a real OpenID Provider', () => {
  test('R9: signing out of one console ends the session in the other, and only of that browser', async () => {
    const office = new TestBrowser();
    const home = new TestBrowser();
    for (const browser of [office, home]) {
      await browser.open(`${sms.origin}/auth/start`);
      await browser.open(`${mail.origin}/auth/start`);
    }
    expect(await personAt(office, sms)).toBe('user-of-acc_1');

    await signOut(office, mail, [...mail.sessions.all.values()].at(-2)?.idToken ?? '');

    await vi.waitFor(async () => expect(await personAt(office, sms)).toBeNull());
    expect(await personAt(office, mail)).toBeNull();
    expect([await personAt(home, sms), await personAt(home, mail)]).toEqual([
      'user-of-acc_1',
      'user-of-acc_1',
    ]);
  });

  test('R9: after signing out the sign-in page asks again', async () => {
    const browser = new TestBrowser();
    await browser.open(`${sms.origin}/auth/start`);
    await signOut(browser, sms, newestIdToken(sms));
    login.person = null;
    expect((await browser.open(`${sms.origin}/auth/start`)).text).toBe('sign-in page');
  });

  test('L5: whoever comes back at once starts a session that the logout before does not end', async () => {
    const browser = new TestBrowser();
    await browser.open(`${sms.origin}/auth/start`);
    await signOut(browser, sms, newestIdToken(sms));
    await browser.open(`${sms.origin}/auth/start`);
    expect(await personAt(browser, sms)).toBe('user-of-acc_1');
  });

  test('R9: the sign-out address carries the hint, the client and the language, and comes back only if asked to', async () => {
    await new TestBrowser().open(`${sms.origin}/auth/start`);
    const idToken = newestIdToken(sms);
    const plain = await sms.kit.signOutUrl({ idToken, locale: 'en' });
    expect(plain).toMatchObject({ ok: true });
    const query = Object.fromEntries(new URL(plain.ok ? plain.redirectTo : '').searchParams);
    expect(query).toEqual({ id_token_hint: idToken, client_id: 'sms', ui_locales: 'en' });
    const back = await sms.kit.signOutUrl({ idToken, returnToConsole: true });
    expect(new URL(back.ok ? back.redirectTo : '').searchParams.get('post_logout_redirect_uri')).toBe(
      `${sms.origin}/`,
    );
  });

  test('R9: the token of the real provider is taken once', async () => {
    const taken: string[] = [];
    const watching = await startConsoleThatKeepsTokens(taken);
    const browser = new TestBrowser();
    await browser.open(`${watching.origin}/auth/start`);
    await signOut(browser, watching, newestIdToken(watching));
    await vi.waitFor(() => expect(taken).toHaveLength(1));
    expect(await watching.kit.receiveLogoutToken(taken[0] ?? '')).toMatchObject({
      status: 400,
      reason: 'used-before',
    });
    await watching.app.close();
  });
});

async function signOut(browser: TestBrowser, console: RunningConsole, idToken: string): Promise<void> {
  const result = await console.kit.signOutUrl({ idToken });
  if (!result.ok) throw new Error(result.reason);
  const page = await browser.open(result.redirectTo);
  const done = await browser.confirmLogout(page);
  expect(done.status).toBeLessThan(400);
}

async function startConsoleThatKeepsTokens(taken: string[]): Promise<RunningConsole> {
  // A provider of its own, since clients are known to it from its first request on.
  const own = await startLoginServer();
  const console = await startConsole(own, 'sms');
  const receive = console.kit.receiveLogoutToken;
  console.kit.receiveLogoutToken = async (body) => {
    taken.push(String(body));
    return receive(body);
  };
  return console;
}

test('P3: a real ID token is no logout token', async () => {
  const kit = kitFor(login);
  await new TestBrowser().open(`${sms.origin}/auth/start`);
  const before = [...sms.sessions.all.values()].filter(({ ended }) => ended).length;
  expect(await kit.receiveLogoutToken({ logout_token: newestIdToken(sms) })).toMatchObject({
    status: 400,
    reason: 'wrong-claims',
  });
  expect([...sms.sessions.all.values()].filter(({ ended }) => ended)).toHaveLength(before);
});

describe('while the login server is down', () => {
  test('R9: the sign-out address can be made from what is known, and is a returned failure when nothing is', async () => {
    const own = await startLoginServer();
    const knowing = kitFor(own);
    expect(await knowing.signOutUrl({ idToken: 'x' })).toMatchObject({ ok: true });
    await own.goDown();
    expect(await knowing.signOutUrl({ idToken: 'x' })).toMatchObject({ ok: true });
    expect(await kitFor(own).signOutUrl({ idToken: 'x' })).toEqual({
      ok: false,
      reason: 'login-server-unreachable',
    });
  });
});
