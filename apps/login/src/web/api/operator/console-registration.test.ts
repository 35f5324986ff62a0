import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let otherNode: LoginApp;
let token: string;
beforeAll(async () => {
  world = await openWorld({
    work: false,
    environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: 'console.internal' },
  });
  otherNode = await buildLogin(
    world.config,
    world.database,
    world.databaseUrl,
    MASTER_SECRET,
    () => world.now,
  );
  const by = { actor: 'operator:cli', now: world.now };
  ({ token } = await createOperatorToken(world.database.db, { name: 'test', role: 'administrator' }, by));
});
afterAll(async () => {
  await otherNode.close();
  await world.close();
});

const call = (
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  payload?: object,
  headers: Record<string, string> = {},
) =>
  world.app.server.inject({
    method,
    url: `/api/operator/v1/consoles${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${token}`, ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
const HOME = 'https://shop.example.co.jp';
const shop = (extra: object = {}) => ({
  clientId: 'shop',
  name: { ja: '見本ショップ', en: 'Sample shop' },
  homeUrl: `${HOME}/`,
  redirectUris: [`${HOME}/auth/callback`],
  ...extra,
});
const authorize = (node: LoginApp, redirectUri: string, clientId = 'shop') =>
  node.server.inject({
    url: `/authorize?${new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectUri,
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    }).toString()}`,
    headers: { host: 'login.example.co.jp' },
  });
async function until(true_: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await true_()); tries++) {
    if (tries > 100) throw new Error('It did not become so within 2 s.');
    await new Promise((later) => setTimeout(later, 20));
  }
}

describe('R19, R26: registering a console by the operator API', () => {
  it.each([
    [{ legacyLoginUrl: 'http://shop.example.co.jp/login' }, 'legacyLoginUrl', 'address-not-https'],
    [{ redirectUris: [] }, 'redirectUris', 'missing'],
    [{ redirectUris: [`${HOME}/cb#x`] }, 'redirectUris', 'address-fragment'],
    [{ redirectUris: [`${HOME}/*`] }, 'redirectUris', 'address-wildcard'],
    [{ redirectUris: ['https://*.example.co.jp/cb'] }, 'redirectUris', 'address-wildcard'],
    [{ redirectUris: ['https://evil.example/cb'] }, 'redirectUris', 'address-elsewhere'],
    [{ redirectUris: ['https://shop.example.co.jp:8443/cb'] }, 'redirectUris', 'address-elsewhere'],
    [{ redirectUris: ['https://taro:x@shop.example.co.jp/cb'] }, 'redirectUris', 'address-malformed'],
    [{ redirectUris: ['https:shop.example.co.jp/cb'] }, 'redirectUris', 'address-malformed'],
    [{ redirectUris: ['javascript:alert(1)'] }, 'redirectUris', 'address-malformed'],
    [{ redirectUris: [`${HOME}/cb`, `${HOME}/cb`] }, 'redirectUris', 'twice'],
    [{ initiateLoginUri: 'https://elsewhere.example/start' }, 'initiateLoginUri', 'address-elsewhere'],
    [{ backchannelLogoutUri: 'https://10.0.0.5/logout' }, 'backchannelLogoutUri', 'address-internal'],
    [{ eventUri: 'https://169.254.169.254/events' }, 'eventUri', 'address-internal'],
    [{ domains: ['https://api.example.co.jp'] }, 'domains', 'domain-malformed'],
    [{ domains: ['API.example.co.jp'] }, 'domains', 'domain-malformed'],
    [{ keyColour: 'red' }, 'keyColour', 'colour-malformed'],
    [{ keyColour: '#ffff00' }, 'keyColour', 'colour-contrast'],
    [{ sessionIdleMinutes: 60, sessionAbsoluteMinutes: 30 }, 'sessionAbsoluteMinutes', 'absolute-below-idle'],
    [{ apiScopes: ['plan.read', 'plan.write'] }, 'apiScopes', 'scope-unknown'],
    [{ signInMaxAgeMinutes: 1.5 }, 'signInMaxAgeMinutes', 'minutes-malformed'],
    [{ clientId: 'Has Space' }, 'clientId', 'client-id-malformed'],
    [{ name: { ja: ' ', en: 'x' } }, 'nameJa', 'missing'],
  ])('refuses %o and says of %s that it is %s, in both languages', async (extra, field, code) => {
    const english = await call('POST', '', shop(extra));
    expect(english.statusCode, english.body).toBe(422);
    expect(english.json()).toMatchObject({ code: 'console-unfit', faults: [{ field, code }] });
    const japanese = await call('POST', '', shop(extra), { 'accept-language': 'ja' });
    expect(japanese.json<{ detail: string }>().detail).toMatch(/[ぁ-ん]/);
    expect(await world.database.db.selectFrom('console').select('id').execute()).toEqual([]);
  });

  it('takes http inside the machine and at hosts that the installation names, and other domains that are the console’s own', async () => {
    for (const [clientId, extra] of [
      ['local', { homeUrl: 'http://localhost:3000/', redirectUris: ['http://localhost:3000/cb'] }],
      ['inside', { homeUrl: 'http://console.internal/', redirectUris: ['http://console.internal/cb'] }],
      ['wide', { domains: ['api.example.co.jp'], redirectUris: ['https://api.example.co.jp/cb'] }],
    ] as const)
      expect((await call('POST', '', shop({ clientId, ...extra }))).statusCode).toBe(201);
  });

  it('A1: fields that are not the caller’s to set are refused', async () => {
    for (const field of [
      'consoleId',
      'revision',
      'clientSecret',
      'client_secret_hash',
      'secrets',
      'legacyPasswords',
      'tracedUntil',
    ])
      expect((await call('POST', '', shop({ [field]: 'x' }))).json()).toMatchObject({ code: 'malformed' });
  });

  it('shows the secret this once, stores its hash, and every node knows the console at once', async () => {
    expect((await authorize(otherNode, `${HOME}/auth/callback`)).statusCode).toBe(400);
    const made = await call(
      'POST',
      '',
      shop({ keyColour: '#1a4fa3', supportContact: { ja: '見本窓口 03-0000-0000' } }),
    );
    expect(made.statusCode).toBe(201);
    const { console, clientSecret } = made.json<{ console: Record<string, unknown>; clientSecret: string }>();
    expect(clientSecret).toMatch(/^[\w-]{43}$/);
    expect(console).toMatchObject({
      clientId: 'shop',
      revision: 1,
      keyColour: '#1a4fa3',
      supportContact: { ja: '見本窓口 03-0000-0000', en: '' },
      requirePkce: true,
      secrets: [{ lastUsedAt: null }],
    });
    const row = await world.database.db
      .selectFrom('console')
      .selectAll()
      .where('client_id', '=', 'shop')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(clientSecret);
    expect((await call('GET', '/shop')).body).not.toContain(clientSecret);
    await until(async () => (await authorize(otherNode, `${HOME}/auth/callback`)).statusCode === 303);
    expect((await call('POST', '', shop())).json()).toMatchObject({ status: 409, code: 'client-id-taken' });
  });
});

