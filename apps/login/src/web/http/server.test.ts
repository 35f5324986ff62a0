import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, basic, enter, linkOf, PASSWORD, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'info' } });
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  await world.app.server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => world.close());

const get = (url: string, headers: Record<string, string> = {}) => world.app.server.inject({ url, headers: { host: 'login.example.co.jp', accept: 'text/html', ...headers } });

/** Every page and every kind of answer, once. */
const EVERYTHING = ['/', '/sign-in', '/sign-in/never', '/reset', '/reset/done', '/reset/vrq_never', '/signed-out', '/signed-out/slo_never', '/no-such-page', '/authorize', '/logout', '/logout/success', '/jwks', '/userinfo', '/.well-known/openid-configuration', '/healthz', '/readyz', '/api/openapi.json', '/api/console/v1/plan', '/assets/none.css'];

describe('every answer', () => {
  it('A2: has the security headers, protocol answers, errors and refusals too', async () => {
    const answers = [
      ...(await Promise.all([...EVERYTHING, authorizeUrl('sms').url, authorizeUrl('sms', { redirect_uri: 'http://evil.example/' }).url].map((url) => get(url)))),
      await new Browser(world).request('POST', '/sign-in', { email_address: 'x', password: '' }),
      await new Browser(world).request('POST', '/sign-in', {}, { origin: 'http://evil.example' }),
      await get('/sign-in', { host: 'evil.example' }),
      await world.app.server.inject({ method: 'POST', url: '/token', headers: { host: 'login.example.co.jp' } }),
      await world.app.server.inject({ method: 'POST', url: '/logout/confirm', headers: { host: 'login.example.co.jp' } }),
    ];
    for (const answer of answers) {
      const where = `${answer.raw.req.url} ${answer.statusCode}`;
      const policy = "default-src 'none';style-src 'self';script-src 'self';img-src 'self';connect-src 'self';font-src 'self';base-uri 'none';frame-ancestors 'none'";
      // Where the engine had a form in mind before we redirected, the hash of its script is left over.
      if (answer.statusCode === 303) expect(String(answer.headers['content-security-policy']).replace(/ 'sha256-[^']+'/, ''), where).toBe(policy);
      else expect(answer.headers['content-security-policy'], where).toBe(policy);
      expect(answer.headers, where).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin' });
      expect(answer.headers['x-request-id'], where).toMatch(/^req_/);
      expect(answer.headers, where).not.toHaveProperty('x-powered-by');
      expect(answer.headers, where).not.toHaveProperty('server');
      if (String(answer.headers['content-type']).startsWith('text/html')) expect(answer.headers['cache-control'], where).toBe('no-store');
    }
  });

  it('holds no script and no style of its own inside a page', async () => {
    for (const url of EVERYTHING) {
      const { body, headers } = await get(url);
      if (!String(headers['content-type']).startsWith('text/html')) continue;
      expect(body, url).not.toMatch(/<script(?![^>]*\bsrc=)/);
      expect(body, url).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:/i);
      expect(body, url).not.toMatch(/(src|href)="(https?:)?\/\/(?!sms\.example|login\.example)/);
    }
  });

  it('the files that pages name are there, cacheable for ever, and of the right kind', async () => {
    const page = await get('/sign-in');
    const files = [...page.body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((match) => match[1] as string);
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      const answer = await get(file);
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, expect.stringContaining('immutable')]);
      expect(answer.headers['content-type']).toMatch(/css|javascript|svg/);
    }
  });
});

