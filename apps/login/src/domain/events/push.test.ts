import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSigningKeys } from '#support/keys/signing-keys.ts';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createPlaces } from '#support/primitives/places.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { openEventReceiver, verifiedEvent, type EventReceiver } from '#test/event-receiver.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';
import { retryEvent } from './again.ts';
import { eventHealth, probeSilentEventAddresses, requeueOverdueEvents } from './channel.ts';
import { EVENT_TYPES } from './event.ts';
import { eventEntry, eventLedger, forgetOldEvents } from './ledger.ts';
import { pushFirstInLine } from './order.ts';
import { pushEvent, type EventSender } from './push.ts';
import { changeStream, streamOf } from './streams.ts';
import { queueAccountEvent, type AccountEvent } from './queue.ts';

type Queued = { deliveryId: string; probe?: boolean; delay: number };

let world: World;
let sms: EventReceiver;
let mail: EventReceiver;
let sender: EventSender;
let taro: string;
let hanako: string;
const ids: Record<string, string> = {};
/** What the queue was asked to do, instead of a queue: the clock of these tests is a value. */
let queued: Queued[] = [];

beforeAll(async () => {
  [sms, mail] = [await openEventReceiver(), await openEventReceiver()];
  world = await openWorld({ work: false });
  ids.sms = await world.addConsole('sms', { eventUri: sms.url });
  ids.mail = await world.addConsole('mail', { eventUri: mail.url, idTokenAlg: 'RS256' });
  ids.deaf = await world.addConsole('deaf');
  taro = await world.addPerson('taro@example.co.jp', { sms: 'u-1', mail: 'm-1', deaf: 'd-1' });
  hanako = await world.addPerson('hanako@example.co.jp', { sms: 'u-2' });
  const { db } = world.database;
  const note = (data: object, options: { delay?: number } = {}): void =>
    void queued.push({ ...(data as { deliveryId: string; probe?: boolean }), delay: options.delay ?? 0 });
  sender = {
    db,
    keys: await loadSigningKeys(db, secretKeys(MASTER_SECRET), () => world.now),
    issuer: world.config.issuer,
    outbound: createOutbound({ allowedInternalHosts: ['127.0.0.1'] }),
    places: createPlaces(30),
    secrets: secretKeys(MASTER_SECRET),
    jobs: {
      enqueue: async (_trx, _name, data, options) => note(data, options),
      enqueueAll: async (_trx, _name, data) => data.forEach((one) => note(one)),
      pending: async () => [],
      work: async () => undefined,
      stop: async () => undefined,
    },
  };
});
afterAll(async () => {
  await world.close();
  await Promise.all([sms.close(), mail.close()]);
});
beforeEach(async () => {
  queued = [];
  world.now = new Date('2026-11-22T01:00:00Z');
  for (const receiver of [sms, mail]) Object.assign(receiver, { received: [], answer: { status: 202 } });
  for (const table of ['event_try', 'event_delivery', 'account_event', 'event_delivery_health'])
    await world.database.pool.query(`delete from ${table}`);
});

const happens = (event: AccountEvent): Promise<void> =>
  world.database.db.transaction().execute((trx) => queueAccountEvent(trx, sender.jobs, event, world.now));
