import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './browser.ts';
import { authorizeUrl, basic, enter, PASSWORD } from './steps.ts';
import { openWorld, type World } from './world.ts';

/** The small size of QUALITY.md's P4; 12,000 take a minute. */
const REQUESTS = 700;

const PATHS = [
  '/', '/sign-in', '/sign-in/:uid', '/sign-in/:uid/reset', '/sign-in/:uid/reset/:request', '/sign-in/:uid/reset/:request/resend', '/reset', '/reset/done', '/reset/:request', '/reset/:request/resend', '/signed-out', '/signed-out/:logout', '/sign-out', '/language',
  '/authorize', '/authorize/:uid', '/token', '/userinfo', '/jwks', '/logout', '/logout/confirm', '/logout/success', '/revoke', '/introspect', '/.well-known/openid-configuration',
  '/api/console/v1/plan', '/api/console/v1/login-id-changes', '/api/console/v1/login-id-changes/:change/resend', '/api/console/v1/login-id-changes/:change/confirm', '/api/openapi.json', '/healthz', '/readyz', '/no-such-page',
];
const FIELDS = [
  'email_address', 'password', 'code', 'confirmation', 'client_id', 'target_link_uri', 'ui_locales', 'login_hint', 'lang', 'return_path', 'continue', 'waited', 'resent', 'other', 'logout', 'xsrf',
  'redirect_uri', 'response_type', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method', 'prompt', 'max_age', 'claims', 'request', 'request_uri', 'response_mode', 'id_token_hint', 'acr_values', 'post_logout_redirect_uri',
  'grant_type', 'code_verifier', 'refresh_token', 'client_secret', 'token', 'token_type_hint', 'consoleUserId', 'newEmailAddress', 'locale', 'sid', '__proto__', 'constructor', 'toString', 'email_address[]', 'email_address[x]', '',
];

let world: World;
let browser: Browser;
const real: Record<string, string> = {};
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addPerson('taro@example.co.jp', { sms: '1' }, { password: PASSWORD });
  const left = new Browser(world);
  await enter(world, left, 'sms', { address: 'taro@example.co.jp' });
  real.logout = (await left.submit(await left.open('/'), '/sign-out', {})).path.split('/')[2] ?? '';
  browser = new Browser(world);
  const { tokens } = await enter(world, browser, 'sms', { address: 'taro@example.co.jp' });
  const pending = await browser.open(authorizeUrl('sms', { prompt: 'login' }).url);
  real.uid = pending.path.split('/')[2] ?? '';
  const code = await browser.submit(await browser.open('/reset'), '/reset', { email_address: 'taro@example.co.jp' });
  Object.assign(real, { request: code.path.split('/')[2] ?? '', idToken: tokens.id_token, accessToken: tokens.access_token });
  const change = await world.app.server.inject({ method: 'POST', url: '/api/console/v1/login-id-changes', headers: { host: 'login.example.co.jp', authorization: basic('sms') }, payload: { consoleUserId: '1', newEmailAddress: 'new@example.co.jp', locale: 'ja' } });
  real.change = change.json<{ id: string }>().id;
});
afterAll(() => world.close());