describe('V2: the host name', () => {
  it.each([
    ['another host', { host: 'evil.example' }],
    ['a port that is not ours', { host: 'login.example.co.jp:81' }],
    ['a longer name', { host: 'login.example.co.jp.evil.example' }],
    ['credentials before it', { host: 'evil.example@login.example.co.jp' }],
    ['an empty one', { host: '' }],
  ])('%s is refused on every page, and nothing that it says is repeated', async (_name, headers) => {
    for (const url of EVERYTHING.filter((one) => !['/healthz', '/readyz', '/assets/none.css'].includes(one))) {
      const answer = await get(url, headers);
      expect([400, 404], url).toContain(answer.statusCode);
      expect(answer.body).not.toContain('evil.example');
      expect(JSON.stringify(answer.headers)).not.toContain('evil.example');
    }
    const post = await new Browser(world).request('POST', '/reset', { email_address: 'taro@example.co.jp' }, headers);
    expect(post.statusCode).toBe(400);
    expect(await world.database.db.selectFrom('message').select('id').execute()).toEqual([]);
  });

  it.each([
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1', 'x-forwarded-port': '81' }],
    ['Forwarded', { forwarded: 'host=evil.example;proto=https;for=192.0.2.1' }],
    ['X-Original-URL', { 'x-original-url': '/reset/done', 'x-rewrite-url': 'http://evil.example/', 'x-host': 'evil.example' }],
  ])('%s from anyone changes nothing', async (_name, headers) => {
    for (const url of ['/.well-known/openid-configuration', authorizeUrl('sms').url, '/sign-in', '/logout?client_id=sms']) {
      const answer = await get(url, headers);
      expect(answer.body + JSON.stringify(answer.headers)).not.toContain('evil.example');
      expect(answer.body + JSON.stringify(answer.headers['location'] ?? '')).not.toContain('https://login');
    }
  });

  it('an absolute form with another host on the wire says nothing with that host', async () => {
    for (const path of ['/.well-known/openid-configuration', authorizeUrl('sms').url, '/sign-in', '/logout', '/no-such-page']) {
      const answer = await onTheWire(`GET http://evil.example${path} HTTP/1.1\r\nHost: login.example.co.jp\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 [2345]\d\d /);
      expect(answer, path).not.toContain('evil.example');
    }
  });

  it('health checks answer by whatever name they are called', async () => {
    expect((await get('/healthz', { host: '10.0.0.7:4100' })).json()).toEqual({ status: 'alive' });
    expect((await get('/readyz', { host: 'localhost' })).json()).toEqual({ status: 'ready' });
  });
});

describe('error pages', () => {
  it.each([
    ['ja', 'ページが見つかりません', 'お問い合わせの際は、この番号をお伝えください：', '管理画面の一覧へ'],
    ['en', 'This page does not exist', 'When you contact us, please give this number:', 'To the list of consoles'],
  ])('are in the reader’s language (%s), say what to do, and carry the number under which the log has it', async (locale, title, number, home) => {
    const answer = await get('/no-such-page', { 'accept-language': locale });
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toMatch(new RegExp(`<html[^>]* lang="${locale}"`));
    expect(textOf(answer)).toContain(title);
    expect(textOf(answer)).toContain(`${number} ${String(answer.headers['x-request-id'])}`);
    expect(linkOf(answer, home)).toBe('/');
    expect(world.logLines.some((line) => line.includes(String(answer.headers['x-request-id'])))).toBe(true);
  });

  it.each<[string, () => Promise<Answer>, number, string]>([
    ['a form from another site', () => new Browser(world).request('POST', '/sign-in', {}, { origin: 'http://evil.example' }), 403, 'ほかのサイトから送られた操作は受け付けていません'],
    ['too much', () => new Browser(world).request('POST', '/sign-in', { email_address: 'x'.repeat(70_000) }), 413, '送られた内容が大きすぎます'],
    ['another host name', () => new Browser(world).request('GET', '/sign-in', undefined, { host: 'evil.example' }), 400, 'この操作は受け付けられませんでした'],
    ['a content type that nobody reads', () => new Browser(world).request('POST', '/sign-in', {}, { 'content-type': 'multipart/form-data; boundary=x' }), 400, 'この操作は受け付けられませんでした'],
    ['NUL in the path', () => new Browser(world).request('GET', '/signed-out/a%00b'), 400, 'この操作は受け付けられませんでした'],
    ['NUL in a field', () => new Browser(world).request('POST', '/reset', { email_address: 'taro@example.co.jp', client_id: 'a\0' }), 400, 'この操作は受け付けられませんでした'],
    ['bytes that are no text in the path', () => new Browser(world).request('GET', '/sign-in/%ff%fe'), 404, 'ページが見つかりません'],
    ['another method', () => new Browser(world).request('POST', '/signed-out', {}), 404, 'ページが見つかりません'],
    ['another method of the protocol', () => new Browser(world).request('POST', '/authorize', {}), 404, 'ページが見つかりません'],
    ['a sign-in that this browser knows nothing of', () => new Browser(world).request('GET', '/authorize/never-was'), 400, 'ログインをやり直してください'],
  ])('%s', async (_name, ask, status, title) => {
    const answer = await ask();
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(answer)).toContain(title);
    expect(textOf(answer)).toContain(String(answer.headers['x-request-id']));
  });

  it('a path of 250 characters and a query of 10,000 are no reason to fail', async () => {
    for (const url of [`/sign-in/${'x'.repeat(250)}`, `/reset?login_hint=${'x'.repeat(10_000)}`, `/signed-out?${'a=1&'.repeat(2_000)}`]) expect((await get(url)).statusCode).toBeLessThan(500);
  });

  it('programs get a problem instead of a page', async () => {
    const answer = await get('/no-such-page', { accept: 'application/json' });
    expect([answer.statusCode, answer.json()]).toEqual([404, { type: 'about:blank', title: 'not-found', status: 404, code: 'not-found', requestId: answer.headers['x-request-id'] }]);
  });
});

describe('A2: state changes come from our own pages', () => {
  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['a null origin', { origin: 'null' }],
    ['no origin at all', { origin: '' }],
    ['our origin with another scheme', { origin: 'https://login.example.co.jp' }],
    ['an origin that only begins like ours', { origin: 'http://login.example.co.jp.evil.example' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site fetch', { 'sec-fetch-site': 'same-site' }],
    ['a fetch from nowhere', { 'sec-fetch-site': 'none' }],
  ])('%s is refused', async (_name, headers) => {
    const browser = new Browser(world);
    for (const path of ['/sign-in', '/sign-in/uid', '/reset', '/sign-in/uid/reset', '/reset/vrq_x', '/reset/vrq_x/resend', '/sign-out', '/language']) {
      const answer = await browser.request('POST', path, { email_address: 'taro@example.co.jp', password: PASSWORD, lang: 'en' }, headers);
      expect(answer.statusCode, path).toBe(403);
      expect(answer.headers).not.toHaveProperty('set-cookie');
    }
  });

  it('what a browser says of its own page is accepted', async () => {
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: world.config.issuer }] as Record<string, string>[])
      expect((await new Browser(world).request('POST', '/language', { lang: 'en' }, headers)).statusCode).toBe(303);
  });

  it('no page of another origin may read what we say about a person', async () => {
    const { tokens } = await enter(world, new Browser(world), 'sms', { address: 'taro@example.co.jp' });
    const evil = { origin: 'http://evil.example' };
    expect((await get('/userinfo', { authorization: `Bearer ${tokens.access_token}` })).body).toContain('taro@example.co.jp');
    expect((await get('/userinfo', { authorization: `Bearer ${tokens.access_token}`, ...evil })).body).not.toContain('taro@example.co.jp');
    for (const url of ['/', '/sign-in', '/reset', '/api/console/v1/plan']) {
      const answer = await get(url, { ...evil, authorization: basic('sms') });
      expect(answer.headers['access-control-allow-origin'], url).toBeUndefined();
    }
  });
});

/** What a request gets that no HTTP client of ours would send. */
function onTheWire(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect((world.app.server.server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(request));
    socket.setTimeout(5_000, () => socket.destroy(new Error('No answer.')));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