const push = (id: string, options = {}): Promise<void> => pushEvent(sender, id, world.now, options);
const list = () => eventLedger(world.database.db, { limit: 100 });
const rowOf = (id: string) =>
  world.database.db.selectFrom('event_delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const healthOf = async (clientId: string) =>
  (await eventHealth(world.database.db)).find((one) => one.clientId === clientId);

/** Does what is due now, as a worker would, until nothing is. */
async function work(): Promise<void> {
  for (let next = queued.findIndex((one) => one.delay === 0); next >= 0;) {
    const [job] = queued.splice(next, 1);
    if (job) await push(job.deliveryId, job.probe ? { probe: true } : {});
    next = queued.findIndex((one) => one.delay === 0);
  }
}

const loginId = (version: number, accountId = taro): AccountEvent => ({
  kind: 'login-id-changed',
  accountId,
  detail: {
    emailAddress: `taro${version}@example.co.jp`,
    previousEmailAddress: `taro${version - 1}@example.co.jp`,
    version,
  },
});

describe('R24: what a console is told', () => {
  it.each<[AccountEvent['kind'], object, object]>([
    [
      'password-changed',
      {},
      {
        credential_type: 'password',
        change_type: 'update',
        initiating_entity: 'user',
        event_timestamp: 1_795_309_200,
      },
    ],
    [
      'sessions-revoked',
      { detail: { reason: 'person' } },
      { initiating_entity: 'user', event_timestamp: 1_795_309_200 },
    ],
    [
      'sessions-revoked',
      { detail: { reason: 'operator' } },
      { initiating_entity: 'admin', event_timestamp: 1_795_309_200 },
    ],
    ['account-suspended', {}, {}],
    ['account-suspended', { detail: { reason: 'hijacking' } }, { reason: 'hijacking' }],
    ['account-reinstated', {}, {}],
    ['account-closed', {}, {}],
    [
      'login-id-changed',
      {
        detail: { emailAddress: 'new@example.co.jp', previousEmailAddress: 'old@example.co.jp', version: 7 },
      },
      {
        subject: { format: 'email', email: 'old@example.co.jp' },
        'new-value': 'new@example.co.jp',
        version: 7,
      },
    ],
  ])(
    '%s %j is one signed token a console, in the form of RFC 8417, SSF 1.0 and its event type',
    async (kind, more, members) => {
      await happens({ kind, accountId: taro, ...more } as AccountEvent);
      await work();
      const told = await verifiedEvent(world, sms.received[0]?.token ?? '', 'sms');
      const { sequence, ...event } = told.event;
      expect(told.type).toBe(EVENT_TYPES[kind]);
      expect(event).toEqual({ ...members, console_user_id: 'u-1' });
      expect(sequence).toEqual(expect.any(Number));
      expect(told.sub_id).toEqual({ format: 'iss_sub', iss: world.config.issuer, sub: taro });
      expect(sms.received[0]?.headers).toMatchObject({
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
      });
      const other = await verifiedEvent(world, mail.received[0]?.token ?? '', 'mail');
      expect(other.event).toMatchObject({ console_user_id: 'm-1', sequence });
      expect(other.jti).not.toBe(told.jti);
      expect(other.txn).toBe(told.txn);
      expect([sms.received.length, mail.received.length]).toEqual([1, 1]);
    },
  );

  it('not by the console from which it came, not to one without the account, not to one without a stream; nothing when the change is rolled back', async () => {
    await happens({ ...loginId(1), fromConsoleId: ids.sms ?? '' });
    await happens({ kind: 'password-changed', accountId: hanako });
    await expect(
      world.database.db.transaction().execute(async (trx) => {
        await queueAccountEvent(trx, sender.jobs, { kind: 'account-closed', accountId: taro }, world.now);
        throw new Error('the change fails');
      }),
    ).rejects.toThrow('the change fails');
    await work();
    expect((await list()).map((one) => [one.clientId, one.accountId, one.type])).toEqual(
      expect.arrayContaining([
        ['mail', taro, EVENT_TYPES['login-id-changed']],
        ['sms', hanako, EVENT_TYPES['password-changed']],
      ]),
    );
    expect(await list()).toHaveLength(2);
    expect([sms.received.length, mail.received.length]).toEqual([1, 1]);
  });
});

describe('R24: a delivery that does not arrive', () => {
  it('is tried again after 5 and 30 seconds, 2, 10 and 30 minutes, then hourly, always the same token; after a day it is listed as failed', async () => {
    sms.answer = { status: 500 };
    await happens({ kind: 'password-changed', accountId: hanako });
    const id = queued[0]?.deliveryId ?? '';
    const begin = world.now;
    const pauses: number[] = [];
    queued = [];
    while ((await rowOf(id)).state === 'waiting') {
      await push(id);
      const next = queued.pop();
      if (!next) break;
      pauses.push(next.delay);
      world.pass(next.delay);
    }
    expect(pauses.slice(0, 7)).toEqual([
      5 * SECOND,
      30 * SECOND,
      2 * MINUTE,
      10 * MINUTE,
      30 * MINUTE,
      1 * HOUR,
      1 * HOUR,
    ]);
    expect(world.now.getTime() - begin.getTime()).toBe(24 * HOUR);
    expect(await rowOf(id)).toMatchObject({
      state: 'failed',
      last_status: 500,
      last_error: 'answered 500',
      next_try_at: null,
    });
    // RFC 8935 §2: a retransmission is the same token.
    const claims = new Set(sms.received.map((one) => JSON.stringify(decodeJwt(one.token))));
    expect(claims.size).toBe(1);
    expect(decodeJwt(sms.received.at(-1)?.token ?? '').jti).toBe(id);
    expect((await eventEntry(world.database.db, id))?.attempts).toHaveLength(pauses.length + 1);
    await push(id);
    expect(sms.received).toHaveLength(pauses.length + 1);
  });

  it.each([
    ['200', { status: 200 }],
    ['204', { status: 204 }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['404', { status: 404, body: 'not here' }],
    ['429', { status: 429 }],
    ['400 that says nothing', { status: 400 }],
    ['400 in another form', { status: 400, body: '{"error":"invalid_request"}' }],
    ['400 with rubbish', { status: 400, body: '<html>' }],
    ['503', { status: 503, headers: { 'retry-after': '90' } }],
  ])('%s is no answer of RFC 8935: it is tried again', async (_name, answer) => {
    sms.answer = answer;
    await happens({ kind: 'password-changed', accountId: hanako });
    await work();
    const [entry] = await list();
    expect(entry).toMatchObject({ state: 'waiting', tries: 1, lastStatus: answer.status });
    expect(queued.map((one) => one.delay)).toEqual([answer.status === 503 ? 90 * SECOND : 5 * SECOND]);
  });

  it('400 with an error of RFC 8935 §2.3 is the console’s last word, listed with what it said; the account’s next event goes out', async () => {
    sms.answer = {
      status: 400,
      body: JSON.stringify({ err: 'invalid_request', description: 'no such\nuser\u001b[31m' }),
    };
    await happens({ kind: 'account-suspended', accountId: hanako });
    world.pass(SECOND);
    await happens({ kind: 'account-reinstated', accountId: hanako });
    const first = queued[0]?.deliveryId ?? '';
    expect(queued).toHaveLength(1);
    await push(first);
    expect(await rowOf(first)).toMatchObject({
      state: 'failed',
      last_status: 400,
      last_error: 'refused: invalid_request (no such user [31m)',
    });
    sms.answer = { status: 202 };
    queued.shift();
    await work();
    expect((await list()).map((one) => one.state)).toEqual(['delivered', 'failed']);
    expect(await healthOf('sms')).toMatchObject({ state: 'answering' });
  });

  it.each([
    [
      'an address that is not the registered one any more',
      { eventUri: 'https://elsewhere.example.co.jp/events' },
      'https://other.example.co.jp/x',
    ],
    ['no registered address at all', { eventUri: null }, undefined],
  ])('L4: %s gets 0 connections', async (_name, registration, endpoint) => {
    await happens({ kind: 'password-changed', accountId: hanako });
    await world.addConsole('sms', registration);
    if (endpoint)
      await world.database.pool.query('update event_stream set endpoint_url = $1 where console_id = $2', [
        endpoint,
        ids.sms,
      ]);
    const calls: string[] = [];
    const { outbound } = sender;
    sender.outbound = {
      ...outbound,
      postToken: async (url) => (calls.push(url), { ok: false, reason: 'unreachable', detail: '' }),
    };
    await work();
    sender.outbound = outbound;
    expect(calls).toEqual([]);
    expect((await list())[0]?.state).toBe('failed');
    await world.addConsole('sms', { eventUri: sms.url });
    expect(
      (
        await world.database.db
          .selectFrom('event_stream')
          .select('endpoint_url')
          .where('console_id', '=', ids.sms ?? '')
          .executeTakeFirst()
      )?.endpoint_url,
    ).toBe(sms.url);
  });

  it('L4: inside addresses are refused at registration and never called', async () => {
    await expect(world.addConsole('inside', { eventUri: 'http://169.254.169.254/events' })).rejects.toThrow(
      'address-internal',
    );
    await happens({ kind: 'password-changed', accountId: hanako });
    const { outbound } = sender;
    sender.outbound = createOutbound({ allowedInternalHosts: [] });
    await work();
    sender.outbound = outbound;
    expect((await list())[0]).toMatchObject({
      state: 'waiting',
      lastError: 'address-not-allowed: 127.0.0.1',
    });
    expect(sms.received).toEqual([]);
  });
});

describe('R24: the order of an account', () => {
  it('one thing after the other, also when an earlier one waits; other accounts and other consoles do not wait for it', async () => {
    sms.answer = (token) =>
      JSON.stringify(decodeJwt(token)).includes('u-1') ? { status: 500 } : { status: 202 };
    for (let version = 1; version <= 3; version++) await happens(loginId(version));
    await happens({ kind: 'password-changed', accountId: hanako });
    await work();
    const versionsAt = (receiver: EventReceiver) =>
      receiver.received
        .map(
          (one) =>
            Object.values(decodeJwt(one.token).events as Record<string, { version?: number }>)[0]?.version,
        )
        .filter((one) => one !== undefined);
    expect(versionsAt(mail)).toEqual([1, 2, 3]);
    // The answer to the other account’s event had the first one tried again at once.
    expect(new Set(versionsAt(sms))).toEqual(new Set([1]));
    expect((await list()).filter((one) => one.clientId === 'sms' && one.accountId === hanako)[0]?.state).toBe(
      'delivered',
    );
    sms.answer = { status: 202 };
    for (const one of queued) one.delay = 0;
    world.pass(5 * SECOND);
    await work();
    expect(versionsAt(sms).slice(-3)).toEqual([1, 2, 3]);
  });

  it('and of 60 events of one account from 12 who change it at once each console gets every one, in the order of their numbers', async () => {
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (let nth = 0; nth < 5; nth++) await happens({ kind: 'password-changed', accountId: taro });
      }),
    );
    // Several workers at once, with doubled jobs in any order.
    for (let round = 0; round < 400; round++) {
      const due = queued.splice(0);
      if (due.length === 0) break;
      await Promise.all([...due, ...due].map((one) => push(one.deliveryId)));
    }
    for (const [receiver, userId] of [
      [sms, 'u-1'],
      [mail, 'm-1'],
    ] as const) {
      const seen = receiver.received.map(
        (one) =>
          Object.values(
            decodeJwt(one.token).events as Record<string, { sequence: number; console_user_id: string }>,
          )[0],
      );
      expect(seen.every((one) => one?.console_user_id === userId)).toBe(true);
      const numbers = seen.map((one) => one?.sequence ?? 0);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(60);
      expect(numbers).toHaveLength(60);
    }
  });

  it('an event that is queued in the very moment in which the one before arrives is not forgotten', async () => {
    for (let nth = 0; nth < 25; nth++) {
      await happens({ kind: 'password-changed', accountId: hanako });
      const [job] = queued.splice(0);
      await Promise.all([
        push(job?.deliveryId ?? ''),
        happens({ kind: 'sessions-revoked', accountId: hanako }),
      ]);
      await work();
      expect((await list()).filter((one) => one.state === 'waiting')).toEqual([]);
    }
  });
});

