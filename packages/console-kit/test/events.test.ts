import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type ConsoleKit,
  type ConsoleKitOptions,
  type EventTokenRefusal,
  memoryLoginIdStore,
  memoryReceivedEventStore,
} from '../src/index.ts';
import { kitFor, startConsole } from './console.ts';
import { CLIENT_SECRET, startLoginServer, type TestLoginServer } from './login-server.ts';
import { withHeader } from './logout-tokens.ts';

const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';
const NOW = new Date('2026-11-25T03:00:00.500Z');
const IAT = Math.floor(NOW.getTime() / 1_000);

let login: TestLoginServer;
let now = NOW;
let done: unknown[] = [];
let counter = 0;
let failing = false;

beforeAll(async () => {
  login = await startLoginServer();
});
beforeEach(() => {
  [now, done, failing] = [NOW, [], false];
});
afterAll(() => login.goDown());

function receiver(options: Partial<ConsoleKitOptions> = {}): ConsoleKit {
  const note = async (event: unknown): Promise<void> => {
    if (failing) throw new Error('database down');
    done.push(event);
  };
  return kitFor(login, {
    clock: () => now,
    sessions: {
      endBySid: async () => 0,
      endBySub: async (sub, { startedBefore }) => done.push({ end: sub, startedBefore }),
    },
    accountEvents: {
      received: memoryReceivedEventStore(),
      handlers: {
        suspended: note,
        reinstated: note,
        closed: note,
        'sessions-revoked': note,
        'password-changed': note,
      },
    },
    ...options,
  });
}

const SUSPENDED = { [`${RISC}account-disabled`]: { console_user_id: '7', sequence: 3, reason: 'hijacking' } };

