import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from './config.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const running: ChildProcess[] = [];
let dataFolder: string;

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'mailbox-'));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  rmSync(dataFolder, { recursive: true });
});

test('the program says when it serves, serves, and ends with 0 on SIGTERM', async () => {
  const child = start({ MAILBOX_PORT: '0', MAILBOX_SMTP_PORT: '0' });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const [, url] = /^ready mailbox (http:\/\/localhost:\d+)$/.exec(line) ?? [];
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a port that is taken ends it with 1 and one sentence', async () => {
  const first = start({ MAILBOX_PORT: '0', MAILBOX_SMTP_PORT: '0' });
  const [line] = (await once(createInterface(first.stdout), 'line')) as [string];
  const port = new URL(line.split(' ')[2]!).port;
  const second = start({ MAILBOX_PORT: port, MAILBOX_SMTP_PORT: '0' });
  const [words, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);
  expect(code).toBe(1);
  expect(words).toBe(
    `mailbox: Port ${port} is already in use: stop the program that has it or set MAILBOX_PORT and MAILBOX_SMTP_PORT.\n`,
  );
});

test.each(['', 'x', '-1', '65536', '4400 '])('a port called "%s" is refused by name', (port) => {
  expect(readConfig({ MAILBOX_PORT: port })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('MAILBOX_PORT'),
  });
});

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    cwd: root,
    env: { MAILBOX_DATA_DIR: dataFolder, ...environment },
  });
  running.push(child);
  return child;
}