describe('P4: no request makes the server fail', () => {
  it('whatever the method, path, query, form, JSON, cookies and headers: an answer below 500', async () => {
    const plain = fc.constantFrom('sms', 'taro@example.co.jp', 'ja', 'en', 'code', 'openid email profile', 'http://sms.example.co.jp/auth/callback', 'http://sms.example.co.jp/', 'S256', 'none', 'login', 'yes', '12345678', PASSWORD, 'authorization_code', 'refresh_token', '1', 'REAL_ID_TOKEN', 'REAL_ACCESS_TOKEN', 'REAL_REQUEST');
    const hostile = fc.oneof(
      fc.constantFrom('\0', 'a\0b', '\uffff', '\ud800', '\r\nset-cookie: x=1', '../../etc/passwd', '${7*7}', "' or 1=1 --", '<script>alert(1)</script>', '%00', '%ff', '%', '[]', '{}', 'null', '-1', '1e309', '٣', 'http://[', 'javascript:x', '//evil.example', '\u202e', '{"id_token":{"sub":{"value":"x"}}}', 'NaN', 'x@\0', '🐟'.repeat(30)),
      fc.integer({ min: 500, max: 60_000 }).map((length) => 'x'.repeat(length)),
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.string({ maxLength: 50 }),
    );
    const value = fc.oneof({ weight: 2, arbitrary: plain }, { weight: 3, arbitrary: hostile });
    const pairs = fc.array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 10 });
    const body = fc.oneof(
      { weight: 4, arbitrary: pairs.map((fields) => ({ type: 'application/x-www-form-urlencoded', text: encoded(fields) })) },
      { weight: 2, arbitrary: pairs.map((fields) => ({ type: 'application/json', text: JSON.stringify(Object.fromEntries(fields)) })) },
      { weight: 1, arbitrary: fc.json({ maxDepth: 6 }).map((text) => ({ type: 'application/json', text })) },
      { weight: 1, arbitrary: fc.constantFrom('['.repeat(20_000), `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, '{"a":', '"', '\0', '{"consoleUserId":"\\ud800","newEmailAddress":"a@example.co.jp","locale":"ja","sid":"\\u0000"}', '{"consoleUserId":"1","newEmailAddress":"b@example.co.jp","locale":"ja","sid":"\\ud800"}', '{"code":"\\u0000"}', '{"code":{"toString":1}}').map((text) => ({ type: 'application/json', text })) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('text/plain', 'multipart/form-data', 'application/xml', 'application/x-www-form-urlencoded; charset=shift_jis', 'application/json; charset=utf-16', ';;;', 'application/x-www-form-urlencoded'), hostile).map(([type, text]) => ({ type, text })) },
    );
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
      path: fc.constantFrom(...PATHS),
      odd: fc.option(hostile.map((text) => text.slice(0, 300)), { nil: undefined, freq: 4 }),
      query: fc.option(pairs, { nil: [], freq: 2 }),
      body,
      own: fc.boolean(),
      authorization: fc.constantFrom('console', 'console', 'bearer', 'none', 'Basic', 'Basic \u00ff', `Basic ${Buffer.from('sms\0:x').toString('base64')}`, 'Bearer '),
      language: fc.option(fc.constantFrom('\u00ff', 'x'.repeat(3_000), 'en;q=NaN', ',;,;'), { nil: undefined }),
      cookie: fc.option(fc.constantFrom('sso=x; sso.sig=y', 'lang=%00', 'lang=\u00ff', 'browser=', 'sign_in=x', '=;=;', `a=${'x'.repeat(4_000)}`), { nil: undefined }),
    });
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const path = asked.path.replace(/:(\w+)/g, (_, name: string) => (asked.odd === undefined ? (real[name] ?? 'x') : encodeURIComponent(asked.odd.toWellFormed())));
        const query = encoded(asked.query).slice(0, 14_000);
        const answer = await world.app.server.inject({
          method: asked.method as 'GET',
          remoteAddress: `10.9.${(++seen >> 8) & 255}.${seen & 255}`,
          url: `${path}${query === '' ? '' : `?${query}`}`,
          headers: {
            host: 'login.example.co.jp',
            accept: 'text/html',
            origin: world.config.issuer,
            ...(asked.authorization === 'none' ? {} : { authorization: asked.authorization === 'console' ? basic('sms') : asked.authorization === 'bearer' ? `Bearer ${real.accessToken}` : asked.authorization }),
            ...(asked.language === undefined ? {} : { 'accept-language': asked.language }),
            cookie: asked.cookie ?? (asked.own ? [...browser.cookies].map(([name, cookie]) => `${name.split(';')[0]}=${cookie.value}`).join('; ') : ''),
            ...(asked.method === 'GET' || asked.method === 'HEAD' ? {} : { 'content-type': asked.body.type }),
          },
          ...(asked.method === 'GET' || asked.method === 'HEAD' ? {} : { payload: asked.body.text }),
        });
        expect(answer.statusCode, answer.body.slice(0, 300)).toBeLessThan(500);
      }),
      { numRuns: REQUESTS, endOnFailure: true },
    );
    expect(seen).toBeGreaterThanOrEqual(REQUESTS);
  }, 120_000);

  it('and it still works afterwards', async () => {
    await world.addPerson('after@example.co.jp', { sms: '2' }, { password: PASSWORD });
    expect((await enter(world, new Browser(world), 'sms', { address: 'after@example.co.jp' })).claims.console_user_id).toBe('2');
  });
});

/** Percent-encoded by hand: bytes that are no text, and names that appear twice, are part of the game. */
function encoded(fields: readonly (readonly [string, string])[]): string {
  return fields
    .map(([name, value]) => {
      const known = value === 'REAL_ID_TOKEN' ? real.idToken : value === 'REAL_ACCESS_TOKEN' ? real.accessToken : value === 'REAL_REQUEST' ? real.request : value;
      return `${encodeURIComponent(name)}=${/^%(ff|00)?$/.test(value) ? value : encodeURIComponent((known ?? '').toWellFormed())}`;
    })
    .join('&');
}
