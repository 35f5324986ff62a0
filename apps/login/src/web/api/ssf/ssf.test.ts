import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_TYPES, STREAM_UPDATED, VERIFICATION } from '#domain/events/event.ts';
import { queueAccountEvent, type AccountEvent } from '#domain/events/queue.ts';
import { setStreamStatus } from '#domain/events/stream-events.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { openEventReceiver, verifiedEvent, type EventReceiver } from '#test/event-receiver.ts';
import { basic } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PUSH = 'urn:ietf:rfc:8935';
const POLL = 'urn:ietf:rfc:8936';
const HOST = 'login.example.co.jp';

let world: World;
let receiver: EventReceiver;
let jobs: Jobs;
let consoleId: string;
let taro: string;
let hanako: string;

beforeAll(async () => {
  receiver = await openEventReceiver();
  world = await openWorld({ environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: '127.0.0.1' } });
  consoleId = await world.addConsole('sms', { eventUri: receiver.url });
  await world.addConsole('quiet');
  taro = await world.addPerson('taro@example.co.jp', { sms: 'u-1', quiet: 'q-1' });
  hanako = await world.addPerson('hanako@example.co.jp', { sms: 'u-2' });
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterAll(async () => {
  await jobs.stop();
  await world.close();
  await receiver.close();
});
beforeEach(() => {
  world.pass(2 * MINUTE);
  Object.assign(receiver, { received: [], answer: { status: 202 } });
});

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
const call = (method: Method, path: string, payload?: unknown, clientId = 'sms', secret?: string) =>
  world.app.server.inject({
    method,
    url: `/ssf${path}`,
    headers: {
      host: HOST,
      authorization: basic(clientId, secret),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload: payload as object }),
  });
type Stream = Record<string, unknown> & {
  stream_id: string;
  delivery: { method: string; endpoint_url: string; authorization_header?: string };
};
const streams = async (clientId = 'sms') =>
  (await call('GET', '/stream', undefined, clientId)).json<Stream[]>();
const own = async (clientId = 'sms'): Promise<Stream> => {
  const [stream] = await streams(clientId);
  if (!stream) throw new Error('no stream');
  return stream;
};
const happens = (event: AccountEvent): Promise<void> =>
  world.database.db.transaction().execute((trx) => queueAccountEvent(trx, jobs, event, world.now));
const refused = (answer: { statusCode: number; json: <T>() => T }, status: number, err: string): void => {
  expect(answer.statusCode).toBe(status);
  expect(answer.json<object>()).toEqual({ err, description: expect.any(String) as string });
};
/** Starts every test from a stream that polls. */
async function polls(wish: object = {}, clientId = 'sms'): Promise<string> {
  for (const one of await streams(clientId))
    await call('DELETE', `/stream?stream_id=${one.stream_id}`, undefined, clientId);
  const made = await call('POST', '/stream', wish, clientId);
  expect(made.statusCode, made.body).toBe(201);
  return made.json<Stream>().stream_id;
}
type Polled = { sets: Record<string, string>; moreAvailable?: boolean };
const poll = (streamId: string, payload: object = {}) =>
  call('POST', `/poll/${streamId}`, { returnImmediately: true, ...payload });
const fetched = async (streamId: string, payload: object = {}): Promise<Polled> => {
  const answer = await poll(streamId, payload);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Polled>();
};
const eventsOf = (polled: Polled) =>
  Promise.all(Object.values(polled.sets).map((token) => verifiedEvent(world, token, 'sms')));

