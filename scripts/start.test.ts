import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

// start.js is what an old Node gets to read; here a new one says that it is old.
const pretendToBeOld = `data:text/javascript,${encodeURIComponent(
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.19.0' } });",
)}`;

let folder: string;
beforeEach(() => (folder = mkdtempSync('/tmp/hitokagi-old-node-')));
afterEach(() => rmSync(folder, { recursive: true }));

test('an old Node without the one that comes with the project is told what to do, with exit code 1', () => {
  copyFileSync(join(import.meta.dirname, 'start.js'), join(folder, 'start.js'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const run = spawnSync(process.execPath, ['--import', pretendToBeOld, join(folder, 'start.js')], {
    encoding: 'utf8',
  });
  expect(run.status).toBe(1);
  expect(run.stdout).toBe('');
  expect(run.stderr.trim().split('\n')).toEqual([
    expect.stringContaining('Node.js 24 以上が必要です (今は 20.19.0 です)'),
    'Node.js 24 or later is needed (this is 20.19.0): install it from https://nodejs.org/ and run npm start again.',
  ]);
});

test('an old Node hands over to the one that comes with the project, with arguments and exit code', () => {
  const start = [join(import.meta.dirname, 'start.js')];
  const asked = spawnSync(process.execPath, ['--import', pretendToBeOld, ...start, '--help'], {
    encoding: 'utf8',
  });
  expect(asked.status).toBe(0);
  expect(asked.stdout).toContain('HITOKAGI_PORT_BASE');
  const refused = spawnSync(process.execPath, ['--import', pretendToBeOld, ...start, '--nonsense'], {
    encoding: 'utf8',
  });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('There is no argument --nonsense');
});

test('start.js is plain JavaScript without import statements, which the oldest Node could not read', () => {
  const lines = execFileSync('cat', [join(import.meta.dirname, 'start.js')], { encoding: 'utf8' });
  expect(lines).not.toMatch(/^(import|export) /m);
  expect(lines).not.toMatch(/\?\.|\?\?|await /);
});
