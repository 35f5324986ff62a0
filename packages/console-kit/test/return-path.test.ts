import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createConsoleKit, safeReturnPath } from '../src/index.ts';
import { COOKIE_KEY, silent } from './console.ts';

const kit = createConsoleKit({
  issuer: 'https://login.example.co.jp',
  clientId: 'sms',
  clientSecret: 'secret',
  consoleUrl: 'https://sms.example.co.jp',
  cookieKey: COOKIE_KEY,
  clock: () => new Date('2026-11-22T03:00:00Z'),
  sessions: { endBySid: async () => 0, endBySub: async () => 0 },
  logoutTokens: { firstUse: async () => true },
  plan: { load: async () => null, save: async () => undefined },
  log: silent,
});

const LEADING_AWAY = [
  '',
  'messages',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  ' //evil.example',
  '/ /evil.example',
  'https://evil.example/',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '/.//evil.example',
  '/..//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  '/\u0000',
  '/a\rb',
  '/\u2028',
  `/${'a'.repeat(1_000)}`,
];

describe('return paths', () => {
  test.each(LEADING_AWAY)('P1: %j leads nowhere', (value) => {
    expect(safeReturnPath(value)).toBeNull();
  });

  test('P1: values that are no text lead nowhere', () => {
    for (const value of [undefined, null, 1, {}, ['/x']]) expect(safeReturnPath(value)).toBeNull();
  });

  test.each(['/', '/messages?page=2&q=%E6%96%87#top', '/a//b', '/メッセージ'])('R1: %s is kept', (value) => {
    expect(safeReturnPath(value)).toBe(new URL(value, 'https://x').href.slice('https://x'.length));
  });

  test('P1: whatever is let through resolves to this console', () => {
    const awkward = fc.string({
      unit: fc.constantFrom('/', '\\', '.', '%2e', '%5c', '%2f', '@', ':', '?', '#', '\t', 'a', 'https:'),
    });
    fc.assert(
      fc.property(fc.oneof(awkward, fc.string(), fc.webUrl()), (value) => {
        const path = safeReturnPath(`/${value}`);
        if (path !== null)
          expect(new URL(path, 'https://sms.example.co.jp').origin).toBe('https://sms.example.co.jp');
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('sign-ins that the login server begins', () => {
  const iss = 'https://login.example.co.jp';

  test('R3: target and hint are taken over', () => {
    const target_link_uri = 'https://sms.example.co.jp/messages?page=2';
    const expected = { ok: true, returnPath: '/messages?page=2', loginHint: 'a@example.co.jp' };
    expect(kit.initiateSignIn({ iss, target_link_uri, login_hint: 'a@example.co.jp' })).toEqual(expected);
    expect(
      kit.initiateSignIn(new URLSearchParams({ iss, target_link_uri, login_hint: 'a@example.co.jp' })),
    ).toEqual(expected);
    expect(kit.initiateSignIn({ iss: `${iss}/` })).toEqual({ ok: true, returnPath: '/' });
  });

  test('P1: another issuer, a doubled or a missing one begins nothing', () => {
    const doubled = new URLSearchParams([
      ['iss', iss],
      ['iss', 'https://evil.example'],
    ]);
    for (const query of [
      {},
      { iss: 'https://evil.example' },
      { iss: [iss] },
      { iss: `${iss}.evil.example` },
      doubled,
    ]) {
      expect(kit.initiateSignIn(query)).toEqual({ ok: false, reason: 'issuer-unknown' });
    }
  });

  test('P1: a target outside this console lands on its start page', () => {
    for (const target_link_uri of [
      'https://evil.example/settings',
      'https://sms.example.co.jp.evil.example/',
      'https://sms.example.co.jp@evil.example/',
      'http://sms.example.co.jp/',
      'https://sms.example.co.jp:444/',
      'https://sms.example.co.jp//evil.example',
      'javascript:alert(1)',
      ...LEADING_AWAY,
    ]) {
      expect(kit.initiateSignIn({ iss, target_link_uri })).toEqual({ ok: true, returnPath: '/' });
    }
  });

  test('P4: a hint that is too long is dropped', () => {
    expect(kit.initiateSignIn({ iss, login_hint: 'a'.repeat(321) })).toEqual({ ok: true, returnPath: '/' });
  });
});

describe('reset', () => {
  test('R7: the way to the reset carries client, address, language and the way back', () => {
    expect(kit.resetUrl({ loginHint: 'a+b@example.co.jp', locale: 'ja', returnPath: '/settings?x=1' })).toBe(
      'https://login.example.co.jp/reset?client_id=sms&login_hint=a%2Bb%40example.co.jp&ui_locales=ja' +
        '&target_link_uri=https%3A%2F%2Fsms.example.co.jp%2Fsettings%3Fx%3D1',
    );
    expect(kit.resetUrl()).toBe('https://login.example.co.jp/reset?client_id=sms');
  });

  test('P1: a return path that leads away is left out', () => {
    expect(kit.resetUrl({ returnPath: '//evil.example' })).toBe(
      'https://login.example.co.jp/reset?client_id=sms',
    );
  });
});

describe('pending sign-ins in cookies', () => {
  const state = (at: number): string => `state-number-${String(at).padStart(8, '0')}`;

  test('L5: on https the cookie cannot be planted by a sibling domain, read by script or sent in the clear', () => {
    expect(kit.pendingCookies.keep(undefined, { state: state(1), pending: 'sealed' })).toEqual([
      `__Host-hk-signin-${state(1)}=sealed; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax; Secure`,
    ]);
  });

  test('R1: each sign-in finds its own pending value, and forgets only that', () => {
    const header = `other=1; __Host-hk-signin-${state(1)}=one; __Host-hk-signin-${state(2)}=two`;
    const callback = `/auth/callback?code=x&state=${state(2)}`;
    expect(kit.pendingCookies.find(header, callback)).toBe('two');
    expect(kit.pendingCookies.forget(callback)).toEqual([
      `__Host-hk-signin-${state(2)}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure`,
    ]);
    expect(kit.pendingCookies.find(header, `/auth/callback?state=${state(3)}`)).toBeNull();
    expect(kit.pendingCookies.find(undefined, callback)).toBeNull();
  });

  test('P4: a state that is no state names no cookie', () => {
    for (const odd of [
      '',
      'x',
      'a=b; Path=/evil; padding-padding',
      'a'.repeat(200),
      '%0d%0aSet-Cookie:%20x=1-----------',
    ]) {
      expect(kit.pendingCookies.forget(`/auth/callback?state=${encodeURIComponent(odd)}`)).toEqual([]);
      expect(kit.pendingCookies.find('=x', `/auth/callback?state=${encodeURIComponent(odd)}`)).toBeNull();
    }
    expect(kit.pendingCookies.forget('/auth/callback')).toEqual([]);
  });

  test('P4: no more than five are kept; the oldest go first', () => {
    const header = [1, 2, 3, 4, 5].map((at) => `__Host-hk-signin-${state(at)}=p${at}`).join('; ');
    const lines = kit.pendingCookies.keep(header, { state: state(6), pending: 'p6' });
    expect(lines.map((line) => line.split(';').slice(0, 2).join(';'))).toEqual([
      `__Host-hk-signin-${state(1)}=; Max-Age=0`,
      `__Host-hk-signin-${state(6)}=p6; Max-Age=3600`,
    ]);
  });
});