describe('R19, R26: changing a console by the operator API', () => {
  it('needs the ETag of what was looked at, and refuses who comes second', async () => {
    const seen = await call('GET', '/shop');
    const etag = String(seen.headers.etag);
    expect((await call('PATCH', '/shop', { homeUrl: `${HOME}/home` })).json()).toMatchObject({
      status: 428,
      code: 'precondition-required',
    });
    expect((await call('PATCH', '/shop', {}, { 'if-match': '*' })).statusCode).toBe(428);
    const first = await call('PATCH', '/shop', { name: { en: 'Renamed' } }, { 'if-match': etag });
    expect(first.json()).toMatchObject({
      name: { ja: '見本ショップ', en: 'Renamed' },
      homeUrl: `${HOME}/`,
      revision: 2,
    });
    expect(first.headers.etag).toBe('"2"');
    const second = await call('PATCH', '/shop', { homeUrl: `${HOME}/home` }, { 'if-match': etag });
    expect(second.json()).toMatchObject({ status: 412, code: 'precondition-failed' });
    expect(second.headers.etag).toBe('"2"');
    expect((await call('GET', '/shop')).json()).toMatchObject({ homeUrl: `${HOME}/`, revision: 2 });
    expect((await call('PATCH', '/nobody', {}, { 'if-match': '"1"' })).statusCode).toBe(404);
    expect((await call('PATCH', '/shop', { clientId: 'other' }, { 'if-match': '"2"' })).json()).toMatchObject(
      { code: 'malformed' },
    );
  });

  it('of twenty who change it at once one does', async () => {
    const etag = String((await call('GET', '/shop')).headers.etag);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        call('PATCH', '/shop', { name: { en: `Name ${at}` } }, { 'if-match': etag }),
      ),
    );
    expect(answers.map((one) => one.statusCode).toSorted()).toEqual([
      200,
      ...Array.from({ length: 19 }, () => 412),
    ]);
  });

  it('reaches every node without a restart, and the audit log has both values', async () => {
    const etag = String((await call('GET', '/shop')).headers.etag);
    const changed = await call('PATCH', '/shop', { redirectUris: [`${HOME}/new`] }, { 'if-match': etag });
    expect(changed.statusCode, changed.body).toBe(200);
    expect((await authorize(world.app, `${HOME}/auth/callback`)).statusCode).toBe(400);
    await until(async () => (await authorize(otherNode, `${HOME}/new`)).statusCode === 303);
    expect((await authorize(otherNode, `${HOME}/auth/callback`)).statusCode).toBe(400);
    const event = await world.database.db
      .selectFrom('audit_event')
      .select('detail')
      .where('action', '=', 'console.changed')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(event.detail).toMatchObject({
      changes: { redirectUris: { from: [`${HOME}/auth/callback`], to: [`${HOME}/new`] } },
    });
  });

  it('what was registered before a rule came does not stand in the way of another change', async () => {
    await world.addConsole('old');
    const changed = await call('PATCH', '/old', { name: { en: 'Old' } }, { 'if-match': '"1"' });
    expect(changed.statusCode, changed.body).toBe(200);
    expect(
      (await call('PATCH', '/old', { homeUrl: 'http://other.example.co.jp/' }, { 'if-match': '"2"' })).json(),
    ).toMatchObject({
      code: 'console-unfit',
    });
  });
});
