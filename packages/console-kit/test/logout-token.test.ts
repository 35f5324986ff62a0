import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LogoutTokenRefusal } from '../src/index.ts';
import { CLIENT_SECRET, startLoginServer, type TestLoginServer } from './login-server.ts';
import { anotherKey, EVENT, form, IAT, LogoutTokens, NOW, withHeader } from './logout-tokens.ts';

let login: TestLoginServer;
let tokens: LogoutTokens;

beforeAll(async () => {
  login = await startLoginServer();
});
beforeEach(() => {
  tokens = new LogoutTokens(login);
});
afterAll(() => login.goDown());

describe('logout tokens that are accepted', () => {
  test('R9: a token with sid ends that session, up to the second of the token', async () => {
    const result = await tokens.receiver().receiveLogoutToken(form(await tokens.sign(tokens.claims())));
    expect(result).toEqual({ status: 200, headers: { 'cache-control': 'no-store' }, body: '', ended: 1 });
    expect(tokens.ended).toEqual([{ sid: 'sid-1', startedBefore: new Date((IAT + 1) * 1000) }]);
  });

  test('R9: a token with sub alone ends all sessions of that account', async () => {
    const result = await tokens
      .receiver()
      .receiveLogoutToken(form(await tokens.sign(tokens.claims({ sid: undefined }))));
    expect(result.status).toBe(200);
    expect(tokens.ended).toMatchObject([{ sub: 'acc_1' }]);
  });

  test('R9: a token with sid alone is enough', async () => {
    expect(
      await tokens.receiver().receiveLogoutToken(form(await tokens.sign(tokens.claims({ sub: undefined })))),
    ).toMatchObject({
      status: 200,
    });
  });

  test('R9: 200 also when no session was alive', async () => {
    const kit = tokens.receiver({ sessions: { endBySid: async () => 0, endBySub: async () => 0 } });
    expect(await kit.receiveLogoutToken(form(await tokens.sign(tokens.claims())))).toMatchObject({
      status: 200,
      ended: 0,
    });
  });

  test('R9: a token sent again hours later (fresh iat, time of event in toe) spares sessions begun since', async () => {
    await tokens.receiver().receiveLogoutToken(form(await tokens.sign(tokens.claims({ toe: IAT - 7200 }))));
    expect(tokens.ended).toMatchObject([{ startedBefore: new Date((IAT - 7200 + 1) * 1000) }]);
  });

  test('R9: typ may be absent (§2.4 recommends it only) or in its long form', async () => {
    for (const typ of [undefined, 'application/logout+jwt', 'Logout+JWT']) {
      const token = await tokens.sign(tokens.claims(), typ === undefined ? { typ: undefined } : { typ });
      expect(await tokens.receiver().receiveLogoutToken(form(token))).toMatchObject({ status: 200 });
    }
  });

  test('R9: any key-pair algorithm that discovery offers will do, and a parsed form too', async () => {
    const token = await tokens.sign(tokens.claims(), { alg: 'RS256', kid: 'rs-1' }, login.rs256.privateKey);
    expect(await tokens.receiver().receiveLogoutToken({ logout_token: token })).toMatchObject({
      status: 200,
    });
  });

  test('R9: clocks may differ by half a minute', async () => {
    for (const seconds of [-149, 30]) {
      const token = await tokens.sign(tokens.claims({ iat: IAT + seconds, exp: IAT + seconds + 120 }));
      expect(await tokens.receiver().receiveLogoutToken(form(token))).toMatchObject({ status: 200 });
    }
  });
});

