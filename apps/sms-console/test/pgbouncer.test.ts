import { expect, test } from 'vitest';
import { freshDatabase } from '../../../test-support/fresh-database.ts';
import { pgbouncerMissing, startPgbouncer } from '../../../test-support/pgbouncer.ts';
import { openWorld, PASSWORD } from './world.ts';

test.skipIf(pgbouncerMissing)(
  `S2: the console works behind PgBouncer with transaction pooling, from its first start on${pgbouncerMissing ? `; skipped: ${pgbouncerMissing}` : ''}`,
  async () => {
    const pooler = await startPgbouncer((await freshDatabase()).url, 3);
    const world = await openWorld({ databaseUrl: pooler.url });
    try {
      const people = await Promise.all(Array.from({ length: 8 }, () => world.addPerson()));
      const homes = await Promise.all(
        people.map(async ({ emailAddress }) => {
          const browser = world.browser();
          await browser.open('/login');
          return browser.send('/login', { email_address: emailAddress, password: PASSWORD });
        }),
      );
      expect(homes.map(({ status, text }) => [status, text.includes('ログアウト')])).toEqual(
        people.map(() => [200, true]),
      );
    } finally {
      await world.close();
      await pooler.close();
    }
  },
);
