import { expect, test } from 'vitest';
import { freshDatabase } from '../../test-support/fresh-database.ts';
import { passed, printed } from '../report.ts';
import { drillLogout } from './play.ts';

test(
  'L1, L2, L3, L5: three logouts from five consoles in three browsers, with outages and kill -9 (15 in `npm run drill -- logout`): nothing lost, doubled or wrong',
  { timeout: 280_000 },
  async () => {
    const report = await drillLogout(
      { fresh: async () => (await freshDatabase()).url, close: async () => undefined },
      { rounds: 3, seed: 4, tell: () => undefined },
    );
    expect(passed(report), printed(report)).toBe(true);
  },
);
