import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOfRoute } from '#web/http/hosts.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser, hiddenFields } from './browser.ts';
import {
  authorizeUrl,
  basic,
  codeIn,
  enter,
  locationOf,
  PASSWORD,
  redeem,
  setPassword,
  signIn,
  textOf,
  tokensOf,
} from './steps.ts';
import { routesOf } from '../../../test-support/route-tree.ts';
import { openWorld, type World } from './world.ts';

const PAGES = 'https://common-ui.example.co.jp';
const API = 'https://common-api.example.co.jp';
const HOST = { pages: new URL(PAGES).host, api: new URL(API).host };

let world: World;
beforeAll(async () => {
  world = await openWorld({
    environment: { HITOKAGI_ISSUER: '', HITOKAGI_PAGES_URL: PAGES, HITOKAGI_API_URL: API },
  });
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addPerson('taro@example.co.jp', { sms: '1', mail: '2' }, { password: PASSWORD });
});
afterAll(() => world.close());

const ask = (host: string, url: string, headers: Record<string, string> = {}) =>
  world.app.server.inject({ url, headers: { host, accept: 'text/html', ...headers } });
const setCookies = (answer: { headers: Record<string, unknown> }): string[] =>
  [answer.headers['set-cookie'] ?? []].flat() as string[];

describe('R22: which host answers what', () => {
  it('discovery at the issuer sends browsers to the pages and programs to the API', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const document = (await ask(HOST.api, path)).json<Record<string, unknown>>();
      expect(document.issuer).toBe(API);
      const addresses = Object.entries(document).filter(
        (one): one is [string, string] => typeof one[1] === 'string' && one[1].includes('://'),
      );
      expect(addresses.length).toBeGreaterThan(6);
      for (const [name, address] of addresses)
        expect([name, new URL(address).origin]).toEqual([
          name,
          ['authorization_endpoint', 'end_session_endpoint'].includes(name) ? PAGES : API,
        ]);
    }
  });

  it('every route has one place; a new one is placed on purpose', () => {
    const patterns = routesOf(world.app.server.printRoutes({ commonPrefix: false })).map(
      (route) => route.split(' ')[1] ?? '',
    );
    const places: Record<string, Set<string>> = {};
    for (const pattern of patterns)
      (places[placeOfRoute(pattern)] ??= new Set()).add(pattern.split('/')[1] ?? '');
    expect(
      Object.fromEntries(Object.entries(places).map(([place, parts]) => [place, [...parts].sort()])),
    ).toEqual({
      api: [
        '.well-known',
        'api',
        'consoles',
        'forward-auth',
        'introspect',
        'jwks',
        'revoke',
        'scim',
        'ssf',
        'token',
        'userinfo',
      ],
      either: ['connection-test', 'language', 'reachable'],
      pages: [
        ...['', 'account', 'authorize', 'healthz', 'login-id', 'logout', 'new-password', 'operator'],
        ...['readyz', 'reset', 'sign-in', 'sign-out', 'signed-out'],
      ],
    });
  });

  it.each([
    '/',
    '/sign-in',
    '/reset?client_id=sms&login_hint=a%40b.example',
    '/account',
    '/operator',
    '/authorize?x=1',
    '/logout',
    '/signed-out',
  ])('%s is a page: the host of the API leads there, with its query', async (path) => {
    const led = await ask(HOST.api, path);
    expect([led.statusCode, led.headers.location]).toEqual([307, `${PAGES}${path}`]);
    expect(setCookies(led)).toEqual([]);
    const here = await ask(HOST.pages, path);
    expect(String(here.headers.location ?? '')).not.toContain(HOST.api);
    expect(here.statusCode).not.toBe(307);
  });

  it.each([
    '/api/console/v1/plan',
    '/api/openapi.json',
    '/api/docs',
    '/consoles/sms/link.js',
    '/jwks',
    '/userinfo',
    '/scim/v2/Users',
    '/ssf/stream',
    '/.well-known/openid-configuration',
    '/.well-known/ssf-configuration',
  ])('%s is for programs: the host of the pages does not have it', async (path) => {
    expect((await ask(HOST.pages, path)).statusCode).toBe(404);
    expect((await ask(HOST.api, path)).statusCode).not.toBe(404);
  });

  it('a form is not led on: sent to the other host, nothing happens', async () => {
    for (const path of ['/sign-in', '/sign-out', '/reset', '/login-id/undo'])
      expect([path, (await post(HOST.api, path, API)).statusCode]).toEqual([path, 404]);
    for (const path of ['/token', '/revoke', '/introspect', '/api/console/v1/login-ids/compare'])
      expect([path, (await post(HOST.pages, path, PAGES)).statusCode]).toEqual([path, 404]);
  });

  it('a request for authorization or logout that comes as a form becomes an address on either host, and ends at the pages', async () => {
    for (const path of ['/authorize', '/logout']) {
      const became = await post(HOST.api, path, 'https://sms.example.co.jp', 'a=b');
      expect([became.statusCode, became.headers.location]).toEqual([303, `${path}?a=b`]);
      expect((await ask(HOST.api, `${path}?a=b`)).headers.location).toBe(`${PAGES}${path}?a=b`);
    }
  });

  it.each([
    ['another host', { host: 'evil.example' }],
    ['one of ours with another port', { host: `${HOST.pages}:8443` }],
    ['one that ends like ours', { host: `x.${HOST.pages}` }],
    [
      'one of ours in a header of a proxy that nobody trusts',
      { host: 'evil.example', 'x-forwarded-host': HOST.pages },
    ],
  ])('%s is refused', async (_name, headers) => {
    for (const path of ['/sign-in', '/token', '/connection-test', '/.well-known/openid-configuration'])
      expect([path, (await ask('', path, headers)).statusCode]).toEqual([path, 400]);
    expect((await ask('', '/healthz', headers)).statusCode).toBe(200);
  });

  it('a path that begins with two slashes, or names a host, leads to no other one', async () => {
    for (const path of [
      '//evil.example/sign-in',
      '/sign-in/..%2f%2fevil.example',
      '/sign-in?x=//evil.example',
    ]) {
      const { location } = (await ask(HOST.api, path)).headers;
      expect([path, location === undefined ? HOST.pages : new URL(String(location)).host]).toEqual([
        path,
        HOST.pages,
      ]);
    }
  });

  function post(host: string, url: string, origin: string, payload = '') {
    return world.app.server.inject({
      method: 'POST',
      url,
      headers: {
        host,
        origin,
        accept: 'text/html',
        'content-type': url.startsWith('/api/') ? 'application/json' : 'application/x-www-form-urlencoded',
      },
      payload,
    });
  }
});

