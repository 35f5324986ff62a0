import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createPlaces } from '#support/primitives/places.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { loadSigningKeys } from '#support/keys/signing-keys.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';
import { deliverLogout, type LogoutSender } from './deliver.ts';

let world: World;
let console_: Receiver;
let consoleId: string;
let sender: LogoutSender;
/** What the queue was asked to do later, instead of a queue: the clock of these tests is a value. */
let queued: { deliveryId: string; delay: number }[] = [];

beforeAll(async () => {
  console_ = await openReceiver();
  world = await openWorld({ work: false });
  consoleId = await world.addConsole('sms', { backchannelLogoutUri: console_.url });
  const { db } = world.database;
  sender = {
    db,
    keys: await loadSigningKeys(db, secretKeys(MASTER_SECRET), () => world.now),
    issuer: world.config.issuer,
    outbound: createOutbound({ allowedInternalHosts: ['127.0.0.1'] }),
    places: createPlaces(4),
    jobs: {
      enqueueAll: async () => undefined,
      pending: async () => [],
      enqueue: async (_trx, _name, data, options) =>
        void queued.push({ ...(data as { deliveryId: string }), delay: options?.delay ?? 0 }),
      work: async () => undefined,
      stop: async () => undefined,
    },
  };
});
afterAll(async () => {
  await world.close();
  await console_.close();
});
beforeEach(async () => {
  queued = [];
  for (const table of ['logout_try', 'logout_delivery', 'single_logout', 'console_delivery_health'])
    await world.database.pool.query(`delete from ${table}`);
  Object.assign(console_, { received: [], answer: { status: 500 } });
});

async function newDelivery(sid: string | null = 'sid-1'): Promise<string> {
  const [logoutId, id] = [newId('slo', world.now), newId('lod', world.now)];
  await world.database.db
    .insertInto('single_logout')
    .values({ id: logoutId, session_uid: logoutId, account_id: 'acc_sample', cause: 'logout', at: world.now })
    .execute();
  await world.database.db
    .insertInto('logout_delivery')
    .values({
      id,
      single_logout_id: logoutId,
      console_id: consoleId,
      account_id: 'acc_sample',
      sid,
      next_try_at: world.now,
      last_status: null,
      last_error: null,
      created_at: world.now,
      ended_at: null,
    })
    .execute();
  return id;
}

