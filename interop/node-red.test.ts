import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { CONSOLE_SECRET, type World } from '../apps/login/test/world.ts';
import { TestBrowser } from '../packages/console-kit/test/browser.ts';
import { freePort, openReachableWorld, submitSignIn } from './steps.ts';

/** Outside `npm run interop` it is left out: it installs some hundred megabytes of others. */
const wanted = process.env.HITOKAGI_INTEROP === '1';
const OWN = fileURLToPath(new URL('./node-red/', import.meta.url));
const ADDRESS = 'taro@example.co.jp';

const folder = mkdtempSync(join(tmpdir(), 'hitokagi-node-red-'));
const missing = wanted ? install() : 'skipped: npm run interop installs it';

function install(): string | undefined {
  cpSync(OWN, folder, { recursive: true });
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: folder,
    timeout: 240_000,
  });
  return npm.status === 0 ? undefined : 'skipped: the package registry did not answer (npm ci)';
}

describe.skipIf(missing)(
  `R1: Node-RED, a real admin console, unmodified${missing ? `; ${missing}` : ''}`,
  () => {
    let world: World;
    let red: ChildProcess;
    let origin: string;
    beforeAll(async () => {
      world = await openReachableWorld();
      const port = await freePort();
      origin = `http://localhost:${port}`;
      await world.addConsole('node-red', {
        homeUrl: `${origin}/`,
        initiateLoginUri: `${origin}/auth/strategy`,
        redirectUris: [`${origin}/auth/strategy/callback`],
        postLogoutRedirectUris: [],
        idTokenAlg: 'RS256',
        requirePkce: false,
      });
      await world.addPerson(ADDRESS, { 'node-red': '1' }, { password: PASSWORD });
      await world.addPerson('hanako@example.co.jp', { 'node-red': '2' }, { password: PASSWORD });
      red = spawn(process.execPath, ['node_modules/node-red/red.js', '--settings', 'settings.cjs'], {
        cwd: folder,
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          ISSUER: world.config.issuer,
          CLIENT_ID: 'node-red',
          CLIENT_SECRET: CONSOLE_SECRET,
          PORT: String(port),
          USER_DIR: join(folder, 'user'),
        },
      });
      await vi.waitFor(() => fetch(origin), { timeout: 60_000, interval: 200 });
    });
    afterAll(async () => {
      if (red?.exitCode === null) {
        red.kill('SIGTERM');
        await once(red, 'exit');
      }
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const settings = (token: string) =>
      fetch(`${origin}/settings`, { headers: { authorization: `Bearer ${token}` } });
    /** What the editor gets for the code that it is led back with. */
    const tokenAt = async ({ url }: { url: string }): Promise<string> => {
      const code = /[?&]code=([^&]+)/.exec(url)?.[1] ?? '';
      const answer = await fetch(`${origin}/auth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: decodeURIComponent(code) }),
      });
      return ((await answer.json()) as { accessToken?: string }).accessToken ?? 'none';
    };

    test('its editor is entered by the unified login; a second time nobody is asked; who is no user of it stays outside', async () => {
      expect((await settings('x')).status).toBe(401);
      const browser = new TestBrowser();
      const landed = await submitSignIn(browser, await browser.open(`${origin}/auth/strategy`), ADDRESS);
      const entered = await settings(await tokenAt(landed));
      expect([
        entered.status,
        ((await entered.json()) as { user: { username: string } }).user.username,
      ]).toEqual([200, ADDRESS]);
      expect((await settings(await tokenAt(await browser.open(`${origin}/auth/strategy`)))).status).toBe(200);
      const other = new TestBrowser();
      const refused = await submitSignIn(
        other,
        await other.open(`${origin}/auth/strategy`),
        'hanako@example.co.jp',
      );
      expect((await settings(await tokenAt(refused))).status).toBe(401);
    });
  },
);

test('R33: docs/interop.md names the version of Node-RED that is installed', () => {
  const { dependencies } = JSON.parse(readFileSync(join(OWN, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const doc = readFileSync(join(OWN, '../../docs/interop.md'), 'utf8');
  expect(doc).toContain(`Node-RED ${dependencies['node-red']}`);
});