describe('logout tokens that are refused with 400, and no session ends', () => {
  const altered: [string, LogoutTokenRefusal, () => Promise<string> | string][] = [
    ['alg none', 'wrong-algorithm', () => new UnsecuredJWT(tokens.claims()).encode()],
    [
      'HS256 by the client secret',
      'wrong-algorithm',
      () => tokens.sign(tokens.claims(), { alg: 'HS256' }, new TextEncoder().encode(CLIENT_SECRET)),
    ],
    [
      'RS/HS swap: HS256 by the public key',
      'wrong-algorithm',
      async () => tokens.sign(tokens.claims(), { alg: 'HS256' }, await tokens.publicKeyBytes()),
    ],
    [
      'another key under a known kid',
      'bad-signature',
      async () => tokens.sign(tokens.claims(), {}, await anotherKey()),
    ],
    ['an unknown kid', 'bad-signature', () => tokens.sign(tokens.claims(), { kid: 'es-9' })],
    [
      'a kid that is a path',
      'bad-signature',
      () => tokens.sign(tokens.claims(), { kid: '../../../dev/null' }),
    ],
    [
      'a jku of its own',
      'bad-signature',
      async () =>
        tokens.sign(tokens.claims(), { kid: 'x', jku: 'https://evil.example/jwks' }, await anotherKey()),
    ],
    [
      'a jwk of its own',
      'bad-signature',
      async () => tokens.sign(tokens.claims(), { jwk: login.es256.jwk }, await anotherKey()),
    ],
    [
      'a crit header',
      'wrong-algorithm',
      async () => withHeader(await tokens.sign(tokens.claims()), { crit: ['x'], x: 1 }),
    ],
    [
      'its header changed',
      'bad-signature',
      async () => withHeader(await tokens.sign(tokens.claims()), { extra: 1 }),
    ],
    ['the signature cut', 'bad-signature', async () => (await tokens.sign(tokens.claims())).slice(0, -10)],
    [
      'no signature',
      'bad-signature',
      async () => (await tokens.sign(tokens.claims())).replace(/[^.]+$/u, ''),
    ],
    [
      'two parts',
      'malformed-request',
      async () => (await tokens.sign(tokens.claims())).split('.').slice(0, 2).join('.'),
    ],
    ['rubbish', 'malformed-request', () => 'rubbish'],
    ['another issuer', 'wrong-issuer', () => tokens.sign(tokens.claims({ iss: 'https://evil.example' }))],
    ['no issuer', 'wrong-issuer', () => tokens.sign(tokens.claims({ iss: undefined }))],
    ['another audience', 'wrong-audience', () => tokens.sign(tokens.claims({ aud: 'mail' }))],
    ['a second audience', 'wrong-audience', () => tokens.sign(tokens.claims({ aud: ['sms', 'mail'] }))],
    ['no audience', 'wrong-audience', () => tokens.sign(tokens.claims({ aud: undefined }))],
    ['expired', 'wrong-time', () => tokens.sign(tokens.claims({ exp: IAT - 31 }))],
    ['no exp', 'wrong-time', () => tokens.sign(tokens.claims({ exp: undefined }))],
    [
      'too old although not expired',
      'wrong-time',
      () => tokens.sign(tokens.claims({ iat: IAT - 151, exp: IAT + 3600 })),
    ],
    ['from the future', 'wrong-time', () => tokens.sign(tokens.claims({ iat: IAT + 31, exp: IAT + 151 }))],
    ['no iat', 'wrong-time', () => tokens.sign(tokens.claims({ iat: undefined }))],
    [
      'iat as text',
      'wrong-time',
      () => tokens.sign(tokens.claims({ iat: String(IAT) as unknown as number })),
    ],
    ['not valid yet', 'wrong-time', () => tokens.sign(tokens.claims({ nbf: IAT + 60 }))],
    ['no jti', 'wrong-claims', () => tokens.sign(tokens.claims({ jti: undefined }))],
    ['an empty jti', 'wrong-claims', () => tokens.sign(tokens.claims({ jti: '' }))],
    ['no events', 'wrong-claims', () => tokens.sign(tokens.claims({ events: undefined }))],
    [
      'another event',
      'wrong-claims',
      () => tokens.sign(tokens.claims({ events: { 'https://schemas.openid.net/secevent/x': {} } })),
    ],
    ['events as a list', 'wrong-claims', () => tokens.sign(tokens.claims({ events: [EVENT] }))],
    [
      'an event that is no object',
      'wrong-claims',
      () => tokens.sign(tokens.claims({ events: { [EVENT]: true } })),
    ],
    ['a nonce', 'wrong-claims', () => tokens.sign(tokens.claims({ nonce: 'n' }))],
    ['a null nonce', 'wrong-claims', () => tokens.sign(tokens.claims({ nonce: null }))],
    [
      'neither sid nor sub',
      'wrong-claims',
      () => tokens.sign(tokens.claims({ sid: undefined, sub: undefined })),
    ],
    ['an empty sid', 'wrong-claims', () => tokens.sign(tokens.claims({ sid: '' }))],
    ['sid as a list', 'wrong-claims', () => tokens.sign(tokens.claims({ sid: ['sid-1'] }))],
    ['the type of an ID token', 'wrong-type', () => tokens.sign(tokens.claims(), { typ: 'JWT' })],
    ['the type of an access token', 'wrong-type', () => tokens.sign(tokens.claims(), { typ: 'at+jwt' })],
    [
      'the type of a security event',
      'wrong-type',
      () => tokens.sign(tokens.claims(), { typ: 'secevent+jwt' }),
    ],
    [
      'an ID token in its place',
      'wrong-claims',
      () =>
        tokens.sign({ ...tokens.claims({ events: undefined, jti: undefined }), nonce: 'n' }, { typ: 'JWT' }),
    ],
  ];

  test.each(altered)('P3: %s → %s', async (_name, reason, make) => {
    const kit = tokens.receiver();
    expect(await kit.receiveLogoutToken(form(await make()))).toEqual({
      status: 400,
      headers: { 'cache-control': 'no-store', 'content-type': 'application/json' },
      body: JSON.stringify({ error: 'invalid_request', error_description: reason }),
      reason,
    });
    expect(tokens.ended).toEqual([]);
  });

  test('P3: every single altered character of a good token is refused', async () => {
    const kit = tokens.receiver();
    const token = await tokens.sign(tokens.claims());
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'Q' : 'A'; // differs in the high bits, so also in the last character of a part
      const result = await kit.receiveLogoutToken(form(token.slice(0, at) + other + token.slice(at + 1)));
      expect([at, result.status]).toEqual([at, 400]);
    }
    expect(tokens.ended).toEqual([]);
    expect(await kit.receiveLogoutToken(form(token))).toMatchObject({ status: 200 });
  });

  test('P4: forms without exactly one logout_token', async () => {
    const token = await tokens.sign(tokens.claims());
    for (const body of [
      '',
      'x=1',
      `${form(token)}&${form(token)}`,
      'logout_token=',
      '\u0000',
      { logout_token: [token] },
      {},
    ]) {
      expect(await tokens.receiver().receiveLogoutToken(body)).toMatchObject({
        status: 400,
        reason: 'malformed-request',
      });
    }
  });

  test('P3: a token is used once, also by twenty requests at once', async () => {
    const kit = tokens.receiver();
    const body = form(await tokens.sign(tokens.claims()));
    const results = await Promise.all(Array.from({ length: 20 }, () => kit.receiveLogoutToken(body)));
    expect(results.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(results.filter((one) => one.status === 400 && one.reason === 'used-before')).toHaveLength(19);
    expect(tokens.ended).toHaveLength(1);
  });

  test('P3: the memory of used tokens outlives every moment at which the token would still be good', async () => {
    const kit = tokens.receiver();
    const body = form(await tokens.sign(tokens.claims({ iat: IAT + 30, exp: IAT + 3600 })));
    await kit.receiveLogoutToken(body);
    for (let second = 0; second <= 200; second += 1) {
      tokens.now = new Date(NOW.getTime() + second * 1000);
      expect((await kit.receiveLogoutToken(body)).status).toBe(400);
    }
  });
});