describe('R24: workers that fail', () => {
  it('who comes back after the lease has been overtaken and writes nothing', async () => {
    await happens({ kind: 'password-changed', accountId: hanako });
    const id = queued[0]?.deliveryId ?? '';
    sms.answer = 'hang';
    const late = push(id);
    await sms.until(1);
    const [begin, before] = [world.now, sms.received.length];
    world.now = new Date(begin.getTime() + 21 * SECOND);
    sms.answer = { status: 202 };
    await push(id);
    await late;
    expect(sms.received).toHaveLength(before + 1);
    const entry = await eventEntry(world.database.db, id);
    expect(entry).toMatchObject({ state: 'delivered' });
    expect(entry?.attempts.map((one) => one.status)).toEqual([202]);
  });

  it('a job that is lost is queued anew, and while one is at it nobody else is', async () => {
    await happens({ kind: 'password-changed', accountId: hanako });
    const id = queued[0]?.deliveryId ?? '';
    queued = [];
    world.pass(31 * SECOND);
    await requeueOverdueEvents(world.database.db, sender.jobs, world.now);
    expect(queued.map((one) => one.deliveryId)).toEqual([id]);
    await Promise.all(Array.from({ length: 10 }, () => push(id)));
    expect(sms.received).toHaveLength(1);
  });
});

