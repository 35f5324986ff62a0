import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSigningKeys } from '#support/keys/signing-keys.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { createOutbound } from '#support/primitives/outbound.ts';
import { createPlaces } from '#support/primitives/places.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';
import { retryDelivery } from './again.ts';
import { deliverLogout, type LogoutSender } from './deliver.ts';
import { deliveryHealth, probeSilentConsoles, requeueOverdueDeliveries } from './health.ts';
import { ledgerEntry } from './ledger.ts';

type Queued = { deliveryId: string; probe?: boolean; delay: number };

let world: World;
let silent: Receiver;
let sender: LogoutSender;
let consoles: { silent: string; well: string };
/** What the queue was asked to do, instead of a queue: the clock of these tests is a value. */
let queued: Queued[] = [];

beforeAll(async () => {
  silent = await openReceiver();
  world = await openWorld({ work: false });
  consoles = {
    silent: await world.addConsole('silent', { backchannelLogoutUri: silent.url }),
    well: await world.addConsole('well', { backchannelLogoutUri: silent.url }),
  };
  const { db } = world.database;
  const note = (data: object, options: { delay?: number } = {}): void =>
    void queued.push({ ...(data as { deliveryId: string; probe?: boolean }), delay: options.delay ?? 0 });
  sender = {
    db,
    keys: await loadSigningKeys(db, secretKeys(MASTER_SECRET), () => world.now),
    issuer: world.config.issuer,
    outbound: createOutbound({ allowedInternalHosts: ['127.0.0.1'] }),
    places: createPlaces(30),
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
  await silent.close();
});
beforeEach(async () => {
  queued = [];
  Object.assign(silent, { received: [], answer: { status: 503 } });
  for (const table of ['logout_try', 'logout_delivery', 'single_logout', 'console_delivery_health'])
    await world.database.pool.query(`delete from ${table}`);
});

async function newDelivery(consoleId = consoles.silent): Promise<string> {
  const [logoutId, id] = [newId('slo', world.now), newId('lod', world.now)];
  const { db } = world.database;
  await db
    .insertInto('single_logout')
    .values({ id: logoutId, session_uid: logoutId, account_id: 'acc_sample', cause: 'logout', at: world.now })
    .execute();
  await db
    .insertInto('logout_delivery')
    .values({
      id,
      single_logout_id: logoutId,
      console_id: consoleId,
      account_id: 'acc_sample',
      sid: 'sid-1',
      next_try_at: world.now,
      last_status: null,
      last_error: null,
      created_at: world.now,
      ended_at: null,
    })
    .execute();
  world.pass(1);
  return id;
}

const attempt = (id: string, options = {}): Promise<void> => deliverLogout(sender, id, world.now, options);
const rowOf = (id: string) =>
  world.database.db.selectFrom('logout_delivery').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const healthOf = async (clientId: string) =>
  (await deliveryHealth(world.database.db)).find((one) => one.clientId === clientId);

/** Three deliveries of which each was tried in vain. */
async function silence(): Promise<[string, string, string]> {
  const ids = [await newDelivery(), await newDelivery(), await newDelivery()] as [string, string, string];
  for (const id of ids) await attempt(id);
  queued = [];
  return ids;
}

describe('L2: a console that does not answer', () => {
  it('is spared after three tries in vain: only the delivery that waits longest is sent, the others wait without counting a try', async () => {
    const [first] = await silence();
    const [fourth, fifth] = [await newDelivery(), await newDelivery()];
    silent.received.length = 0;
    for (const id of [fourth, fifth]) await attempt(id);
    expect(silent.received).toHaveLength(0);
    expect(await rowOf(fourth)).toMatchObject({ state: 'waiting', tries: 0, claimed_until: null });
    expect(queued.map(({ delay }) => delay)).toEqual([1 * HOUR, 1 * HOUR]);
    await attempt(first);
    expect(silent.received).toHaveLength(1);
    expect(await healthOf('silent')).toMatchObject({ state: 'spared', failures: 4, waiting: 5, failed: 0 });
    // Nobody else is concerned.
    const other = await newDelivery(consoles.well);
    await attempt(other);
    expect(silent.received).toHaveLength(2);
    expect(await healthOf('well')).toMatchObject({ state: 'failing', failures: 1 });
  });

  it('is asked every 30 seconds whether it is back, by one node, each time with another delivery; then everything is delivered at once', async () => {
    const ids = await silence();
    await newDelivery();
    await probeSilentConsoles(sender.db, sender.jobs, world.now);
    expect(queued).toEqual([]);
    const probed: string[] = [];
    for (let i = 0; i < 4; i++) {
      world.pass(31 * SECOND);
      queued = [];
      await Promise.all(
        Array.from({ length: 5 }, () => probeSilentConsoles(sender.db, sender.jobs, world.now)),
      );
      expect(queued).toHaveLength(1);
      const [probe] = queued;
      expect(probe?.probe).toBe(true);
      probed.push(probe?.deliveryId ?? '');
      await attempt(probe?.deliveryId ?? '', { probe: true });
    }
    expect(new Set(probed).size).toBe(4);
    // Probes stand beside the timetable.
    expect(await rowOf(ids[0])).toMatchObject({ tries: 1 });

    silent.answer = { status: 200 };
    world.pass(31 * SECOND);
    queued = [];
    await probeSilentConsoles(sender.db, sender.jobs, world.now);
    const back = queued[0]?.deliveryId ?? '';
    queued = [];
    await attempt(back, { probe: true });
    expect(queued.map(({ deliveryId, delay }) => [deliveryId, delay])).toHaveLength(3);
    for (const { deliveryId } of queued) await attempt(deliveryId);
    expect(await healthOf('silent')).toMatchObject({
      state: 'answering',
      failures: 0,
      waiting: 0,
      lastError: null,
    });
    queued = [];
    world.pass(1 * MINUTE);
    await probeSilentConsoles(sender.db, sender.jobs, world.now);
    expect(queued).toEqual([]);
  });

  it('that asks to be left alone is not asked before that', async () => {
    silent.answer = { status: 429, headers: { 'retry-after': '600' } };
    await silence();
    world.pass(599 * SECOND);
    await probeSilentConsoles(sender.db, sender.jobs, world.now);
    expect(queued).toEqual([]);
    world.pass(2 * SECOND);
    await probeSilentConsoles(sender.db, sender.jobs, world.now);
    expect(queued).toHaveLength(1);
  });

  it.each([400, 404, 410])('that answers %d is there: it keeps no other delivery waiting', async (status) => {
    silent.answer = { status };
    await silence();
    const next = await newDelivery();
    silent.answer = { status: 204 };
    await attempt(next);
    expect((await rowOf(next)).state).toBe('delivered');
  });
});

describe('a try is claimed', () => {
  it('of twenty workers at once one sends', async () => {
    silent.answer = { status: 204 };
    const id = await newDelivery();
    await Promise.all(Array.from({ length: 20 }, () => attempt(id)));
    expect(silent.received).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ state: 'delivered', tries: 1 });
  });

  it('a worker that was paused beyond its lease writes nothing', async () => {
    const id = await newDelivery();
    let paused: () => void = () => undefined;
    const slow = {
      ...sender,
      outbound: {
        ...sender.outbound,
        postForm: () =>
          new Promise<{ ok: true; status: number; retryAfter: undefined }>((resolve) => {
            paused = () => resolve({ ok: true, status: 500, retryAfter: undefined });
          }),
      },
    } as LogoutSender;
    const late = deliverLogout(slow, id, world.now);
    await expect.poll(async () => (await rowOf(id)).claim).toBe(1);
    await attempt(id);
    expect(silent.received).toHaveLength(0);
    world.pass(21 * SECOND);
    silent.answer = { status: 200 };
    await attempt(id);
    const written = await rowOf(id);
    expect(written).toMatchObject({ state: 'delivered', claim: 2 });
    queued = [];
    paused();
    await late;
    expect(await rowOf(id)).toEqual(written);
    expect(queued).toEqual([]);
    expect((await ledgerEntry(sender.db, id))?.attempts).toHaveLength(1);
  });

  it('L3: one whose worker was killed is tried anew within a minute', async () => {
    const id = await newDelivery();
    await world.database.db
      .updateTable('logout_delivery')
      .set({ claim: 1, claimed_until: new Date(world.now.getTime() + 20 * SECOND) })
      .where('id', '=', id)
      .execute();
    world.pass(10 * SECOND);
    await requeueOverdueDeliveries(sender.db, sender.jobs, world.now);
    expect(queued).toEqual([]);
    world.pass(25 * SECOND);
    await Promise.all(
      Array.from({ length: 5 }, () => requeueOverdueDeliveries(sender.db, sender.jobs, world.now)),
    );
    expect(queued.map(({ deliveryId }) => deliveryId)).toEqual([id]);
    silent.answer = { status: 204 };
    await attempt(id);
    expect((await rowOf(id)).state).toBe('delivered');
  });
});

