import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { CONSOLE_SECRET, type World } from '../apps/login/test/world.ts';
import { TestBrowser } from '../packages/console-kit/test/browser.ts';
import { freePort, openReachableWorld, submit, submitSignIn } from './steps.ts';

/** Outside `npm run interop` it is left out: Maven fetches some eighty megabytes the first time. */
const wanted = process.env.HITOKAGI_INTEROP === '1';
const RECIPE = fileURLToPath(new URL('../samples/consoles/java/', import.meta.url));
const ADDRESS = 'taro@example.co.jp';
const MAVEN_TIME = 8 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'hitokagi-java-'));
const built = wanted ? build() : 'skipped: npm run interop builds it';

/** Undefined when the recipe is built, else the sentence that says why it is not. */
function build(): string | undefined {
  if (spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status !== 0)
    return 'skipped: Maven is not installed (Debian: apt-get install maven openjdk-17-jdk-headless)';
  cpSync(RECIPE, folder, { recursive: true });
  const maven = spawnSync('mvn', ['--batch-mode', '--quiet', 'package'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: MAVEN_TIME,
  });
  if (maven.status === 0) return undefined;
  if (/Could not transfer|Unknown host|Connection (refused|timed out)|Non-resolvable/.test(maven.stdout))
    return 'skipped: Maven Central did not answer';
  throw new Error(`The recipe does not compile: ${maven.stdout.slice(-3_000)}`);
}

describe.skipIf(built)(
  `R33: a console with Spring Security, by the files of samples/consoles/java${built ? `; ${built}` : ''}`,
  () => {
    let world: World;
    let java: ChildProcess;
    let origin: string;
    beforeAll(async () => {
      world = await openReachableWorld();
      const port = await freePort();
      origin = `http://localhost:${port}`;
      // As docs/consoles/java.md has it registered.
      await world.addConsole('shop', {
        homeUrl: `${origin}/`,
        initiateLoginUri: `${origin}/oauth2/authorization/hitokagi`,
        redirectUris: [`${origin}/login/oauth2/code/hitokagi`],
        backchannelLogoutUri: `${origin}/logout/connect/back-channel/hitokagi`,
        postLogoutRedirectUris: [`${origin}/`],
        idTokenAlg: 'RS256',
      });
      await world.addPerson(ADDRESS, { shop: 'user-7' }, { password: PASSWORD, name: '見本 太郎' });
      java = spawn('java', ['-jar', join(folder, 'target/shop.jar')], {
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          HITOKAGI_ISSUER: world.config.issuer,
          HITOKAGI_CLIENT_ID: 'shop',
          HITOKAGI_CLIENT_SECRET: CONSOLE_SECRET,
          PORT: String(port),
        },
      });
      await vi.waitFor(() => fetch(`${origin}/me`), { timeout: 60_000, interval: 200 });
    });
    afterAll(async () => {
      if (java?.exitCode === null) {
        java.kill('SIGTERM');
        await once(java, 'exit');
      }
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const me = async (browser: TestBrowser): Promise<Record<string, string> | undefined> => {
      const answer = await browser.request(`${origin}/me`);
      return answer.status === 200 ? ((await answer.json()) as Record<string, string>) : undefined;
    };
    async function signedIn(path = '/invoices'): Promise<TestBrowser> {
      const browser = new TestBrowser();
      const landed = await submitSignIn(browser, await browser.open(origin + path), ADDRESS);
      expect(landed.text).toBe('Hello user-7');
      return browser;
    }

    test('R1, R10: signs in with PKCE, finds the person by the console’s own user id, and is back in without typing when its session is gone', async () => {
      const browser = await signedIn();
      expect(await me(browser)).toMatchObject({ user: 'user-7', email: ADDRESS, name: '見本 太郎' });
      browser.cookies = browser.cookies.filter(({ name }) => name !== 'JSESSIONID');
      expect((await browser.open(`${origin}/invoices`)).text).toBe('Hello user-7');
    });

    test('R3: a sign-in that the login server began lands on its target; neither another issuer nor another site are followed', async () => {
      const browser = await signedIn();
      const start = (query: Record<string, string>) =>
        browser.open(`${origin}/oauth2/authorization/hitokagi?${new URLSearchParams(query).toString()}`);
      const iss = world.config.issuer;
      expect((await start({ iss, target_link_uri: `${origin}/invoices` })).url).toBe(`${origin}/invoices`);
      expect((await start({ iss, target_link_uri: 'https://evil.example/' })).url).toBe(`${origin}/`);
      expect((await start({ iss, target_link_uri: `${origin}@evil.example/` })).url).toBe(`${origin}/`);
      const foreign = await browser.request(
        `${origin}/oauth2/authorization/hitokagi?iss=https%3A%2F%2Fevil.example`,
      );
      expect(foreign.headers.get('location') ?? '').not.toContain('/authorize?');
    });

    test('R9: a logout elsewhere ends the console’s session by the back channel, and no other; what is no token ends nothing', async () => {
      const [browser, other] = [await signedIn(), await signedIn()];
      const bad = await fetch(`${origin}/logout/connect/back-channel/hitokagi`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token: 'x' }),
      });
      expect(bad.status).toBe(400);
      expect(await me(browser)).toBeDefined();
      await submit(browser, await browser.open(`${world.config.issuer}/logout`), {});
      await vi.waitFor(async () => expect(await me(browser)).toBeUndefined(), 15_000);
      expect(await me(other)).toBeDefined();
    });

    test('R9: leaving here ends the unified session', async () => {
      const browser = await signedIn();
      const { csrf = '' } = (await me(browser)) ?? {};
      const left = await browser.request(`${origin}/logout`, {
        method: 'POST',
        body: new URLSearchParams({ _csrf: csrf }),
      });
      const page = await browser.open(left.headers.get('location') ?? '');
      expect(await me(browser)).toBeUndefined();
      expect(page.text, page.url).toContain('name="password"');
    });
  },
  MAVEN_TIME,
);
