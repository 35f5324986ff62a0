import { expect, test } from 'vitest';
import { freshDatabase } from '../../test-support/fresh-database.ts';
import { passed, printed } from '../report.ts';
import { drillLoginIds } from './drill.ts';

test('R18: 8 people change their addresses in two consoles while both sides are killed: one address everywhere (120 in `npm run drill -- login-id`)', async () => {
  const report = await drillLoginIds(
    { fresh: async () => (await freshDatabase()).url, close: async () => undefined },
    { people: 8, deeds: 2, seed: 18, pace: 8_000, tell: () => undefined },
  );
  expect(passed(report), printed(report)).toBe(true);
}, 300_000);
