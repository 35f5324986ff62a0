import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { basic, claimsOf, consolePost, enter, PASSWORD, type Tokens } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const ISSUER = 'http://login.example.co.jp';

let world: World;
let accountId: string;
let browser: Browser;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('stock', {
    idTokenAlg: 'RS256',
    backchannelLogoutUri: 'http://stock.example.co.jp/logout',
  });
  accountId = await world.addPerson(
    'taro@example.co.jp',
    { sms: '1001', stock: '77' },
    { password: PASSWORD, locale: 'ja' },
  );
  browser = new Browser(world);
});
afterAll(() => world.close());

const get = (url: string, headers: Record<string, string> = {}) =>
  world.app.server.inject({ url, headers: { host: 'login.example.co.jp', ...headers } });
const userinfo = (token: string) => get('/userinfo', { authorization: `Bearer ${token}` });
const keySet = async () => (await get('/jwks')).json<JSONWebKeySet>();

describe('P3: altered tokens are worth nothing', () => {
  let tokens: Tokens;
  beforeAll(async () => {
    tokens = (await enter(world, browser, 'sms', { address: 'taro@example.co.jp' })).tokens;
  });

  it('userinfo takes the access token as it was given out and nothing else', async () => {
    const good = await userinfo(tokens.access_token);
    expect(good.json()).toMatchObject({
      sub: accountId,
      email: 'taro@example.co.jp',
      console_user_id: '1001',
    });
    const wrong = [
      tokens.id_token,
      tokens.access_token.slice(0, -1),
      `${tokens.access_token}x`,
      tokens.access_token.toUpperCase(),
      tokens.access_token.split('').reverse().join(''),
      'x',
      `${unsigned({ sub: accountId, iss: ISSUER, aud: 'sms' })}`,
      createHash('sha256').update(tokens.access_token).digest('base64url'),
    ];
    for (const token of wrong) {
      const answer = await userinfo(token);
      expect([answer.statusCode, answer.json<{ error: string }>().error], token.slice(0, 20)).toEqual([
        401,
        'invalid_token',
      ]);
      expect(answer.headers['www-authenticate']).toContain('invalid_token');
    }
    for (const answer of [
      await get('/userinfo'),
      await get(`/userinfo?access_token=${tokens.access_token}`),
      await get('/userinfo', { authorization: basic('sms') }),
    ]) {
      expect([400, 401]).toContain(answer.statusCode);
      expect(answer.body).not.toContain(accountId);
    }
  });

  it('introspection answers consoles only, about their own tokens, and says inactive of everything else', async () => {
    const introspect = (token: string, clientId = 'sms', headers = {}) =>
      consolePost(world, clientId, '/introspect', { token }, headers);
    expect((await introspect(tokens.access_token)).json()).toMatchObject({
      active: true,
      client_id: 'sms',
      sub: accountId,
    });
    for (const token of [`${tokens.access_token}x`, 'x'])
      expect((await introspect(token)).json()).toEqual({ active: false });
    for (const token of [tokens.id_token, unsigned({ sub: accountId })])
      expect((await introspect(token)).json()).not.toMatchObject({ active: true });
    expect((await introspect(tokens.access_token, 'stock')).json()).toEqual({ active: false });
    expect(
      (await introspect(tokens.access_token, 'sms', { authorization: basic('sms', 'wrong') })).statusCode,
    ).toBe(401);
    expect(
      (await introspect(tokens.access_token, 'sms', { authorization: '' })).statusCode,
    ).toBeGreaterThanOrEqual(400);
  });

  it('an id_token_hint that was forged, in whichever way, ends no session', async () => {
    const claims = claimsOf(tokens.id_token);
    const [header = '', body = '', signature = ''] = tokens.id_token.split('.');
    const { keys } = await keySet();
    const ec = keys.find((key) => key.alg === 'ES256') ?? {};
    const mine = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(mine.publicKey);
    const head = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const asSecret = (alg: string, value: string): string => {
      const input = `${head({ alg, kid: ec.kid, typ: 'JWT' })}.${body}`;
      return `${input}.${createHmac('sha256', value).update(input).digest('base64url')}`;
    };
    const signedByMe = (protectedHeader: Record<string, unknown>) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...protectedHeader }).sign(mine.privateKey);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = [
      unsigned(claims),
      `${head({ alg: 'None' })}.${body}.`,
      `${head({ alg: 'nOnE' })}.${body}.${signature}`,
      `${header}.${body}.`,
      `${header}.${body}`,
      `${header}.${body}.${Buffer.alloc(64).toString('base64url')}`,
      `${header}.${head({ ...claims, sub: 'acc_other' })}.${signature}`,
      asSecret('HS256', JSON.stringify(ec)),
      asSecret('HS256', String(ec.x)),
      asSecret(
        'HS256',
        (
          await world.database.db
            .selectFrom('console')
            .select('client_secret_hash')
            .where('client_id', '=', 'sms')
            .executeTakeFirstOrThrow()
        ).client_secret_hash,
      ),
      await signedByMe({ kid: ec.kid }),
      await signedByMe({ kid: '../../../../dev/null' }),
      await signedByMe({ kid: "' or 1=1 --" }),
      await signedByMe({ jwk }),
      await signedByMe({ jku: 'http://127.0.0.1:1/jwks', kid: 'x' }),
      await signedByMe({ x5u: 'http://127.0.0.1:1/cert' }),
      await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: ec.kid }).sign(rsa.privateKey),
      tokens.access_token,
    ];
    for (const hint of forged) {
      const answer = await browser.request(
        'GET',
        `/logout?${new URLSearchParams({ id_token_hint: hint, client_id: 'sms' }).toString()}`,
      );
      expect([answer.statusCode, answer.headers.location], hint.slice(0, 60)).toEqual([400, undefined]);
    }
    expect((await userinfo(tokens.access_token)).statusCode).toBe(200);
    expect(await world.database.db.selectFrom('single_logout').select('id').execute()).toEqual([]);
  });
});