/** The claims of a good token with `changes`; `undefined` leaves a claim out. */
function claims(changes: JWTPayload = {}): JWTPayload {
  const all: JWTPayload = {
    iss: login.issuer,
    aud: 'sms',
    iat: IAT,
    toe: IAT,
    jti: `set_${++counter}`,
    txn: 'evt_1',
    sub_id: { format: 'iss_sub', iss: login.issuer, sub: 'acc_1' },
    events: SUSPENDED,
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function sign(
  payload: JWTPayload,
  header: Record<string, unknown> = {},
  key: CryptoKey | Uint8Array = login.es256.privateKey,
): Promise<string> {
  const { alg, ...rest } = { alg: 'ES256', typ: 'secevent+jwt', kid: 'es-1', ...header };
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return new SignJWT(payload).setProtectedHeader({ alg: String(alg), ...kept }).sign(key);
}

describe('events that are taken', () => {
  test.each<[string, object, object[]]>([
    [
      'account-disabled',
      SUSPENDED,
      [
        { end: 'acc_1' },
        { kind: 'suspended', hijacked: true, sequence: 3, consoleUserId: '7', sub: 'acc_1' },
      ],
    ],
    [
      'account-enabled',
      { [`${RISC}account-enabled`]: { console_user_id: '7', sequence: 4 } },
      [{ kind: 'reinstated', hijacked: false }],
    ],
    [
      'account-purged',
      { [`${RISC}account-purged`]: { console_user_id: '7', sequence: 5 } },
      [{ end: 'acc_1' }, { kind: 'closed' }],
    ],
    [
      'session-revoked',
      { [`${CAEP}session-revoked`]: { console_user_id: '7', sequence: 6, initiating_entity: 'admin' } },
      [{ end: 'acc_1' }, { kind: 'sessions-revoked' }],
    ],
    [
      'credential-change',
      {
        [`${CAEP}credential-change`]: {
          console_user_id: '7',
          sequence: 7,
          credential_type: 'password',
          change_type: 'update',
        },
      },
      [{ kind: 'password-changed' }],
    ],
    ['an event that nobody knows', { 'https://example.com/event-type/x': {} }, []],
    [
      'a credential that is no password',
      {
        [`${CAEP}credential-change`]: {
          console_user_id: '7',
          sequence: 7,
          credential_type: 'pin',
          change_type: 'update',
        },
      },
      [],
    ],
  ])('R24: %s is answered 202 with nothing in it, and acted on', async (_name, events, expected) => {
    const result = await receiver().receiveEventToken(await sign(claims({ events: events as JWTPayload })));
    expect(result).toMatchObject({ status: 202, body: '', repeated: false });
    expect(done).toMatchObject(expected);
    expect(done).toHaveLength(expected.length);
  });

  test('R24: sessions that began before the event end, up to its second, however late it arrives', async () => {
    now = new Date(NOW.getTime() + 86_400_000);
    await receiver().receiveEventToken(await sign(claims()));
    expect(done[0]).toEqual({ end: 'acc_1', startedBefore: new Date((IAT + 1) * 1_000) });
    expect(done[1]).toMatchObject({ at: new Date(IAT * 1_000), startedBefore: new Date((IAT + 1) * 1_000) });
  });

  test('R18: a login ID goes to the console’s login IDs, newer ones win', async () => {
    const loginIds = memoryLoginIdStore();
    const applied: unknown[] = [];
    const kit = receiver({
      loginIds: { ...loginIds, apply: async (change) => (applied.push(change), 'applied') },
    });
    const events = {
      [`${RISC}identifier-changed`]: {
        console_user_id: '7',
        sequence: 9,
        version: 2,
        'new-value': 'new@example.co.jp',
        subject: { format: 'email', email: 'old@example.co.jp' },
      },
    };
    expect(await kit.receiveEventToken(await sign(claims({ events })))).toMatchObject({
      status: 202,
      kind: 'login-id-changed',
    });
    expect(applied).toEqual([{ consoleUserId: '7', emailAddress: 'new@example.co.jp', version: 2 }]);
    expect(await receiver().receiveEventToken(await sign(claims({ events })))).toMatchObject({ status: 202 });
  });

  test('R24: what the stream says of itself', async () => {
    const sub_id = { format: 'opaque', id: 'str_1' };
    for (const events of [
      { [`${SSF}verification`]: { state: 's' } },
      { [`${SSF}stream-updated`]: { status: 'paused' } },
    ])
      expect(await receiver().receiveEventToken(await sign(claims({ sub_id, events })))).toMatchObject({
        status: 202,
      });
    expect(done).toEqual([]);
  });

  test('R24: a token that comes again is acknowledged and not acted on; also one that was signed anew with another key', async () => {
    const kit = receiver();
    const all = claims();
    await kit.receiveEventToken(await sign(all));
    const again = await sign(all, { alg: 'RS256', kid: 'rs-1' }, login.rs256.privateKey);
    for (let nth = 0; nth < 5; nth++)
      expect(await kit.receiveEventToken(again)).toMatchObject({ status: 202, repeated: true });
    expect(done).toHaveLength(2);
  });

  test('R24: while the console fails the answer is 503, so that the event comes again, and then it is acted on', async () => {
    const kit = receiver();
    const token = await sign(claims());
    failing = true;
    expect(await kit.receiveEventToken(token)).toMatchObject({ status: 503, reason: 'handling-failed' });
    failing = false;
    expect(await kit.receiveEventToken(token)).toMatchObject({ status: 202, repeated: false });
    expect(done.filter((one) => typeof one === 'object' && one !== null && 'kind' in one)).toHaveLength(1);
  });
});

describe('events that are refused, and nothing is done', () => {
  const refusals: [string, EventTokenRefusal, string | null, () => Promise<string> | string][] = [
    ['alg none', 'wrong-algorithm', 'invalid_key', () => new UnsecuredJWT(claims()).encode()],
    [
      'HS256 by the client secret',
      'wrong-algorithm',
      'invalid_key',
      () => sign(claims(), { alg: 'HS256' }, new TextEncoder().encode(CLIENT_SECRET)),
    ],
    [
      'another key under a known kid',
      'bad-signature',
      'invalid_key',
      async () => sign(claims(), {}, (await generateKeyPair('ES256')).privateKey),
    ],
    [
      'an unknown kid: perhaps a key of a moment ago',
      'key-unknown',
      null,
      () => sign(claims(), { kid: 'es-9' }),
    ],
    [
      'a jwk of its own',
      'bad-signature',
      'invalid_key',
      async () => sign(claims(), { jwk: login.es256.jwk }, (await generateKeyPair('ES256')).privateKey),
    ],
    [
      'its header changed',
      'bad-signature',
      'invalid_key',
      async () => withHeader(await sign(claims()), { extra: 1 }),
    ],
    ['the signature cut', 'bad-signature', 'invalid_key', async () => (await sign(claims())).slice(0, -10)],
    ['rubbish', 'malformed-request', 'invalid_request', () => 'rubbish'],
    ['nothing', 'malformed-request', 'invalid_request', () => ''],
    ['a form', 'malformed-request', 'invalid_request', async () => `logout_token=${await sign(claims())}`],
    [
      'the type of a logout token',
      'wrong-type',
      'invalid_request',
      () => sign(claims(), { typ: 'logout+jwt' }),
    ],
    ['the type of an ID token', 'wrong-type', 'invalid_request', () => sign(claims(), { typ: 'JWT' })],
    ['no type (SSF 1.0 §4.1.1)', 'wrong-type', 'invalid_request', () => sign(claims(), { typ: undefined })],
    ['another issuer', 'wrong-issuer', 'invalid_issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['another audience', 'wrong-audience', 'invalid_audience', () => sign(claims({ aud: 'mail' }))],
    ['a second audience', 'wrong-audience', 'invalid_audience', () => sign(claims({ aud: ['sms', 'mail'] }))],
    ['no iat', 'wrong-time', 'invalid_request', () => sign(claims({ iat: undefined }))],
    ['from the future', 'wrong-time', 'invalid_request', () => sign(claims({ iat: IAT + 31 }))],
    [
      'older than anything that the login server keeps',
      'wrong-time',
      'invalid_request',
      () => sign(claims({ iat: IAT - 92 * 86_400 })),
    ],
    ['no jti', 'wrong-claims', 'invalid_request', () => sign(claims({ jti: undefined }))],
    ['a sub (SSF 1.0 §4.1.2)', 'wrong-claims', 'invalid_request', () => sign(claims({ sub: 'acc_1' }))],
    ['an exp (SSF 1.0 §4.1.7)', 'wrong-claims', 'invalid_request', () => sign(claims({ exp: IAT + 60 }))],
    ['no sub_id', 'wrong-claims', 'invalid_request', () => sign(claims({ sub_id: undefined }))],
    [
      'a subject of another issuer',
      'wrong-claims',
      'invalid_request',
      () => sign(claims({ sub_id: { format: 'iss_sub', iss: 'https://evil.example', sub: 'acc_1' } })),
    ],
    [
      'a subject in another form',
      'wrong-claims',
      'invalid_request',
      () => sign(claims({ sub_id: { format: 'email', email: 'a@example.co.jp' } })),
    ],
    ['no events', 'wrong-claims', 'invalid_request', () => sign(claims({ events: undefined }))],
    [
      'two events',
      'wrong-claims',
      'invalid_request',
      () => sign(claims({ events: { ...SUSPENDED, [`${RISC}account-enabled`]: {} } })),
    ],
    [
      'an event that is no object',
      'wrong-claims',
      'invalid_request',
      () => sign(claims({ events: { [`${RISC}account-disabled`]: true } })),
    ],
    [
      'an event without the console’s user',
      'wrong-claims',
      'invalid_request',
      () => sign(claims({ events: { [`${RISC}account-disabled`]: { sequence: 1 } } })),
    ],
    [
      'an event without its number',
      'wrong-claims',
      'invalid_request',
      () =>
        sign(claims({ events: { [`${RISC}account-disabled`]: { console_user_id: '7', sequence: '1' } } })),
    ],
    [
      'a login ID without a version',
      'wrong-claims',
      'invalid_request',
      () =>
        sign(
          claims({
            events: {
              [`${RISC}identifier-changed`]: {
                console_user_id: '7',
                sequence: 1,
                'new-value': 'a@example.co.jp',
              },
            },
          }),
        ),
    ],
    [
      'a logout token in its place',
      'wrong-type',
      'invalid_request',
      () =>
        sign(
          {
            ...claims({ sub_id: undefined }),
            sub: 'acc_1',
            sid: 's',
            exp: IAT + 60,
            events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          },
          { typ: 'logout+jwt' },
        ),
    ],
  ];

  test.each(refusals)('P3: %s → %s', async (_name, reason, err, make) => {
    const result = await receiver().receiveEventToken(await make());
    expect(result).toMatchObject({ status: err === null ? 503 : 400, reason });
    expect(JSON.parse(result.body)).toEqual(
      err === null ? { description: reason } : { err, description: reason },
    );
    expect(done).toEqual([]);
  });

  test('P3: every single altered character of a good token is refused', async () => {
    const kit = receiver();
    const token = await sign(claims());
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'Q' : 'A';
      const result = await kit.receiveEventToken(token.slice(0, at) + other + token.slice(at + 1));
      expect([at, result.status === 202]).toEqual([at, false]);
    }
    expect(done).toEqual([]);
    expect(await kit.receiveEventToken(token)).toMatchObject({ status: 202 });
  });

  test('R24: an event is no logout token, and a logout token no event', async () => {
    const kit = receiver();
    const body = new URLSearchParams({ logout_token: await sign(claims()) }).toString();
    expect(await kit.receiveLogoutToken(body)).toMatchObject({ status: 400 });
    expect(done).toEqual([]);
  });
});

test('R24: POST /auth/events takes tokens as application/secevent+jwt; without the option there is no such address', async () => {
  const without = await startConsole(login, 'mail');
  const send = async (url: string, type: string): Promise<number> =>
    (
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': type },
        body: await sign(claims({ iat: Math.floor(Date.now() / 1_000) })),
      })
    ).status;
  expect(await send(`${without.origin}/auth/events`, 'application/secevent+jwt')).toBe(404);
  await without.app.close();
  const withEvents = await startConsole(login, 'sms', {
    accountEvents: { received: memoryReceivedEventStore() },
  });
  expect(await send(`${withEvents.origin}/auth/events`, 'application/secevent+jwt')).toBe(202);
  expect(await send(`${withEvents.origin}/auth/events`, 'text/plain')).toBe(400);
  await withEvents.app.close();
});
