import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PASSWORD } from '../apps/login/test/steps.ts';
import { CONSOLE_SECRET, type World } from '../apps/login/test/world.ts';
import { missingFromDebian } from '../test-support/debian.ts';
import {
  entranceFaults,
  freePort,
  localAddress,
  NavigatingBrowser,
  openReachableWorld,
  startApplication,
  submit,
  submitSignIn,
  type Application,
  type Asked,
} from './steps.ts';

const MODULES = '/usr/lib/apache2/modules';
const APACHE = '/usr/sbin/apache2';
const missing = missingFromDebian('libapache2-mod-auth-openidc', [
  ...(['test', '-x', APACHE, '-a', '-f', `${MODULES}/mod_auth_openidc.so`] as const),
]);
const RECIPE = fileURLToPath(new URL('../samples/consoles/apache/', import.meta.url));
const LOADED = [
  ...['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'env', 'socache_shmcb', 'ssl'],
  ...['proxy', 'proxy_http', 'include', 'filter', 'mime', 'auth_openidc'],
];
const ADDRESS = 'taro@example.co.jp';
const IN_THE_BACKGROUND = { 'x-requested-with': 'XMLHttpRequest' };

describe.skipIf(missing)(
  `R33: Apache with mod_auth_openidc, by the files of samples/consoles/apache${missing ? `; ${missing}` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hitokagi-apache-'));
    let world: World;
    let application: Application;
    let apache: ChildProcess;
    let origin: string;
    let legacyOrigin: string;
    beforeAll(async () => {
      [world, application] = await Promise.all([openReachableWorld(), startApplication()]);
      const [port, legacyPort, address] = [await freePort(), await freePort(), await localAddress()];
      origin = `http://localhost:${port}`;
      legacyOrigin = `http://localhost:${legacyPort}`;
      // As docs/consoles/apache.md has it registered.
      const consoleId = await world.addConsole('shop', {
        homeUrl: `${origin}/`,
        initiateLoginUri: `${origin}/_hitokagi/callback`,
        redirectUris: [`${origin}/_hitokagi/callback`],
        backchannelLogoutUri: `${origin}/_hitokagi/callback?logout=backchannel`,
        postLogoutRedirectUris: [`${origin}/`],
      });
      await world.database.db
        .updateTable('migration_plan')
        .set({ link_at: new Date(world.now.getTime() - 1) })
        .where('console_id', '=', consoleId)
        .execute();
      await world.addPerson(ADDRESS, { shop: 'user-7' }, { password: PASSWORD, name: '見本 太郎' });
      await writeConfiguration({ port, legacyPort, address });
      apache = await startApache(port);
    });
    afterAll(async () => {
      if (apache?.exitCode === null) {
        apache.kill('SIGTERM');
        await once(apache, 'exit');
      }
      await application?.close();
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** The files of the recipe as they are; only what settings.conf is there for differs. */
    async function writeConfiguration({
      port,
      legacyPort,
      address,
    }: {
      port: number;
      legacyPort: number;
      address: string;
    }) {
      const values: Record<string, string> = {
        HITOKAGI_ISSUER: world.config.issuer,
        HITOKAGI_CLIENT_ID: 'shop',
        HITOKAGI_CLIENT_SECRET: CONSOLE_SECRET,
        CONSOLE_URL: origin,
        CONSOLE_CRYPTO_KEY: 'sample-crypto-key-of-a-console-0123456789',
        CONSOLE_APPLICATION: `http://127.0.0.1:${application.port}`,
      };
      const settings = readFileSync(`${RECIPE}settings.conf`, 'utf8').replaceAll(
        /^Define (\w+)( +)\S+$/gm,
        (_, name: string, space: string) => {
          const value = values[name];
          if (value === undefined)
            throw new Error(`settings.conf asks for ${name}, which this test does not know.`);
          return `Define ${name}${space}${value}`;
        },
      );
      mkdirSync(join(folder, 'site'));
      writeFileSync(
        join(folder, 'site/login.html'),
        '<!doctype html><html lang="ja"><meta charset="utf-8"><h1>ログイン</h1><!--#include virtual="/_hitokagi/link?lang=ja" --><p>以上</p></html>',
      );
      writeFileSync(join(folder, 'settings.conf'), settings);
      writeFileSync(
        join(folder, 'apache2.conf'),
        `ServerRoot "${folder}"
ServerName localhost
PidFile "${folder}/apache2.pid"
Mutex file:${folder} default
ErrorLog "${folder}/error.log"
LogLevel warn
User www-data
Group www-data
Listen ${address}:${port}
Listen ${address}:${legacyPort}
${LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
TypesConfig /dev/null
AddType "text/html; charset=utf-8" .html
Include "${folder}/settings.conf"
<VirtualHost *:${port}>
  Include "${RECIPE}hitokagi.conf"
</VirtualHost>
<VirtualHost *:${legacyPort}>
  DocumentRoot "${folder}/site"
  <Directory "${folder}/site">
    Require all granted
  </Directory>
  Include "${RECIPE}link.conf"
</VirtualHost>
`,
      );
      chmodSync(folder, 0o755);
    }

    async function startApache(port: number): Promise<ChildProcess> {
      const config = ['-f', join(folder, 'apache2.conf')];
      const checked = spawnSync(APACHE, [...config, '-t'], { encoding: 'utf8' });
      expect(checked.status, checked.stderr).toBe(0);
      const child = spawn(APACHE, [...config, '-D', 'FOREGROUND'], { stdio: 'ignore' });
      await vi.waitFor(() => listening(port), { timeout: 10_000, interval: 50 });
      return child;
    }

    const log = (): string => readFileSync(join(folder, 'error.log'), 'utf8').slice(-3_000);
    /** What the application saw of the last request. */
    const seen = ({ text, url }: { text: string; url: string }): Asked => {
      if (!text.startsWith('{'))
        throw new Error(`Not the application but ${url}: ${text.slice(0, 500)}\n${log()}`);
      return JSON.parse(text) as Asked;
    };
    const statusOf = async (browser: NavigatingBrowser) =>
      (await browser.request(`${origin}/api`, { headers: IN_THE_BACKGROUND })).status;
    async function signedIn(path = '/'): Promise<{ browser: NavigatingBrowser; page: Asked }> {
      const browser = new NavigatingBrowser();
      const page = await submitSignIn(browser, await browser.open(origin + path), ADDRESS);
      return { browser, page: seen(page) };
    }

    test('R1: who asks for a page signs in and lands there; the application learns who it is', async () => {
      const { browser, page } = await signedIn('/orders?page=2&q=%E8%A6%8B');
      expect(page.url).toBe('/orders?page=2&q=%E8%A6%8B');
      expect(page.headers).toMatchObject({
        oidc_claim_console_user_id: 'user-7',
        oidc_claim_email: ADDRESS,
        oidc_claim_name: '見本 太郎',
        oidc_claim_sub: expect.stringMatching(/^acc_/) as string,
        oidc_claim_sid: expect.stringMatching(/./) as string,
      });
      // No token of the login server reaches the application.
      expect(
        Object.keys(page.headers).filter(
          (name) => /token/.test(name) && !/id_token_payload|expires/.test(name),
        ),
      ).toEqual([]);
      expect(await statusOf(browser)).toBe(200);
    });

    test('A1: what a browser sends under the names of the claims is thrown away', async () => {
      const { browser } = await signedIn();
      const forged = {
        OIDC_CLAIM_console_user_id: 'admin',
        'OIDC-CLAIM-console-user-id': 'admin',
        'oidc_claim-console_user_id': 'admin',
        OIDC_CLAIM_role: 'admin',
        'X-Remote-User': 'admin',
      };
      const answer = (await (await browser.request(`${origin}/`, { headers: forged })).json()) as Asked;
      const { 'x-remote-user': _theirs, ...headers } = answer.headers;
      expect(headers.oidc_claim_console_user_id).toBe('user-7');
      expect(JSON.stringify(headers)).not.toContain('admin');
      const before = application.asked.length;
      expect((await new NavigatingBrowser().request(`${origin}/`, { headers: forged })).status).toBe(302);
      expect(application.asked.length).toBe(before);
    });

    test('R10: when Apache’s own session is gone, the person is back in without typing', async () => {
      const { browser } = await signedIn();
      browser.cookies = browser.cookies.filter(({ name }) => !name.startsWith('mod_auth_openidc'));
      expect(await statusOf(browser)).toBe(401);
      expect(seen(await browser.open(`${origin}/again`)).url).toBe('/again');
    });

    test('R3: a sign-in that the login server began lands on its target, and neither issuer nor target lead away', async () => {
      const { browser } = await signedIn();
      const start = (query: Record<string, string>) =>
        browser.open(`${origin}/_hitokagi/callback?${new URLSearchParams(query).toString()}`);
      const iss = world.config.issuer;
      expect(seen(await start({ iss, target_link_uri: `${origin}/invoices` })).url).toBe('/invoices');
      expect(seen(await start({ iss, login_hint: ADDRESS })).url).toBe('/');
      for (const query of [
        { iss: 'https://evil.example', target_link_uri: `${origin}/` },
        { iss, target_link_uri: 'https://evil.example/' },
      ]) {
        const landed = await browser.request(
          `${origin}/_hitokagi/callback?${new URLSearchParams(query).toString()}`,
        );
        expect(landed.headers.get('location') ?? '').not.toContain('https://evil.example');
      }
    });

    test('R19: the readiness check finds nothing to put right where its sign-ins begin', async () => {
      expect(await entranceFaults(world, 'shop')).toEqual([]);
    });

    test('R9: leaving here ends the unified session, and comes back to be asked for the password', async () => {
      const { browser } = await signedIn();
      const left = await browser.open(
        `${origin}/_hitokagi/callback?logout=${encodeURIComponent(`${origin}/`)}`,
      );
      expect(await statusOf(browser)).toBe(401);
      expect(left.text, left.url).toContain('name="password"');
      const sessions = await world.database.db.selectFrom('single_logout').select('cause').execute();
      expect(sessions.map(({ cause }) => cause)).toContain('logout');
    });

    test('R9: a logout elsewhere really ends Apache’s session, by the back channel, and no other', async () => {
      const { browser } = await signedIn();
      const { browser: other } = await signedIn();
      expect([await statusOf(browser), await statusOf(other)]).toEqual([200, 200]);
      await submit(browser, await browser.open(`${world.config.issuer}/logout`), {});
      await vi.waitFor(async () => expect(await statusOf(browser)).toBe(401), {
        timeout: 10_000,
        interval: 100,
      });
      expect(await statusOf(other)).toBe(200);
      const { last_status: status } = await world.database.db
        .selectFrom('logout_delivery')
        .select('last_status')
        .where('state', '=', 'delivered')
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow();
      expect(status).toBe(200);
    });

    test('R9: a logout token that is none gets 400, and nobody’s session ends', async () => {
      const { browser } = await signedIn();
      for (const token of ['x', 'a.b.c', '']) {
        const answer = await fetch(`${origin}/_hitokagi/callback?logout=backchannel`, {
          method: 'POST',
          body: new URLSearchParams({ logout_token: token }),
        });
        expect(answer.status).toBe(400);
      }
      expect(await statusOf(browser)).toBe(200);
    });

    test('R13: a page of Apache has the link by server-side include; without the login server it is whole and has none', async () => {
      const page = await (
        await fetch(`${legacyOrigin}/login.html`, { headers: { cookie: 'secret=1' } })
      ).text();
      expect(page).toContain(`>統合認証画面はこちら</a></p>\n<p>以上</p>`);
      expect(page).toContain(`href="${origin}/_hitokagi/callback?iss=`);
      await world.app.server.close();
      const without = await (await fetch(`${legacyOrigin}/login.html`)).text();
      expect(without.replaceAll(/\n|<!-- -->/g, '')).toBe(
        '<!doctype html><html lang="ja"><meta charset="utf-8"><h1>ログイン</h1><p>以上</p></html>',
      );
    });
  },
);

function listening(port: number): Promise<void> {
  return new Promise((done, failed) => {
    const socket = connect({ port, host: 'localhost' }, () => (socket.destroy(), done()));
    socket.once('error', failed);
  });
}
