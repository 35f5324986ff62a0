import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gatewayAt, openDeliveryWorld, type DeliveryWorld } from '../../../test/delivery.ts';

let world: DeliveryWorld;
beforeEach(async () => {
  world = await openDeliveryWorld();
});
afterEach(() => world.close());

const LONG = 'これは長い見本のお知らせです。'.repeat(10); // 150 characters, three parts

describe('R29: messages leave over SMPP', () => {
  test('a message reaches the carrier as it was written, and its receipt comes back', async () => {
    const carrier = await world.carrier();
    const [id] = await world.queue(['検証コードは 1234 です。𠮷']);
    await world.deliver(gatewayAt(carrier, { sender: 'ZETTAI' }));
    await expect.poll(() => world.states()).toEqual({ delivered: 1 });
    expect(carrier.messages()).toMatchObject([
      { to: '819000000000', from: 'ZETTAI', text: '検証コードは 1234 です。𠮷', systemId: 'zettai' },
    ]);
    const events = await world.db.selectFrom('message_event').selectAll().orderBy('id').execute();
    expect(events.map((one) => [one.message_id, one.state])).toEqual([
      [id, 'sent'],
      [id, 'delivered'],
    ]);
  });

  test.each(['udh-8', 'udh-16', 'sar', 'payload'])('a long message goes by %s', async (longMessages) => {
    const carrier = await world.carrier();
    await world.queue([LONG, `Hello [1] ${'x'.repeat(200)} €`]);
    await world.deliver(gatewayAt(carrier, { longMessages, window: 2 }));
    await expect.poll(() => world.states(), { timeout: 5_000 }).toEqual({ delivered: 2 });
    expect(
      carrier
        .messages()
        .map(({ text }) => text)
        .sort(),
    ).toEqual([LONG, `Hello [1] ${'x'.repeat(200)} €`].sort());
    const parts = await world.db.selectFrom('message_part').select('state').execute();
    expect(parts).toHaveLength(longMessages === 'payload' ? 2 : 5);
  });
});