describe('R22, R1, R9: signing in and out over two hosts', () => {
  it('the console that follows discovery gets its tokens at the API, and no cookie leaves the host of the pages', async () => {
    const browser = new Browser(world);
    const { url, verifier } = authorizeUrl('sms');
    const first = await browser.request('GET', `${PAGES}${url}`);
    const done = await signIn(browser, String(first.headers.location), 'taro@example.co.jp');
    const callback = locationOf(done);
    expect(callback.searchParams.get('iss')).toBe(API);
    const tokens = await tokensOf(world, 'sms', callback, verifier);
    const person = await ask(HOST.api, '/userinfo', { authorization: `Bearer ${tokens.access_token}` });
    expect(person.json()).toMatchObject({ email: 'taro@example.co.jp' });

    const cookies = [first, done].flatMap(setCookies);
    expect(cookies.some((cookie) => cookie.startsWith('__Host-sso='))).toBe(true);
    for (const cookie of cookies) {
      expect(cookie.toLowerCase()).not.toMatch(/;\s*domain=/);
      if (/expires=thu, 01 jan 1970/i.test(cookie)) continue;
      expect(cookie.toLowerCase()).toMatch(/;\s*secure/);
      expect(cookie.toLowerCase()).toMatch(/;\s*samesite=lax/);
    }
  });

  it('a console that was given the addresses by hand, at the issuer, works as well, and the second console asks nothing', async () => {
    const browser = new Browser(world);
    const first = authorizeUrl('sms');
    const page = await browser.open(`${API}${first.url}`);
    expect(page.origin).toBe(PAGES);
    const callback = locationOf(
      await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD }),
    );
    expect(await redeem(world, 'sms', callback, first.verifier)).toMatchObject({ iss: API });
    const second = authorizeUrl('mail');
    const silent = await browser.open(`${API}${second.url}`);
    expect(await redeem(world, 'mail', locationOf(silent), second.verifier)).toMatchObject({ iss: API });
  });

  it('signing out from a console ends at the page that says so, by either address', async () => {
    for (const origin of [PAGES, API]) {
      const browser = new Browser(world);
      const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
      const out = await browser.open(`${origin}/logout?id_token_hint=${tokens.id_token}&client_id=sms`);
      expect([out.origin, out.path.startsWith('/signed-out/')]).toEqual([PAGES, true]);
      expect((await browser.open(authorizeUrl('mail').url)).body).toContain('name="password"');
    }
  });

  it('the confirmation of a logout, and the list of consoles, are on the host of the pages', async () => {
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const page = await browser.open(`${API}/logout`);
    expect(textOf(page)).toContain('ログアウトしますか');
    const done = await browser.submit(page, '/logout/confirm', {});
    expect([done.origin, done.path.startsWith('/signed-out/')]).toEqual([PAGES, true]);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    const entrance = /href="([^"]*\/auth\/start[^"]*)"/.exec((await browser.open('/')).body)?.[1] ?? '';
    expect(new URL(entrance).searchParams.get('iss')).toBe(API);
  });

  it('R7: a console that sends its people to the reset below the issuer finds it, and they come back', async () => {
    await world.addPerson('hanako@example.co.jp', { sms: '3' });
    const browser = new Browser(world);
    const ask = await browser.open(`${API}/reset?client_id=sms&login_hint=hanako%40example.co.jp`);
    expect([ask.origin, ask.body.includes('value="hanako@example.co.jp"')]).toEqual([PAGES, true]);
    const code = await browser.submit(ask, '/reset', { email_address: 'hanako@example.co.jp' });
    const figures = codeIn((await world.nextMail('hanako@example.co.jp')).text);
    const done = await browser.submit(code, code.path, {
      code: figures,
      password: PASSWORD,
      confirmation: PASSWORD,
    });
    expect(locationOf(done).origin + locationOf(done).pathname).toBe('http://sms.example.co.jp/auth/start');
    expect(locationOf(done).searchParams.get('iss')).toBe(API);
  });

  it('R33: a console behind nginx sends its people to the pages, to sign in and to sign out', async () => {
    await world.addConsole('front', {
      homeUrl: 'https://front.example.co.jp/',
      initiateLoginUri: 'https://front.example.co.jp/_hitokagi/start',
      redirectUris: ['https://front.example.co.jp/_hitokagi/callback'],
      postLogoutRedirectUris: [],
    });
    const led = async (path: string) => {
      const answer = await ask(HOST.api, `/forward-auth/${path}`, { authorization: basic('front') });
      const { origin, pathname } = new URL(String(answer.headers.location));
      return [answer.statusCode, origin + pathname];
    };
    expect(await led('start')).toEqual([303, `${PAGES}/authorize`]);
    expect(await led('sign-out')).toEqual([303, `${PAGES}/logout`]);
  });

  it('R3: a first sign-in that began at a console ends there', async () => {
    await world.addPerson('jiro@example.co.jp', { sms: '4' });
    const browser = new Browser(world);
    const { url, verifier } = authorizeUrl('sms');
    const done = await setPassword(world, browser, `${API}${url}`, 'jiro@example.co.jp');
    expect(await redeem(world, 'sms', locationOf(done), verifier)).toMatchObject({ console_user_id: '4' });
  });
});