describe('tokens end with what they stand for', () => {
  it('an access token ends after ten minutes', async () => {
    const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const now = world.now;
    world.pass(10 * MINUTE - 1);
    expect((await userinfo(tokens.access_token)).statusCode).toBe(200);
    world.pass(1);
    expect((await userinfo(tokens.access_token)).statusCode).toBe(401);
    world.now = now;
  });

  it('revoked by its console it is dead, and another console cannot revoke it', async () => {
    const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    await consolePost(world, 'stock', '/revoke', { token: tokens.access_token });
    expect((await userinfo(tokens.access_token)).statusCode).toBe(200);
    expect((await consolePost(world, 'sms', '/revoke', { token: tokens.access_token })).statusCode).toBe(200);
    expect((await userinfo(tokens.access_token)).statusCode).toBe(401);
  });

  it('of a suspended account they say nothing any more', async () => {
    const id = await world.addPerson('gone@example.co.jp', { sms: '5' }, { password: PASSWORD });
    const { tokens } = await enter(world, new Browser(world), 'sms', { address: 'gone@example.co.jp' });
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    expect((await userinfo(tokens.access_token)).statusCode).toBe(401);
    await world.database.db.updateTable('account').set({ state: 'active' }).where('id', '=', id).execute();
    await world.database.db.deleteFrom('console_link').where('account_id', '=', id).execute();
    const unlinked = await userinfo(tokens.access_token);
    expect(unlinked.json<Record<string, unknown>>().console_user_id).toBeUndefined();
  });

  it('of an ended session they are dead', async () => {
    const other = new Browser(world);
    const { tokens } = await enter(world, other, 'sms', { address: 'taro@example.co.jp' });
    await other.submit(await other.open('/'), '/sign-out', {});
    expect((await userinfo(tokens.access_token)).statusCode).toBe(401);
    expect((await consolePost(world, 'sms', '/introspect', { token: tokens.access_token })).json()).toEqual({
      active: false,
    });
    expect(
      await world.database.db
        .selectFrom('oidc_artifact')
        .select('kind')
        .where('payload', '@>', JSON.stringify({ sid: claimsOf(tokens.id_token).sid }) as never)
        .execute(),
    ).toEqual([]);
  });

  it('are stored as hashes only', async () => {
    const { tokens, callback } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const everything = JSON.stringify([
      await world.database.db.selectFrom('oidc_artifact').selectAll().execute(),
      await world.database.db.selectFrom('sso_session').selectAll().execute(),
    ]);
    for (const secret of [
      tokens.access_token,
      tokens.id_token,
      callback.searchParams.get('code') as string,
      browser.cookies.get('sso;/')?.value as string,
    ])
      expect(everything).not.toContain(secret);
  });
});

function unsigned(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
