import { expect, test } from 'vitest';
import { freshDatabase } from '../test-support/fresh-database.ts';
import { drillBothLogins } from './both-logins.ts';
import { passed, printed } from './report.ts';

test('M3: 60 sign-ins of the same people by both logins at once: one account each, no cross sign-in (10,000 in `npm run drill -- both-logins`)', async () => {
  const report = await drillBothLogins(
    { fresh: async () => (await freshDatabase()).url, close: async () => undefined },
    { signIns: 60, tell: () => undefined },
  );
  expect(passed(report), printed(report)).toBe(true);
});
