import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadSigningKeys } from '#support/keys/signing-keys.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { createOutbound, type OutboundResult } from '#support/primitives/outbound.ts';
import { createPlaces } from '#support/primitives/places.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';
import { deliverLogout, type LogoutSender } from './deliver.ts';
import { probeSilentConsoles, requeueOverdueDeliveries } from './health.ts';
import { logoutLedger } from './ledger.ts';

/** CI: each kind for up to three minutes, one for 25; `HITOKAGI_FULL_CAMPAIGN=1` plays every kind for every time. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const DAY_LESS = 24 * HOUR - 2 * MINUTE;
const LENGTHS = [1 * SECOND, 4 * SECOND, 20 * SECOND, 3 * MINUTE, 25 * MINUTE];

const status = (code: number, retryAfter?: string): OutboundResult => ({
  ok: true,
  status: code,
  retryAfter,
});
const KINDS: Record<string, OutboundResult> = {
  down: { ok: false, reason: 'unreachable', detail: 'ECONNREFUSED' },
  slow: { ok: false, reason: 'timed-out', detail: '5000 ms' },
  rubbish: { ok: false, reason: 'unreachable', detail: 'HPE_INVALID_CONSTANT' },
  'answering 500': status(500),
  'answering 503 with Retry-After': status(503, '20'),
  'answering 429': status(429, '10'),
  redirecting: status(302),
  'answering 404': status(404),
  'answering 400': status(400),
  'answering 202': status(202),
};
const CASES = Object.keys(KINDS).flatMap((kind) =>
  (FULL ? [...LENGTHS, 3 * HOUR, DAY_LESS] : LENGTHS.slice(0, kind === 'redirecting' ? 5 : 4)).map(
    (length) => [kind, length / SECOND, length] as const,
  ),
);

type Job = { deliveryId: string; probe?: boolean; at: number };

let world: World;
let sender: LogoutSender;
let consoleId: string;
/** The queue: the clock of these tests is a value. */
let jobs: Job[] = [];
let answer: OutboundResult;
let sent = 0;

beforeAll(async () => {
  world = await openWorld({ work: false });
  consoleId = await world.addConsole('sms', { backchannelLogoutUri: 'https://sms.example.co.jp/logout' });
  const note = (data: object, delay = 0): void =>
    void jobs.push({
      ...(data as { deliveryId: string; probe?: boolean }),
      // The queue counts whole seconds.
      at: world.now.getTime() + Math.ceil(delay / SECOND) * SECOND,
    });
  const { db } = world.database;
  sender = {
    db,
    keys: await loadSigningKeys(db, secretKeys(MASTER_SECRET), () => world.now),
    issuer: world.config.issuer,
    outbound: {
      ...createOutbound({ allowedInternalHosts: [] }),
      postForm: async () => {
        sent += 1;
        return answer;
      },
    },
    places: createPlaces(30),
    jobs: {
      enqueue: async (_trx, _name, data, options) => note(data, options?.delay),
      enqueueAll: async (_trx, _name, data) => data.forEach((one) => note(one)),
      pending: async () => [],
      work: async () => undefined,
      stop: async () => undefined,
    },
  };
});
afterAll(() => world.close());
beforeEach(async () => {
  world.pass(1 * HOUR);
  [jobs, sent] = [[], 0];
  for (const table of ['logout_try', 'logout_delivery', 'single_logout', 'console_delivery_health'])
    await world.database.pool.query(`delete from ${table}`);
});

async function logOut(): Promise<void> {
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
      sid: id,
      next_try_at: world.now,
      last_status: null,
      last_error: null,
      created_at: world.now,
      ended_at: null,
    })
    .execute();
  await sender.jobs.enqueue(sender.db, 'logout.deliver', { deliveryId: id });
}

/** Lets time go on to this moment: the queue does its jobs when they are due, the schedule its work every 10 and 15 seconds. */
async function until(moment: number): Promise<void> {
  for (;;) {
    const now = world.now.getTime();
    const { rows } = await world.database.pool.query<{ at: Date | null }>(
      `select least((select min(next_probe_at) from console_delivery_health),
        (select min(next_try_at) + interval '30.001 seconds' from logout_delivery where state = 'waiting')) as at`,
    );
    const due = rows[0]?.at?.getTime() ?? Infinity;
    const tick = Math.ceil(Math.max(due, now + 1) / (5 * SECOND)) * 5 * SECOND;
    const next = Math.min(tick, ...jobs.map(({ at }) => at));
    if (next > moment) break;
    world.now = new Date(Math.max(next, now));
    const time = world.now.getTime();
    if (time % (10 * SECOND) === 0) await probeSilentConsoles(sender.db, sender.jobs, world.now);
    if (time % (15 * SECOND) === 0) await requeueOverdueDeliveries(sender.db, sender.jobs, world.now);
    const doing = jobs.filter(({ at }) => at <= time);
    jobs = jobs.filter(({ at }) => at > time);
    for (const { deliveryId, probe } of doing)
      await deliverLogout(sender, deliveryId, world.now, probe ? { probe: true } : {});
  }
  world.now = new Date(moment);
}

const waiting = async () =>
  (await logoutLedger(world.database.db, { limit: 1_000 })).filter(({ state }) => state !== 'delivered');

describe('L2: whatever a console does instead of answering, and for however long', () => {
  it.each(CASES)(
    '%s for %d s: all of it is delivered within 60 s of its return',
    async (kind, _seconds, length) => {
      answer = KINDS[kind] as OutboundResult;
      const begin = world.now.getTime();
      // Some people leave at the beginning, others while it lasts.
      for (const share of [0, 0, 0.2, 0.5, 0.5, 0.9]) {
        await until(begin + length * share);
        await logOut();
      }
      await until(begin + length);
      answer = status(200);
      const tries = sent;
      await until(begin + length + 60 * SECOND);
      expect(await waiting()).toEqual([]);
      // It is told once each, and was not flooded while it was away: a try every 30 s at most, and the timetable.
      expect(sent - tries).toBeLessThanOrEqual(6);
      expect(tries).toBeLessThanOrEqual(6 * 9 + length / (20 * SECOND));
    },
    240_000,
  );

  it('one delivery that a console will never take keeps none of the others waiting, nor is it sent in a circle', async () => {
    answer = status(200);
    await logOut();
    const [poison] = await logoutLedger(world.database.db, { limit: 1 });
    let poisoned = 0;
    const { outbound } = sender;
    sender.outbound = {
      ...outbound,
      postForm: async (_url, { logout_token: token = '' }) => {
        const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
          sid: string;
        };
        if (claims.sid !== poison?.deliveryId) return status(200);
        poisoned += 1;
        return status(400);
      },
    };
    const begin = world.now.getTime();
    for (let i = 1; i <= 60; i++) {
      await until(begin + i * SECOND);
      await logOut();
    }
    await until(begin + 62 * SECOND);
    sender.outbound = outbound;
    expect((await waiting()).map(({ deliveryId }) => deliveryId)).toEqual([poison?.deliveryId]);
    expect(poisoned).toBeLessThanOrEqual(6);
  });
});
