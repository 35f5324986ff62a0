import { connect, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '#test/browser.ts';
import { authorizeUrl, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'info' } });
  await world.addConsole('sms');
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  await world.app.server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => world.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  world.app.server.inject({ url, headers: { host: 'login.example.co.jp', accept: 'text/html', ...headers } });

/** Every page and every kind of answer, once. */
const EVERYTHING = [
  '/',
  '/sign-in',
  '/sign-in/never',
  '/reset',
  '/reset/done',
  '/reset/vrq_never',
  '/signed-out',
  '/signed-out/slo_never',
  '/no-such-page',
  '/authorize',
  '/logout',
  '/logout/success',
  '/jwks',
  '/userinfo',
  '/.well-known/openid-configuration',
  '/healthz',
  '/readyz',
  '/api/openapi.json',
  '/api/console/v1/plan',
  '/assets/none.css',
];

describe('every answer', () => {
  it('A2: has the security headers, protocol answers, errors and refusals too', async () => {
    const answers = [
      ...(await Promise.all(
        [
          ...EVERYTHING,
          authorizeUrl('sms').url,
          authorizeUrl('sms', { redirect_uri: 'http://evil.example/' }).url,
        ].map((url) => get(url)),
      )),
      await new Browser(world).request('POST', '/sign-in', { email_address: 'x', password: '' }),
      await new Browser(world).request('POST', '/sign-in', {}, { origin: 'http://evil.example' }),
      await get('/sign-in', { host: 'evil.example' }),
      await world.app.server.inject({
        method: 'POST',
        url: '/token',
        headers: { host: 'login.example.co.jp' },
      }),
      await world.app.server.inject({
        method: 'POST',
        url: '/logout/confirm',
        headers: { host: 'login.example.co.jp' },
      }),
    ];
    for (const answer of answers) {
      const where = `${answer.raw.req.url} ${answer.statusCode}`;
      const policy =
        "default-src 'none';style-src 'self';script-src 'self';img-src 'self';connect-src 'self';font-src 'self';base-uri 'none';frame-ancestors 'none'";
      // Where the engine had a form in mind before we redirected, the hash of its script is left over.
      if (answer.statusCode === 303)
        expect(String(answer.headers['content-security-policy']).replace(/ 'sha256-[^']+'/, ''), where).toBe(
          policy,
        );
      else expect(answer.headers['content-security-policy'], where).toBe(policy);
      expect(answer.headers, where).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(answer.headers['x-request-id'], where).toMatch(/^req_/);
      expect(answer.headers, where).not.toHaveProperty('x-powered-by');
      expect(answer.headers, where).not.toHaveProperty('server');
      if (String(answer.headers['content-type']).startsWith('text/html'))
        expect(answer.headers['cache-control'], where).toBe('no-store');
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
    const files = [...page.body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
      (match) => match[1] as string,
    );
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      const answer = await get(file);
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([
        200,
        expect.stringContaining('immutable'),
      ]);
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
    for (const url of EVERYTHING.filter(
      (one) => !['/healthz', '/readyz', '/assets/none.css'].includes(one),
    )) {
      const answer = await get(url, headers);
      expect([400, 404], url).toContain(answer.statusCode);
      expect(answer.body).not.toContain('evil.example');
      expect(JSON.stringify(answer.headers)).not.toContain('evil.example');
    }
    const post = await new Browser(world).request(
      'POST',
      '/reset',
      { email_address: 'taro@example.co.jp' },
      headers,
    );
    expect(post.statusCode).toBe(400);
    expect(await world.database.db.selectFrom('message').select('id').execute()).toEqual([]);
  });

  it.each([
    [
      'X-Forwarded-Host',
      {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '192.0.2.1',
        'x-forwarded-port': '81',
      },
    ],
    ['Forwarded', { forwarded: 'host=evil.example;proto=https;for=192.0.2.1' }],
    [
      'X-Original-URL',
      { 'x-original-url': '/reset/done', 'x-rewrite-url': 'http://evil.example/', 'x-host': 'evil.example' },
    ],
  ])('%s from anyone changes nothing', async (_name, headers) => {
    for (const url of [
      '/.well-known/openid-configuration',
      authorizeUrl('sms').url,
      '/sign-in',
      '/logout?client_id=sms',
    ]) {
      const answer = await get(url, headers);
      expect(answer.body + JSON.stringify(answer.headers)).not.toContain('evil.example');
      expect(answer.body + JSON.stringify(answer.headers['location'] ?? '')).not.toContain('https://login');
    }
  });

  it('an absolute form with another host on the wire says nothing with that host', async () => {
    for (const path of [
      '/.well-known/openid-configuration',
      authorizeUrl('sms').url,
      '/sign-in',
      '/logout',
      '/no-such-page',
    ]) {
      const answer = await onTheWire(
        `GET http://evil.example${path} HTTP/1.1\r\nHost: login.example.co.jp\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 [2345]\d\d /);
      expect(answer, path).not.toContain('evil.example');
    }
  });

  it('health checks answer by whatever name they are called', async () => {
    expect((await get('/healthz', { host: '10.0.0.7:4100' })).json()).toEqual({ status: 'alive' });
    expect((await get('/readyz', { host: 'localhost' })).json()).toEqual({ status: 'ready' });
  });
});

/** What a request gets that no HTTP client of ours would send. */
function onTheWire(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect((world.app.server.server.address() as AddressInfo).port, '127.0.0.1', () =>
      socket.write(request),
    );
    socket.setTimeout(5_000, () => socket.destroy(new Error('No answer.')));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
