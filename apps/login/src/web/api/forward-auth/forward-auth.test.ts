import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { statementsOf } from '#test/statements.ts';
import { authorizeUrl, basic, enter, locationOf, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const START = new Date('2026-11-22T01:00:00Z');
const ADDRESS = 'taro@example.co.jp';
const SHOP = 'https://shop.example.co.jp';
const NAVIGATING = { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false, now: START });
  for (const clientId of ['shop', 'other'])
    await world.addConsole(clientId, {
      homeUrl: `https://${clientId}.example.co.jp/`,
      initiateLoginUri: `https://${clientId}.example.co.jp/_hitokagi/start`,
      redirectUris: [`https://${clientId}.example.co.jp/_hitokagi/callback`],
      postLogoutRedirectUris: [],
    });
  await world.addConsole('mail');
  await world.database.db
    .updateTable('console')
    .set({ session_idle_minutes: 90, session_absolute_minutes: 600 })
    .where('client_id', '=', 'shop')
    .execute();
  world.app.forgetCaches();
});
afterAll(() => world.close());

let people = 0;
let address: string;
beforeEach(async () => {
  world.now = START;
  address = `p${++people}-${ADDRESS}`;
  const links = { shop: `利用者 ${people}%`, other: 'o1', mail: 'm1' };
  await world.addPerson(address, uniqueLinks(links), { password: PASSWORD, name: '見本 太郎' });
});
const uniqueLinks = (links: Record<string, string>) =>
  Object.fromEntries(Object.entries(links).map(([id, user]) => [id, `${user}-${people}`]));

/** The console's nginx in front of one browser: passes on what the recipe passes on, and keeps the browser's cookies of the console's host. */
class Shop {
  readonly cookies = new Map<string, string>();
  readonly browser = new Browser(world);
  clientId = 'shop';
  host = 'shop.example.co.jp';
  setCookies: string[] = [];

