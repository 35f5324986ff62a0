import { expect, test } from 'vitest';
import { passed, printed } from '../report.ts';
import { drillFaults } from './faults.ts';
import { promoteReplica } from './promote.ts';
import { drillRolling } from './rolling.ts';

test('R17: two nodes get new signing keys and the next release under 2 sign-ins a second, without one failed request (20 in `npm run drill -- rolling`)', async () => {
  const report = await drillRolling({ perSecond: 2, rounds: 0, tell: () => undefined });
  expect(passed(report), printed(report)).toBe(true);
}, 300_000);

test('S1, S2: 3 kills and outages while people sign in, set passwords and leave: every acknowledged write is there (100 in `npm run drill -- faults`)', async () => {
  const report = await drillFaults({ faults: 3, seed: 4, apart: false, tell: () => undefined });
  expect(passed(report), printed(report)).toBe(true);
}, 300_000);

test('S2: the primary is killed -9 while people sign in, set passwords and leave, and its replica promoted: every acknowledged write is there', async () => {
  const { zeros, said } = await promoteReplica(() => undefined, 5);
  expect(
    zeros.filter(({ count }) => count > 0),
    said.join('\n'),
  ).toEqual([]);
}, 300_000);