describe('R24: what the transmitter says of itself', () => {
  it('SSF 1.0 §7.1: the metadata name the issuer, the keys of discovery and every endpoint', async () => {
    const get = async (url: string) =>
      (await world.app.server.inject({ url, headers: { host: HOST } })).json<Record<string, unknown>>();
    const metadata = await get('/.well-known/ssf-configuration');
    const discovery = await get('/.well-known/openid-configuration');
    expect(metadata).toMatchObject({
      spec_version: '1_0',
      issuer: discovery.issuer,
      jwks_uri: discovery.jwks_uri,
      delivery_methods_supported: [PUSH, POLL],
      default_subjects: 'ALL',
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:7617' }],
    });
    for (const [name, value] of Object.entries(metadata))
      if (name.endsWith('_endpoint')) expect(value).toMatch(/^http:\/\/login\.example\.co\.jp\/ssf\//);
  });

  it('only a console gets in, whatever it asks; a stranger is told nothing else', async () => {
    for (const [method, path] of [
      ['GET', '/stream'],
      ['POST', '/stream'],
      ['PATCH', '/stream'],
      ['PUT', '/stream'],
      ['DELETE', '/stream?stream_id=x'],
      ['GET', '/status?stream_id=x'],
      ['POST', '/status'],
      ['POST', '/subjects/add'],
      ['POST', '/subjects/remove'],
      ['POST', '/verify'],
      ['POST', '/poll/x'],
    ] as const) {
      const answer = await call(
        method,
        path,
        method === 'GET' || method === 'DELETE' ? undefined : {},
        'sms',
        'wrong',
      );
      refused(answer, 401, 'authentication_failed');
      expect(answer.headers['www-authenticate']).toBe('Basic realm="console"');
    }
  });
});

describe('R24: the life of a stream', () => {
  it('a console that registers with an address has its push stream without any call', async () => {
    expect(await streams()).toEqual([
      {
        stream_id: expect.stringMatching(/^str_/) as string,
        iss: world.config.issuer,
        aud: 'sms',
        delivery: { method: PUSH, endpoint_url: receiver.url },
        events_supported: Object.values(EVENT_TYPES),
        events_requested: Object.values(EVENT_TYPES),
        events_delivered: Object.values(EVENT_TYPES),
        min_verification_interval: 60,
      },
    ]);
    expect(await streams('quiet')).toEqual([]);
    await happens({ kind: 'password-changed', accountId: taro });
    await receiver.until(1);
    expect((await verifiedEvent(world, receiver.received[0]?.token ?? '', 'sms')).type).toBe(
      EVENT_TYPES['password-changed'],
    );
  });

  it('one each: created, read, a second one refused, changed, replaced, deleted', async () => {
    refused(await call('POST', '/stream', {}), 409, 'invalid_request');
    const first = await own();
    expect((await call('DELETE', `/stream?stream_id=${first.stream_id}`)).statusCode).toBe(204);
    refused(await call('DELETE', `/stream?stream_id=${first.stream_id}`), 404, 'invalid_request');
    refused(await call('GET', `/stream?stream_id=${first.stream_id}`), 404, 'invalid_request');
    const wanted = [EVENT_TYPES['account-suspended'], 'urn:example:unknown'];
    const made = await call('POST', '/stream', {
      delivery: { method: PUSH, endpoint_url: receiver.url, authorization_header: 'Bearer abc' },
      events_requested: wanted,
      description: '見本',
    });
    expect(made.statusCode).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    const stream = made.json<Stream>();
    expect(stream).toMatchObject({
      events_requested: wanted,
      events_delivered: [wanted[0]],
      description: '見本',
    });
    expect((await call('GET', `/stream?stream_id=${stream.stream_id}`)).json()).toEqual(stream);
    const stored = await world.database.db
      .selectFrom('event_stream')
      .select('sealed_authorization')
      .where('id', '=', stream.stream_id)
      .executeTakeFirstOrThrow();
    expect(stored.sealed_authorization).not.toContain('abc');

    const patched = await call('PATCH', '/stream', { stream_id: stream.stream_id, description: null });
    expect(patched.statusCode, patched.body).toBe(200);
    expect(patched.json()).not.toHaveProperty('description');
    expect(patched.json<Stream>().delivery.authorization_header).toBe('Bearer abc');
    const { description: _gone, ...rest } = stream;
    const replaced = await call('PUT', '/stream', { ...rest, events_requested: undefined });
    expect(replaced.statusCode, replaced.body).toBe(200);
    expect(replaced.json<Stream>().events_delivered).toEqual(Object.values(EVENT_TYPES));
    refused(await call('PUT', '/stream', { stream_id: stream.stream_id }), 400, 'invalid_request');
    refused(await call('PATCH', '/stream', { stream_id: 'other' }), 404, 'invalid_request');
    refused(await call('PATCH', '/stream', { stream_id: stream.stream_id }, 'quiet'), 404, 'invalid_request');
    for (const wrong of [
      { iss: 'https://evil.example' },
      { aud: 'quiet' },
      { events_delivered: [] },
      { min_verification_interval: 1 },
    ])
      refused(
        await call('PATCH', '/stream', { stream_id: stream.stream_id, ...wrong }),
        400,
        'invalid_request',
      );
  });

  it('the authorization that the console asks for is sent with each push, and only what it requested', async () => {
    const { stream_id: streamId } = await own();
    await call('PATCH', '/stream', {
      stream_id: streamId,
      events_requested: [EVENT_TYPES['account-suspended']],
    });
    await happens({ kind: 'password-changed', accountId: taro });
    await happens({ kind: 'account-suspended', accountId: taro });
    await receiver.until(1);
    await new Promise((later) => setTimeout(later, 300));
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.headers.authorization).toBe('Bearer abc');
    await call('PATCH', '/stream', { stream_id: streamId, events_requested: Object.values(EVENT_TYPES) });
  });

  it.each([
    'https://evil.example.com/auth/events',
    'http://127.0.0.1/auth/events',
    'http://127.0.0.1:1/auth/events',
    'http://localhost:4200/auth/events',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'javascript:1',
    '//evil.example.com',
    '',
    'x',
  ])('L4: an address that is not registered is refused and never called: %s', async (address) => {
    const stream = await own();
    refused(
      await call('PATCH', '/stream', {
        stream_id: stream.stream_id,
        delivery: { method: PUSH, endpoint_url: address },
      }),
      400,
      'invalid_request',
    );
    expect((await own()).delivery.endpoint_url).toBe(stream.delivery.endpoint_url);
    refused(
      await call('POST', '/stream', { delivery: { method: PUSH, endpoint_url: address } }, 'quiet'),
      400,
      'invalid_request',
    );
    expect(await streams('quiet')).toEqual([]);
  });

  it('P4: rubbish is answered 400 in the form of the specification', async () => {
    const { stream_id: streamId } = await own();
    for (const [method, path, payload] of [
      ['POST', '/stream', '{'],
      ['POST', '/stream', []],
      ['POST', '/stream', 'null'],
      ['POST', '/stream', { delivery: 'push' }],
      ['POST', '/stream', { delivery: { method: 'urn:x' } }],
      ['PATCH', '/stream', {}],
      ['PATCH', '/stream', { stream_id: streamId, description: 'a\u0000b' }],
      ['PATCH', '/stream', { stream_id: streamId, events_requested: ['\u0000'] }],
      [
        'PATCH',
        '/stream',
        {
          stream_id: streamId,
          delivery: { method: PUSH, endpoint_url: receiver.url, authorization_header: 'a\r\nb: c' },
        },
      ],
      ['GET', '/status', undefined],
      ['POST', '/status', { stream_id: streamId, status: 'asleep' }],
      ['POST', '/status', { stream_id: streamId, status: 'paused', reason: '\u0000' }],
      ['POST', '/subjects/add', { stream_id: streamId }],
      [
        'POST',
        '/subjects/add',
        { stream_id: streamId, subject: { format: 'phone_number', phone_number: '+81' } },
      ],
      ['POST', '/verify', { stream_id: streamId, state: '\u0000' }],
      ['POST', '/verify', { stream_id: streamId, state: 'x'.repeat(1_001) }],
      ['POST', '/verify', {}],
      ['DELETE', '/stream', undefined],
    ] as const)
      refused(await call(method, path, payload), 400, 'invalid_request');
    refused(await call('POST', '/verify', { stream_id: '\u0000' }), 400, 'invalid_request');
    refused(await call('POST', '/verify', { stream_id: 'x'.repeat(500) }), 404, 'invalid_request');
    refused(await call('GET', '/stream?stream_id=%00'), 400, 'invalid_request');
    refused(await call('GET', '/nothing'), 404, 'invalid_request');
  });
});

