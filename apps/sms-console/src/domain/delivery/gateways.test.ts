import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { gatewayAt, openDeliveryWorld, type DeliveryWorld } from '../../../test/delivery.ts';

let world: DeliveryWorld;
beforeAll(async () => {
  world = await openDeliveryWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const some = (count: number) => Array.from({ length: count }, (_, n) => `見本 ${n}`);
const inStates = (states: object) =>
  expect.poll(() => world.states(), { timeout: 15_000, interval: 20 }).toEqual(states);
const messages = () => world.db.selectFrom('message').selectAll().orderBy('id').execute();

describe('R29: what gateways refuse', () => {
  test('what will never be taken fails and says why; what may pass goes again, later each time', async () => {
    const carrier = await world.carrier();
    await world.queue(['x'], { to: 819000000093 }); // ESME_RSYSERR, always
    const bad = await world.queue(['y']);
    await world.db.updateTable('message').set({ recipient: '+' }).where('id', '=', bad[0]!).execute();
    await world.deliver(gatewayAt(carrier));
    await inStates({ queued: 1, failed: 1 });
    const [passing, permanent] = await messages();
    expect(permanent).toMatchObject({ fault: 'number-refused', state: 'failed' });
    expect(passing).toMatchObject({ tries: 1, fault: null, gateway: null });
    expect(passing!.due_at!.getTime() - world.now().getTime()).toBeGreaterThan(3_000);
    for (let tries = 2; tries <= 10; tries++) {
      world.advance(61 * MINUTE);
      await expect
        .poll(async () => (await messages())[0]?.tries, { timeout: 10_000, interval: 20 })
        .toBe(tries);
    }
    await inStates({ failed: 2 });
    expect((await messages())[0]).toMatchObject({ fault: 'gateway-refused' });
  });

  test('a gateway that says that it is too much gets less, and everything in the end', async () => {
    const carrier = await world.carrier({ perSecond: 60 });
    await world.queue(some(150));
    const delivery = await world.deliver(gatewayAt(carrier, { window: 50 }));
    await expect
      .poll(() => delivery.states()[0]!.perSecond, { timeout: 10_000, interval: 10 })
      .toBeLessThan(1_500);
    carrier.behave({ perSecond: 0 });
    await inStates({ delivered: 150 });
    expect(carrier.submits()).toHaveLength(150);
    expect((await messages()).every(({ tries }) => tries === 0)).toBe(true);
  });

  test('a gateway whose settings are wrong rests, and the other one gets the work', async () => {
    const [wrong, right] = [await world.carrier({ refusals: { ESME_RINVSRCADR: 1 } }), await world.carrier()];
    await world.queue(some(100));
    const delivery = await world.deliver(
      gatewayAt(wrong, { weight: 10 }),
      gatewayAt(right, { name: 'second' }),
    );
    await inStates({ delivered: 100 });
    expect(right.submits()).toHaveLength(100);
    expect(delivery.states()[0]).toMatchObject({ state: 'resting', lastError: 'ESME_RINVSRCADR' });
  });
});

describe('R29: several gateways', () => {
  test('share by their weights, and one of weight 0 waits until no other can', async () => {
    const [a, b, spare] = [await world.carrier(), await world.carrier(), await world.carrier()];
    const delivery = await world.deliver(
      gatewayAt(a, { weight: 3 }),
      gatewayAt(b, { name: 'b' }),
      gatewayAt(spare, { name: 'spare', weight: 0 }),
    );
    await expect
      .poll(() => delivery.states().every(({ state }) => state === 'bound'), { timeout: 10_000 })
      .toBe(true);
    for (let n = 0; n < 10; n++) {
      await world.queue(some(4));
      delivery.wake('queue');
      await inStates({ delivered: 4 * (n + 1) });
    }
    expect([a, b, spare].map((one) => one.submits().length)).toEqual([30, 10, 0]);
    await a.stop();
    await b.stop();
    await world.queue(some(20));
    await inStates({ delivered: 60 });
    expect(spare.submits()).toHaveLength(20);
  });

  test('a receipt may come over another bind of the same carrier', async () => {
    const carrier = await world.carrier({ receiptDelayMs: 150 });
    await world.queue(some(5));
    const first = await world.deliver(gatewayAt(carrier, { carrier: 'one' }));
    await inStates({ sent: 5 });
    await first.stop();
    await world.deliver(gatewayAt(carrier, { name: 'second', carrier: 'one' }));
    await inStates({ delivered: 5 });
  });
});