describe('R22, A2: what may call what', () => {
  it('a form of the pages counts as ours on their host alone; the host of the API is a stranger to it', async () => {
    const send = async (headers: Record<string, string>): Promise<number> =>
      (
        await new Browser(world).request(
          'POST',
          '/sign-in',
          { email_address: 'nobody@example.co.jp', password: 'x' },
          headers,
        )
      ).statusCode;
    expect(await send({ origin: PAGES })).toBe(401);
    expect(await send({ origin: API })).toBe(403);
    expect(await send({ origin: API, 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await send({ origin: PAGES, 'sec-fetch-site': 'same-origin' })).toBe(401);
  });

  it('only the answer “reachable” may be read by the other host of ours, and by nobody else', async () => {
    for (const [host, origin] of [
      [HOST.api, PAGES],
      [HOST.pages, API],
    ] as const) {
      const answer = await ask(host, '/reachable', { origin });
      expect(answer.json()).toEqual({ reachable: true });
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': origin,
        vary: 'origin',
        'cache-control': 'no-store',
      });
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      for (const stranger of ['https://evil.example', 'null', `${PAGES}.evil.example`])
        expect((await ask(host, '/reachable', { origin: stranger })).headers).not.toHaveProperty(
          'access-control-allow-origin',
        );
    }
    for (const path of ['/sign-in', '/account', '/connection-test', '/connection-test/sms/domains.json'])
      for (const origin of [PAGES, API])
        expect([path, (await ask(HOST.pages, path, { origin })).headers]).not.toHaveProperty([
          1,
          'access-control-allow-origin',
        ]);
    for (const path of ['/api/console/v1/plan', '/api/operator/v1/consoles', '/scim/v2/Users'])
      expect((await ask(HOST.api, path, { origin: PAGES })).headers).not.toHaveProperty(
        'access-control-allow-origin',
      );
  });

  it('the policy of pages lets them ask both hosts and nothing else, and names no form-action (decision 0007)', async () => {
    const policy = String((await ask(HOST.pages, '/sign-in')).headers['content-security-policy']);
    expect(policy).toContain(`connect-src 'self' ${PAGES} ${API};`);
    expect(policy).toContain(`img-src 'self' ${PAGES} ${API};`);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('form-action');
  });

  it('pages where people begin look for the other host, and name both', async () => {
    for (const path of ['/sign-in', '/reset']) {
      const page = await new Browser(world).open(path);
      expect(page.body).toContain(`data-ui-unreachable="${API}/reachable"`);
      const form = /data-form="([^"]+)"/.exec(page.body)?.[1] ?? 'none';
      expect(page.body).toMatch(new RegExp(`<form[^>]* id="${form}"`));
      const text = textOf(page);
      expect(text).toContain(`${HOST.api} につながりません`);
      for (const host of Object.values(HOST)) expect(text).toContain(host);
      expect(page.body).toContain('href="/connection-test"');
    }
  });

  it('operators have their pages and API where each belongs', async () => {
    const { token } = await createOperatorToken(
      world.database.db,
      { name: 'split', role: 'viewer' },
      { actor: 'operator:cli', now: world.now },
    );
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    expect((await ask(HOST.api, '/api/operator/v1/consoles', headers)).statusCode).toBe(200);
    const elsewhere = await ask(HOST.pages, '/api/operator/v1/consoles', headers);
    expect([elsewhere.statusCode, elsewhere.json<{ type: string }>().type]).toEqual([
      404,
      `${API}/api/problems#not-found`,
    ]);
    expect((await ask(HOST.api, '/api/openapi.json')).json<{ servers: unknown }>().servers).toEqual([
      { url: API },
    ]);
  });
});

