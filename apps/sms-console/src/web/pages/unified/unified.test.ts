import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import type { TestBrowser } from '../../../../test/browser.ts';
import type { Person } from '#domain/people/people.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel', timeouts: { idle: 5 * MINUTE, absolute: 8 * MINUTE } });
});
afterAll(() => world.close());
afterEach(() => world.clock.reset());

/** A console that was started while the login server is away, so that it knows nothing of it but the plan. */
async function whileLoginServerIsAway(act: () => Promise<void>): Promise<void> {
  world.login.down = true;
  await world.restart();
  try {
    await act();
  } finally {
    world.login.down = false;
    await world.restart();
  }
}

async function enter(person: Person, browser: TestBrowser = world.browser()): Promise<TestBrowser> {
  world.login.atTheKeyboard = world.accountOf(person);
  await browser.open('/login');
  await browser.open('/auth/start');
  world.login.atTheKeyboard = null;
  return browser;
}

describe('unified sign-in', () => {
  test('R1: the link of the legacy page leads through the login server into the console', async () => {
    const person = await world.addPerson();
    const browser = await enter(person);
    expect(browser.page?.url.href).toBe('http://localhost:5701/');
    expect(browser.page?.text).toContain(person.name);
    expect(browser.page?.text).toContain('統合認証');
  });

  test('R1: lands on the page that one set out for', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    world.login.atTheKeyboard = world.accountOf(person);
    await browser.open('/auth/start?return_path=/settings');
    expect(browser.page?.url.pathname).toBe('/settings');
  });

  test('R8: asks the login server for the language of the reader', async () => {
    world.login.atTheKeyboard = null;
    await world.browser({ 'accept-language': 'en' }).open('/auth/start');
    expect(world.login.lastSignIn?.locale).toBe('en');
    await world.browser().open('/auth/start');
    expect(world.login.lastSignIn?.locale).toBe('ja');
  });

  test('R20: finds the person by the console’s own user id, not by the address', async () => {
    const person = await world.addPerson();
    const other = await world.addPerson();
    world.accountOf(person).emailAddress = other.emailAddress;
    const browser = await enter(person);
    expect(browser.page?.text).toContain(person.name);
    expect(browser.page?.text).not.toContain(other.name);
  });

  test('an account without a user here gets a page that says where to go, and no session', async () => {
    const person = await world.addPerson({ account: false });
    world.login.accounts.push({
      sub: 'acc_stranger',
      emailAddress: person.emailAddress,
      name: '見本 他人',
      consoleUserId: undefined,
    });
    world.login.atTheKeyboard = world.login.accounts.at(-1) ?? null;
    const browser = world.browser();
    const page = await browser.open('/auth/start');
    expect(page.status).toBe(403);
    expect(page.text).toContain('絶対リーチ!SMS の利用者として登録されていません');
    expect(page.text).toContain('support@sms.example.co.jp');
    expect(page.html).toContain(`href="${world.login.issuer}"`);
    expect(page.html).toContain('href="/login"');
    expect(browser.cookie('reach-sms-session')).toBeUndefined();
  });

  test('a person who left gets in by neither login', async () => {
    const person = await world.addPerson();
    await world.db.updateTable('person').set({ active: false }).where('id', '=', person.id).execute();
    const browser = await enter(person);
    expect(browser.page?.status).toBe(403);
    await browser.open('/login');
    const page = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(page.status).toBe(422);
  });

  test('R12: works before link time for staff who know the address', async () => {
    await world.setPhase('prepared');
    const browser = await enter(await world.addPerson());
    expect(browser.page?.url.pathname).toBe('/');
    await world.setPhase('parallel');
  });

  test('with the login server away it says so and names the legacy login', async () => {
    await whileLoginServerIsAway(async () => {
      const page = await world.browser().open('/auth/start?return_path=/settings');
      expect(page.status).toBe(503);
      expect(page.text).toContain('統合認証につながりません');
      expect(page.html).toContain('href="/login?return_path=%2Fsettings"');
    });
  });

  test('a callback opened again goes on when one is in, and else offers another try', async () => {
    const browser = await enter(await world.addPerson());
    const again = await browser.open('/auth/callback?code=used&state=0123456789abcdef');
    expect(again.url.pathname).toBe('/');
    const stranger = await world.browser().open('/auth/callback?code=used&state=0123456789abcdef');
    expect(stranger.status).toBe(400);
    expect(stranger.text).toContain('もう一度ログインしてください');
    expect(stranger.html).toContain('href="/auth/start"');
  });
});

