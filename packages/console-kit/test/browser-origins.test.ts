import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { kitFor } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

const PAGES = 'http://common-ui.localhost:5651';

let login: TestLoginServer;
beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());

/** The login server as it is where its pages have a host of their own. */
const split: typeof fetch = async (...[input, init]) => {
  const answer = await fetch(input, init);
  if (!String(input).includes('/.well-known/')) return answer;
  const document = (await answer.json()) as Record<string, string>;
  for (const name of ['authorization_endpoint', 'end_session_endpoint'])
    document[name] = PAGES + new URL(document[name] ?? '').pathname;
  return Response.json(document);
};

test('R22: forms of a console may lead to wherever discovery sends browsers; until it is read, to the issuer', async () => {
  const kit = kitFor(login, { fetch: split });
  expect(kit.browserOrigins()).toEqual([login.issuer]);
  await vi.waitFor(() => expect(kit.browserOrigins()).toEqual([login.issuer, PAGES]));
});

test('R22: with one URL that is the issuer, once', async () => {
  const kit = kitFor(login);
  await kit.startSignIn({ returnPath: '/' });
  expect(kit.browserOrigins()).toEqual([login.issuer]);
});

test('R30: asking never waits for a login server that is down, and never fails', () => {
  const kit = kitFor(login, { fetch: () => new Promise(() => undefined) });
  for (let times = 0; times < 3; times += 1) expect(kit.browserOrigins()).toEqual([login.issuer]);
});
