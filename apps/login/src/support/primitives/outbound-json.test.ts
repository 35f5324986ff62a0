import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound } from './outbound.ts';

describe('L4, R21: a question with a secret goes out only to where it may, and its answer is bounded', () => {
  const seen: { url: string | undefined; body: string; authorization: string | undefined }[] = [];
  let server: Server;
  let port: number;
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push({ url: request.url, body, authorization: request.headers.authorization });
        if (request.url === '/redirect')
          response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
        else if (request.url === '/endless') {
          const more = setInterval(() => response.write('x'.repeat(4_096)), 1);
          response.on('close', () => clearInterval(more));
        } else if (request.url === '/stops')
          response.writeHead(200, { 'content-length': '100' }).write('{"a":');
        else if (request.url === '/cut') {
          response.writeHead(200, { 'content-length': '100' }).write('{"a":');
          setTimeout(() => request.socket.destroy(), 20);
        } else if (request.url === '/page') response.end('<p>');
        else response.end('{"matches":true}');
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const open = createOutbound({ allowedInternalHosts: ['127.0.0.1'] });
  const ask = (path: string, outbound = open, timeout = 2_000) =>
    outbound.postJson(path.startsWith('http') ? path : `http://127.0.0.1:${port}${path}`, '{"q":1}', {
      timeout,
      bearer: 'a.b.c',
    });

  it('sends the body as it is with the token, and reads the JSON of the answer', async () => {
    expect(await ask('/')).toEqual({ ok: true, status: 200, json: { matches: true } });
    expect(seen.at(-1)).toEqual({ url: '/', body: '{"q":1}', authorization: 'Bearer a.b.c' });
  });

  it.each([
    'http://console.example.co.jp/check',
    'ftp://127.0.0.1/',
    'http://127.0.0.1:PORT/',
    'https://[::1]/',
    'https://10.0.0.1/',
  ])('%s is not allowed, and nothing is sent', async (url) => {
    const before = seen.length;
    const closed = createOutbound({ allowedInternalHosts: [] });
    expect(await ask(url.replace('PORT', String(port)), closed)).toMatchObject({
      ok: false,
      reason: 'address-not-allowed',
    });
    expect(seen).toHaveLength(before);
  });

  it('a redirect is not followed', async () => {
    const before = seen.length;
    expect(await ask('/redirect')).toEqual({ ok: true, status: 307, json: undefined });
    expect(seen).toHaveLength(before + 1);
  });

  it('an answer that is no JSON or never ends is none', async () => {
    expect(await ask('/page')).toEqual({ ok: true, status: 200, json: undefined });
    expect(await ask('/endless')).toEqual({ ok: true, status: 200, json: undefined });
  });

  it('an answer that stops in the middle is waited for no longer than said; one that is cut is no answer', async () => {
    expect(await ask('/stops', open, 300)).toMatchObject({ ok: false, reason: 'timed-out' });
    expect(await ask('/cut')).toMatchObject({ ok: false, reason: 'unreachable' });
  });
});
