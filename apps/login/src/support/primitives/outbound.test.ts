import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound, type OutboundResult } from './outbound.ts';

const TIMEOUT = { timeout: 2_000 };

describe('L4: requests go out only to where they may', () => {
  const seen: { path: string | undefined; body: string; headers: Record<string, unknown> }[] = [];
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push({ path: request.url, body, headers: request.headers });
        if (request.url === '/redirect')
          response.writeHead(307, { location: `http://127.0.0.1:${port}/landed` }).end();
        else if (request.url === '/busy') response.writeHead(503, { 'retry-after': '120' }).end('later');
        else if (request.url === '/hang') return;
        else if (request.url === '/endless') response.writeHead(200).write('and so on');
        else if (request.url === '/flood') flood(response);
        else if (request.url === '/cut') request.socket.destroy();
        else if (request.url === '/rubbish') request.socket.end('this is not HTTP\r\n\r\n');
        else response.writeHead(204).end();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Pours out as much as is taken. */
  let poured = 0;
  const flood = (response: ServerResponse): void => {
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384))) poured += 16_384;
    };
    response.on('drain', pour);
    response.on('close', () => (poured = -poured));
    response.writeHead(200);
    pour();
  };

  it('L2: an answer without end counts by its status, and is cut off at once', async () => {
    expect(await send(open, `http://127.0.0.1:${port}/flood`, 20_000)).toMatchObject({
      ok: true,
      status: 200,
    });
    // Negative: the connection is closed.
    await expect.poll(() => poured, { timeout: 5_000 }).toBeLessThan(0);
  });

  const closed = createOutbound({ allowedInternalHosts: [] });
  const open = createOutbound({ allowedInternalHosts: ['127.0.0.1', 'LOCALHOST', '::1'] });
  const send = (outbound: typeof closed, url: string, timeout = TIMEOUT.timeout): Promise<OutboundResult> =>
    outbound.postForm(url, { logout_token: 'a.b.c' }, { timeout });

  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://127.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0x7f.1:PORT/',
    'http://①②⑦.0.0.1:PORT/',
    'http://１２７。０。０。１:PORT/',
    'http://0:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[0:0:0:0:0:0:0:1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://[0:0:0:0:0:ffff:7f00:0001]:PORT/',
    'http://[::127.0.0.1]:PORT/',
    'http://[64:ff9b::127.0.0.1]:PORT/',
    'http://[2002:7f00:1::]:PORT/',
    'http://localhost:PORT/',
    'http://LOCALHOST:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://[fe80::1]/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'https://127.0.0.1:PORT/',
    'ftp://127.0.0.1:PORT/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:PORT/_',
    'javascript:alert(1)',
    'not a URL',
    '',
  ])('%s is refused without a connection', async (url) => {
    const before = seen.length;
    const result = await send(closed, url.replace('PORT', String(port)));
    expect(result).toMatchObject({ ok: false, reason: 'address-not-allowed' });
    expect(seen).toHaveLength(before);
  });

  it.each(['127.0.0.1', 'localhost', 'LocalHost'])(
    '%s is reached when the operator allows it by name',
    async (host) => {
      expect(await send(open, `http://${host}:${port}/logout?a=1`)).toEqual({
        ok: true,
        status: 204,
        retryAfter: undefined,
      });
      expect(seen.at(-1)).toMatchObject({
        path: '/logout?a=1',
        body: 'logout_token=a.b.c',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    },
  );

  it.each(['taro:password', 'taro', ':password'])(
    'an address with credentials (%s@) is refused even at an allowed host',
    async (credentials) => {
      expect(await send(open, `http://${credentials}@127.0.0.1:${port}/`)).toMatchObject({
        ok: false,
        reason: 'address-not-allowed',
      });
    },
  );

  it('a name with a dot at its end leads nowhere inside either', async () => {
    const before = seen.length;
    expect(await send(closed, `http://localhost.:${port}/`)).toMatchObject({ ok: false });
    expect(seen).toHaveLength(before);
  });

  it('allowing one host allows no other on the same machine', async () => {
    const onlyName = createOutbound({ allowedInternalHosts: ['localhost'] });
    expect(await send(onlyName, `http://127.0.0.1:${port}/`)).toMatchObject({
      ok: false,
      reason: 'address-not-allowed',
    });
    expect(await send(onlyName, `http://[::ffff:127.0.0.1]:${port}/`)).toMatchObject({
      ok: false,
      reason: 'address-not-allowed',
    });
  });

  it('a redirect is an answer like any other and is not followed', async () => {
    expect(await send(open, `http://127.0.0.1:${port}/redirect`)).toMatchObject({ ok: true, status: 307 });
    expect(seen.some((one) => one.path === '/landed')).toBe(false);
  });

  it('says what was answered, and when to come again', async () => {
    expect(await send(open, `http://127.0.0.1:${port}/busy`)).toEqual({
      ok: true,
      status: 503,
      retryAfter: '120',
    });
  });

  it('waits no longer than told, whether the head or the body never comes', async () => {
    const begin = performance.now();
    expect(await send(open, `http://127.0.0.1:${port}/hang`, 200)).toEqual({
      ok: false,
      reason: 'timed-out',
      detail: '200 ms',
    });
    expect(await send(open, `http://127.0.0.1:${port}/endless`, 200)).toMatchObject({
      ok: true,
      status: 200,
    });
    expect(performance.now() - begin).toBeLessThan(1_500);
    // The time limit of the endless body strikes after the answer was read; it must not bring the process down.
    await new Promise((later) => setTimeout(later, 300));
  });

  it('tells a broken console from one that is not there', async () => {
    expect(await send(open, `http://127.0.0.1:${port}/cut`)).toMatchObject({
      ok: false,
      reason: 'unreachable',
    });
    expect(await send(open, `http://127.0.0.1:${port}/rubbish`)).toMatchObject({
      ok: false,
      reason: 'unreachable',
    });
    expect(await send(open, 'http://127.0.0.1:1/')).toEqual({
      ok: false,
      reason: 'unreachable',
      detail: 'ECONNREFUSED',
    });
    expect(await send(closed, 'http://does-not-exist.invalid/')).toMatchObject({
      ok: false,
      reason: 'unreachable',
    });
  });
});