describe('R24: a console that does not answer', () => {
  it('is spared after three tries, probed every half minute, and gets everything as soon as it is back', async () => {
    sms.answer = { status: 503 };
    const people = await Promise.all(
      Array.from({ length: 6 }, (_, nth) =>
        world.addPerson(`many${nth}-${world.now.getTime()}@example.co.jp`, { sms: `many-${Math.random()}` }),
      ),
    );
    for (const accountId of people) {
      world.pass(1);
      await happens({ kind: 'password-changed', accountId });
    }
    await work();
    expect(sms.received).toHaveLength(3);
    expect(await healthOf('sms')).toMatchObject({ state: 'spared', failures: 3, waiting: 6 });
    world.pass(30 * SECOND);
    queued = [];
    await probeSilentEventAddresses(world.database.db, sender.jobs, world.now);
    expect(queued).toHaveLength(1);
    sms.answer = { status: 202 };
    await work();
    expect((await list()).filter((one) => one.state === 'delivered')).toHaveLength(6);
    expect(await healthOf('sms')).toMatchObject({ state: 'answering', waiting: 0 });
  });
});

describe('R24: a stream that changes', () => {
  it('while an event is being told: neither waits for the other', async () => {
    const { db, pool } = world.database;
    sms.answer = { status: 503 };
    await happens({ kind: 'password-changed', accountId: hanako });
    const id = queued[0]?.deliveryId ?? '';
    await push(id);
    const teller = await pool.connect();
    try {
      await teller.query('begin');
      await teller.query('update event_delivery set tries = tries + 1 where id = $1', [id]);
      const console = await db
        .selectFrom('console')
        .selectAll()
        .where('client_id', '=', 'sms')
        .executeTakeFirstOrThrow();
      const stream = await streamOf(db, console.id);
      const change = changeStream(
        { db, jobs: sender.jobs, secrets: sender.secrets },
        console,
        stream?.id ?? '',
        { delivery: { method: 'push', endpointUrl: sms.url, authorization: null } },
        world.now,
      );
      await expect
        .poll(async () => (await pool.query('select 1 from pg_locks where not granted')).rowCount)
        .toBeGreaterThan(0);
      await teller.query('update event_delivery_health set failures = 0 where console_id = $1', [console.id]);
      await teller.query('commit');
      expect(await change).toMatchObject({ ok: true });
    } finally {
      await teller.query('rollback');
      teller.release();
    }
  });

  it('L4: an address elsewhere is not told what the former one wanted said, the same place still is', async () => {
    const { db } = world.database;
    const sealed = async () => (await streamOf(db, ids.sms ?? ''))?.sealed_authorization;
    await db
      .updateTable('event_stream')
      .set({ sealed_authorization: 'sealed' })
      .where('console_id', '=', ids.sms ?? '')
      .execute();
    await world.addConsole('sms', { eventUri: `${new URL(sms.url).origin}/moved` });
    expect(await sealed()).toBe('sealed');
    await world.addConsole('sms', { eventUri: 'https://elsewhere.example.co.jp/events' });
    expect(await streamOf(db, ids.sms ?? '')).toMatchObject({
      endpoint_url: 'https://elsewhere.example.co.jp/events',
      sealed_authorization: null,
    });
    await world.addConsole('sms', { eventUri: sms.url });
  });
});