const rowOf = (id: string) =>
  world.database.db.selectFrom('logout_delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const attempt = (id: string): Promise<void> => deliverLogout(sender, id, world.now);

describe('R9: a logout delivery that does not arrive', () => {
  it('is tried again after 5 and 30 seconds, 2, 10 and 30 minutes, then hourly, and after a day it is listed as failed', async () => {
    const id = await newDelivery();
    const begin = world.now;
    const pauses: number[] = [];
    while ((await rowOf(id)).state === 'waiting') {
      const before = queued.length;
      await attempt(id);
      const next = queued[before];
      if (!next) break;
      expect((await rowOf(id)).next_try_at).toEqual(new Date(world.now.getTime() + next.delay));
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
    // Hourly, and once more when the day is over.
    expect(pauses.slice(5, -1).every((pause) => pause === 1 * HOUR)).toBe(true);
    expect(pauses.at(-1)).toBeLessThanOrEqual(1 * HOUR);
    expect(await rowOf(id)).toMatchObject({
      state: 'failed',
      tries: pauses.length + 1,
      last_status: 500,
      last_error: 'answered 500',
      next_try_at: null,
    });
    const lasted = world.now.getTime() - begin.getTime();
    expect(lasted).toBe(24 * HOUR);
    // Each try had a token of its own, fresh and signed for that moment.
    const tokens = console_.received.map((one) => decodeJwt(one.token));
    expect(new Set(tokens.map((token) => token.jti)).size).toBe(tokens.length);
    expect(tokens.every((token) => (token.exp ?? 0) - (token.iat ?? 0) === 120)).toBe(true);
    expect(tokens.at(-1)?.iat).toBe(Math.floor(world.now.getTime() / 1_000));
    // Failed is final: a job that comes late tells nobody anything.
    await attempt(id);
    expect(console_.received).toHaveLength(tokens.length);
  });

  it.each([
    ['seconds', '90', 90 * SECOND],
    ['seconds, shorter than the own pause', '1', 5 * SECOND],
    ['a date', new Date('2026-11-22T02:00:00Z').toUTCString(), 1 * HOUR],
    ['a date in the past', new Date('2020-01-01T00:00:00Z').toUTCString(), 5 * SECOND],
    ['rubbish', 'soon', 5 * SECOND],
    ['a negative number', '-1', 5 * SECOND],
  ])('obeys Retry-After in %s', async (_name, header, pause) => {
    world.now = new Date('2026-11-22T01:00:00Z');
    const id = await newDelivery();
    console_.answer = { status: 503, headers: { 'retry-after': header } };
    await attempt(id);
    expect(queued).toEqual([{ deliveryId: id, delay: pause }]);
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', tries: 1, last_status: 503 });
  });

  it('a Retry-After beyond the day gives up rather than waiting for ever', async () => {
    const id = await newDelivery();
    console_.answer = { status: 429, headers: { 'retry-after': String(10 * 86_400) } };
    await attempt(id);
    world.pass(queued[0]?.delay ?? 0);
    expect(queued[0]?.delay ?? 0).toBeLessThanOrEqual(1 * DAY);
    await attempt(id);
    expect((await rowOf(id)).state).toBe('failed');
  });

  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [201, 'waiting'],
    [302, 'waiting'],
    [400, 'waiting'],
    [404, 'waiting'],
    [500, 'waiting'],
  ])('an answer of %d leaves it %s', async (status, state) => {
    const id = await newDelivery();
    console_.answer = { status, headers: { location: console_.url } };
    await attempt(id);
    expect((await rowOf(id)).state).toBe(state);
    expect(console_.received).toHaveLength(1);
  });

  it('is not sent again once it has arrived, however often the queue asks', async () => {
    const id = await newDelivery();
    console_.answer = { status: 204 };
    for (let i = 0; i < 3; i++) await attempt(id);
    expect(console_.received).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ tries: 1, ended_at: world.now });
  });

  it('L2: a console that hangs is given five seconds', async () => {
    const id = await newDelivery();
    console_.answer = 'hang';
    const begin = performance.now();
    await attempt(id);
    expect(performance.now() - begin).toBeGreaterThan(4_500);
    expect(await rowOf(id)).toMatchObject({
      state: 'waiting',
      last_status: null,
      last_error: 'timed-out: 5000 ms',
    });
  });

  it('L4: an address on the inside that nobody allowed is never called', async () => {
    const id = await newDelivery();
    await deliverLogout({ ...sender, outbound: createOutbound({ allowedInternalHosts: [] }) }, id, world.now);
    expect(console_.received).toHaveLength(0);
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', last_error: 'address-not-allowed: 127.0.0.1' });
  });

  it('a console whose address was taken away meanwhile is listed as failed', async () => {
    const id = await newDelivery();
    await world.database.db
      .updateTable('console')
      .set({ backchannel_logout_uri: null })
      .where('id', '=', consoleId)
      .execute();
    await attempt(id);
    await world.database.db
      .updateTable('console')
      .set({ backchannel_logout_uri: console_.url })
      .where('id', '=', consoleId)
      .execute();
    expect(await rowOf(id)).toMatchObject({ state: 'failed', last_error: 'no logout address is registered' });
  });

  it('without a sid the token names the person, and one that does not exist is nothing to do', async () => {
    const id = await newDelivery(null);
    console_.answer = { status: 204 };
    await attempt(id);
    expect(decodeJwt(console_.received[0]?.token ?? '')).toMatchObject({ sub: 'acc_sample', aud: 'sms' });
    expect(decodeJwt(console_.received[0]?.token ?? '')).not.toHaveProperty('sid');
    await attempt('lod_never');
  });
});