describe('the ledger', () => {
  it('says of each try when, what the console answered and how long it took', async () => {
    const id = await newDelivery();
    await attempt(id);
    world.pass(5 * SECOND);
    silent.answer = { status: 200 };
    await attempt(id);
    expect(await ledgerEntry(sender.db, id)).toMatchObject({
      clientId: 'silent',
      cause: 'logout',
      state: 'delivered',
      tries: 2,
      lastStatus: 200,
      attempts: [
        { number: 1, kind: 'timetable', status: 503, error: 'answered 503' },
        { number: 2, kind: 'timetable', status: 200, error: null },
      ],
    });
    expect(await ledgerEntry(sender.db, 'lod_none')).toBeUndefined();
  });

  it('a delivery that was given up is tried again for a day when an operator says so, once', async () => {
    const id = await newDelivery();
    await world.database.db
      .updateTable('logout_delivery')
      .set({ state: 'failed', tries: 30, next_try_at: null, ended_at: world.now })
      .where('id', '=', id)
      .execute();
    world.pass(48 * HOUR);
    const by = { actor: 'operator:cli', now: world.now };
    const results = await Promise.all(
      Array.from({ length: 10 }, () => retryDelivery(sender.db, sender.jobs, id, by)),
    );
    expect(results.filter((one) => one.ok)).toHaveLength(1);
    expect(results.filter((one) => !one.ok && one.reason === 'delivery-not-failed')).toHaveLength(9);
    expect(queued).toHaveLength(1);
    await attempt(id);
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', tries: 1 });
    expect(queued.at(-1)?.delay).toBe(5 * SECOND);
    silent.answer = { status: 204 };
    await attempt(id);
    expect((await rowOf(id)).state).toBe('delivered');
    expect(await retryDelivery(sender.db, sender.jobs, 'lod_none', by)).toEqual({
      ok: false,
      reason: 'delivery-unknown',
    });
  });
});
