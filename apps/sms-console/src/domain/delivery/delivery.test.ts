import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { gatewayAt, openDeliveryWorld, type DeliveryWorld } from '../../../test/delivery.ts';

let world: DeliveryWorld;
beforeAll(async () => {
  world = await openDeliveryWorld({ companies: 3 });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const LONG = 'これは長い見本のお知らせです。'.repeat(10); // 150 characters, three parts
const some = (count: number) => Array.from({ length: count }, (_, n) => `見本 ${n}`);
const inStates = (states: object) =>
  expect.poll(() => world.states(), { timeout: 15_000, interval: 20 }).toEqual(states);
const messages = () => world.db.selectFrom('message').selectAll().orderBy('id').execute();

describe('R29: messages leave over SMPP', () => {
  test('a message reaches the carrier as it was written, its receipt comes back, and both are told', async () => {
    const carrier = await world.carrier();
    const [id] = await world.queue(['検証コードは 1234 です。𠮷']);
    await world.deliver(gatewayAt(carrier, { sender: 'ZETTAI' }));
    await inStates({ delivered: 1 });
    expect(carrier.messages()).toMatchObject([
      { to: '819000000000', from: 'ZETTAI', text: '検証コードは 1234 です。𠮷', systemId: 'zettai' },
    ]);
    const events = await world.db.selectFrom('message_event').selectAll().orderBy('id').execute();
    expect(events.map((one) => [one.message_id, one.state])).toEqual([
      [id, 'sent'],
      [id, 'delivered'],
    ]);
  });

  test.each(['udh-8', 'udh-16', 'sar', 'payload'])(
    'a long message goes by %s, and is one',
    async (longMessages) => {
      const carrier = await world.carrier();
      const latin = `Hello [1] ${'x'.repeat(200)} €`;
      await world.queue([LONG, latin]);
      await world.deliver(gatewayAt(carrier, { longMessages, window: 2 }));
      await inStates({ delivered: 2 });
      expect(
        carrier
          .messages()
          .map(({ text }) => text)
          .sort(),
      ).toEqual([LONG, latin].sort());
      const parts = await world.db.selectFrom('message_part').select('state').execute();
      expect(parts).toHaveLength(longMessages === 'payload' ? 2 : 5);
    },
  );

  test("numbers in the carrier's form; the time that a message has left goes with it", async () => {
    const carrier = await world.carrier();
    const expiresAt = new Date(world.now().getTime() + 2 * HOUR);
    await world.queue(['見本'], { to: 819012345678, expiresAt });
    await world.deliver(gatewayAt(carrier, { numbers: 'national' }));
    await inStates({ delivered: 1 });
    expect(carrier.submits()).toMatchObject([{ to: '09012345678', registeredDelivery: 1 }]);
    const validUntil = new Date(carrier.submits()[0]!.validityPeriod).getTime();
    expect(Math.abs(validUntil - expiresAt.getTime())).toBeLessThan(10_000);
  });

  test('what is not due, held or too late does not leave; what opted out meanwhile fails', async () => {
    const carrier = await world.carrier();
    const now = world.now().getTime();
    await world.queue(['later'], { dueAt: new Date(now + HOUR) });
    await world.queue(['held'], { state: 'held' });
    await world.queue(['too late'], { expiresAt: new Date(now - 1) });
    await world.queue(['opted out'], { to: 818000000000 });
    await world.queue(['ok']);
    await world.db
      .insertInto('opt_out')
      .values({
        company_id: world.companies[0]!,
        number: '+818000000000',
        reason: 'by-hand',
        added_at: world.now(),
        added_by: null,
      })
      .execute();
    await world.deliver(gatewayAt(carrier));
    await inStates({ queued: 2, held: 1, failed: 1, delivered: 1 });
    expect(carrier.messages().map(({ text }) => text)).toEqual(['ok']);
    expect((await messages()).find(({ state }) => state === 'failed')).toMatchObject({ fault: 'opted-out' });
  });

  test('two programs on one queue send each message once', async () => {
    const carrier = await world.carrier();
    await world.queue(some(600));
    await world.deliver(gatewayAt(carrier));
    await world.deliver(gatewayAt(carrier));
    await inStates({ delivered: 600 });
    expect(carrier.submits()).toHaveLength(600);
  });

  test('a stop lets what is under way be answered, and leaves nothing claimed', async () => {
    const carrier = await world.carrier({ answerDelayMs: 100 });
    await world.queue(some(300));
    const delivery = await world.deliver(gatewayAt(carrier));
    await expect.poll(() => carrier.submits().length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(20);
    await delivery.stop();
    const states = await world.states();
    expect(states.sending).toBeUndefined();
    expect((states.sent ?? 0) + (states.delivered ?? 0)).toBe(carrier.submits().length);
    expect(await world.db.selectFrom('delivery_worker').selectAll().execute()).toEqual([]);
  });
});

describe('R29: lanes and turns', () => {
  test('codes leave first, single messages before campaigns', async () => {
    const carrier = await world.carrier({ answerDelayMs: 5 });
    await world.queue(some(200), { lane: 2 });
    await world.queue(['single'], { lane: 1 });
    await world.queue(['code'], { lane: 0 });
    await world.deliver(gatewayAt(carrier, { window: 4, perSecond: 200 }));
    await expect.poll(() => carrier.submits().length, { timeout: 10_000 }).toBeGreaterThan(2);
    expect(
      carrier
        .submits()
        .slice(0, 2)
        .map(({ text }) => text),
    ).toEqual(['code', 'single']);
  });

  test("of three companies none waits for the other's campaign", async () => {
    const carrier = await world.carrier({ answerDelayMs: 5 });
    await world.queue(some(500), { company: 0, to: 811 });
    await world.queue(some(10), { company: 1, to: 82000 });
    await world.queue(some(10), { company: 2, to: 83000 });
    await world.deliver(gatewayAt(carrier, { window: 6 }));
    await expect
      .poll(() => carrier.submits().filter(({ to }) => to.length > 4).length, {
        timeout: 10_000,
        interval: 5,
      })
      .toBe(20);
    expect(carrier.submits().length).toBeLessThan(120);
  });

  test('with 100,000 messages waiting and a slow gateway a code leaves within 5 seconds', async () => {
    const carrier = await world.carrier();
    await world.queue(some(100_000), { to: 10_000_000 });
    await world.deliver(gatewayAt(carrier, { perSecond: 50, window: 10 }));
    await expect.poll(() => carrier.submits().length, { timeout: 20_000 }).toBeGreaterThan(10);
    const asked = performance.now();
    await world.queue(['code'], { lane: 0 });
    await expect
      .poll(() => carrier.messages().some(({ text }) => text === 'code'), { timeout: 5_000, interval: 10 })
      .toBe(true);
    expect(performance.now() - asked).toBeLessThan(5_000);
  });
});
