import { readFile } from 'node:fs/promises';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applySetUp } from '#domain/set-up/apply.ts';
import { readSetUp } from '#domain/set-up/file.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { type Answer, Browser } from './browser.ts';
import { basic, claimsOf, PASSWORD, type Tokens, textOf } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** What the plans of the OpenID Foundation ask of a provider, one test an item, with the clients of samples/conformance.yaml and without script. */
const SUITE = 'https://localhost.emobix.co.uk:8443/test/a/hitokagi';
const CALLBACK = `${SUITE}/callback`;
const SECOND_CALLBACK = `${SUITE}/callback?dummy1=lorem&dummy2=ipsum`;
const SECRETS = {
  'conformance-1': 'secret-of-the-first-client-0123456789',
  'conformance-2': 'secret-of-the-second-client-012345678',
};
const PERSON = 'taro@example.co.jp';
const BOTH = { 'conformance-1': '1', 'conformance-2': '2' };
type Parameters = Record<string, string | undefined>;

let world: World;
let browser: Browser;
let keys: ReturnType<typeof createLocalJWKSet>;
beforeAll(async () => {
  world = await openWorld({
    work: false,
    environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: 'localhost.emobix.co.uk' },
  });
  const text = await readFile(new URL('../../../samples/conformance.yaml', import.meta.url), 'utf8');
  const read = readSetUp(text, 'en');
  if (!('file' in read)) throw new Error(JSON.stringify(read));
  const deps = {
    db: world.database.db,
    environmentSettings: world.config.settings,
    allowedInternalHosts: ['localhost.emobix.co.uk'],
    secretOf: async (reference: string) =>
      SECRETS[reference.endsWith('_1') ? 'conformance-1' : 'conformance-2'],
  };
  const by = { actor: 'operator:cli', now: world.now };
  expect(await applySetUp(deps, read.file, { dryRun: false, locale: 'en' }, by)).toMatchObject({ ok: true });
  await world.addPerson(PERSON, BOTH, { password: PASSWORD, name: '見本 太郎', locale: 'en' });
  await world.addPerson(
    'hanako@example.co.jp',
    { 'conformance-1': '3', 'conformance-2': '4' },
    { password: PASSWORD },
  );
  keys = createLocalJWKSet((await get('/jwks')).json<JSONWebKeySet>());
});
afterAll(() => world.close());
beforeEach(() => {
  world.pass(2 * HOUR);
  browser = new Browser(world);
});

const host = () => new URL(world.config.issuer).host;
const get = (url: string, headers: Record<string, string> = {}) =>
  world.app.server.inject({ url, headers: { host: host(), ...headers } });
const post = (url: string, form: Parameters, headers: Record<string, string> = {}) =>
  world.app.server.inject({
    method: 'POST',
    url,
    headers: { host: host(), 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: query(form),
  });
function query(parameters: Parameters): string {
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined);
  return new URLSearchParams(given).toString();
}
const request = (extra: Parameters = {}): Parameters => ({
  client_id: 'conformance-1',
  response_type: 'code',
  scope: 'openid',
  redirect_uri: CALLBACK,
  state: 'state-1',
  nonce: 'nonce-1',
  ...extra,
});
const authorize = (extra: Parameters = {}) => `/authorize?${query(request(extra))}`;
const isSignInPage = (page: Answer) => page.statusCode === 200 && page.path.startsWith('/sign-in/');
const typeIn = (page: Answer, address = PERSON) =>
  browser.submit(page, page.path, { email_address: address, password: PASSWORD });
function callbackOf(answer: { headers: Answer['headers']; body: string }): URL {
  expect(String(answer.headers.location), answer.body.slice(0, 300)).toContain(SUITE);
  return new URL(String(answer.headers.location));
}
/** The callback after a sign-in, or at once where the session lives. */
async function signIn(extra: Parameters = {}, address = PERSON): Promise<URL> {
  const opened = await browser.open(authorize(extra));
  return callbackOf(isSignInPage(opened) ? await typeIn(opened, address) : opened);
}
const redeem = (callback: URL, clientId: keyof typeof SECRETS = 'conformance-1', extra: Parameters = {}) =>
  post(
    '/token',
    {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: clientId === 'conformance-1' ? CALLBACK : SECOND_CALLBACK,
      ...extra,
    },
    { authorization: basic(clientId, SECRETS[clientId]) },
  );
