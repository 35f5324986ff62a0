import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, enter, locationOf, PASSWORD, redeem, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('mail', {
    backchannelLogoutUri: 'http://mail.example.co.jp/auth/backchannel-logout',
  });
  await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1' }, { password: PASSWORD });
  await world.addPerson('hanako@example.co.jp', { sms: '2', mail: '2' }, { password: PASSWORD });
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const asks = (answer: Answer): boolean =>
  answer.statusCode === 200 && answer.body.includes('autocomplete="current-password"');
const again = (browser: Browser, extra?: Record<string, string>): Promise<Answer> =>
  browser.open(authorizeUrl('sms', extra).url);

describe('R10: the unified session', () => {
  it('ends after an hour without use, and each use prolongs it', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    for (let i = 0; i < 3; i++) {
      world.pass(1 * HOUR - 1_000);
      expect(locationOf(await again(browser)).searchParams.get('code')).toBeTruthy();
    }
    world.pass(1 * HOUR);
    expect(asks(await again(browser))).toBe(true);
  });

  it('ends twelve hours after the sign-in, however much it is used', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const begin = world.now;
    while (world.now.getTime() - begin.getTime() < 12 * HOUR - 50 * MINUTE) {
      world.pass(50 * MINUTE);
      expect(locationOf(await again(browser)).searchParams.get('code')).toBeTruthy();
    }
    world.now = new Date(begin.getTime() + 12 * HOUR + 1_000);
    expect(asks(await again(browser))).toBe(true);
  });

  it('asks again when the console wants it: prompt=login, and when the sign-in is older than it accepts', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    expect(asks(await again(browser, { prompt: 'login' }))).toBe(true);
    expect(asks(await again(browser, { max_age: '0' }))).toBe(true);
  });

  it('answers prompt=none at once, with a code or with login_required, and shows no page', async () => {
    const browser = new Browser(world);
    const without = locationOf(await browser.request('GET', authorizeUrl('sms', { prompt: 'none' }).url));
    expect([without.host, without.searchParams.get('error'), without.searchParams.get('state')]).toEqual([
      'sms.example.co.jp',
      'login_required',
      'state-of-the-console',
    ]);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    expect(locationOf(await again(browser, { prompt: 'none' })).searchParams.get('code')).toBeTruthy();
  });

  it('is one cookie: HttpOnly, SameSite=Lax, of no use to another site', async () => {
    const browser = new Browser(world);
    const page = await browser.open(authorizeUrl('sms').url);
    const answer = await browser.request('POST', page.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    const resumed = await browser.request('GET', String(answer.headers.location));
    const cookies = [resumed.headers['set-cookie']].flat().map(String);
    const session = cookies.find((line) => line.startsWith('sso='));
    expect(session).toMatch(/path=\/;/i);
    for (const line of cookies) {
      expect(line).toMatch(/httponly/i);
      expect(line).toMatch(/samesite=lax/i);
      expect(line).not.toMatch(/domain=/i);
    }
  });
});

describe('L5: two people in one browser', () => {
  it('the second one’s sign-in ends the first one’s session and tells that one’s consoles', async () => {
    const browser = new Browser(world);
    const first = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    await enter(world, browser, 'mail', { address: 'taro@example.co.jp' });
    const { url, verifier } = authorizeUrl('sms', { prompt: 'login' });
    const page = await browser.open(url);
    const callback = locationOf(
      await browser.submit(page, page.path, { email_address: 'hanako@example.co.jp', password: PASSWORD }),
    );
    const claims = await redeem(world, 'sms', callback, verifier);
    expect(claims.console_user_id).toBe('2');
    expect(claims.sid).not.toBe(first.claims.sid);

    const ended = await world.database.db
      .selectFrom('single_logout')
      .selectAll()
      .where('at', '=', world.now)
      .execute();
    expect(ended).toMatchObject([{ cause: 'other-account', account_id: first.claims.sub }]);
    const told = await world.database.db
      .selectFrom('logout_delivery')
      .innerJoin('console', 'console.id', 'console_id')
      .select(['client_id', 'sid', 'account_id'])
      .where('single_logout_id', '=', ended[0]?.id as string)
      .orderBy('client_id')
      .execute();
    expect(told.map((row) => [row.client_id, row.account_id])).toEqual([
      ['mail', first.claims.sub],
      ['sms', first.claims.sub],
    ]);
    expect(told[1]?.sid).toBe(first.claims.sid);
    expect(textOf(await browser.open('/'))).toContain('hanako@example.co.jp');
  });

  it('signing in again as oneself goes on in the same session, and tells nobody', async () => {
    const browser = new Browser(world);
    const first = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const page = await again(browser, { prompt: 'login' });
    locationOf(
      await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD }),
    );
    expect((await enter(world, browser, 'sms', { address: 'taro@example.co.jp' })).claims.sid).toBe(
      first.claims.sid,
    );
    expect(
      await world.database.db.selectFrom('single_logout').select('id').where('at', '=', world.now).execute(),
    ).toEqual([]);
  });

  it('the list of consoles does the same', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    // No link leads there while one is signed in; a second tab that was open before does.
    const answer = await browser.request('POST', '/sign-in', {
      email_address: 'hanako@example.co.jp',
      password: PASSWORD,
    });
    expect(answer.statusCode).toBe(303);
    expect(textOf(await browser.open('/'))).toContain('hanako@example.co.jp');
    expect(
      await world.database.db
        .selectFrom('single_logout')
        .select('cause')
        .where('at', '=', world.now)
        .execute(),
    ).toEqual([{ cause: 'other-account' }]);
  });

  it('a console that does not know the account says so without a page when it asks with prompt=none', async () => {
    await world.addPerson('mail-only@example.co.jp', { mail: '3' }, { password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'mail', { address: 'mail-only@example.co.jp' });
    expect(locationOf(await again(browser, { prompt: 'none' })).searchParams.get('error')).toBe(
      'interaction_required',
    );
  });

  it('two sign-ins of one browser at once keep both consoles in the session, so that a logout tells both', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    await Promise.all([
      enter(world, browser, 'mail', { address: 'taro@example.co.jp' }),
      again(browser),
      again(browser),
    ]);
    await browser.submit(await browser.open('/'), '/sign-out', {});
    const told = await world.database.db
      .selectFrom('logout_delivery')
      .select('id')
      .where('created_at', '=', world.now)
      .execute();
    expect(told).toHaveLength(2);
  });
});
