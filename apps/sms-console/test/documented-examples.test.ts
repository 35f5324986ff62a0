import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey } from './machine.ts';
import { openWorld, type World } from './world.ts';

const DOCS = new URL('../../../docs/', import.meta.url);

let world: World;
let environment: NodeJS.ProcessEnv;
let origin: string;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
  await world.app.listen({ port: 0, host: '127.0.0.1' });
  origin = `http://127.0.0.1:${(world.app.server.address() as AddressInfo).port}`;
  environment = { ...process.env, KEY: await newKey(world, '見本', (await world.addPerson()).id) };
});
afterAll(() => world.close());

/** The examples of a page that are run, each with what it says that comes of it. */
function examplesIn(page: string): { script: string; output: string }[] {
  const text = readFileSync(new URL(page, DOCS), 'utf8');
  return [...text.matchAll(/```sh run\n([\s\S]*?)```\n\n```json output\n([\s\S]*?)```/g)].map(
    ([, script = '', output = '']) => ({ script, output: output.trim() }),
  );
}

describe('R30: the examples of the documentation do what it says', () => {
  test('machine-api.md', async () => {
    const examples = examplesIn('machine-api.md');
    expect(examples.length).toBeGreaterThan(3);
    for (const { script, output } of examples) {
      const run = await promisify(execFile)(
        'bash',
        ['-c', script.replaceAll('https://sms.example.co.jp', origin)],
        { env: environment },
      );
      const parts = output.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      expect(run.stdout.trim()).toMatch(new RegExp(`^${parts.join('[\\s\\S]*')}`));
    }
  });

  test('machine-api.ja.md has the same examples', () => {
    expect(examplesIn('machine-api.ja.md')).toEqual(examplesIn('machine-api.md'));
  });
});
