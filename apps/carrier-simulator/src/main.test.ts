import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { connect } from '../test/sender.ts';
import { readConfig } from './config.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

test('R29: the program says when it serves, serves, and ends with 0 on SIGTERM', async () => {
  const child = start({ CARRIER_PORT: '0' });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const [, url] = /^ready carrier-simulator (smpp:\/\/localhost:\d+)$/.exec(line) ?? [];
  const sender = await connect(Number(new URL(url!).port));
  const response = await sender.ask('bind_transceiver', { system_id: 'sample', password: 'mihon' });
  expect(response.command_status).toBe(0);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('R29: a port that is taken ends it with 1 and one sentence', async () => {
  const first = start({ CARRIER_PORT: '0' });
  const [line] = (await once(createInterface(first.stdout), 'line')) as [string];
  const port = new URL(line.split(' ')[2]!).port;
  const second = start({ CARRIER_PORT: port });
  const [words, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);
  expect(code).toBe(1);
  expect(words).toBe(
    `carrier-simulator: Port ${port} is already in use: stop the program that has it or set CARRIER_PORT.\n`,
  );
});

test.each(['', 'x', '-1', '65536', '4400 '])('R29: a port called "%s" is refused by name', (port) => {
  expect(readConfig({ CARRIER_PORT: port })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('CARRIER_PORT'),
  });
});

test('R29: a system id without a password is refused by name', () => {
  expect(readConfig({ CARRIER_SYSTEM_ID: 'zettai' })).toMatchObject({
    ok: false,
    reason: expect.stringContaining('CARRIER_PASSWORD'),
  });
});

function start(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    cwd: root,
    env: { ...environment },
  });
  running.push(child);
  return child;
}