async function tokens(extra: Parameters = {}, address = PERSON): Promise<Tokens> {
  const answer = await redeem(await signIn(extra, address));
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Tokens>();
}
const errorAt = (callback: URL) => callback.searchParams.get('error');

describe('basic OP: OpenID Connect Core', () => {
  it('§3.1.2.5 code comes with the state and the issuer, §3.1.3.3 the ID token with nonce, sub, iat, exp, and a kid of the JWKS', async () => {
    const callback = await signIn();
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({
      state: 'state-1',
      iss: world.config.issuer,
    });
    const { id_token, token_type } = (await redeem(callback)).json<Tokens>();
    expect(token_type.toLowerCase()).toBe('bearer');
    const verified = await jwtVerify(id_token, keys, {
      issuer: world.config.issuer,
      audience: 'conformance-1',
      algorithms: ['RS256'],
      currentDate: world.now,
    });
    expect(verified.payload).toMatchObject({ nonce: 'nonce-1', sub: expect.any(String) as string });
    expect(decodeProtectedHeader(id_token).kid).toBeTypeOf('string');
  });

  it('§3.1.2.1 response_type is required; one that there is not is refused to the client', async () => {
    const missing = await browser.open(authorize({ response_type: undefined }));
    expect(missing.statusCode === 400 || errorAt(callbackOf(missing)) === 'invalid_request').toBe(true);
    const token = callbackOf(await browser.open(authorize({ response_type: 'token' })));
    expect(token.href).toContain('error=unsupported_response_type');
  });

  it('§3.1.2.1 a request without nonce works in the code flow', async () => {
    expect(claimsOf((await tokens({ nonce: undefined })).id_token)).not.toHaveProperty('nonce');
  });

  it('§3.1.2.1 an authorization request by POST is served as by GET', async () => {
    const sent = await post('/authorize', request());
    expect(sent.statusCode).toBe(303);
    const page = await browser.open(String(sent.headers.location));
    expect(callbackOf(await typeIn(page)).searchParams.get('code')).toBeTruthy();
    const long = await post('/authorize', request({ state: 'x'.repeat(10_000) }));
    expect(long.statusCode).toBe(413);
  });

  it('§3.1.2.1 unknown parameters are ignored', async () => {
    expect(errorAt(await signIn({ extra: 'foobar' }))).toBeNull();
  });

  it('§3.1.2.1 redirect URIs are compared to the letter, their query included; none leads elsewhere', async () => {
    for (const redirect_uri of [undefined, `${SUITE}/other`, `${CALLBACK}?x=1`, 'https://evil.example/']) {
      const answer = await browser.open(authorize({ redirect_uri }));
      expect([answer.statusCode, answer.headers.location]).toEqual([400, undefined]);
    }
    const second = { client_id: 'conformance-2', redirect_uri: SECOND_CALLBACK };
    const callback = await signIn(second);
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({ dummy1: 'lorem', dummy2: 'ipsum' });
    expect((await redeem(callback, 'conformance-2')).statusCode).toBe(200);
    const lacking = await browser.open(authorize({ client_id: 'conformance-2', redirect_uri: CALLBACK }));
    expect(lacking.statusCode).toBe(400);
  });

  it.each([
    ['profile', ['name', 'locale']],
    ['email', ['email', 'email_verified']],
    ['address phone', []],
    ['profile email address phone', ['name', 'email']],
  ])('§5.4 scope %s brings its claims at the UserInfo endpoint', async (scope, claims) => {
    const { access_token, id_token } = await tokens({ scope: `openid ${scope}` });
    const info = (await get('/userinfo', { authorization: `Bearer ${access_token}` })).json<object>();
    expect(info).toMatchObject({ sub: claimsOf(id_token).sub });
    for (const claim of claims) expect(info).toHaveProperty(claim);
  });

  it('§5.3.1 UserInfo by GET and POST with the token in the header, and by POST with it in the body', async () => {
    const { access_token } = await tokens();
    const authorization = `Bearer ${access_token}`;
    const answers = [
      await get('/userinfo', { authorization }),
      await post('/userinfo', { other: 'x' }, { authorization }),
      await post('/userinfo', { access_token }),
    ];
    expect(
      answers.map((one) => one.statusCode),
      answers[1]?.body,
    ).toEqual([200, 200, 200]);
    expect((await get('/userinfo', { authorization: 'Bearer x' })).statusCode).toBe(401);
  });

  it('§5.5 claims asked for one by one, as essential ones, come at the UserInfo endpoint and in the ID token', async () => {
    const claims = JSON.stringify({
      userinfo: { name: { essential: true } },
      id_token: { email: { essential: true } },
    });
    const { access_token, id_token } = await tokens({ claims });
    const info = await get('/userinfo', { authorization: `Bearer ${access_token}` });
    expect(info.json()).toMatchObject({ name: '見本 太郎' });
    expect(claimsOf(id_token)).toMatchObject({ email: PERSON });
  });

  it('§3.1.2.1 prompt=login asks again and renews auth_time; prompt=none says login_required to whoever is not signed in', async () => {
    expect(errorAt(callbackOf(await browser.open(authorize({ prompt: 'none' }))))).toBe('login_required');
    const first = claimsOf((await tokens()).id_token);
    world.pass(1 * MINUTE);
    expect(errorAt(callbackOf(await browser.open(authorize({ prompt: 'none' }))))).toBeNull();
    const page = await browser.open(authorize({ prompt: 'login' }));
    expect(isSignInPage(page)).toBe(true);
    const again = claimsOf((await redeem(callbackOf(await typeIn(page)))).json<Tokens>().id_token);
    expect(Number(again.auth_time)).toBeGreaterThan(Number(first.auth_time));
    expect(again.sub).toBe(first.sub);
  });

  it('§3.1.2.1 prompt=none together with another one is refused', async () => {
    expect(errorAt(callbackOf(await browser.open(authorize({ prompt: 'none login' }))))).toBe(
      'invalid_request',
    );
  });

  it('§3.1.2.1 max_age: within it nobody is asked, beyond it everybody is; auth_time is there', async () => {
    // The engine itself compares with the machine's clock.
    const real = new Date();
    world.now = new Date(real.getTime() - 10 * MINUTE);
    const first = claimsOf((await tokens()).id_token);
    world.now = real;
    const silent = await redeem(callbackOf(await browser.open(authorize({ max_age: '10000' }))));
    expect(claimsOf(silent.json<Tokens>().id_token).auth_time).toBe(first.auth_time);
    const page = await browser.open(authorize({ max_age: '1' }));
    expect(isSignInPage(page)).toBe(true);
    const beyond = claimsOf((await redeem(callbackOf(await typeIn(page)))).json<Tokens>().id_token);
    expect(Number(beyond.auth_time)).toBeGreaterThan(Number(first.auth_time));
  });

  it('§3.1.2.1 id_token_hint with prompt=none: the same person gets a code, another one login_required', async () => {
    const { id_token } = await tokens();
    const silent = { prompt: 'none', id_token_hint: id_token };
    expect(errorAt(callbackOf(await browser.open(authorize(silent))))).toBeNull();
    browser = new Browser(world);
    await signIn({}, 'hanako@example.co.jp');
    expect(errorAt(callbackOf(await browser.open(authorize(silent))))).toBe('login_required');
  });

  it('§3.1.2.1 login_hint fills the field in, ui_locales chooses the language, acr_values, display and claims_locales are no error', async () => {
    const page = await browser.open(
      authorize({
        login_hint: 'someone@example.co.jp',
        ui_locales: 'en',
        acr_values: '1 2',
        display: 'page',
        claims_locales: 'se',
      }),
    );
    expect(page.body).toContain('value="someone@example.co.jp"');
    expect(textOf(page)).toContain('Password');
    expect(callbackOf(await typeIn(page)).searchParams.get('code')).toBeTruthy();
  });

  it('§6.1 a request object that is not supported is refused as such', async () => {
    const object = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`;
    const answer = await browser.open(authorize({ request: object }));
    expect(errorAt(callbackOf(answer))).toBe('request_not_supported');
  });

  it('§9 the secret of a client is taken by client_secret_basic and by client_secret_post, a wrong one by neither', async () => {
    const inBody = async (client_secret: string) =>
      post('/token', {
        grant_type: 'authorization_code',
        code: (await signIn()).searchParams.get('code') ?? '',
        redirect_uri: CALLBACK,
        client_id: 'conformance-1',
        client_secret,
      });
    expect((await redeem(await signIn())).statusCode).toBe(200);
    expect((await inBody(SECRETS['conformance-1'])).statusCode).toBe(200);
    const wrong = await inBody('wrong');
    expect([wrong.statusCode, wrong.json<{ error: string }>().error]).toEqual([401, 'invalid_client']);
  });

  it('RFC 6749 §4.1.2 a code is used once; used again, at once or 30 seconds later, what it brought is worth nothing', async () => {
    const callback = await signIn();
    const { access_token } = (await redeem(callback)).json<Tokens>();
    world.pass(30_000);
    expect((await redeem(callback)).json()).toMatchObject({ error: 'invalid_grant' });
    expect((await get('/userinfo', { authorization: `Bearer ${access_token}` })).statusCode).toBe(401);
  });

  it("RFC 6749 §4.1.3 a code of another client's is refused", async () => {
    const stolen = await redeem(await signIn(), 'conformance-2', { redirect_uri: CALLBACK });
    expect(stolen.json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('§11 offline_access with prompt=consent brings a refresh token, §12 which brings an ID token of the same sign-in', async () => {
    const opened = await browser.open(authorize({ scope: 'openid offline_access', prompt: 'consent' }));
    const first = (await redeem(callbackOf(await typeIn(opened)))).json<Tokens>();
    const authorization = basic('conformance-1', SECRETS['conformance-1']);
    const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const second = (await post('/token', form, { authorization })).json<Tokens>();
    const same = ({ iss, sub, aud, auth_time }: Record<string, unknown>) => ({ iss, sub, aud, auth_time });
    expect(same(claimsOf(second.id_token))).toEqual(same(claimsOf(first.id_token)));
    const stolen = await post(
      '/token',
      { ...form, refresh_token: second.refresh_token },
      { authorization: basic('conformance-2', SECRETS['conformance-2']) },
    );
    expect(stolen.json()).toMatchObject({ error: 'invalid_grant' });
    expect((await tokens({ scope: 'openid' })).refresh_token).toBeUndefined();
  });

  it('RFC 7636 PKCE is optional for these clients, and holds where it is used', async () => {
    const pkce = {
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'; // RFC 7636 appendix B
    expect((await redeem(await signIn(pkce), 'conformance-1', { code_verifier: verifier })).statusCode).toBe(
      200,
    );
    expect((await redeem(await signIn(pkce))).json()).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('config OP: OpenID Connect Discovery', () => {
  it('§3 names every endpoint by https or the issuer’s own origin, and every list that is required', async () => {
    const document = (await get('/.well-known/openid-configuration')).json<Record<string, unknown>>();
    expect(document.issuer).toBe(world.config.issuer);
    for (const [name, value] of Object.entries(document))
      if (/_(endpoint|uri)$/.test(name))
        expect(new URL(String(value)).origin, name).toBe(world.config.issuer);
    for (const name of [
      'authorization_endpoint',
      'token_endpoint',
      'userinfo_endpoint',
      'jwks_uri',
      'end_session_endpoint',
      'scopes_supported',
      'response_types_supported',
      'response_modes_supported',
      'grant_types_supported',
      'subject_types_supported',
      'id_token_signing_alg_values_supported',
      'token_endpoint_auth_methods_supported',
      'claims_supported',
    ])
      expect(document, name).toHaveProperty(name);
    expect(document).toMatchObject({
      claims_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    });
    expect(document.response_modes_supported).toEqual(expect.arrayContaining(['query', 'form_post']));
  });

  it('RFC 7517 §5 the keys are public ones, each with a kid of its own', async () => {
    const { keys: all } = (await get('/jwks')).json<JSONWebKeySet>();
    expect(new Set(all.map(({ kid }) => kid)).size).toBe(all.length);
    for (const key of all) expect(key).not.toHaveProperty('d');
  });
});

describe('form post OP: OAuth 2.0 Form Post Response Mode', () => {
  const fieldsOf = ({ body }: Answer) =>
    Object.fromEntries(
      [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    );

  it('§2 the answer comes as a form to the redirect URI, with a button for browsers without script, in the reader’s language', async () => {
    const page = await typeIn(
      await browser.open(authorize({ response_mode: 'form_post', ui_locales: 'en' })),
    );
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['cache-control']).toBe('no-store');
    expect(page.body).toContain(`action="${CALLBACK}"`);
    expect(fieldsOf(page)).toMatchObject({ state: 'state-1', iss: world.config.issuer });
    expect(textOf(page)).toContain('Go on');
    expect(page.body).not.toMatch(/<script(?![^>]*\bsrc=)/);
    const callback = new URL(CALLBACK);
    callback.searchParams.set('code', fieldsOf(page).code ?? '');
    expect((await redeem(callback)).statusCode).toBe(200);
  });

  it('§2 errors come by it too, and values are escaped', async () => {
    const state = `"><script>alert(1)</script>`;
    const page = await browser.open(authorize({ response_mode: 'form_post', prompt: 'none', state }));
    expect(fieldsOf(page)).toMatchObject({ error: 'login_required' });
    expect(page.body).not.toContain('<script>alert');
  });
});

