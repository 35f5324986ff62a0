import { expect, test } from 'vitest';
import { freshDatabase } from '../../test-support/fresh-database.ts';
import { passed, printed } from '../report.ts';
import { drillCutover } from './play.ts';

const databases = { fresh: async () => (await freshDatabase()).url, close: async () => undefined };
const small = { people: 60, byCode: 20, tell: () => undefined };
const TIME_LIMIT = 280_000;

// The full run has 10,000 people: `npm run drill -- cutover` and `npm run drill -- cutover --rollback`.
test(
  'R12–R17, R30, M4: a whole migration of 60 people: 0 failed requests, lost sessions and failures of the machine API',
  async () => {
    const report = await drillCutover(databases, { ...small, rollback: false });
    expect(passed(report), printed(report)).toBe(true);
  },
  TIME_LIMIT,
);

test(
  'R16: the same with a rollback in the middle and a second announcement',
  async () => {
    const report = await drillCutover(databases, { ...small, rollback: true });
    expect(passed(report), printed(report)).toBe(true);
  },
  TIME_LIMIT,
);
