import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeGatewayStates } from '#domain/delivery/gateway-states.ts';
import type { Person } from '#domain/people/people.ts';
import type { TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

async function signedIn(person: Person): Promise<TestBrowser> {
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return browser;
}

describe('R29: how sending goes', () => {
  test('an administrator comes from the settings and sees gateways and what waits; without gateways the page says what that means', async () => {
    const browser = await signedIn(await world.addPerson());
    expect((await browser.open('/settings')).text).toContain('送信状況を見る');
    expect((await browser.open('/settings/gateways')).text).toContain('接続はまだありません。');
    const now = world.clock.now();
    const state = { gateway: 'carrier-a', since: now, inFlight: 3, perSecond: 100 };
    const fault = { lastError: 'bind refused: ESME_RINVPASWD', lastErrorAt: now };
    await writeGatewayStates(world.db, 'w1', [{ ...state, ...fault, state: 'away' }], now);
    await writeGatewayStates(
      world.db,
      'w2',
      [{ ...state, state: 'bound', lastError: null, lastErrorAt: null }],
      now,
    );
    const page = (await browser.open('/settings/gateways')).text;
    for (const words of ['carrier-a', '接続中', 'ESME_RINVPASWD', '検証コードの送信待ち', '0 件'])
      expect(page).toContain(words);
  });

  test('who may not change the rules of sending is refused', async () => {
    const person = await world.addPerson();
    await world.db.updateTable('person').set({ role: 'sender' }).where('id', '=', person.id).execute();
    expect((await (await signedIn(person)).open('/settings/gateways')).status).toBe(403);
  });
});
