import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { authorizeUrl, enter, linkOf, locationOf, signIn, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let smsId: string;
beforeAll(async () => {
  world = await openWorld();
  smsId = await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

describe('the front door', () => {
  it('says to a stranger where to begin', async () => {
    const page = await new Browser(world).open('/');
    expect(page.statusCode).toBe(200);
    expect(linkOf(page, 'ログイン')).toBe('/sign-in');
    expect(linkOf(page, 'はじめての方：パスワードを設定する')).toBe('/reset');
    const english = Object.assign(new Browser(world), {
      headers: { accept: 'text/html', 'accept-language': 'en' },
    });
    expect(linkOf(await english.open('/'), 'First time: set a password')).toBe('/reset');
  });

  it('R1: shows the person and the consoles that are open to them, and no other', async () => {
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    const page = await browser.open('/');
    expect(textOf(page)).toContain('見本 太郎 様、 taro@example.co.jp でログインしています。');
    expect(textOf(page)).toContain('管理画面sms');
    expect(textOf(page)).not.toContain('管理画面mail');
    expect(linkOf(page, '開く')).toBe(
      'http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp',
    );
    expect(linkOf(page, 'アカウントを開く')).toBe('/account');
  });

  it('R12: says of each console how far its move has come, in both languages, and lets the person in everywhere', async () => {
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    const set = (linkAt: string | null, cutOverAt: string | null) =>
      world.database.db
        .updateTable('migration_plan')
        .set({
          link_at: linkAt === null ? null : new Date(linkAt),
          cut_over_at: cutOverAt === null ? null : new Date(cutOverAt),
        })
        .where('console_id', '=', smsId)
        .execute();
    const says = async () => textOf(await browser.open('/'));
    expect(await says()).toContain('先行利用できます 正式なご案内はこれからです。');
    await set('2099-11-21T13:00:00Z', null);
    expect(await says()).toContain('正式なご案内は 2099年11月21日(土) 22:00 からです。');
    await set('2020-01-01T00:00:00Z', null);
    expect(await says()).toContain(
      '利用できます 移行期間中です。従来のログイン画面も使えます（パスワードは別です）。',
    );
    await set('2020-01-01T00:00:00Z', '2020-03-01T00:00:00Z');
    expect(await says()).toContain('管理画面sms 利用できます 開く');
    await set(null, null);
    await browser.request('POST', '/language', { lang: 'en', return_path: '/' });
    expect(await says()).toContain('Available early It will be announced later.');
    await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
  });

  it('says whom to ask when no console is open to someone', async () => {
    await world.addPerson('alone@example.co.jp', {}, { password: PASSWORD, name: '' });
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'alone@example.co.jp');
    expect(textOf(await browser.open('/'))).toContain('このログインIDで利用できる管理画面はまだありません。');
  });

  it('A2: a name is shown as text', async () => {
    await world.addPerson(
      'odd@example.co.jp',
      {},
      { password: PASSWORD, name: '<img src=x onerror=alert(1)>' },
    );
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'odd@example.co.jp');
    expect((await browser.open('/')).body).not.toContain('<img src=x');
  });

  it('shows nobody any more when the session has ended by time', async () => {
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    const now = world.now;
    world.pass(1 * HOUR - 1);
    expect(textOf(await browser.open('/'))).toContain('taro@example.co.jp');
    world.pass(1);
    expect(textOf(await browser.open('/'))).not.toContain('taro@example.co.jp');
    world.now = now;
  });
});

describe('R9: leaving from the front door', () => {
  it('ends the session and shows the signed-out page', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const page = await browser.open('/');
    const out = await browser.submit(page, '/sign-out', {});
    expect(out.path).toMatch(/^\/signed-out\/slo_/);
    expect(textOf(out)).toContain('ログアウトしました');
    expect(browser.cookies.get('sso;/')).toBeUndefined();
    expect((await browser.open(authorizeUrl('sms').url)).body).toContain('autocomplete="current-password"');
    expect((await browser.submit(page, '/sign-out', {})).path).toBe('/signed-out');
  });

  it('L5: a cookie that was kept back is worth nothing afterwards', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const kept = new Map(browser.cookies);
    await browser.submit(await browser.open('/'), '/sign-out', {});
    for (const [name, cookie] of kept) browser.cookies.set(name, cookie);
    expect((await browser.open(authorizeUrl('sms').url)).body).toContain('autocomplete="current-password"');
    expect(textOf(await browser.open('/'))).not.toContain('taro@example.co.jp');
  });

  it('ends only this browser’s session', async () => {
    const [one, two] = [new Browser(world), new Browser(world)];
    await enter(world, one, 'sms', { address: 'taro@example.co.jp' });
    await enter(world, two, 'sms', { address: 'taro@example.co.jp' });
    await one.submit(await one.open('/'), '/sign-out', {});
    expect(locationOf(await two.open(authorizeUrl('sms').url)).searchParams.get('code')).toBeTruthy();
  });

  it('pressed twice at once ends the session once', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const before = await world.database.db.selectFrom('single_logout').select('id').execute();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => browser.request('POST', '/sign-out', {})),
    );
    expect(answers.every((answer) => answer.statusCode === 303)).toBe(true);
    expect(await world.database.db.selectFrom('single_logout').select('id').execute()).toHaveLength(
      before.length + 1,
    );
  });
});