describe('R24: status, subjects and verification', () => {
  it('a stream that rests keeps what happens, one that stopped does not', async () => {
    const { stream_id: streamId } = await own();
    const set = (status: string, reason?: string) =>
      call('POST', '/status', { stream_id: streamId, status, reason });
    expect((await set('paused', '点検')).json()).toEqual({
      stream_id: streamId,
      status: 'paused',
      reason: '点検',
    });
    expect((await call('GET', `/status?stream_id=${streamId}`)).json()).toMatchObject({ status: 'paused' });
    await happens({ kind: 'account-suspended', accountId: taro });
    await happens({ kind: 'account-reinstated', accountId: taro });
    await new Promise((later) => setTimeout(later, 300));
    expect(receiver.received).toEqual([]);
    expect((await set('enabled')).json()).toEqual({ stream_id: streamId, status: 'enabled' });
    await receiver.until(2);
    const types = await Promise.all(
      receiver.received.map(async (one) => (await verifiedEvent(world, one.token, 'sms')).type),
    );
    expect(types).toEqual([EVENT_TYPES['account-suspended'], EVENT_TYPES['account-reinstated']]);
    await set('disabled');
    await happens({ kind: 'account-suspended', accountId: taro });
    await set('enabled');
    await new Promise((later) => setTimeout(later, 300));
    expect(receiver.received).toHaveLength(2);
    refused(
      await call('POST', '/status', { stream_id: streamId, status: 'paused' }, 'quiet'),
      404,
      'invalid_request',
    );
  });

  it('an operator who stops a stream has the console told so; the console cannot start it again, the operator can', async () => {
    const { stream_id: streamId } = await own();
    const by = { actor: 'operator:test', operator: true, now: world.now };
    const stop = (status: 'paused' | 'disabled' | 'enabled', reason: string | null) =>
      setStreamStatus(world.database.db, jobs, { consoleId }, { status, reason }, by);
    expect(await stop('disabled', 'moved')).toMatchObject({ ok: true });
    await receiver.until(1);
    const told = await verifiedEvent(world, receiver.received[0]?.token ?? '', 'sms');
    expect([told.type, told.event, told.sub_id]).toEqual([
      STREAM_UPDATED,
      { status: 'disabled', reason: 'moved' },
      { format: 'opaque', id: streamId },
    ]);
    refused(await call('POST', '/status', { stream_id: streamId, status: 'enabled' }), 403, 'access_denied');
    await stop('enabled', null);
    await receiver.until(2);
    expect((await verifiedEvent(world, receiver.received[1]?.token ?? '', 'sms')).event).toEqual({
      status: 'enabled',
    });
    expect((await call('POST', '/status', { stream_id: streamId, status: 'paused' })).statusCode).toBe(200);
    await call('POST', '/status', { stream_id: streamId, status: 'enabled' });
  });

  it('people can be left out and taken in again; C4: the answer does not tell who exists', async () => {
    const { stream_id: streamId } = await own();
    const subject = { format: 'iss_sub', iss: world.config.issuer, sub: taro };
    const answers = [];
    for (const one of [
      subject,
      { ...subject, sub: 'acc_none' },
      { format: 'email', email: 'taro@example.co.jp' },
      { format: 'email', email: 'nobody@example.co.jp' },
      { format: 'email', email: 'x' },
    ]) {
      const answer = await call('POST', '/subjects/remove', { stream_id: streamId, subject: one });
      const { date: _date, 'x-request-id': _id, ...headers } = answer.headers;
      answers.push(JSON.stringify([answer.statusCode, headers, answer.body]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('204');
    await happens({ kind: 'password-changed', accountId: taro });
    await happens({ kind: 'password-changed', accountId: hanako });
    await receiver.until(1);
    await new Promise((later) => setTimeout(later, 300));
    expect(receiver.received).toHaveLength(1);
    const added = await call('POST', '/subjects/add', {
      stream_id: streamId,
      subject: { format: 'email', email: 'TARO@example.co.jp' },
      verified: true,
    });
    expect([added.statusCode, added.body]).toEqual([200, '']);
    await happens({ kind: 'password-changed', accountId: taro });
    await receiver.until(2);
  });

  it('a verification event bears the console’s own words; once a minute', async () => {
    const { stream_id: streamId } = await own();
    const verify = (state?: string) => call('POST', '/verify', { stream_id: streamId, state });
    expect((await verify('VGhpcyBpcyBhIHN0YXRl')).statusCode).toBe(204);
    await receiver.until(1);
    const told = await verifiedEvent(world, receiver.received[0]?.token ?? '', 'sms');
    expect([told.type, told.event, told.sub_id]).toEqual([
      VERIFICATION,
      { state: 'VGhpcyBpcyBhIHN0YXRl' },
      { format: 'opaque', id: streamId },
    ]);
    const soon = await verify();
    refused(soon, 429, 'invalid_request');
    expect(soon.headers['retry-after']).toBe('60');
    world.pass(60 * SECOND);
    expect((await verify()).statusCode).toBe(204);
    await receiver.until(2);
    expect((await verifiedEvent(world, receiver.received[1]?.token ?? '', 'sms')).event).toEqual({});
  });
});

describe('R24: polling (RFC 8936)', () => {
  it('gives out what waits, of each account one thing after the other, until it is acknowledged', async () => {
    const streamId = await polls();
    expect((await own()).delivery).toEqual({
      method: POLL,
      endpoint_url: `${world.config.issuer}/ssf/poll/${streamId}`,
    });
    expect(await fetched(streamId)).toEqual({ sets: {} });
    await happens({ kind: 'account-suspended', accountId: taro });
    await happens({ kind: 'password-changed', accountId: hanako });
    await happens({ kind: 'account-reinstated', accountId: taro });
    const first = await fetched(streamId);
    expect((await eventsOf(first)).map((one) => one.type)).toEqual([
      EVENT_TYPES['account-suspended'],
      EVENT_TYPES['password-changed'],
    ]);
    expect(Object.keys(first.sets)).toEqual((await eventsOf(first)).map((one) => one.jti));
    // Who has them has half a minute; then they are given out again, the same ones.
    expect(await fetched(streamId)).toEqual({ sets: {} });
    world.pass(30 * SECOND);
    const again = await fetched(streamId);
    expect(Object.keys(again.sets)).toEqual(Object.keys(first.sets));
    const next = await fetched(streamId, { ack: [...Object.keys(first.sets), 'set_unknown', '\u0000'] });
    expect((await eventsOf(next)).map((one) => one.type)).toEqual([EVENT_TYPES['account-reinstated']]);
    expect(await fetched(streamId, { ack: Object.keys(next.sets), maxEvents: 0 })).toEqual({ sets: {} });
    world.pass(5 * MINUTE);
    expect(await fetched(streamId)).toEqual({ sets: {} });
    const states = await world.database.db
      .selectFrom('event_delivery')
      .select('state')
      .where('stream_id', '=', streamId)
      .execute();
    expect(states.map((one) => one.state)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('maxEvents limits, moreAvailable tells that there is more; setErrs is the last word and is listed', async () => {
    const streamId = await polls();
    for (const accountId of [taro, hanako]) await happens({ kind: 'password-changed', accountId });
    const first = await fetched(streamId, { maxEvents: 1 });
    expect([Object.keys(first.sets).length, first.moreAvailable]).toEqual([1, true]);
    const [name = ''] = Object.keys(first.sets);
    const second = await fetched(streamId, {
      setErrs: { [name]: { err: 'invalid_key', description: 'unknown\u0000 key' } },
    });
    expect([Object.keys(second.sets).length, second.moreAvailable]).toEqual([1, undefined]);
    const row = await world.database.db
      .selectFrom('event_delivery')
      .selectAll()
      .where('id', '=', name)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      state: 'failed',
      last_error: 'refused: invalid_key (unknown key)',
    });
    await fetched(streamId, { ack: [...Object.keys(second.sets), name] });
    expect(
      (
        await world.database.db
          .selectFrom('event_delivery')
          .select('state')
          .where('id', '=', name)
          .executeTakeFirstOrThrow()
      ).state,
    ).toBe('failed');
  });

  it('two who poll at once get every event, none of them twice, each account in order', async () => {
    const streamId = await polls();
    const people = await Promise.all(
      Array.from({ length: 8 }, (_, nth) => world.addPerson(`poll${nth}@example.co.jp`, { sms: `p-${nth}` })),
    );
    for (let round = 0; round < 5; round++)
      for (const accountId of people) await happens({ kind: 'password-changed', accountId });
    const seen: { sub: string; sequence: number }[] = [];
    const client = async (): Promise<void> => {
      let ack: string[] = [];
      for (let idle = 0; idle < 3;) {
        const polled = await fetched(streamId, { maxEvents: 3, ack });
        ack = Object.keys(polled.sets);
        for (const one of await eventsOf(polled))
          seen.push({ sub: (one.sub_id as { sub: string }).sub, sequence: one.event.sequence as number });
        idle = ack.length === 0 ? idle + 1 : 0;
      }
    };
    await Promise.all([client(), client()]);
    expect(seen).toHaveLength(40);
    expect(new Set(seen.map((one) => one.sequence)).size).toBe(40);
    for (const sub of people) {
      const order = seen.filter((one) => one.sub === sub).map((one) => one.sequence);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
  });

  it('who waits is answered as soon as something happens, and holds no connection to the database meanwhile', async () => {
    const streamId = await polls();
    const waiting = Array.from({ length: 8 }, () => call('POST', `/poll/${streamId}`, {}));
    await new Promise((later) => setTimeout(later, 300));
    await expect.poll(() => world.database.pool.totalCount - world.database.pool.idleCount).toBe(0);
    const begun = performance.now();
    await happens({ kind: 'password-changed', accountId: taro });
    const first = await Promise.race(waiting);
    expect(performance.now() - begun).toBeLessThan(3_000);
    expect(Object.keys(first.json<Polled>().sets)).toHaveLength(1);
    await world.database.pool.query('update event_stream set method = $1, endpoint_url = $2 where id = $3', [
      'push',
      receiver.url,
      streamId,
    ]);
    refused(await call('POST', `/poll/${streamId}`, {}), 400, 'invalid_request');
    await call('DELETE', `/stream?stream_id=${streamId}`);
  });

  it('a stream that turns from push to poll and back tells in the new way what waits', async () => {
    await polls();
    const { stream_id: streamId } = await own();
    await happens({ kind: 'password-changed', accountId: taro });
    await call('PATCH', '/stream', {
      stream_id: streamId,
      delivery: { method: PUSH, endpoint_url: receiver.url },
    });
    await receiver.until(1);
    receiver.answer = { status: 500 };
    await happens({ kind: 'password-changed', accountId: taro });
    await receiver.until(2);
    await expect
      .poll(
        async () =>
          (
            await world.database.db
              .selectFrom('event_delivery')
              .select('id')
              .where('stream_id', '=', streamId)
              .where('state', '=', 'waiting')
              .where('claimed_until', 'is', null)
              .execute()
          ).length,
      )
      .toBe(1);
    await call('PATCH', '/stream', { stream_id: streamId, delivery: { method: POLL } });
    expect(Object.keys((await fetched(streamId)).sets)).toHaveLength(1);
  });

  it('a stream that rests gives out nothing but what is said of itself', async () => {
    const streamId = await polls();
    await happens({ kind: 'password-changed', accountId: taro });
    await call('POST', '/status', { stream_id: streamId, status: 'paused' });
    await call('POST', '/verify', { stream_id: streamId, state: 's' });
    expect((await eventsOf(await fetched(streamId))).map((one) => one.type)).toEqual([VERIFICATION]);
  });
});
