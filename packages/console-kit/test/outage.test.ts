import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { kitFor } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

const UNREACHABLE = { ok: false, reason: 'login-server-unreachable' };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

const standIn = (issuer: string): TestLoginServer => ({ issuer }) as TestLoginServer;

describe('while the login server is down', () => {
  test('R33: the console starts, sign-in says so, and works as soon as the login server is up', async () => {
    const login = await startLoginServer();
    await login.goDown();
    let now = new Date();
    const kit = kitFor(login, { clock: () => now });
    expect(await kit.startSignIn({ returnPath: '/' })).toEqual(UNREACHABLE);
    await login.comeBack();
    now = new Date(now.getTime() + 1_000);
    expect(await kit.startSignIn({ returnPath: '/' })).toMatchObject({ ok: true });
    await login.goDown();
  });

  test('O1: many people at once cause one request, and for the next second none', async () => {
    let requests = 0;
    const login = standIn('http://localhost:1');
    const kit = kitFor(login, {
      fetch: async () => {
        requests++;
        throw new TypeError('fetch failed');
      },
    });
    const start = () => kit.startSignIn({ returnPath: '/' });
    expect(await Promise.all([start(), start(), start()])).toEqual([UNREACHABLE, UNREACHABLE, UNREACHABLE]);
    await start();
    expect(requests).toBe(1);
  });

  test('R33: what was once known lives through an outage, and is read again after ten minutes', async () => {
    const login = await startLoginServer();
    let now = new Date();
    const kit = kitFor(login, { clock: () => now });
    await kit.startSignIn({ returnPath: '/' });
    const reads = () => login.requests.filter((path) => path.startsWith('/.well-known')).length;
    expect(reads()).toBe(1);
    now = new Date(now.getTime() + 10 * 60_000);
    expect(await kit.startSignIn({ returnPath: '/' })).toMatchObject({ ok: true });
    await expect.poll(reads).toBe(2);
    await login.goDown();
    now = new Date(now.getTime() + 60 * 60_000);
    expect(await kit.startSignIn({ returnPath: '/' })).toMatchObject({ ok: true });
  });

  test('R33: an outage between the two halves of a sign-in is a returned failure that knows where to return', async () => {
    const login = await startLoginServer();
    const kit = kitFor(login);
    const started = await kit.startSignIn({ returnPath: '/messages' });
    if (!started.ok) throw new Error(started.reason);
    await login.goDown();
    const query = new URLSearchParams({ state: started.state, code: 'x', iss: login.issuer });
    const callbackUrl = `/auth/callback?${query.toString()}`;
    expect(await kit.finishSignIn({ callbackUrl, pending: started.pending })).toEqual({
      ...UNREACHABLE,
      returnPath: '/messages',
    });
    const restarted = kitFor(login); // the same cookie key, nothing known yet
    expect(await restarted.finishSignIn({ callbackUrl, pending: started.pending })).toEqual({
      ...UNREACHABLE,
      returnPath: '/messages',
    });
  });
});

describe('what the kit asks for', () => {
  test('L4: redirects are not followed', async () => {
    let elsewhere = 0;
    const other = await serve((_request, response) => {
      elsewhere++;
      response.end('{}');
    });
    const issuer = await serve((request, response) => {
      response.writeHead(307, { location: other + (request.url ?? '') }).end();
    });
    const kit = kitFor(standIn(issuer));
    expect(await kit.startSignIn({ returnPath: '/' })).toEqual(UNREACHABLE);
    expect(await kit.plan.refresh()).toEqual(UNREACHABLE);
    expect(elsewhere).toBe(0);
  });

  test('L4: endpoints in the discovery document that lie elsewhere are not asked', async () => {
    let elsewhere = 0;
    const other = await serve((_request, response) => {
      elsewhere++;
      response.end('{}');
    });
    const issuer = await serve((_request, response) => {
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${other}/token`,
          jwks_uri: `${other}/jwks`,
          id_token_signing_alg_values_supported: ['ES256'],
        }),
      );
    });
    const kit = kitFor(standIn(issuer));
    const started = await kit.startSignIn({ returnPath: '/' });
    if (!started.ok) throw new Error(started.reason);
    const callbackUrl = `/auth/callback?state=${started.state}&code=x`;
    expect(await kit.finishSignIn({ callbackUrl, pending: started.pending })).toMatchObject(UNREACHABLE);
    const token = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AAAA`;
    expect(await kit.receiveLogoutToken({ logout_token: token })).toMatchObject({
      status: 400,
      reason: 'keys-unreachable',
    });
    expect(elsewhere).toBe(0);
  });

  test('R1: a discovery document of another issuer is not believed', async () => {
    const issuer = await serve((_request, response) => {
      response
        .setHeader('content-type', 'application/json')
        .end(
          JSON.stringify({ issuer: 'http://localhost:1', authorization_endpoint: 'http://localhost:1/auth' }),
        );
    });
    expect(await kitFor(standIn(issuer)).startSignIn({ returnPath: '/' })).toEqual(UNREACHABLE);
  });

  test('O1: a login server that accepts and then says nothing costs three seconds, no more', async () => {
    const issuer = await serve((request, response) => {
      // Headers at once, the body never.
      if (request.url?.startsWith('/api/'))
        response.writeHead(200, { 'content-type': 'application/json' }).write('{');
    });
    const kit = kitFor(standIn(issuer), { timeoutMilliseconds: undefined });
    const began = performance.now();
    expect(await Promise.all([kit.startSignIn({ returnPath: '/' }), kit.plan.refresh()])).toEqual([
      UNREACHABLE,
      UNREACHABLE,
    ]);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(2_900);
    expect(took).toBeLessThan(5_900);
  });

  test('O1: an answer without end is cut at a mebibyte', async () => {
    const issuer = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
      };
      more();
    });
    const began = performance.now();
    expect(await kitFor(standIn(issuer)).plan.refresh()).toEqual(UNREACHABLE);
    expect(performance.now() - began).toBeLessThan(15_000);
  });
});
