import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { PUBLIC_DOCUMENTS } from './public-documents.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());

const ask = (url: string, method: 'GET' | 'HEAD' | 'OPTIONS', headers: Record<string, string> = {}) =>
  world.app.server.inject({ method, url, headers: { host: 'login.example.co.jp', ...headers } });

it.each(PUBLIC_DOCUMENTS)('%s is answered with an ETag, and 304 to who has it', async (url) => {
  const first = await ask(url, 'GET');
  expect([first.statusCode, first.headers['content-type']]).toEqual([200, expect.stringContaining('json')]);
  expect(Object.keys(first.json<object>()).length).toBeGreaterThan(0);
  const etag = String(first.headers.etag);
  expect((await ask(url, 'GET')).body).toBe(first.body);
  const again = await ask(url, 'GET', { 'if-none-match': etag });
  expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
  expect((await ask(url, 'GET', { 'if-none-match': '"another"' })).statusCode).toBe(200);
});

it('a program in a page of any site may read them (Fetch, CORS protocol)', async () => {
  for (const url of PUBLIC_DOCUMENTS) {
    const answer = await ask(url, 'GET', { origin: 'https://console.example.co.jp' });
    expect(answer.headers['access-control-allow-origin'], url).toBe('*');
    expect(
      (
        await ask(url, 'OPTIONS', {
          origin: 'https://console.example.co.jp',
          'access-control-request-method': 'GET',
        })
      ).statusCode,
      url,
    ).toBeLessThan(300);
  }
});

it('discovery names the issuer, whatever host a request is made to', async () => {
  const { issuer, jwks_uri: jwks } = (await ask('/.well-known/openid-configuration', 'GET')).json<
    Record<string, string>
  >();
  expect([issuer, jwks]).toEqual(['http://login.example.co.jp', 'http://login.example.co.jp/jwks']);
});
