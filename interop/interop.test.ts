import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { CONSOLE_SECRET, type World } from '../apps/login/test/world.ts';
import { TestBrowser } from '../packages/console-kit/test/browser.ts';
import { freePort, openReachableWorld, submit, submitSignIn, type Page } from './steps.ts';

/** Outside `npm run interop` it is left out: it installs packages of others. */
const wanted = process.env.HITOKAGI_INTEROP === '1';
const PARTIES = {
  'openid-client': { callback: '/callback', pkce: true },
  oauth4webapi: { callback: '/callback', pkce: true },
  'express-openid-connect': { callback: '/callback', pkce: true, backChannel: '/backchannel-logout' },
  'passport-openidconnect': { callback: '/callback', pkce: false },
  '@auth/express': { callback: '/auth/callback/hitokagi', pkce: true, auth: true },
} as const satisfies Record<string, Party>;
type Party = { callback: string; pkce: boolean; backChannel?: string; auth?: boolean };

const folder = mkdtempSync(join(tmpdir(), 'hitokagi-interop-'));
let world: World;
let child: ChildProcess | undefined;
let installed = false;

beforeAll(async () => {
  if (!wanted) return;
  cpSync(import.meta.dirname, folder, { recursive: true });
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, timeout: 80_000 });
  installed = npm.status === 0;
  if (!installed) return;
  world = await openReachableWorld();
});
afterEach(() => {
  child?.kill();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world?.close();
});

describe.each<[string, Party]>(Object.entries(PARTIES))('R1, R9: %s, unmodified', (name, party) => {
  test.skipIf(!wanted)('signs in, has a name for the person, and signs out', async (context) => {
    if (!installed) context.skip('The package registry did not answer: npm ci failed.');
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const clientId = name.replaceAll(/[^a-z0-9]+/g, '-').replace(/^-/, '');
    await world.addConsole(clientId, {
      homeUrl: `${origin}/`,
      initiateLoginUri: `${origin}/login`,
      redirectUris: [origin + party.callback],
      postLogoutRedirectUris: [`${origin}/`, origin],
      idTokenAlg: 'RS256',
      requirePkce: party.pkce,
      ...('backChannel' in party ? { backchannelLogoutUri: `${origin}${party.backChannel}` } : {}),
    });
    const address = `${clientId}@example.co.jp`;
    await world.addPerson(address, { [clientId]: '1' }, { password: PASSWORD });
    await start(name, clientId, port);

    const browser = new TestBrowser();
    const me = async () => (await browser.request(`${origin}/me`)).status;
    expect(await me()).toBe(401);
    await submitSignIn(browser, await setOut(browser, origin, party), address);
    const who = (await (await browser.request(`${origin}/me`)).json()) as Record<string, string>;
    expect(who).toEqual({ sub: expect.stringMatching(/^acc_/) as string, email: address });
    // A second time nobody is asked.
    expect((await setOut(browser, origin, party)).text).not.toContain('name="password"');

    if (party.backChannel !== undefined) {
      const sessions = await world.database.db.selectFrom('sso_session').select('uid').execute();
      expect(sessions.length).toBeGreaterThan(0);
      const other = await browser.open(`${world.config.issuer}/logout`);
      await submit(browser, other, {});
      await vi.waitFor(async () => expect(await me()).toBe(401), 10_000);
      return;
    }
    if (party.auth === true) await leaveAuth(browser, origin);
    else await browser.open(`${origin}/leave`);
    expect(await me()).toBe(401);
    const again = await setOut(browser, origin, party);
    // Auth.js ends its own session only; the others end the unified one too.
    expect(again.text.includes('name="password"')).toBe(party.auth !== true);
  });
});

async function setOut(browser: TestBrowser, origin: string, party: Party): Promise<Page> {
  if (party.auth !== true) return browser.open(`${origin}/login`);
  const { csrfToken } = (await (await browser.request(`${origin}/auth/csrf`)).json()) as {
    csrfToken: string;
  };
  const answer = await browser.request(`${origin}/auth/signin/hitokagi`, {
    method: 'POST',
    body: new URLSearchParams({ csrfToken, callbackUrl: `${origin}/me` }),
  });
  return browser.open(answer.headers.get('location') ?? '');
}

async function leaveAuth(browser: TestBrowser, origin: string): Promise<void> {
  const { csrfToken } = (await (await browser.request(`${origin}/auth/csrf`)).json()) as {
    csrfToken: string;
  };
  await browser.request(`${origin}/auth/signout`, {
    method: 'POST',
    body: new URLSearchParams({ csrfToken }),
  });
}

async function start(name: string, clientId: string, port: number): Promise<void> {
  child = spawn(process.execPath, ['parties.mjs', name], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      ISSUER: world.config.issuer,
      CLIENT_ID: clientId,
      CLIENT_SECRET: CONSOLE_SECRET,
      PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout) await once(child.stdout, 'data');
}

test('R33: docs/interop.md names the versions that are installed', () => {
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const doc = readFileSync(join(import.meta.dirname, '../docs/interop.md'), 'utf8');
  for (const name of Object.keys(PARTIES)) expect(doc).toContain(`${name} ${dependencies[name]}`);
});
