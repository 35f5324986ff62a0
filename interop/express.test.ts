import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { CONSOLE_SECRET, type World } from '../apps/login/test/world.ts';
import { TestBrowser } from '../packages/console-kit/test/browser.ts';
import { freePort, openReachableWorld, submit, submitSignIn } from './steps.ts';

/** Outside `npm run interop` it is left out: it packs the kit and installs packages of others. */
const wanted = process.env.HITOKAGI_INTEROP === '1';
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const ADDRESS = 'taro@example.co.jp';

const folder = mkdtempSync(join(tmpdir(), 'hitokagi-express-'));
const missing = wanted ? install() : 'skipped: npm run interop installs it';

/** The console of docs/consoles/express.md in a folder of its own, with the kit as a stranger gets it. Undefined when it can run. */
function install(): string | undefined {
  for (const file of ['package.json', 'package-lock.json'])
    cpSync(join(ROOT, 'interop', file), join(folder, file));
  cpSync(join(ROOT, 'samples/consoles/express/app.js'), join(folder, 'app.js'));
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, timeout: 80_000 });
  if (npm.status !== 0) return 'skipped: the package registry did not answer (npm ci)';
  const packed = spawnSync('npm', ['run', 'pack-kit', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 180_000,
  });
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`pack-kit: ${packed.stderr}`);
  const target = join(folder, 'node_modules/@hitokagi/console-kit');
  mkdirSync(target, { recursive: true });
  spawnSync('tar', ['xzf', join(folder, tarball), '-C', target, '--strip-components=1']);
  return undefined;
}

describe.skipIf(missing)(
  `R33: a bare Express console with the kit as a package, by the files of samples/consoles/express${missing ? `; ${missing}` : ''}`,
  () => {
    let world: World;
    let consoleId: string;
    let node: ChildProcess;
    let origin: string;
    beforeAll(async () => {
      world = await openReachableWorld();
      const port = await freePort();
      origin = `http://localhost:${port}`;
      consoleId = await world.addConsole('shop', {
        homeUrl: `${origin}/`,
        initiateLoginUri: `${origin}/auth/start`,
        redirectUris: [`${origin}/auth/callback`],
        backchannelLogoutUri: `${origin}/auth/backchannel-logout`,
        postLogoutRedirectUris: [`${origin}/`],
      });
      await world.addPerson(ADDRESS, { shop: 'u-1' }, { password: PASSWORD });
      await world.addPerson('stranger@example.co.jp', { shop: 'nobody' }, { password: PASSWORD });
      await plan({ link_at: new Date(world.now.getTime() - 1_000) });
      // Node as it is, without anything that reads TypeScript.
      node = spawn(process.execPath, ['app.js'], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env.PATH,
          HITOKAGI_ISSUER: world.config.issuer,
          HITOKAGI_CLIENT_ID: 'shop',
          HITOKAGI_CLIENT_SECRET: CONSOLE_SECRET,
          SESSION_SECRET: 'sample-session-secret-of-the-shop-0123456789',
          CONSOLE_URL: origin,
          PORT: String(port),
        },
      });
      if (node.stdout) await once(node.stdout, 'data');
    });
    afterAll(async () => {
      if (node?.exitCode === null) {
        node.kill('SIGTERM');
        await once(node, 'exit');
      }
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const plan = (moments: { link_at?: Date; cut_over_at?: Date }) =>
      world.database.db
        .updateTable('migration_plan')
        .set(moments)
        .where('console_id', '=', consoleId)
        .execute();
    const isIn = async (browser: TestBrowser) => (await browser.request(`${origin}/`)).status === 200;
    const unified = async (address = ADDRESS) => {
      const browser = new TestBrowser();
      const page = await submitSignIn(browser, await browser.open(`${origin}/auth/start`), address);
      return { browser, page };
    };
    const legacy = async () => {
      const browser = new TestBrowser();
      const body = new URLSearchParams({ email: ADDRESS, password: 'old-Password-1' });
      const answer = await browser.request(`${origin}/login`, { method: 'POST', body });
      return { browser, location: answer.headers.get('location') };
    };

    test('R12: both logins work in the parallel period, and the legacy page has the link', async () => {
      await vi.waitFor(
        async () => expect(await (await fetch(`${origin}/login`)).text()).toContain('統合認証画面はこちら'),
        10_000,
      );
      expect(await isIn((await legacy()).browser)).toBe(true);
      expect((await unified()).page.text).toContain('見本 太郎');
      expect((await unified('stranger@example.co.jp')).page.text).toContain('利用者ではありません');
    });

    test('R9: a logout elsewhere closes the unified session and no legacy one; leaving here ends everything', async () => {
      const [{ browser }, { browser: other }] = [await unified(), await legacy()];
      await submit(browser, await browser.open(`${world.config.issuer}/logout`), {});
      await vi.waitFor(async () => expect(await isIn(browser)).toBe(false), 10_000);
      expect(await isIn(other)).toBe(true);
      const { browser: leaving } = await unified();
      const left = await leaving.request(`${origin}/logout`, { method: 'POST' });
      expect((await leaving.open(left.headers.get('location') ?? '')).url).toContain('/signed-out/');
      expect(await isIn(leaving)).toBe(false);
    });

    test('R12: after the cut-over the legacy sign-in is refused on the server, and who is in stays in', async () => {
      const { browser } = await legacy();
      await plan({ cut_over_at: new Date(world.now.getTime() - 1) });
      await vi.waitFor(async () => expect((await legacy()).location).toBe('/auth/start'), 15_000);
      expect(await isIn(browser)).toBe(true);
      expect((await unified()).page.text).toContain('見本 太郎');
    });
  },
);
