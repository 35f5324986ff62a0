import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { passed, printed } from '../report.ts';
import { drillHistory } from './drill.ts';

test('P2, V1, R9, R12, R18: what clients of two nodes are answered, while a node is killed, one is paused and connections are cut, could have been answered by one (40 objects of each kind in `npm run drill -- history`)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-history-'));
  const report = await drillHistory({
    size: 1,
    seed: 5,
    outages: ['a node killed -9', 'all connections to PostgreSQL cut'],
    mailWait: 4_000,
    folder,
    tell: () => undefined,
  });
  expect(passed(report), printed(report)).toBe(true);
  await rm(folder, { recursive: true, force: true });
}, 180_000);
