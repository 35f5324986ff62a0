import fc from 'fast-check';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsoleKitRoutes, registerConsoleKit } from '../src/adapters/fastify.ts';
import type { ConsoleKitOptions } from '../src/index.ts';
import { TestBrowser } from './browser.ts';
import { kitFor, type RunningConsole, startConsole } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

let login: TestLoginServer;
let sms: RunningConsole;

beforeAll(async () => {
  login = await startLoginServer();
  sms = await startConsole(login, 'sms');
});
afterAll(async () => {
  await sms.app.close();
  await login.goDown();
});

async function consoleWith(
  options: Partial<ConsoleKitOptions> = {},
  routes: Partial<ConsoleKitRoutes> = {},
): Promise<FastifyInstance> {
  const app = fastify();
  await registerConsoleKit(app, { kit: kitFor(login, options), onSignedIn: () => undefined, ...routes });
  return app;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('GET /auth/start', () => {
  test('R1: sends the browser to the login server, with its pending sign-in in a cookie, and is never stored', async () => {
    const app = await consoleWith({ consoleUrl: 'https://sms.example.co.jp' });
    const response = await app.inject('/auth/start?return_path=/messages&login_hint=a@example.co.jp');
    expect(response.statusCode).toBe(303);
    expect(response.headers.location).toMatch(
      new RegExp(`^${login.issuer}/auth\\?.*login_hint=a%40example.co.jp`, 'u'),
    );
    expect(String(response.headers['set-cookie'])).toMatch(
      /^__Host-hk-signin-[\w-]{43}=[\w.-]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax; Secure$/u,
    );
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  test('R8: the language of the console goes along', async () => {
    const app = await consoleWith({}, { locale: () => 'en' });
    expect((await app.inject('/auth/start')).headers.location).toContain('ui_locales=en');
  });

  test('R3: a sign-in that the login server begins lands on its target', async () => {
    const query = new URLSearchParams({
      iss: login.issuer,
      target_link_uri: `${sms.origin}/settings`,
      login_hint: 'acc_1',
    });
    const page = await new TestBrowser().open(`${sms.origin}/auth/start?${query.toString()}`);
    expect(JSON.parse(page.text)).toEqual({ path: '/settings', person: 'user-of-acc_1' });
  });

  test('P1: one that another issuer begins goes nowhere', async () => {
    const app = await consoleWith();
    const response = await app.inject(
      '/auth/start?iss=https://evil.example&target_link_uri=https://evil.example',
    );
    expect(response.statusCode).toBe(400);
    expect(response.headers.location).toBeUndefined();
  });

  test('P1: a return path that leads away becomes the start page', async () => {
    const page = await new TestBrowser().open(`${sms.origin}/auth/start?return_path=//evil.example`);
    expect(page.url).toBe(`${sms.origin}/`);
  });

  test('P4: a HEAD request begins and ends nothing', async () => {
    const app = await consoleWith();
    for (const url of ['/auth/start', '/auth/callback?code=x']) {
      expect((await app.inject({ method: 'HEAD', url })).statusCode).toBe(404);
    }
  });
});

describe('GET /auth/callback', () => {
  test('L5: the pending sign-in is forgotten once it was used, and the session cookie is set beside it', async () => {
    const browser = new TestBrowser();
    await browser.open(`${sms.origin}/auth/start`);
    const names = browser.cookies.map(({ name }) => name);
    expect(names).toContain('session-sms');
    expect(names.filter((name) => name.startsWith('hk-signin'))).toEqual([]);
  });

  test('R33: the console may answer itself, to refuse a person it does not know', async () => {
    const own = await startLoginServer();
    const app = fastify();
    const address = await app
      .listen({ port: 0, host: 'localhost' })
      .then(() => app.server.address() as { port: number });
    await app.close();
    const origin = `http://localhost:${address.port}`;
    const refusing = fastify();
    await registerConsoleKit(refusing, {
      kit: kitFor(own, { consoleUrl: origin }),
      onSignedIn: (_request, reply) => reply.code(403).send('no such user here'),
    });
    await refusing.listen({ port: address.port, host: 'localhost' });
    own.addConsole({ clientId: 'sms', origin });
    expect(await new TestBrowser().open(`${origin}/auth/start`)).toMatchObject({
      status: 403,
      text: 'no such user here',
    });
    await refusing.close();
    await own.goDown();
  });
});

describe('a sign-in that came to nothing', () => {
  test('R8: the page speaks the language of the reader and offers to try again at the same place', async () => {
    const app = await consoleWith({ issuer: 'http://localhost:1' });
    const japanese = await app.inject('/auth/start?return_path=/messages%3Fpage%3D2');
    expect(japanese.statusCode).toBe(503);
    expect(japanese.headers['content-security-policy']).toBe("default-src 'none'");
    expect(japanese.body).toContain('統合認証につながりません');
    expect(japanese.body).toContain('href="/auth/start?return_path=%2Fmessages%3Fpage%3D2"');
    const english = await app.inject({
      url: '/auth/start',
      headers: { 'accept-language': 'en-GB,ja;q=0.5' },
    });
    expect(english.body).toContain('cannot be reached');
    expect(english.body).not.toMatch(/[ぁ-ん]/u);
  });

  test('A2: nothing of the request is written into the page as markup', async () => {
    const app = await consoleWith({ issuer: 'http://localhost:1' });
    const response = await app.inject(
      `/auth/start?return_path=${encodeURIComponent('/"><script>alert(1)</script>')}`,
    );
    expect(response.body).not.toContain('<script>');
  });

  test('R33: the console may show a page of its own', async () => {
    const app = await consoleWith(
      { issuer: 'http://localhost:1' },
      { onSignInFailed: (_request, reply, failure) => reply.code(503).send({ reason: failure.reason }) },
    );
    expect((await app.inject('/auth/start')).json()).toEqual({ reason: 'login-server-unreachable' });
  });
});

test('P4: odd queries, cookies and bodies never cause a status 500', async () => {
  const app = await consoleWith();
  const names = fc.constantFrom(
    'iss',
    'state',
    'code',
    'error',
    'return_path',
    'target_link_uri',
    'login_hint',
    'logout_token',
    'response',
    '__proto__',
  );
  const values = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.constantFrom(login.issuer, '\u0000', 'x'.repeat(4_000), '[]', '{}', '%', '%ff'),
  );
  const encoded = fc.array(fc.tuple(names, values)).map((pairs) => new URLSearchParams(pairs).toString());
  const queries = fc.oneof(encoded, fc.stringMatching(/^[!-~]{0,200}$/u));
  const printable = fc.stringMatching(/^[ -~]{0,300}$/u);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/auth/start', '/auth/callback', '/auth/backchannel-logout'),
      queries,
      printable,
      async (path, query, cookie) => {
        const response = path.endsWith('logout')
          ? await app.inject({ method: 'POST', url: path, headers: { ...FORM, cookie }, payload: query })
          : await app.inject({ url: `${path}?${query.replaceAll('#', '')}`, headers: { cookie } });
        expect(response.statusCode).not.toBe(500);
      },
    ),
    { numRuns: 1_000 },
  );
});