describe('R24: an operator', () => {
  it('has one that was given up told again, once, unless the console knows something newer', async () => {
    sms.answer = { status: 400, body: '{"err":"access_denied"}' };
    await happens({ kind: 'account-suspended', accountId: hanako });
    await work();
    const [suspended] = await list();
    const by = { actor: 'operator:cli', now: world.now };
    const retry = (id: string) => retryEvent(world.database.db, sender.jobs, id, by);
    sms.answer = { status: 202 };
    const results = await Promise.all(Array.from({ length: 5 }, () => retry(suspended?.deliveryId ?? '')));
    expect(results.filter((one) => one.ok)).toHaveLength(1);
    await work();
    expect((await list())[0]?.state).toBe('delivered');
    expect(await retry(suspended?.deliveryId ?? '')).toEqual({ ok: false, reason: 'delivery-not-failed' });
    expect(await retry('set_none')).toEqual({ ok: false, reason: 'event-delivery-unknown' });

    world.pass(1);
    sms.answer = { status: 400, body: '{"err":"access_denied"}' };
    await happens({ kind: 'account-suspended', accountId: hanako });
    await work();
    sms.answer = { status: 202 };
    world.pass(1);
    const [older] = await list();
    await happens({ kind: 'account-reinstated', accountId: hanako });
    await work();
    expect(await retry(older?.deliveryId ?? '')).toEqual({ ok: false, reason: 'event-overtaken' });
  });

  it('and nothing that the console itself has overtaken, of which it was not told', async () => {
    sms.answer = { status: 400, body: '{"err":"access_denied"}' };
    const detail = (to: string, from: string, version: number) => ({
      kind: 'login-id-changed' as const,
      accountId: hanako,
      detail: { emailAddress: to, previousEmailAddress: from, version },
    });
    await happens(detail('b@example.co.jp', 'a@example.co.jp', 1));
    await work();
    const [refused] = await list();
    expect(refused?.state).toBe('failed');
    await happens({ ...detail('c@example.co.jp', 'b@example.co.jp', 2), fromConsoleId: ids.sms as string });
    expect(await list()).toHaveLength(1);
    const by = { actor: 'operator:cli', now: world.now };
    expect(await retryEvent(world.database.db, sender.jobs, refused?.deliveryId ?? '', by)).toEqual({
      ok: false,
      reason: 'event-overtaken',
    });
  });

  it('sees the ledger for 90 days', async () => {
    await happens({ kind: 'password-changed', accountId: hanako });
    await work();
    world.pass(89 * DAY);
    await forgetOldEvents(world.database.db, 90, world.now);
    expect(await list()).toHaveLength(1);
    world.pass(2 * DAY);
    await forgetOldEvents(world.database.db, 90, world.now);
    expect(await list()).toEqual([]);
    expect((await world.database.pool.query('select 1 from account_event')).rowCount).toBe(0);
  });

  it('and a stream that rests: nothing is pushed, and everything afterwards', async () => {
    const set = (status: string) =>
      world.database.pool.query('update event_stream set status = $1 where console_id = $2', [
        status,
        ids.sms,
      ]);
    await happens({ kind: 'account-suspended', accountId: hanako });
    await set('paused');
    await happens({ kind: 'account-reinstated', accountId: hanako });
    await work();
    expect(sms.received).toEqual([]);
    await set('enabled');
    await pushFirstInLine(world.database.db, sender.jobs, {}, world.now);
    await work();
    expect((await list()).map((one) => one.state)).toEqual(['delivered', 'delivered']);
  });
});