describe('session timeouts (R10)', () => {
  test('idle: a unified session that ran out is taken up again without typing while the SSO session lives', async () => {
    const browser = await enter(await world.addPerson());
    const first = browser.cookie('reach-sms-session');
    world.clock.advance(6 * MINUTE);
    const page = await browser.open('/settings');
    expect(page.url.href).toBe('http://localhost:5701/settings');
    expect(browser.cookie('reach-sms-session')).not.toBe(first);
  });

  test('idle: with the SSO session gone the unified sign-in page shows', async () => {
    const browser = await enter(await world.addPerson());
    browser.cookies = browser.cookies.filter(({ name }) => name.startsWith('reach-sms'));
    world.clock.advance(6 * MINUTE);
    const page = await browser.open('/');
    expect(page.text).toBe('the sign-in page');
  });

  test('idle: a legacy session that ran out leads to the legacy page', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    world.clock.advance(6 * MINUTE);
    expect((await browser.open('/')).url.pathname).toBe('/login');
  });

  test('idle time counts from the last request; absolute time does not', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    for (const minutes of [4, 3]) {
      world.clock.advance(minutes * MINUTE);
      expect((await browser.open('/')).url.pathname).toBe('/');
    }
    world.clock.advance(1.1 * MINUTE);
    expect((await browser.open('/')).url.pathname).toBe('/login');
  });

  test('a clock that steps back revives nothing that single logout ended', async () => {
    const person = await world.addPerson();
    const browser = await enter(person);
    const session = browser.cookie('reach-sms-session') ?? '';
    await browser.open('/settings');
    await browser.send('/logout');
    world.clock.advance(-HOUR);
    const back = world.browser();
    back.cookies.push({ host: 'localhost', path: '/', name: 'reach-sms-session', value: session });
    expect((await back.open('/')).url.origin).toBe(world.login.issuer);
  });
});

describe('single logout (R9)', () => {
  test('R9: signing out of a unified session ends it here and goes to the login server, which ends the rest', async () => {
    const person = await world.addPerson();
    const here = await enter(person);
    await here.open('/settings');
    const page = await here.send('/logout');
    expect(page.url.origin).toBe(world.login.issuer);
    expect(page.url.searchParams.get('id_token_hint')).not.toBeNull();
    expect(page.url.searchParams.get('client_id')).toBe('sms');
    expect(page.url.searchParams.get('ui_locales')).toBe('ja');
    expect((await here.open('http://localhost:5701/')).url.pathname).toBe('/login');
  });

  test('R9: a back-channel logout ends the session here; the next page asks at the unified sign-in', async () => {
    const person = await world.addPerson();
    const browser = await enter(person);
    const other = await enter(person);
    await logOutElsewhere(browser);
    const page = await browser.open('http://localhost:5701/');
    expect(page.text).toBe('the sign-in page');
    expect((await other.open('/')).url.pathname).toBe('/');
  });

  test('R9: a legacy session of the same person is untouched by it', async () => {
    const person = await world.addPerson();
    const legacy = world.browser();
    await legacy.open('/login');
    await legacy.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    const browser = await enter(person);
    await logOutElsewhere(browser);
    expect((await legacy.open('/')).url.pathname).toBe('/');
  });

  test('a logout request that is none changes nothing and is answered 400', async () => {
    const browser = await enter(await world.addPerson());
    const url = new URL('http://localhost:5701/auth/backchannel-logout');
    expect((await browser.request('POST', url, 'logout_token=x.y.z')).status).toBe(400);
    expect((await browser.request('POST', url, '')).status).toBe(400);
    expect((await browser.open('/')).status).toBe(200);
  });

  /** Signs out at the login server itself, as another console would have it. */
  async function logOutElsewhere(browser: TestBrowser): Promise<void> {
    const asked = await browser.open(`${world.login.issuer}/session/end`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.html)?.[1] ?? '';
    await browser.post('/session/end/confirm', { xsrf, logout: 'yes' });
  }
});

describe('sign-out by phase (R12)', () => {
  test('a legacy session: the console’s own, with a page that leads on', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    const page = await browser.send('/logout');
    expect(page.url.pathname).toBe('/signed-out');
    expect(page.text).toContain('ログアウトしました');
    expect(page.html).toContain('href="/login"');
    expect((await browser.open('/')).url.pathname).toBe('/login');
  });

  test('before link time: the console’s own for every session', async () => {
    await world.setPhase('prepared');
    const browser = await enter(await world.addPerson());
    expect((await browser.send('/logout')).url.pathname).toBe('/signed-out');
    await world.setPhase('parallel');
  });

  test('after an explicit sign-out nobody is taken back in by themselves', async () => {
    await world.setPhase('prepared');
    const browser = await enter(await world.addPerson());
    await browser.send('/logout');
    await world.setPhase('parallel');
    expect((await browser.open('/')).url.pathname).toBe('/login');
  });

  test('with the login server away the session here is over all the same, and the page says what is not', async () => {
    const browser = await enter(await world.addPerson());
    await whileLoginServerIsAway(async () => {
      const page = await browser.send('/logout');
      expect(page.status).toBe(503);
      expect(page.text).toContain('統合認証からはログアウトできていません');
      expect((await browser.open('/')).url.pathname).toBe('/login');
    });
  });
});