describe('RP-initiated logout OP: OpenID Connect RP-Initiated Logout', () => {
  const BACK = `${SUITE}/post_logout_redirect`;
  /** Whether the browser is still signed in. */
  const isIn = async () => errorAt(callbackOf(await browser.open(authorize({ prompt: 'none' })))) === null;
  const leave = (form: Parameters) => browser.open(`/logout?${query(form)}`);

  it('§2 with a hint and a registered address the session ends, §3 and the way leads back with the state', async () => {
    const { id_token } = await tokens();
    const page = await leave({ id_token_hint: id_token, post_logout_redirect_uri: BACK, state: 'bye' });
    const back = new URL(
      String(page.headers.location ?? /href="([^"]+post_logout_redirect[^"]*)"/.exec(page.body)?.[1]),
    );
    expect([back.origin + back.pathname, back.searchParams.get('state')]).toEqual([BACK, 'bye']);
    expect(await isIn()).toBe(false);
  });

  it('§2 a logout request by POST is served as by GET', async () => {
    const { id_token } = await tokens();
    const sent = await post('/logout', { id_token_hint: id_token, post_logout_redirect_uri: BACK });
    expect(sent.statusCode).toBe(303);
    await browser.open(String(sent.headers.location));
    expect(await isIn()).toBe(false);
  });

  it.each<[string, (idToken: string) => Parameters]>([
    [
      'an address that is not registered',
      (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: `${SUITE}/other` }),
    ],
    [
      'one with a query added',
      (id_token_hint) => ({ id_token_hint, post_logout_redirect_uri: `${BACK}?foo=bar` }),
    ],
    [
      'a hint that was altered',
      (hint) => ({ id_token_hint: `${hint.slice(0, -6)}AAAAAA`, post_logout_redirect_uri: BACK }),
    ],
    ['a hint that is none', () => ({ id_token_hint: 'x', post_logout_redirect_uri: BACK })],
  ])('§3 %s leads nowhere, and the page says so', async (_what, form) => {
    const { id_token } = await tokens();
    const page = await leave(form(id_token));
    expect(page.statusCode).toBe(400);
    expect(page.headers.location).toBeUndefined();
    expect(page.body).not.toContain(SUITE);
  });

  it.each<[string, Parameters]>([
    ['no parameters', {}],
    ['only a state', { state: 'bye' }],
    ['an address without a hint', { client_id: 'conformance-1', post_logout_redirect_uri: BACK }],
  ])('§6 with %s the person is asked, and out after saying yes', async (_what, form) => {
    await tokens();
    const page = await leave(form);
    expect(page.statusCode).toBe(200);
    expect(await isIn()).toBe(true);
    const asked = await leave(form);
    await browser.submit(asked, '/logout/confirm', {});
    expect(await isIn()).toBe(false);
  });
});

describe('back-channel logout OP: OpenID Connect Back-Channel Logout', () => {
  it('§2.1 ID tokens have a sid, the same for the session, §2.5 and its end is queued for every client that was in it', async () => {
    const first = await tokens();
    const second = { client_id: 'conformance-2', redirect_uri: SECOND_CALLBACK };
    const other = (await redeem(await signIn(second), 'conformance-2')).json<Tokens>();
    const sids = [first, other].map(({ id_token }) => decodeJwt(id_token).sid);
    expect(sids.every((sid) => typeof sid === 'string' && sid !== '')).toBe(true);
    await browser.open(`/logout?${query({ id_token_hint: first.id_token })}`);
    const queued = await world.database.db
      .selectFrom('logout_delivery')
      .innerJoin('console', 'console.id', 'console_id')
      .select(['client_id', 'sid'])
      .where('logout_delivery.created_at', '=', world.now)
      .orderBy('client_id')
      .execute();
    expect(queued).toEqual([
      { client_id: 'conformance-1', sid: sids[0] },
      { client_id: 'conformance-2', sid: sids[1] },
    ]);
  });
});
