import { expect, test } from 'vitest';
import { freshDatabase } from '../../test-support/fresh-database.ts';
import { passed, printed } from '../report.ts';
import { drillSms } from './drill.ts';

const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const SIZE = FULL ? { messages: 10_000, kills: 200 } : { messages: 300, kills: 3 };

test(
  `R29: kill -9 ${SIZE.kills} times under a campaign of ${SIZE.messages} messages: none lost, doubled only where in doubt (10,000 and 200 in \`npm run drill -- sms\`)`,
  async () => {
    const databases = { fresh: async () => (await freshDatabase()).url, close: async () => undefined };
    const report = await drillSms(databases, { ...SIZE, seed: 29, tell: () => undefined });
    expect(passed(report), printed(report)).toBe(true);
  },
  FULL ? 3_600_000 : 120_000,
);
