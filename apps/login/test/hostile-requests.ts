import fc from 'fast-check';
import { PASSWORD } from './steps.ts';

const PATHS = [
  ...`
    / /sign-in /sign-in/:uid /sign-in/:uid/reset /sign-in/:uid/reset/:request
    /sign-in/:uid/reset/:request/resend /reset /reset/done /reset/:request /reset/:request/resend
    /new-password/:proof /sign-in/:uid/new-password/:proof
    /signed-out /signed-out/:logout /sign-out /language /authorize /authorize/:uid /token /userinfo
    /jwks /logout /logout/confirm /logout/success /revoke /introspect
    /.well-known/openid-configuration /api/console/v1/plan /api/console/v1/login-id-changes
    /api/console/v1/login-id-changes/:change/resend
    /api/console/v1/login-id-changes/:change/confirm /api/console/v1/login-ids/compare
    /api/console/v1/legacy-sign-ins /api/openapi.json /healthz /readyz
    /.well-known/ssf-configuration /ssf/stream /ssf/status /ssf/subjects/add /ssf/subjects/remove /ssf/verify /ssf/poll/str_x
    /scim/v2/Users /scim/v2/Users/x /scim/v2/Users/.search /scim/v2/Bulk /scim/v2/Schemas /scim/v2/none
    /no-such-page
  `
    .trim()
    .split(/\s+/),
];
const FIELDS = [
  ...`
    email_address password code confirmation client_id target_link_uri ui_locales login_hint lang
    return_path continue waited resent other logout xsrf redirect_uri response_type scope state
    nonce code_challenge code_challenge_method prompt max_age claims request request_uri
    response_mode id_token_hint acr_values post_logout_redirect_uri grant_type code_verifier
    refresh_token client_secret token token_type_hint consoleUserId newEmailAddress locale sid
    __proto__ constructor toString email_address[] email_address[x]
  `
    .trim()
    .split(/\s+/),
  '',
];

/** Requests as nobody should send them: to every path, by every method, with values that have broken servers before. */
export function hostileRequests(real: Readonly<Record<string, string>>) {
  const plain = fc.constantFrom(
    'sms',
    'taro@example.co.jp',
    'ja',
    'en',
    'code',
    'openid email profile',
    'http://sms.example.co.jp/auth/callback',
    'http://sms.example.co.jp/',
    'S256',
    'none',
    'login',
    'yes',
    '12345678',
    PASSWORD,
    'authorization_code',
    'refresh_token',
    '1',
    'REAL_ID_TOKEN',
    'REAL_ACCESS_TOKEN',
    'REAL_REQUEST',
  );
  const hostile = fc.oneof(
    fc.constantFrom(
      '\0',
      'a\0b',
      '\uffff',
      '\ud800',
      '\r\nset-cookie: x=1',
      '../../etc/passwd',
      '${7*7}',
      "' or 1=1 --",
      '<script>alert(1)</script>',
      '%00',
      '%ff',
      '%',
      '[]',
      '{}',
      'null',
      '-1',
      '1e309',
      '٣',
      'http://[',
      'javascript:x',
      '//evil.example',
      '\u202e',
      '{"id_token":{"sub":{"value":"x"}}}',
      'NaN',
      'x@\0',
      '🐟'.repeat(30),
    ),
    fc.integer({ min: 500, max: 60_000 }).map((length) => 'x'.repeat(length)),
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.string({ maxLength: 50 }),
  );
  const value = fc.oneof({ weight: 2, arbitrary: plain }, { weight: 3, arbitrary: hostile });
  const pairs = fc.array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 10 });
  const body = fc.oneof(
    {
      weight: 4,
      arbitrary: pairs.map((fields) => ({
        type: 'application/x-www-form-urlencoded',
        text: encoded(fields, real),
      })),
    },
    {
      weight: 2,
      arbitrary: pairs.map((fields) => ({
        type: 'application/json',
        text: JSON.stringify(Object.fromEntries(fields)),
      })),
    },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }).map((text) => ({ type: 'application/json', text })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          '['.repeat(20_000),
          `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
          '{"a":',
          '"',
          '\0',
          '{"consoleUserId":"\\ud800","newEmailAddress":"a@example.co.jp","locale":"ja","sid":"\\u0000"}',
          '{"consoleUserId":"1","newEmailAddress":"b@example.co.jp","locale":"ja","sid":"\\ud800"}',
          '{"round":"0b6f1d3e-8a53-4b55-9f0e-0d2f3a4b5c6d","last":true,"people":[{"consoleUserId":"\\ud800","emailAddress":"a@example.co.jp","version":null}]}',
          '{"signIns":[{"id":"1","consoleUserId":"\\ud800","at":"2026-11-22T01:00:00Z"}]}',
          '{"code":"\\u0000"}',
          '{"code":{"toString":1}}',
        )
        .map((text) => ({ type: 'application/json', text })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom(
            'text/plain',
            'multipart/form-data',
            'application/xml',
            'application/x-www-form-urlencoded; charset=shift_jis',
            'application/json; charset=utf-16',
            ';;;',
            'application/x-www-form-urlencoded',
          ),
          hostile,
        )
        .map(([type, text]) => ({ type, text })),
    },
  );
  return fc.record({
    method: fc.constantFrom('GET', 'POST', 'GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
    path: fc.constantFrom(...PATHS),
    odd: fc.option(
      hostile.map((text) => text.slice(0, 300)),
      { nil: undefined, freq: 4 },
    ),
    query: fc.option(pairs, { nil: [], freq: 2 }),
    body,
    own: fc.boolean(),
    authorization: fc.constantFrom(
      'console',
      'console',
      'bearer',
      'none',
      'Basic',
      'Basic \u00ff',
      `Basic ${Buffer.from('sms\0:x').toString('base64')}`,
      'Bearer ',
    ),
    language: fc.option(fc.constantFrom('\u00ff', 'x'.repeat(3_000), 'en;q=NaN', ',;,;'), {
      nil: undefined,
    }),
    cookie: fc.option(
      fc.constantFrom(
        'sso=x; sso.sig=y',
        'lang=%00',
        'lang=\u00ff',
        'browser=',
        'sign_in=x',
        '=;=;',
        `a=${'x'.repeat(4_000)}`,
      ),
      { nil: undefined },
    ),
  });
}

/** Names for values that exist only while a test runs. */
const STAND_INS = {
  REAL_ID_TOKEN: 'idToken',
  REAL_ACCESS_TOKEN: 'accessToken',
  REAL_REQUEST: 'request',
} as const;

/** Percent-encoded by hand: bytes that are no text, and names that appear twice, are part of the game. */
export function encoded(
  fields: readonly (readonly [string, string])[],
  real: Readonly<Record<string, string>>,
): string {
  return fields
    .map(([name, value]) => {
      const known = real[STAND_INS[value as keyof typeof STAND_INS] ?? ''] ?? value;
      return `${encodeURIComponent(name)}=${/^%(ff|00)?$/.test(value) ? value : encodeURIComponent(known.toWellFormed())}`;
    })
    .join('&');
}