describe('R22, V2: links in mails', () => {
  it('lead to the host of the pages', async () => {
    const accountId = await world.addPerson('saburo@example.co.jp', { sms: '5' }, { password: PASSWORD });
    const { token } = await createOperatorToken(
      world.database.db,
      { name: 'mails', role: 'support' },
      { actor: 'operator:cli', now: world.now },
    );
    const call = (method: 'POST', url: string, authorization: string, payload: object) =>
      world.app.server.inject({ method, url, headers: { host: HOST.api, authorization }, payload });
    await call('POST', `/api/operator/v1/accounts/${accountId}/set-up-mail`, `Bearer ${token}`, {});
    expect((await world.nextMail('saburo@example.co.jp')).text).toContain(`${PAGES}/reset?client_id=sms`);

    world.pass(2 * MINUTE);
    const begun = await call('POST', '/api/console/v1/login-id-changes', basic('sms'), {
      consoleUserId: '5',
      newEmailAddress: 'saburo.new@example.co.jp',
      locale: 'ja',
    });
    expect(begun.statusCode).toBe(201);
    const code = codeIn((await world.nextMail('saburo.new@example.co.jp')).text);
    const { id } = begun.json<{ id: string }>();
    await call('POST', `/api/console/v1/login-id-changes/${id}/confirm`, basic('sms'), { code });
    const told = (await world.nextMail('saburo@example.co.jp')).text;
    const link = /https:\/\/\S+\/login-id\/undo\?token=\S+/.exec(told)?.[0] ?? '';
    expect(new URL(link).origin).toBe(PAGES);
    // A mail of the days before the split has the issuer's host in it.
    const old = new Browser(world);
    const page = await old.open(link.replace(PAGES, API));
    expect(page.origin).toBe(PAGES);
    const undone = await old.submit(page, '/login-id/undo', {
      token: hiddenFields(page.body, '/login-id/undo').token ?? '',
    });
    expect(undone.statusCode).toBe(200);
    for (const mail of world.mails) expect(mail.text + mail.html).not.toContain(HOST.api);
  });
});
