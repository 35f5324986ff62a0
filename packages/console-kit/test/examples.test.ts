import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startConsole as startExpress } from '../examples/express.ts';
import { startConsole as startFastify } from '../examples/fastify.ts';
import { startConsole as startNode } from '../examples/node.ts';
import { consoleKit } from '../src/adapters/express.ts';
import { consoleKitHandler } from '../src/adapters/web.ts';
import { TestBrowser } from './browser.ts';
import { COOKIE_KEY, kitFor } from './console.ts';
import { CLIENT_SECRET, startLoginServer, type TestLoginServer } from './login-server.ts';

const examples = { express: startExpress, fastify: startFastify, node: startNode };
const PLAN = {
  consoleId: 'con_1',
  revision: 1,
  linkAt: '2020-01-01T00:00:00.000Z',
  announceAt: null,
  cutOverAt: null as string | null,
  allows: {
    prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'console' },
    parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
    unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
  },
};
let login: TestLoginServer;
const origins = new Map<string, string>();

beforeAll(async () => {
  for (const level of ['info', 'log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockReturnValue(undefined);
  login = await startLoginServer();
  // It knows its consoles from its first request on.
  for (const clientId of Object.keys(examples)) {
    origins.set(clientId, await freeOrigin());
    login.addConsole({ clientId, origin: origins.get(clientId) ?? '' });
  }
});
afterAll(() => login.goDown());

async function freeOrigin(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((done) => probe.listen(0, 'localhost', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return `http://localhost:${port}`;
}

test('R33: every example has at most 40 lines and is run here', () => {
  const files = readdirSync(new URL('../examples/', import.meta.url)).filter((name) => name.endsWith('.ts'));
  expect(files).toEqual(Object.keys(examples).map((name) => `${name}.ts`));
  for (const file of files) {
    const lines = readFileSync(new URL(`../examples/${file}`, import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length, file).toBeLessThanOrEqual(40);
  }
});

describe.each(Object.entries(examples))('R33: the example for %s', (name, start) => {
  test('signs in, shows the link by the clock, closes the legacy login, and is out after a logout', async () => {
    let plan = PLAN;
    login.api = (request) => (request.url?.endsWith('/plan') ? { status: 200, body: plan } : { status: 404 });
    const consoleUrl = origins.get(name) ?? '';
    const { kit, server } = await start({
      issuer: login.issuer,
      clientId: name,
      clientSecret: CLIENT_SECRET,
      consoleUrl,
      cookieKey: COOKIE_KEY,
    });
    await vi.waitFor(() => expect(kit.plan.current()).not.toBeNull());
    const browser = new TestBrowser();
    const legacy = await browser.open(`${consoleUrl}/`);
    expect([new URL(legacy.url).pathname, legacy.text]).toEqual([
      '/login',
      expect.stringContaining('統合認証画面はこちら'),
    ]);
    expect((await browser.open(`${consoleUrl}/auth/start`)).text).toContain('user-of-acc_1');
    plan = { ...PLAN, revision: 2, cutOverAt: '2020-02-01T00:00:00.000Z' };
    await kit.plan.refresh();
    expect((await browser.open(`${consoleUrl}/login`, '/auth/start')).status).toBe(0);
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const out = await browser.request(`${consoleUrl}/logout`, form);
    await browser.confirmLogout(await browser.open(out.headers.get('location') ?? ''));
    login.person = null;
    expect((await browser.open(`${consoleUrl}/`)).text).toBe('sign-in page');
    login.person = 'acc_1';
    await kit.stop();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
});

describe('what people do around the adapters', () => {
  test('R9: Express with body parsers before the kit: a logout token is read from what they made of it, JSON is refused loudly', async () => {
    const bodies: unknown[] = [];
    const kit = kitFor(login, { legacyPasswords: { check: async () => ({ matches: false }) } });
    const app = express();
    app.use(express.urlencoded({ extended: true }), express.json());
    const watched = {
      ...kit,
      receiveLogoutToken: (body: string | Record<string, unknown>) => (
        bodies.push(body),
        kit.receiveLogoutToken(body)
      ),
    };
    app.use(consoleKit({ kit: watched, onSignedIn: () => undefined }));
    app.use(((error: Error, _request, response, _next) => {
      response.status(500).send(error.message);
    }) as express.ErrorRequestHandler);
    const server = app.listen(0);
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const form = (body: string) =>
      fetch(`${origin}/auth/backchannel-logout`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
    expect((await form('logout_token=a.b.c')).status).toBe(400);
    expect((await form('logout_token=a&logout_token=b')).status).toBe(400);
    expect(bodies).toEqual(['logout_token=a.b.c', 'logout_token=a&logout_token=b']);
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    const refused = await fetch(`${origin}/auth/legacy-password-check`, json);
    expect([refused.status, await refused.text()]).toEqual([
      500,
      expect.stringContaining('mount the kit before express.json()'),
    ]);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  test('R33: the core answers Web requests, and gives back those that are not its own', async () => {
    const kit = kitFor(login);
    const handle = consoleKitHandler({ kit, onSignedIn: async () => undefined });
    expect(await handle(new Request('http://localhost:5650/other'))).toBeNull();
    const started = await handle(new Request('http://localhost:5650/auth/start'));
    expect([started?.status, started?.headers.getSetCookie().length]).toEqual([303, 1]);
    const failed = await handle(new Request('http://localhost:5650/auth/callback?code=x&state=y'));
    expect([failed?.status, await failed?.text()]).toEqual([
      400,
      expect.stringContaining('もう一度ログイン'),
    ]);
  });
});
