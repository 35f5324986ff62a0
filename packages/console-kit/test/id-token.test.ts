import { decodeJwt, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FinishSignInResult } from '../src/index.ts';
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

type Alteration = (idToken: string) => string | Promise<string>;

/** Signs in as often as there are alterations; each is applied to what the token endpoint answers. */
async function signInWith(...alterations: Alteration[]): Promise<FinishSignInResult[]> {
  const left = [...alterations];
  const altering: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (!String(input).endsWith('/token')) return response;
    const tokens = (await response.json()) as { id_token: string };
    const id_token = await left.shift()?.(tokens.id_token);
    return Response.json({ ...tokens, id_token });
  };
  const kit = kitFor(login, { consoleUrl: sms.origin, fetch: altering });
  const results: FinishSignInResult[] = [];
  for (const _ of alterations) {
    const started = await kit.startSignIn({ returnPath: '/' });
    if (!started.ok) throw new Error(started.reason);
    const { url } = await new TestBrowser().open(started.redirectTo, '/auth/callback');
    results.push(await kit.finishSignIn({ callbackUrl: url, pending: started.pending }));
  }
  return results;
}

const BAD_TOKEN = { ok: false, reason: 'bad-token', returnPath: '/' };

describe('ID tokens that were altered', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const alterations: Record<string, (parts: string[]) => string[]> = {
    'alg none': ([, payload = '']) => [encode({ alg: 'none' }), payload, ''],
    'another subject': ([header = '', payload = '', signature = '']) => [
      header,
      encode({ ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), sub: 'acc_2' }),
      signature,
    ],
    'a broken signature': ([header = '', payload = '', signature = '']) => [
      header,
      payload,
      `AAAA${signature.slice(4)}`,
    ],
    'no signature': ([header = '', payload = '']) => [header, payload, ''],
    'another algorithm': ([, payload = '', signature = '']) => [
      encode({ alg: 'RS256', kid: 'rs-1' }),
      payload,
      signature,
    ],
    'an unknown key': ([, payload = '', signature = '']) => [
      encode({ alg: 'ES256', kid: 'es-9' }),
      payload,
      signature,
    ],
  };

  test.each(Object.entries(alterations))('P3: an ID token with %s is a bad-token', async (_name, alter) => {
    expect(await signInWith((idToken) => alter(idToken.split('.')).join('.'))).toEqual([BAD_TOKEN]);
  });

  test('P3: an ID token signed as RS256 by the real key is a bad-token: the kit registered ES256', async () => {
    const resign = (idToken: string) =>
      new SignJWT(decodeJwt(idToken))
        .setProtectedHeader({ alg: 'RS256', kid: 'rs-1' })
        .sign(login.rs256.privateKey);
    expect(await signInWith(resign)).toEqual([BAD_TOKEN]);
  });

  test('P3: claims that name another issuer, audience or time are a bad-token, although rightly signed', async () => {
    const resignWith = (changes: object) => (idToken: string) =>
      new SignJWT({ ...decodeJwt(idToken), ...changes })
        .setProtectedHeader({ alg: 'ES256', kid: 'es-1' })
        .sign(login.es256.privateKey);
    const long = 3_600;
    const now = Math.floor(Date.now() / 1_000);
    const results = await signInWith(
      resignWith({}),
      resignWith({ iss: 'https://evil.example' }),
      resignWith({ aud: 'mail' }),
      resignWith({ aud: ['sms', 'mail'] }),
      resignWith({ exp: now - long }),
      resignWith({ nonce: 'another' }),
      resignWith({ sub: '' }),
    );
    expect(results[0]).toMatchObject({ ok: true });
    expect(results.slice(1)).toEqual(results.slice(1).map(() => BAD_TOKEN));
  });

  test('P3: the ID token of another sign-in (other nonce) is a bad-token', async () => {
    let kept = '';
    const results = await signInWith(
      (idToken) => (kept = idToken),
      () => kept,
    );
    expect(results).toMatchObject([{ ok: true }, BAD_TOKEN]);
  });
});