  async ask(
    path: string,
    headers: Record<string, string> = {},
    method: 'GET' | 'POST' | 'HEAD' = 'GET',
  ): Promise<LightMyRequestResponse> {
    const answer = await world.app.server.inject({
      method,
      url: `/forward-auth/${path}`,
      headers: {
        host: 'login.example.co.jp',
        authorization: basic(this.clientId),
        'x-hitokagi-host': this.host,
        accept: 'text/html',
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...headers,
      },
    });
    this.setCookies = [answer.headers['set-cookie'] ?? []].flat();
    for (const line of this.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Sets out for a page; the address at which the login server hands the code over, to this host. */
  async setOut(start = 'start', headers: Record<string, string> = NAVIGATING): Promise<URL> {
    const started = await this.ask(start, headers);
    expect(started.statusCode, started.body).toBe(303);
    const opened = await this.browser.open(String(started.headers.location));
    return locationOf(opened.statusCode === 200 ? await this.typePassword(opened) : opened);
  }

  async signIn(start?: string, headers?: Record<string, string>): Promise<LightMyRequestResponse> {
    const { search } = await this.setOut(start, headers);
    return this.ask(`callback${search}`, NAVIGATING);
  }

  typePassword(page: Answer): Promise<Answer> {
    return this.browser.submit(page, page.path, { email_address: address, password: PASSWORD });
  }

  async status(): Promise<number> {
    return (await this.ask('check')).statusCode;
  }
}

describe('R33: sign-in for a console behind nginx', () => {
  it('signs in and lands where the person set out for; each check tells who it is, in letters that a header may have', async () => {
    const shop = new Shop();
    expect(await shop.status()).toBe(401);
    const landed = await shop.signIn('start', {
      ...NAVIGATING,
      'x-hitokagi-target': '/orders?page=2&q=a%20b',
    });
    expect(landed.headers.location).toBe(`${SHOP}/orders?page=2&q=a%20b`);
    const { statusCode, headers } = await shop.ask('check');
    expect(statusCode).toBe(204);
    expect(headers).toMatchObject({
      'x-hitokagi-user': `${encodeURIComponent(`利用者 ${people}%-${people}`)}`,
      'x-hitokagi-email': address,
      'x-hitokagi-name': encodeURIComponent('見本 太郎'),
      'x-hitokagi-sub': expect.stringMatching(/^acc_/) as string,
      'x-hitokagi-session': expect.stringMatching(/^[\w-]{21,43}$/) as string,
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
  });

  it('who is signed in at the unified login comes in without typing, and the other way round', async () => {
    const shop = new Shop();
    await enter(world, shop.browser, 'mail', { address });
    const started = await shop.ask('start', NAVIGATING);
    const silent = await shop.browser.open(String(started.headers.location));
    expect(silent.statusCode).toBe(303);
    await shop.ask(`callback${locationOf(silent).search}`);
    expect(await shop.status()).toBe(204);
    expect((await shop.browser.open(authorizeUrl('mail').url)).statusCode).toBe(303);
  });

  it('the request has PKCE, state, nonce and nothing of the person, and the cookies are of this host alone', async () => {
    const shop = new Shop();
    const started = await shop.ask(
      `start?login_hint=${encodeURIComponent(address)}&ui_locales=en`,
      NAVIGATING,
    );
    const asked = new URL(String(started.headers.location));
    expect(asked.origin + asked.pathname).toBe('http://login.example.co.jp/authorize');
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      ...{ client_id: 'shop', response_type: 'code', redirect_uri: `${SHOP}/_hitokagi/callback` },
      ...{
        scope: 'openid email profile',
        code_challenge_method: 'S256',
        login_hint: address,
        ui_locales: 'en',
      },
      ...{
        state: expect.stringMatching(/^[\w-]{43}$/) as string,
        nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      },
    });
    const attributes = /; Path=\/; HttpOnly; Secure; SameSite=Lax$/;
    expect(shop.setCookies).toEqual([
      expect.stringMatching(/^__Host-hitokagi-signin-[\w-]{43}=.*Max-Age=3600; Path=/),
    ]);
    expect(shop.setCookies[0]).toMatch(attributes);
    const opened = await shop.browser.open(asked.href);
    await shop.ask(`callback${locationOf(await shop.typePassword(opened)).search}`);
    expect(shop.setCookies.find((line) => line.startsWith('__Host-hitokagi='))).toMatch(attributes);
    expect(shop.setCookies.join()).not.toMatch(/Domain=/i);
    // What is in the cookies is sealed.
    for (const value of shop.cookies.values())
      expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain('acc_');
  });

  it('several tabs at once all arrive, and the oldest of more than five is forgotten', async () => {
    const shop = new Shop();
    const first = new URL(String((await shop.ask('start', NAVIGATING)).headers.location));
    for (let tab = 0; tab < 4; tab++) await shop.ask('start', NAVIGATING);
    expect(shop.cookies.size).toBe(5);
    const opened = await shop.browser.open(first.href);
    const callback = locationOf(await shop.typePassword(opened)).search;
    const copy = new Map(shop.cookies);
    expect((await shop.ask(`callback${callback}`)).statusCode).toBe(303);
    await shop.ask('start', NAVIGATING);
    await shop.ask('start', NAVIGATING);
    expect([...shop.cookies.keys()].filter((name) => name.includes('signin')).length).toBe(5);
    expect(copy.size).toBe(5);
  });

  it('a sign-in that the login server began lands on its target; one of another issuer is refused in words', async () => {
    const shop = new Shop();
    const query = (iss: string) =>
      `start?${new URLSearchParams({ iss, target_link_uri: `${SHOP}/invoices` }).toString()}`;
    const landed = await shop.signIn(query('http://login.example.co.jp'));
    expect(landed.headers.location).toBe(`${SHOP}/invoices`);
    const refused = await shop.ask(query('https://evil.example'), NAVIGATING);
    expect([refused.statusCode, refused.headers['set-cookie']]).toEqual([400, undefined]);
    expect(refused.body).toContain('もう一度ログインする');
    const english = await shop.ask(query('https://evil.example'), { ...NAVIGATING, 'accept-language': 'en' });
    expect(english.body).toContain('Sign in again');
  });

  it('each check is one statement, with its session found by its key', async () => {
    const shop = new Shop();
    await shop.signIn();
    await shop.status();
    const statements = await statementsOf(async () => void (await shop.status()));
    expect(statements).toHaveLength(1);
    expect(statements[0]).toContain('where s.uid = $');
  });

  it('what fetches in the background is told in words, and is not led away', async () => {
    const shop = new Shop();
    const quiet: Record<string, string>[] = [
      { 'sec-fetch-mode': 'cors' },
      { 'x-requested-with': 'XMLHttpRequest' },
      { 'x-hitokagi-method': 'POST', 'sec-fetch-mode': 'cors' },
      { 'x-hitokagi-method': 'DELETE' },
    ];
    for (const headers of quiet) {
      const answer = await shop.ask('start', headers);
      expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([401, undefined]);
      expect(answer.json()).toMatchObject({ code: 'sign-in-needed', status: 401 });
    }
    expect((await shop.ask('start', {}, 'HEAD')).statusCode).toBe(404);
  });
});

describe('R9, R10: when a session behind nginx ends', () => {
  it('with a logout anywhere else, at once', async () => {
    const shop = new Shop();
    await shop.signIn();
    await shop.browser.submit(await shop.browser.open('/'), '/sign-out', {});
    expect(await shop.status()).toBe(401);
  });

  it('when the person is suspended, or is not a user of this console any more', async () => {
    const { db } = world.database;
    const shop = new Shop();
    await shop.signIn();
    const accountId = db.selectFrom('account').select('id').where('email_address', '=', address);
    const state = (value: 'active' | 'suspended') =>
      db.updateTable('account').set({ state: value }).where('id', '=', accountId).execute();
    await state('suspended');
    expect(await shop.status()).toBe(401);
    await state('active');
    expect(await shop.status()).toBe(204);
    await db
      .updateTable('console_link')
      .set({ deactivated_at: world.now })
      .where('account_id', '=', accountId)
      .where('console_user_id', 'like', '利用者%')
      .execute();
    expect(await shop.status()).toBe(401);
  });

  it('by the console’s own time-outs, whatever the SSO session has left: idle', async () => {
    const shop = new Shop();
    await shop.signIn();
    // The SSO session runs out after an hour; who works here does not notice.
    for (let half = 0; half < 4; half++) {
      world.pass(45 * MINUTE);
      expect(await shop.status()).toBe(204);
    }
    world.pass(90 * MINUTE - 1);
    const idle = new Map(shop.cookies);
    expect(await shop.status()).toBe(204);
    idle.forEach((value, name) => shop.cookies.set(name, value));
    world.pass(1);
    expect(await shop.status()).toBe(401);
  });

  it('by the console’s own time-outs: absolute', async () => {
    const shop = new Shop();
    await shop.signIn();
    for (let hour = 1; hour < 10; hour++) {
      world.pass(HOUR);
      expect(await shop.status()).toBe(204);
    }
    world.pass(HOUR - 1);
    expect(await shop.status()).toBe(204);
    world.pass(1);
    expect(await shop.status()).toBe(401);
  });

  it('the cookie is written anew once a minute, not with each request', async () => {
    const shop = new Shop();
    await shop.signIn();
    world.pass(MINUTE - SECOND);
    await shop.status();
    expect(shop.setCookies).toEqual([]);
    world.pass(SECOND);
    await shop.status();
    expect(shop.setCookies).toHaveLength(1);
  });

  it('leaving here ends the SSO session too, by GET and POST, also after the console’s time-out', async () => {
    for (const [method, wait] of [
      ['GET', 0],
      ['POST', 0],
      ['POST', 3 * HOUR],
    ] as const) {
      const shop = new Shop();
      await shop.signIn();
      await enter(world, shop.browser, 'mail', { address });
      world.pass(wait);
      const left = await shop.ask('sign-out', { 'sec-fetch-site': 'same-origin' }, method);
      expect(left.headers.location).toMatch(/^http:\/\/login\.example\.co\.jp\/signed-out\/slo_/);
      expect([...shop.cookies.keys()]).toEqual([]);
      expect((await shop.browser.open(authorizeUrl('mail').url)).body).toContain('name="password"');
      world.now = START;
    }
  });

  it('a page of another site ends nothing: it leads to the page that asks', async () => {
    const shop = new Shop();
    await shop.signIn();
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      {},
      { referer: 'https://evil.example/' },
      { referer: 'https://shop.example.co.jp.evil.example/' },
      { origin: 'null' },
      { origin: 'https://other.example.co.jp', referer: `${SHOP}/` },
    ];
    for (const headers of foreign)
      for (const method of ['GET', 'POST'] as const) {
        const answer = await shop.ask('sign-out', headers, method);
        expect(answer.headers.location, JSON.stringify(headers)).toBe(
          'http://login.example.co.jp/logout?client_id=shop',
        );
        expect(await shop.status()).toBe(204);
      }
    // Browsers without Fetch Metadata.
    expect((await shop.ask('sign-out', { referer: `${SHOP}/orders` })).headers.location).toContain(
      '/signed-out/',
    );
    expect(await shop.status()).toBe(401);
  });
});

describe('what attackers try at a console behind nginx', () => {
  it('P1: no target leads off the console', async () => {
    const targets = [
      '//evil.example/',
      '/\\evil.example',
      '\\\\evil.example',
      'https://evil.example/',
      'https://shop.example.co.jp@evil.example/',
      'https://shop.example.co.jp.evil.example/',
      'https:evil.example',
      '/\t/evil.example',
      '/%0d%0aLocation:https://evil.example',
      'javascript:alert(1)',
      '/./\u2028/evil',
      '/_hitokagi/sign-out',
      '/_hitokagi/start?return_path=/',
      `/${'a'.repeat(1_001)}`,
      '/..//evil.example/',
    ];
    const shop = new Shop();
    await shop.signIn();
    for (const target of targets)
      for (const [start, headers] of [
        [`start?${new URLSearchParams({ return_path: target }).toString()}`, NAVIGATING],
        [
          `start?${new URLSearchParams({ iss: 'http://login.example.co.jp', target_link_uri: target }).toString()}`,
          NAVIGATING,
        ],
        ['start', { ...NAVIGATING, 'x-hitokagi-target': /^[\x20-\x7e]+$/.test(target) ? target : '/' }],
      ] as const) {
        const landed = await shop.signIn(start, headers);
        const location = new URL(String(landed.headers.location));
        expect(location.origin, target).toBe(SHOP);
        expect(location.pathname, target).not.toMatch(/^\/\/|^\/_hitokagi/);
      }
  });

  it('P1: a host that is not registered is refused, whoever names it, and no cookie comes', async () => {
    const shop = new Shop();
    for (const host of [
      'evil.example',
      'shop.example.co.jp:444',
      'other.example.co.jp',
      'shop.example.co.jp.evil.example',
    ]) {
      shop.host = host;
      const answer = await shop.ask('start', NAVIGATING);
      expect([answer.statusCode, answer.headers['set-cookie']], host).toEqual([500, undefined]);
      expect(answer.body).toContain('_hitokagi/callback');
    }
    shop.clientId = 'mail';
    shop.host = 'mail.example.co.jp';
    expect(await shop.status()).toBe(500);
  });

  it('only the proxy of a console is answered, and not with what would have a browser ask for a password', async () => {
    const shop = new Shop();
    await shop.signIn();
    for (const authorization of ['', basic('shop', 'wrong'), basic('nobody'), 'Bearer x', 'Basic !!!'])
      for (const path of ['check', 'start', 'callback?code=x&state=y', 'sign-out']) {
        const answer = await shop.ask(path, { authorization });
        expect([answer.statusCode, answer.headers['set-cookie'], answer.headers['www-authenticate']]).toEqual(
          [403, undefined, undefined],
        );
        expect(answer.headers).not.toHaveProperty('x-hitokagi-user');
      }
  });

  it('a session of another console, an altered one and an invented one are none', async () => {
    const shop = new Shop();
    await shop.signIn();
    const good = shop.cookies.get('__Host-hitokagi') ?? '';
    const other = new Shop();
    other.clientId = 'other';
    other.host = 'other.example.co.jp';
    other.cookies.set('__Host-hitokagi', good);
    expect(await other.status()).toBe(401);
    for (let at = 0; at < good.length; at += 7) {
      const swapped = good[at] === 'A' ? 'B' : 'A';
      shop.cookies.set('__Host-hitokagi', good.slice(0, at) + swapped + good.slice(at + 1));
      if (shop.cookies.get('__Host-hitokagi') !== good) expect(await shop.status(), String(at)).toBe(401);
    }
    for (const invented of ['', 'x', '{}', 'eyJhbGciOiJub25lIn0.e30.', 'a.b.c.d.e', '\0'.repeat(3)]) {
      shop.cookies.set('__Host-hitokagi', encodeURIComponent(invented));
      expect(await shop.status()).toBe(401);
    }
    shop.cookies.set('__Host-hitokagi', good);
    expect(await shop.status()).toBe(204);
  });

  it('L5: a callback in another browser, with another state, or after an hour, starts no session', async () => {
    const shop = new Shop();
    const { search } = await shop.setOut();
    const victim = new Shop();
    const refused = await victim.ask(`callback${search}`);
    expect([refused.statusCode, victim.cookies.size]).toEqual([400, 0]);
    await victim.ask('start', NAVIGATING);
    expect((await victim.ask(`callback${search}`)).statusCode).toBe(400);
    for (const changed of [
      search.replace(/state=[^&]+/, 'state=x'),
      `${search}&state=x`,
      search.replace(/iss=[^&]+/, 'iss=https%3A%2F%2Fevil.example'),
      search.replace(/&?iss=[^&]+/, ''),
      search.replace(/code=[^&]+/, 'code=x'),
      search.replace(/code=[^&]+&?/, ''),
    ]) {
      const copy = new Shop();
      shop.cookies.forEach((value, name) => copy.cookies.set(name, value));
      expect((await copy.ask(`callback${changed}`)).statusCode, changed).toBe(400);
      expect([...copy.cookies.keys()]).not.toContain('__Host-hitokagi');
    }
    world.pass(HOUR + 1);
    expect((await shop.ask(`callback${search}`)).body).toContain('有効期限');
    expect(await shop.status()).toBe(401);
  });

  it('P2: of twenty callbacks at once with one code one starts a session; opened again later, who is in stays in', async () => {
    const shop = new Shop();
    const { search } = await shop.setOut();
    const cookies = new Map(shop.cookies);
    const copies = Array.from({ length: 20 }, () => {
      const copy = new Shop();
      cookies.forEach((value, name) => copy.cookies.set(name, value));
      return copy;
    });
    const answers = await Promise.all(copies.map((copy) => copy.ask(`callback${search}`)));
    expect(answers.filter(({ statusCode }) => statusCode === 303)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 400)).toHaveLength(19);
    const fresh = new Shop();
    const callback = await fresh.setOut();
    await fresh.ask(`callback${callback.search}`);
    const again = await fresh.ask(`callback${callback.search}`);
    expect([again.statusCode, again.headers.location]).toEqual([303, `${SHOP}/`]);
    expect(await fresh.status()).toBe(204);
  });

  it('a logout between sign-in and callback is not undone by the callback', async () => {
    const shop = new Shop();
    const { search } = await shop.setOut();
    await shop.browser.submit(await shop.browser.open('/'), '/sign-out', {});
    expect((await shop.ask(`callback${search}`)).statusCode).toBe(400);
    expect(await shop.status()).toBe(401);
  });
});