describe('POST /auth/backchannel-logout', () => {
  test('R9: a bad token gets 400 with the reason as JSON, never stored', async () => {
    const app = await consoleWith();
    const response = await app.inject({
      method: 'POST',
      url: '/auth/backchannel-logout',
      headers: FORM,
      payload: 'logout_token=x',
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toEqual({ error: 'invalid_request', error_description: 'malformed-request' });
    expect(response.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': expect.stringContaining('application/json') as string,
    });
  });

  test('P4: other content types, no body and bodies that are too large end no session', async () => {
    const app = await consoleWith();
    const post = (headers: Record<string, string>, payload: string) =>
      app.inject({ method: 'POST', url: '/auth/backchannel-logout', headers, payload });
    expect((await post({ 'content-type': 'application/json' }, '{"logout_token":"x"}')).statusCode).toBe(400);
    expect((await post({ 'content-type': 'text/plain' }, 'logout_token=x')).statusCode).toBe(400);
    expect((await post({}, '')).statusCode).toBe(400);
    expect((await post(FORM, 'logout_token=' + 'x'.repeat(65_536))).statusCode).toBe(413);
    expect((await app.inject('/auth/backchannel-logout')).statusCode).toBe(404);
  });

  test('P4: only a form is read as one', async () => {
    const bodies: unknown[] = [];
    const kit = kitFor(login);
    const app = await consoleWith(
      {},
      { kit: { ...kit, receiveLogoutToken: (body) => (bodies.push(body), kit.receiveLogoutToken(body)) } },
    );
    for (const contentType of [
      'text/plain',
      'application/json',
      'application/x-www-form-urlencoded; charset=utf-8',
    ]) {
      const headers = { 'content-type': contentType };
      await app.inject({
        method: 'POST',
        url: '/auth/backchannel-logout',
        headers,
        payload: 'logout_token=x',
      });
    }
    expect(bodies).toEqual(['', '', 'logout_token=x']);
  });

  test("R33: the console's own form parser stays as it was", async () => {
    const response = await sms.app.inject({
      method: 'POST',
      url: '/own-form',
      headers: FORM,
      payload: 'a=1&b=%E6%96%87',
    });
    expect(response.json()).toEqual({ a: '1', b: '文' });
    const json = await sms.app.inject({ method: 'POST', url: '/own-form', payload: { a: 1 } });
    expect(json.json()).toEqual({ a: 1 });
  });

  test('R33: a console without a form parser gets none from the kit', async () => {
    const app = await consoleWith();
    app.post('/own-form', (request) => request.body);
    expect(
      (await app.inject({ method: 'POST', url: '/own-form', headers: FORM, payload: 'a=1' })).statusCode,
    ).toBe(415);
  });
});
