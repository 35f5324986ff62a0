import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptLegacy, addLegacyPerson, legacyHash, STRONG } from './legacy.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

let world: World;
let child: ChildProcess;
let issuer: string;

beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  await acceptLegacy(world, 'sms', 'imported');
  await addLegacyPerson(world, 'sms', 'taro@example.co.jp', legacyHash(STRONG));
  const port = await freePort();
  issuer = `http://localhost:${port}`;
  child = spawn(process.execPath, ['apps/login/bin/serve.js'], {
    env: {
      PATH: process.env.PATH,
      HITOKAGI_PORT: String(port),
      HITOKAGI_ISSUER: issuer,
      DATABASE_URL: world.databaseUrl,
      HITOKAGI_SECRET: MASTER_SECRET,
      HITOKAGI_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> });
  await once(lines, 'line');
});

afterAll(async () => {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await world.close();
});

test('the bundle finds what lies beside its sources: styles and scripts of the pages', async () => {
  const page = await (await fetch(`${issuer}/sign-in`)).text();
  const assets = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  expect(assets.length).toBeGreaterThanOrEqual(3);
  for (const path of assets) expect((await fetch(issuer + path)).status, path).toBe(200);
});

test('R21: in the bundle a legacy hash is verified in its thread, and the person is signed in', async () => {
  const answer = await fetch(`${issuer}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ email_address: 'taro@example.co.jp', password: STRONG }),
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.getSetCookie().some((cookie) => cookie.startsWith('sso='))).toBe(true);
});

test('the bundle describes the same calls as the sources, and serves the reference page, which it loads when it is asked for', async () => {
  const bundle = await (await fetch(`${issuer}/api/openapi.json`)).text();
  const sources = await world.app.server.inject({
    url: '/api/openapi.json',
    headers: { host: 'login.example.co.jp' },
  });
  expect(JSON.parse(bundle.replaceAll(issuer, 'http://login.example.co.jp'))).toEqual(sources.json());
  expect((await fetch(`${issuer}/api/docs/reference.js`)).status).toBe(200);
});

test('a start makes the bundle anew when one of its inputs has changed, and only then', async () => {
  const { INPUTS, isBundleGood } = (await import(
    new URL('../bin/bundle-inputs.js', import.meta.url).href
  )) as {
    INPUTS: string;
    isBundleGood: () => boolean;
  };
  expect(isBundleGood()).toBe(true);
  const note = await readFile(INPUTS, 'utf8');
  const inputs = JSON.parse(note) as [string, number, number][];
  try {
    await writeFile(
      INPUTS,
      JSON.stringify(inputs.map(([file, size, changed], i) => [file, size, i === 0 ? changed - 1 : changed])),
    );
    expect(isBundleGood()).toBe(false);
  } finally {
    await writeFile(INPUTS, note);
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
