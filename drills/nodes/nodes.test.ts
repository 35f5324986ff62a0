import { expect, test } from 'vitest';
import { passed, printed } from '../report.ts';
import { drillFaults } from './faults.ts';
import { drillRolling } from './rolling.ts';

test('R17: two nodes get new signing keys and the next release under 2 sign-ins a second, without one failed request (20 in `npm run drill -- rolling`)', async () => {
  const report = await drillRolling({ perSecond: 2, rounds: 0, tell: () => undefined });
  expect(passed(report), printed(report)).toBe(true);
}, 300_000);

test('S1, S2: 3 kills and outages while people sign in, set passwords and leave: every acknowledged write is there (100 in `npm run drill -- faults`)', async () => {
  const report = await drillFaults({ faults: 3, seed: 4, disk: false, tell: () => undefined });
  expect(passed(report), printed(report)).toBe(true);
}, 300_000);
