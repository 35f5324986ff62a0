import { exportJWK, generateKeyPair, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CLIENT_SECRET, startLoginServer, type TestLoginServer } from './login-server.ts';
import { form, LogoutTokens } from './logout-tokens.ts';

let login: TestLoginServer;
let tokens: LogoutTokens;

beforeAll(async () => {
  login = await startLoginServer();
});
beforeEach(() => {
  tokens = new LogoutTokens(login);
});
afterAll(() => login.goDown());

describe('faults around a logout token', () => {
  test('R9: a store that fails answers 400, so that the login server tries again; the log has the cause', async () => {
    const errors: object[] = [];
    const kit = tokens.receiver({
      sessions: { endBySid: async () => Promise.reject(new Error('database down')), endBySub: async () => 0 },
      log: { info: () => undefined, warn: () => undefined, error: (fields) => errors.push(fields) },
    });
    expect(await kit.receiveLogoutToken(form(await tokens.sign(tokens.claims())))).toMatchObject({
      status: 400,
      reason: 'logout-failed',
    });
    expect(errors).toMatchObject([{ err: { message: 'database down' } }]);
  });

  test('R17: a token by a key that was rotated in is accepted; unknown keys cause one request in 30 s', async () => {
    const rotated = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(rotated.publicKey)), kid: 'es-2', alg: 'ES256' };
    let published: unknown[] = [{ ...login.es256.jwk, d: undefined }];
    let asked = 0;
    const kit = tokens.receiver({
      fetch: async (input, init) => {
        if (!String(input).endsWith('/jwks')) return fetch(input, init);
        asked++;
        return Response.json({ keys: published });
      },
    });
    // The keys are read with the discovery document, before any token; they are 31 s old when the new one comes.
    const realNow = Date.now;
    expect(await kit.receiveLogoutToken(form(await tokens.sign(tokens.claims())))).toMatchObject({
      status: 200,
    });
    published = [jwk];
    Date.now = () => realNow() + 31_000;
    try {
      expect(
        await kit.receiveLogoutToken(
          form(await tokens.sign(tokens.claims(), { kid: 'es-2' }, rotated.privateKey)),
        ),
      ).toMatchObject({ status: 200 });
      for (let round = 0; round < 20; round++) {
        await kit.receiveLogoutToken(
          form(await tokens.sign(tokens.claims(), { kid: `unknown-${round}` }, rotated.privateKey)),
        );
      }
    } finally {
      Date.now = realNow;
    }
    expect(asked).toBe(2);
  });

  test('R9: while the keys cannot be had the answer is 400 keys-unreachable, and afterwards the next token works', async () => {
    let down = true;
    const kit = tokens.receiver({
      fetch: async (input, init) =>
        down && String(input).endsWith('/jwks') ? new Response('', { status: 503 }) : fetch(input, init),
    });
    expect(await kit.receiveLogoutToken(form(await tokens.sign(tokens.claims())))).toMatchObject({
      status: 400,
      reason: 'keys-unreachable',
    });
    down = false;
    expect(await kit.receiveLogoutToken(form(await tokens.sign(tokens.claims())))).toMatchObject({
      status: 200,
    });
  });

  test('P3: none and HS are refused even if discovery offers them', async () => {
    const kit = tokens.receiver({
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (!String(input).includes('.well-known')) return response;
        return Response.json({
          ...((await response.json()) as object),
          id_token_signing_alg_values_supported: ['none', 'HS256', 'ES256'],
        });
      },
    });
    for (const token of [
      new UnsecuredJWT(tokens.claims()).encode(),
      await tokens.sign(tokens.claims(), { alg: 'HS256' }, new TextEncoder().encode(CLIENT_SECRET)),
    ]) {
      expect(await kit.receiveLogoutToken(form(token))).toMatchObject({
        status: 400,
        reason: 'wrong-algorithm',
      });
    }
    expect(await kit.receiveLogoutToken(form(await tokens.sign(tokens.claims())))).toMatchObject({
      status: 200,
    });
  });

  test('P3: an algorithm that discovery does not offer is refused, although the key is known', async () => {
    const kit = tokens.receiver({
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (!String(input).includes('.well-known')) return response;
        return Response.json({
          ...((await response.json()) as object),
          id_token_signing_alg_values_supported: ['ES256'],
        });
      },
    });
    const token = await tokens.sign(tokens.claims(), { alg: 'RS256', kid: 'rs-1' }, login.rs256.privateKey);
    expect(await kit.receiveLogoutToken(form(token))).toMatchObject({
      status: 400,
      reason: 'wrong-algorithm',
    });
  });

  test('V4: no token reaches the log', async () => {
    const lines: string[] = [];
    const line = (fields: object, message: string) => void lines.push(JSON.stringify([fields, message]));
    const kit = tokens.receiver({ log: { info: line, warn: line, error: line } });
    const sent = [await tokens.sign(tokens.claims()), await tokens.sign(tokens.claims({ aud: 'mail' }))];
    for (const token of sent) await kit.receiveLogoutToken(form(token));
    expect(lines).toHaveLength(2);
    for (const token of sent) expect(lines.join('\n')).not.toContain(token.split('.')[2]);
  });
});
