import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { CONSOLE_SECRET, type World } from '../apps/login/test/world.ts';
import { TestBrowser } from '../packages/console-kit/test/browser.ts';
import { missingFromDebian } from '../test-support/debian.ts';
import { freePort, openReachableWorld, submit, submitSignIn } from './steps.ts';

const RECIPE = fileURLToPath(new URL('../samples/consoles/php/', import.meta.url));
const ADDRESS = 'taro@example.co.jp';

const folder = mkdtempSync(join(tmpdir(), 'hitokagi-php-'));
const missing =
  missingFromDebian('php-cli', ['php', '--version']) ??
  missingFromDebian('php-curl', [
    'php',
    '-r',
    'exit(extension_loaded("curl") && extension_loaded("openssl") ? 0 : 1);',
  ]);

describe.skipIf(missing)(
  `R33: a console in PHP, by the files of samples/consoles/php${missing ? `; ${missing}` : ''}`,
  () => {
    let world: World;
    let php: ChildProcess;
    let origin: string;
    beforeAll(async () => {
      world = await openReachableWorld();
      const port = await freePort();
      origin = `http://localhost:${port}`;
      // As docs/consoles/php.md has it registered.
      await world.addConsole('shop', {
        homeUrl: `${origin}/`,
        initiateLoginUri: `${origin}/auth/start`,
        redirectUris: [`${origin}/auth/callback`],
        backchannelLogoutUri: `${origin}/auth/backchannel-logout`,
        postLogoutRedirectUris: [`${origin}/`],
        idTokenAlg: 'RS256',
      });
      await world.addPerson(ADDRESS, { shop: 'user-7' }, { password: PASSWORD, name: '見本 太郎' });
      cpSync(RECIPE, folder, { recursive: true });
      mkdirSync(join(folder, 'state'));
      mkdirSync(join(folder, 'sessions'));
      php = spawn(
        'php',
        ['-d', `session.save_path=${folder}/sessions`, '-S', `localhost:${port}`, 'index.php'],
        {
          cwd: folder,
          stdio: 'ignore',
          env: {
            PATH: process.env.PATH,
            HITOKAGI_ISSUER: world.config.issuer,
            HITOKAGI_CLIENT_ID: 'shop',
            HITOKAGI_CLIENT_SECRET: CONSOLE_SECRET,
            HITOKAGI_STATE: join(folder, 'state'),
            CONSOLE_URL: origin,
          },
        },
      );
      await vi.waitFor(() => fetch(origin, { redirect: 'manual' }), { timeout: 10_000, interval: 100 });
    });
    afterAll(async () => {
      if (php?.exitCode === null) {
        php.kill('SIGTERM');
        await once(php, 'exit');
      }
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const isIn = async (browser: TestBrowser) => (await browser.request(`${origin}/me`)).status === 200;
    const session = (browser: TestBrowser) => browser.cookies.find(({ name }) => name === 'shop')?.value;
    async function signedIn(path = '/orders?page=2'): Promise<TestBrowser> {
      const browser = new TestBrowser();
      const signIn = await browser.open(origin + path);
      const before = session(browser);
      const landed = await submitSignIn(browser, signIn, ADDRESS);
      expect(JSON.parse(landed.text)).toMatchObject({
        path,
        user: 'user-7',
        email: ADDRESS,
        name: '見本 太郎',
      });
      // Another session than the one that the sign-in began in.
      expect(session(browser)).not.toBe(before);
      return browser;
    }

    test('R1, R10: signs in with PKCE, finds the person by the console’s own user id, and is back in without typing when its session is gone', async () => {
      const browser = await signedIn();
      browser.cookies = browser.cookies.filter(({ name }) => name !== 'shop');
      expect((await browser.open(`${origin}/orders`)).text).toContain('user-7');
    });

    test('L5: an answer that was not asked for in this browser starts no session', async () => {
      const stranger = new TestBrowser();
      for (const query of [
        'code=x&state=y',
        `code=x&state=y&iss=${encodeURIComponent(world.config.issuer)}`,
        'error=access_denied',
      ]) {
        const answer = await stranger.request(`${origin}/auth/callback?${query}`);
        expect([answer.status, (await answer.text()).includes('もう一度ログインする')]).toEqual([400, true]);
        expect(await isIn(stranger)).toBe(false);
      }
    });

    test('R3: a sign-in that the login server began lands on its target; neither another issuer nor another site are followed', async () => {
      const browser = await signedIn();
      const start = (query: Record<string, string>) =>
        browser.open(`${origin}/auth/start?${new URLSearchParams(query).toString()}`);
      const iss = world.config.issuer;
      expect((await start({ iss, target_link_uri: `${origin}/invoices` })).url).toBe(`${origin}/invoices`);
      for (const target_link_uri of [
        'https://evil.example/',
        `${origin}@evil.example/`,
        '//evil.example/',
        '/\\evil.example',
      ])
        expect((await start({ iss, target_link_uri })).url, target_link_uri).toBe(`${origin}/`);
      expect((await start({ iss: 'https://evil.example' })).status).toBe(400);
    });

    test('R9: a logout elsewhere ends the console’s session by the back channel, and no other; what is no token ends nothing', async () => {
      const [browser, other] = [await signedIn(), await signedIn()];
      for (const logout_token of ['', 'x', 'a.b.c']) {
        const bad = await fetch(`${origin}/auth/backchannel-logout`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token }),
        });
        expect(bad.status).toBe(400);
      }
      expect(await isIn(browser)).toBe(true);
      await submit(browser, await browser.open(`${world.config.issuer}/logout`), {});
      await vi.waitFor(async () => expect(await isIn(browser)).toBe(false), 10_000);
      expect(await isIn(other)).toBe(true);
    });

    test('R9: leaving here ends the unified session', async () => {
      const browser = await signedIn();
      const left = await browser.request(`${origin}/logout`, { method: 'POST' });
      const page = await browser.open(left.headers.get('location') ?? '');
      expect(page.text, page.url).toContain('name="password"');
    });

    test('P3: no ID token is a logout token', async () => {
      const [browser, other] = [await signedIn(), await signedIn()];
      const left = await other.request(`${origin}/logout`, { method: 'POST' });
      const idToken = new URL(left.headers.get('location') ?? '').searchParams.get('id_token_hint') ?? '';
      const unsigned = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url');
      expect(idToken.split('.')).toHaveLength(3);
      for (const logout_token of [idToken, `${unsigned}.${idToken.split('.')[1]}.`]) {
        const bad = await fetch(`${origin}/auth/backchannel-logout`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token }),
        });
        expect(bad.status).toBe(400);
      }
      expect(await isIn(browser)).toBe(true);
    });

    test('without the login server who is in stays in, and who is not reads what to do', async () => {
      const browser = await signedIn();
      rmSync(join(folder, 'state/discovery.json'), { force: true });
      await world.app.server.close();
      expect(await isIn(browser)).toBe(true);
      const answer = await new TestBrowser().request(`${origin}/auth/start`);
      expect([answer.status, await answer.text()]).toEqual([
        503,
        expect.stringContaining('もう一度お試しください'),
      ]);
    });
  },
);
