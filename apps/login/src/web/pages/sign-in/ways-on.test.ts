import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, enter, locationOf, PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addConsole('plain', { initiateLoginUri: null });
  await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1', plain: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

const open = (extra?: Record<string, string>, browser = new Browser(world)): Promise<Answer> =>
  browser.open(authorizeUrl('sms', extra).url);

describe('R3: a sign-in always leads on', () => {
  it('into the console’s entrance when the pending sign-in ended meanwhile', async () => {
    const browser = new Browser(world);
    const page = await open({}, browser);
    world.pass(61 * MINUTE);
    const answer = await browser.submit(page, page.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(locationOf(answer).href).toBe(
      'http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp',
    );
    expect(locationOf(await browser.open(authorizeUrl('sms').url)).searchParams.get('code')).toBeTruthy();
  });

  it('into the console’s home page when it has no entrance', async () => {
    const browser = new Browser(world);
    const page = await browser.open(authorizeUrl('plain').url);
    world.pass(61 * MINUTE);
    const answer = await browser.submit(page, page.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(locationOf(answer).href).toBe('http://plain.example.co.jp/');
  });

  it('the page of an ended sign-in leads to the console that it was for, in this browser and in another', async () => {
    const browser = new Browser(world);
    const page = await open({}, browser);
    await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    for (const one of [browser, new Browser(world)])
      expect(locationOf(await one.open(page.path)).href).toMatch(
        /^http:\/\/sms\.example\.co\.jp\/auth\/start\?iss=/,
      );
  });

  it('a page that never was is the sign-in page alone, and leads to the list of consoles', async () => {
    const browser = new Browser(world);
    for (const path of ['/sign-in/never-was', '/sign-in', '/sign-in/%E2%9C%93']) {
      const page = await browser.open(path);
      expect(page.statusCode).toBe(200);
      expect(textOf(page)).toContain('ご利用の管理画面を選ぶには、ログインが必要です。');
    }
    const page = await browser.open('/sign-in');
    const list = await browser.submit(page, '/sign-in', {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(list.path).toBe('/');
    expect(textOf(list)).toContain('利用できる管理画面');
    expect((await browser.open('/sign-in')).path).toBe('/');
  });

  it('who is signed in and has no user in this console is told so, can sign in otherwise, and is not sent in circles', async () => {
    await world.addPerson('mail-only@example.co.jp', { mail: '9' }, { password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'mail', { address: 'mail-only@example.co.jp' });
    const told = await browser.open(authorizeUrl('sms').url);
    expect(told.statusCode).toBe(200);
    expect(textOf(told)).toContain('管理画面smsのご利用登録がありません');
    expect(textOf(told)).toContain('mail-only@example.co.jp でログインしていますが、');
    const page = await browser.open(`${told.path}?other=1`);
    expect(page.body).toContain('autocomplete="current-password"');
    const same = await browser.submit(page, told.path, {
      email_address: 'mail-only@example.co.jp',
      password: PASSWORD,
    });
    expect(textOf(same)).toContain('ご利用登録がありません');
    const again = await browser.open(`${same.path}?other=1`);
    const other = await browser.submit(again, same.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(locationOf(other).href).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/callback\?code=/);
  });

  it('who is suspended in the middle of a session is asked to sign in, from every entry page, and another person can', async () => {
    const id = await world.addPerson('leaving@example.co.jp', { sms: '21' }, { password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'leaving@example.co.jp' });
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    const page = await open({}, browser);
    expect(page.body).toContain('autocomplete="current-password"');
    expect(
      (await browser.submit(page, page.path, { email_address: 'leaving@example.co.jp', password: PASSWORD }))
        .statusCode,
    ).toBe(401);
    expect(textOf(await browser.open('/'))).toContain('ふだんはお使いの管理画面から開いてください');
    const alone = await browser.open('/sign-in');
    expect(alone.body).toContain('autocomplete="current-password"');
    const list = await browser.submit(alone, '/sign-in', {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(textOf(list)).toContain('taro@example.co.jp でログインしています');
  });
});

describe('L5: a sign-in belongs to one browser', () => {
  it('nobody can finish the pending sign-in of another browser', async () => {
    const victim = new Browser(world);
    const page = await open({}, victim);
    const stranger = new Browser(world);
    const answer = await stranger.submit(page, page.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect(locationOf(answer).pathname).toBe('/auth/start');
    expect((await victim.open(page.path)).body).toContain('autocomplete="current-password"');
  });

  it('a session cookie that was there before is not the one of the signed-in session', async () => {
    for (const start of [authorizeUrl('sms').url, '/sign-in']) {
      const browser = new Browser(world);
      browser.cookies.set('sso;/', { value: 'planted', path: '/' });
      browser.cookies.set('sso.sig;/', { value: 'planted', path: '/' });
      await signIn(browser, start, 'taro@example.co.jp');
      const first = browser.cookies.get('sso;/')?.value;
      expect(first).toBeTruthy();
      expect(first).not.toBe('planted');
      const page = await browser.open(authorizeUrl('sms', { prompt: 'login' }).url);
      await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
      expect(browser.cookies.get('sso;/')?.value).not.toBe(first);
    }
  });

  it('a session cookie without its signature is worth nothing', async () => {
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    expect(textOf(await browser.open('/'))).toContain('taro@example.co.jp');
    const thief = new Browser(world);
    thief.cookies.set('sso;/', browser.cookies.get('sso;/') ?? { value: '', path: '/' });
    expect(textOf(await thief.open('/'))).not.toContain('taro@example.co.jp');
  });
});
