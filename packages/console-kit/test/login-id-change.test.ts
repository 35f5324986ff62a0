import { afterAll, beforeAll, expect, test } from 'vitest';
import { kitFor } from './console.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';

let login: TestLoginServer;
let seen: { method: string | undefined; url: string | undefined; body: string } | null = null;

beforeAll(async () => {
  login = await startLoginServer();
});
afterAll(() => login.goDown());

function answers(status: number, body?: unknown, headers: Record<string, string> = {}): void {
  login.api = (request, text) => {
    seen = { method: request.method, url: request.url, body: text };
    return { status, headers, body };
  };
}

const REQUEST = { consoleUserId: '42', newEmailAddress: 'new@example.co.jp', locale: 'ja' } as const;
const PENDING = {
  id: 'lic_1',
  newEmailAddress: 'new@example.co.jp',
  sentFrom: 'no-reply@example.co.jp',
  codeExpiresAt: '2026-11-22T03:10:00.000Z',
  resendAt: '2026-11-22T03:01:00.000Z',
};
const PENDING_RESULT = {
  ok: true,
  ...PENDING,
  codeExpiresAt: new Date(PENDING.codeExpiresAt),
  resendAt: new Date(PENDING.resendAt),
};

test('R18: a change is asked for with the user, the new address, the language and the session', async () => {
  answers(201, PENDING);
  expect(await kitFor(login).requestLoginIdChange({ ...REQUEST, sid: 'sid-1' })).toEqual(PENDING_RESULT);
  expect(seen).toMatchObject({ method: 'POST', url: '/api/console/v1/login-id-changes' });
  expect(JSON.parse(seen?.body ?? '')).toEqual({ ...REQUEST, sid: 'sid-1' });
});

test('R18: each refusal of a request has its own name', async () => {
  const kit = kitFor(login);
  const cases: [number, string, Record<string, string>, object][] = [
    [404, 'user-unknown', {}, { reason: 'user-unknown' }],
    [422, 'address-malformed', {}, { reason: 'address-malformed' }],
    [422, 'address-unchanged', {}, { reason: 'address-unchanged' }],
    [429, 'too-many', { 'retry-after': '90' }, { reason: 'too-many', retryAfterSeconds: 90 }],
    [429, 'too-many', {}, { reason: 'too-many', retryAfterSeconds: null }],
    [429, 'too-soon', { 'retry-after': '42' }, { reason: 'too-many', retryAfterSeconds: 42 }],
    [401, 'client-unknown', {}, { reason: 'refused-by-login-server', code: 'client-unknown' }],
  ];
  for (const [status, code, headers, expected] of cases) {
    answers(status, { code, status }, headers);
    expect(await kit.requestLoginIdChange(REQUEST)).toEqual({ ok: false, ...expected });
  }
});

test('R18: Retry-After as a date is turned into seconds', async () => {
  const now = new Date('2026-11-22T03:00:00Z');
  answers(429, { code: 'too-many' }, { 'retry-after': 'Sun, 22 Nov 2026 03:02:00 GMT' });
  expect(await kitFor(login, { clock: () => now }).requestLoginIdChange(REQUEST)).toMatchObject({
    retryAfterSeconds: 120,
  });
});

test('R18: the code can be sent again, or the answer says why not', async () => {
  const kit = kitFor(login);
  answers(200, PENDING);
  expect(await kit.resendLoginIdCode('lic_1')).toEqual(PENDING_RESULT);
  expect(seen).toMatchObject({ method: 'POST', url: '/api/console/v1/login-id-changes/lic_1/resend' });
  for (const [status, reason] of [
    [429, 'too-soon'],
    [429, 'too-many'],
  ] as const) {
    answers(status, { code: reason }, { 'retry-after': '30' });
    expect(await kit.resendLoginIdCode('lic_1')).toEqual({ ok: false, reason, retryAfterSeconds: 30 });
  }
  for (const [status, reason] of [
    [404, 'change-unknown'],
    [410, 'change-ended'],
  ] as const) {
    answers(status, { code: reason });
    expect(await kit.resendLoginIdCode('lic_1')).toEqual({ ok: false, reason });
  }
});

test('R18: the right code returns both addresses, a wrong one the tries that are left', async () => {
  const kit = kitFor(login);
  answers(200, { emailAddress: 'new@example.co.jp', previousEmailAddress: 'old@example.co.jp' });
  expect(await kit.confirmLoginIdChange('lic_1', '1234 5678')).toEqual({
    ok: true,
    emailAddress: 'new@example.co.jp',
    previousEmailAddress: 'old@example.co.jp',
  });
  expect(seen).toEqual({
    method: 'POST',
    url: '/api/console/v1/login-id-changes/lic_1/confirm',
    body: '{"code":"1234 5678"}',
  });
  const cases: [number, object, object][] = [
    [422, { code: 'code-wrong', triesLeft: 3 }, { reason: 'code-wrong', triesLeft: 3 }],
    [422, { code: 'code-malformed' }, { reason: 'code-wrong', triesLeft: null }],
    [429, { code: 'too-many-tries' }, { reason: 'code-wrong', triesLeft: 0 }],
    [422, { code: 'code-expired' }, { reason: 'code-expired' }],
    [422, { code: 'code-superseded' }, { reason: 'code-superseded' }],
    [422, { code: 'code-used' }, { reason: 'change-ended' }],
    [409, { code: 'address-taken' }, { reason: 'address-taken' }],
    [429, { code: 'too-many-guesses' }, { reason: 'too-many', retryAfterSeconds: null }],
    [429, { code: 'too-many' }, { reason: 'too-many', retryAfterSeconds: null }],
    [404, { code: 'change-unknown' }, { reason: 'change-unknown' }],
    [410, { code: 'change-ended' }, { reason: 'change-ended' }],
    [418, {}, { reason: 'refused-by-login-server', code: 'http-418' }],
  ];
  for (const [status, body, expected] of cases) {
    answers(status, body);
    expect(await kit.confirmLoginIdChange('lic_1', '12345678')).toEqual({ ok: false, ...expected });
  }
});

test('A1: an id from a form cannot reach another address of the API', async () => {
  answers(404, { code: 'change-unknown' });
  await kitFor(login).confirmLoginIdChange('../plan?x=', '1');
  expect(seen?.url).toBe('/api/console/v1/login-id-changes/..%2Fplan%3Fx%3D/confirm');
});

test('R18: an unreachable or unintelligible login server is a returned failure', async () => {
  const kit = kitFor(login);
  const unreachable = { ok: false, reason: 'login-server-unreachable' };
  for (const [status, body] of [
    [500, {}],
    [502, undefined],
    [200, { id: 1 }],
    [200, { ...PENDING, codeExpiresAt: 'soon' }],
  ] as const) {
    answers(status, body);
    expect(await kit.requestLoginIdChange(REQUEST)).toEqual(unreachable);
    expect(await kit.resendLoginIdCode('x')).toEqual(unreachable);
    expect(await kit.confirmLoginIdChange('x', '1')).toEqual(unreachable);
  }
  const down = await startLoginServer();
  await down.goDown();
  expect(await kitFor(down).requestLoginIdChange(REQUEST)).toEqual(unreachable);
});
