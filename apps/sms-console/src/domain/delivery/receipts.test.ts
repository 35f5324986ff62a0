import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { gatewayAt, openDeliveryWorld, type DeliveryWorld } from '../../../test/delivery.ts';
import { expireMessages } from './expire.ts';
import { recordReceipts } from './record-receipts.ts';

let world: DeliveryWorld;
beforeAll(async () => {
  world = await openDeliveryWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const LONG = 'これは長い見本のお知らせです。'.repeat(10); // 150 characters, three parts
const some = (count: number) => Array.from({ length: count }, (_, n) => `見本 ${n}`);
const inStates = (states: object) =>
  expect.poll(() => world.states(), { timeout: 15_000, interval: 20 }).toEqual(states);
const messages = () => world.db.selectFrom('message').selectAll().orderBy('id').execute();

describe('R29: receipts', () => {
  test.each([
    ['both', 'same'],
    ['text', 'same'],
    ['parameters', 'same'],
    ['sloppy', 'same'],
    ['decimal', 'hex-then-decimal'],
    ['early', 'same'],
  ] as const)('%s are matched', async (receipts, messageIds) => {
    const carrier = await world.carrier({ receipts, answerDelayMs: receipts === 'early' ? 60 : 0 });
    await world.queue(['a', LONG]);
    await world.queue(['b'], { to: 819000000090 });
    await world.queue(['c'], { to: 819000000091 });
    await world.deliver(gatewayAt(carrier, { messageIds }));
    await inStates({ delivered: 2, undelivered: 1, expired: 1 });
    expect((await messages()).find(({ state }) => state === 'undelivered')).toMatchObject({
      fault: 'undeliverable',
      settled_at: expect.any(Date),
    });
    const parts = await world.db
      .selectFrom('message_part')
      .select(['state', 'fault'])
      .orderBy('state')
      .execute();
    expect(parts.find(({ state }) => state === 'undelivered')?.fault).toBe(
      receipts === 'parameters' ? 'UNDELIV' : 'UNDELIV 001',
    );
    expect(await world.db.selectFrom('early_receipt').selectAll().execute()).toEqual([]);
  });

  test('one part that did not arrive, and the message did not', async () => {
    const carrier = await world.carrier({ receipts: 'none' });
    const [id] = await world.queue([LONG]);
    await world.deliver(gatewayAt(carrier));
    await inStates({ sent: 1 });
    const parts = await world.db.selectFrom('message_part').select('carrier_id').orderBy('number').execute();
    const ends = ['delivered', 'undelivered', 'delivered'] as const;
    for (const [index, { carrier_id }] of parts.entries()) {
      expect(await world.states()).toEqual({ sent: 1 });
      const receipt = {
        carrier: 'first',
        carrierId: carrier_id!,
        state: ends[index]!,
        fault: null,
        at: world.now(),
      };
      // Twice each: carriers repeat themselves.
      await Promise.all([
        recordReceipts(world.db, [receipt], world.now()),
        recordReceipts(world.db, [receipt], world.now()),
      ]);
    }
    expect(await world.states()).toEqual({ undelivered: 1 });
    const events = await world.db
      .selectFrom('message_event')
      .select('state')
      .where('message_id', '=', id!)
      .execute();
    expect(events.map(({ state }) => state)).toEqual(['sent', 'undelivered']);
  });

  test('a message whose receipt never comes expires with its time; one that comes late still counts', async () => {
    const carrier = await world.carrier({ receipts: 'none' });
    await world.queue(['a', 'b']);
    await world.queue(['waits'], {
      expiresAt: new Date(world.now().getTime() + HOUR),
      dueAt: new Date(world.now().getTime() + 30 * MINUTE),
    });
    const delivery = await world.deliver(gatewayAt(carrier));
    await inStates({ sent: 2, queued: 1 });
    await delivery.stop();
    expect(await expireMessages(world.db, world.now())).toBe(0);
    world.advance(49 * HOUR + MINUTE);
    expect(await expireMessages(world.db, world.now())).toBe(3);
    expect((await messages()).map(({ state, fault }) => [state, fault])).toEqual([
      ['expired', 'no-receipt'],
      ['expired', 'no-receipt'],
      ['expired', 'too-late'],
    ]);
    const { carrier_id } = await world.db
      .selectFrom('message_part')
      .select('carrier_id')
      .where('message_id', '=', (await messages())[0]!.id)
      .executeTakeFirstOrThrow();
    await recordReceipts(
      world.db,
      [{ carrier: 'first', carrierId: carrier_id!, state: 'delivered', fault: null, at: world.now() }],
      world.now(),
    );
    expect((await messages())[0]).toMatchObject({ state: 'delivered', fault: null });
  });

  test('come after a restart, to whoever is bound then', async () => {
    const carrier = await world.carrier({ receiptDelayMs: 200 });
    await world.queue(some(20));
    const first = await world.deliver(gatewayAt(carrier));
    await inStates({ sent: 20 });
    await first.stop();
    await expect.poll(() => carrier.submits().length).toBe(20);
    await world.deliver(gatewayAt(carrier));
    await inStates({ delivered: 20 });
  });
});
