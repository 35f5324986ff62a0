import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '#test/browser.ts';
import { enter, PASSWORD } from '#test/steps.ts';
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
const keySet = async () => (await get('/jwks')).json<JSONWebKeySet>();

describe('the discovery document', () => {
  it('announces what there is, and nothing that we do not fill', async () => {
    const document = (await get('/.well-known/openid-configuration')).json<Record<string, unknown>>();
    expect(document).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      jwks_uri: `${ISSUER}/jwks`,
      end_session_endpoint: `${ISSUER}/logout`,
      revocation_endpoint: `${ISSUER}/revoke`,
      introspection_endpoint: `${ISSUER}/introspect`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      subject_types_supported: ['public'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      claims_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      authorization_response_iss_parameter_supported: true,
    });
    expect([...(document.scopes_supported as string[])].sort()).toEqual([
      'email',
      'offline_access',
      'openid',
      'profile',
    ]);
    expect([...(document.id_token_signing_alg_values_supported as string[])].sort()).toEqual([
      'ES256',
      'RS256',
    ]);
    for (const claim of [
      'sub',
      'sid',
      'email',
      'email_verified',
      'name',
      'locale',
      'console_user_id',
      'auth_time',
    ])
      expect(document.claims_supported).toContain(claim);
    for (const absent of [
      'registration_endpoint',
      'pushed_authorization_request_endpoint',
      'device_authorization_endpoint',
      'frontchannel_logout_supported',
      'request_object_signing_alg_values_supported',
    ])
      expect(document[absent] || undefined).toBeUndefined();
  });

  it('publishes public keys only', async () => {
    const { keys } = await keySet();
    expect(keys.map((key) => key.alg).sort()).toEqual(['ES256', 'RS256']);
    for (const key of keys)
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
    const stored = await world.database.db.selectFrom('signing_key').selectAll().execute();
    expect(stored.every((row) => row.sealed_jwk.split('.').length === 5)).toBe(true);
  });
});

describe('R1: the ID token', () => {
  it('says who, at which console and since when, verifies against the published keys, and lives ten minutes', async () => {
    const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, createLocalJWKSet(await keySet()), {
      issuer: ISSUER,
      audience: 'sms',
      currentDate: new Date(),
    });
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: expect.any(String) as string });
    expect(payload).toMatchObject({
      sub: accountId,
      email: 'taro@example.co.jp',
      email_verified: true,
      name: '見本 太郎',
      locale: 'ja',
      console_user_id: '1001',
      nonce: 'nonce-of-the-console',
      auth_time: world.now.getTime() / 1_000,
      sid: expect.any(String) as string,
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(600);
    expect(Object.keys(payload).sort()).toEqual([
      'aud',
      'auth_time',
      'console_user_id',
      'email',
      'email_verified',
      'exp',
      'iat',
      'iss',
      'locale',
      'name',
      'nonce',
      'sid',
      'sub',
    ]);
  });

  it('is signed with RS256 for a stock client, has that console’s own user id and sid, and the same account', async () => {
    const sms = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
    const stock = await enter(world, browser, 'stock', { address: 'taro@example.co.jp' });
    const { payload, protectedHeader } = await jwtVerify(
      stock.tokens.id_token,
      createLocalJWKSet(await keySet()),
      { issuer: ISSUER, audience: 'stock' },
    );
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({ sub: accountId, console_user_id: '77', auth_time: sms.claims.auth_time });
    expect(payload.sid).not.toBe(sms.claims.sid);
    // Within one session a console keeps its sid: it is what it will be told to end.
    expect((await enter(world, browser, 'sms', { address: 'taro@example.co.jp' })).claims.sid).toBe(
      sms.claims.sid,
    );
  });

  it('says no more than the scopes that were asked for', async () => {
    const { claims } = await enter(
      world,
      browser,
      'sms',
      { address: 'taro@example.co.jp' },
      { scope: 'openid' },
    );
    for (const claim of ['email', 'email_verified', 'name', 'locale'])
      expect(claims).not.toHaveProperty(claim);
    expect(claims.console_user_id).toBe('1001');
  });

  it('has the address and name of today, not those of the session’s beginning', async () => {
    await world.database.db
      .updateTable('account')
      .set({ name: '見本 花子' })
      .where('id', '=', accountId)
      .execute();
    expect((await enter(world, browser, 'sms', { address: 'taro@example.co.jp' })).claims.name).toBe(
      '見本 花子',
    );
  });
});
