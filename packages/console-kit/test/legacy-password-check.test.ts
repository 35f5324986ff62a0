import { createHash } from 'node:crypto';
import fastify from 'fastify';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerConsoleKit } from '../src/adapters/fastify.ts';
import {
  memoryLogoutTokenStore,
  type LegacyPasswordCheckRefusal,
  type LegacyPasswords,
} from '../src/index.ts';
import { kitFor } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';
import { anotherKey, IAT, LogoutTokens, NOW } from './logout-tokens.ts';

const QUESTION = JSON.stringify({ emailAddress: 'taro@example.co.jp', password: 'Mihon-2026' });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

let login: TestLoginServer;
let tokens: LogoutTokens;
/** What the console's own function was asked. */
let asked: unknown[];

beforeAll(async () => {
  login = await startLoginServer();
});
beforeEach(() => {
  tokens = new LogoutTokens(login);
  asked = [];
});
afterAll(() => login.goDown());

const knows: LegacyPasswords = {
  check: async (question) => {
    asked.push(question);
    return question.password === 'Mihon-2026' ? { matches: true, consoleUserId: '7' } : { matches: false };
  },
};

function console(legacyPasswords: LegacyPasswords = knows) {
  return tokens.receiver({ legacyPasswords });
}

function claims(changes: JWTPayload = {}): JWTPayload {
  const { sid: _sid, sub: _sub, events: _events, ...rest } = tokens.claims({ exp: IAT + 60 });
  const all = { ...rest, body_sha256: sha256(QUESTION), ...changes };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const TYPE = { typ: 'legacy-password-check+jwt' };
const bearer = async (
  payload = claims(),
  header: Record<string, unknown> = TYPE,
  key?: CryptoKey | Uint8Array,
): Promise<string> =>
  `Bearer ${await tokens.sign(payload, header, ...(key ? ([key] as const) : ([] as const)))}`;

describe('R21: the login server asks whether a legacy password is right', () => {
  test('the console’s function is asked, and its answer is told', async () => {
    const kit = console();
    const right = await kit.receiveLegacyPasswordCheck({ authorization: await bearer(), body: QUESTION });
    expect(right).toMatchObject({ status: 200, matches: true });
    expect(right.headers).toEqual({ 'cache-control': 'no-store', 'content-type': 'application/json' });
    expect(JSON.parse(right.body)).toEqual({ matches: true, consoleUserId: '7' });
    const other = JSON.stringify({ emailAddress: 'taro@example.co.jp', password: 'wrong' });
    const wrong = await kit.receiveLegacyPasswordCheck({
      authorization: await bearer(claims({ body_sha256: sha256(other) })),
      body: other,
    });
    expect(JSON.parse(wrong.body)).toEqual({ matches: false });
    expect(asked).toEqual([JSON.parse(QUESTION), JSON.parse(other)]);
  });

  test('RS256 is accepted too', async () => {
    const authorization = await bearer(
      claims(),
      { ...TYPE, alg: 'RS256', kid: 'rs-1' },
      login.rs256.privateKey,
    );
    expect(await console().receiveLegacyPasswordCheck({ authorization, body: QUESTION })).toMatchObject({
      status: 200,
    });
  });

  test.each<[string, LegacyPasswordCheckRefusal, () => Promise<string>]>([
    ['a logout token', 'wrong-claims', () => bearer(claims(), { typ: 'logout+jwt' })],
    ['no type', 'wrong-claims', () => bearer(claims(), { typ: undefined })],
    ['another issuer', 'wrong-issuer', () => bearer(claims({ iss: 'https://evil.example' }))],
    ['another console', 'wrong-audience', () => bearer(claims({ aud: 'mail' }))],
    ['two audiences', 'wrong-audience', () => bearer(claims({ aud: ['sms', 'mail'] }))],
    ['expired', 'wrong-time', () => bearer(claims({ iat: IAT - 200, exp: IAT - 140 }))],
    [
      'old, however long it says to live',
      'wrong-time',
      () => bearer(claims({ iat: IAT - 200, exp: IAT + 9_999 })),
    ],
    ['from the future', 'wrong-time', () => bearer(claims({ iat: IAT + 200, exp: IAT + 260 }))],
    ['no end', 'wrong-time', () => bearer(claims({ exp: undefined }))],
    ['no jti', 'wrong-claims', () => bearer(claims({ jti: undefined }))],
    ['no hash of the body', 'wrong-claims', () => bearer(claims({ body_sha256: undefined }))],
    ['the hash of another body', 'wrong-body', () => bearer(claims({ body_sha256: sha256('{}') }))],
    ['a foreign key', 'bad-signature', async () => bearer(claims(), TYPE, await anotherKey())],
    [
      'HS256 with the public key',
      'wrong-algorithm',
      () => bearer(claims(), { ...TYPE, alg: 'HS256', kid: 'rs-1' }, tokens.publicKeyBytes()),
    ],
    ['no token', 'malformed-request', async () => ''],
    ['Basic', 'malformed-request', async () => 'Basic c21zOnNlY3JldA=='],
    ['rubbish', 'malformed-request', async () => 'Bearer x'],
  ])('%s: 401, and the console is not asked', async (_, reason, made) => {
    const result = await console().receiveLegacyPasswordCheck({
      authorization: await made(),
      body: QUESTION,
    });
    expect(result).toMatchObject({ status: 401, reason });
    expect(result.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(asked).toEqual([]);
  });

  test('a token works once, also with many at once', async () => {
    const kit = console();
    const authorization = await bearer();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => kit.receiveLegacyPasswordCheck({ authorization, body: QUESTION })),
    );
    expect(results.filter((one) => one.status === 200)).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  test.each(['', 'null', '[]', '{"emailAddress":"a"}', '{"emailAddress":1,"password":"x"}', '{'])(
    'a body %j is no question: 400',
    async (body) => {
      const authorization = await bearer(claims({ body_sha256: sha256(body) }));
      expect(await console().receiveLegacyPasswordCheck({ authorization, body })).toMatchObject({
        status: 400,
      });
      expect(asked).toEqual([]);
    },
  );

  test('a console that fails says 503, and no more', async () => {
    const kit = console({
      check: async () => {
        throw new Error('the database of the console is away');
      },
    });
    const result = await kit.receiveLegacyPasswordCheck({ authorization: await bearer(), body: QUESTION });
    expect(result).toMatchObject({ status: 503, body: '{"error":"check-failed"}' });
  });

  test('without the option there is nothing to ask, and the adapter mounts nothing', async () => {
    const none = tokens.receiver();
    expect(
      await none.receiveLegacyPasswordCheck({ authorization: await bearer(), body: QUESTION }),
    ).toMatchObject({ status: 404, reason: 'not-offered' });
    for (const [kit, status] of [
      [none, 404],
      [
        kitFor(login, {
          clock: () => NOW,
          logoutTokens: memoryLogoutTokenStore(() => NOW),
          legacyPasswords: knows,
        }),
        200,
      ],
    ] as const) {
      const app = fastify();
      await registerConsoleKit(app, { kit, onSignedIn: () => undefined });
      const answer = await app.inject({
        method: 'POST',
        url: '/auth/legacy-password-check',
        headers: { authorization: await bearer(), 'content-type': 'application/json' },
        payload: QUESTION,
      });
      expect(answer.statusCode).toBe(status);
      if (status === 200) expect(answer.json()).toEqual({ matches: true, consoleUserId: '7' });
      await app.close();
    }
  });
});
