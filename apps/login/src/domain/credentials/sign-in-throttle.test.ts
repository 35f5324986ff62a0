import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { clearSignInAttempts, countSignInAttempt } from './sign-in-throttle.ts';

const LIMITS = { freeAttempts: 5, attemptsPerNetwork: 20 };

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());

describe('C1: attempts at once', () => {
  it('and successes at once, of one login ID in one network, never wait for each other in a circle', async () => {
    const { db } = world.database;
    const attempts = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        await countSignInAttempt(db, 'busy@example.co.jp', { network: '192.0.2.1' }, LIMITS, world.now);
        await db
          .transaction()
          .execute((trx) => clearSignInAttempts(trx, 'busy@example.co.jp', { clientNetwork: '192.0.2.1' }));
      }
    };
    await Promise.all(Array.from({ length: 12 }, attempts));
  });

  it('that the network may not make any more leave the counter of the login ID alone', async () => {
    const { db } = world.database;
    const decisions = [];
    for (let i = 0; i < 25; i++)
      decisions.push(
        await countSignInAttempt(db, `person${i}@example.co.jp`, { network: '192.0.2.2' }, LIMITS, world.now),
      );
    expect(decisions.filter((one) => one.ok)).toHaveLength(20);
    expect(decisions.at(-1)).toMatchObject({ reason: 'network-wait' });
    const counted = await db
      .selectFrom('sign_in_throttle')
      .select('key')
      .where('key', 'like', 'account:person%')
      .execute();
    expect(counted).toHaveLength(20);
  });
});
