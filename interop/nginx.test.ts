import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { basic, PASSWORD } from '../apps/login/test/steps.ts';
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

const missing = missingFromDebian('nginx-light', ['sh', '-c', 'nginx -V 2>&1 | grep -q auth_request']);
const RECIPE = fileURLToPath(new URL('../samples/consoles/nginx/', import.meta.url));
const ADDRESS = 'taro@example.co.jp';
const MINUTE = 60_000;

describe.skipIf(missing)(
  `R33: nginx with auth_request, by the files of samples/consoles/nginx${missing ? `; ${missing}` : ''}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hitokagi-nginx-'));
    let world: World;
    let application: Application;
    let nginx: ChildProcess;
    let origin: string;
    beforeAll(async () => {
      [world, application] = await Promise.all([openReachableWorld(), startApplication()]);
      const [port, address] = [await freePort(), await localAddress()];
      origin = `http://localhost:${port}`;
      // As docs/consoles/nginx.md has it registered.
      const consoleId = await world.addConsole('shop', {
        homeUrl: `${origin}/`,
        initiateLoginUri: `${origin}/_hitokagi/start`,
        redirectUris: [`${origin}/_hitokagi/callback`],
        postLogoutRedirectUris: [],
      });
      await world.addConsole('mail');
      await world.database.db
        .updateTable('migration_plan')
        .set({ link_at: new Date(world.now.getTime() - 1) })
        .where('console_id', '=', consoleId)
        .execute();
      await world.addPerson(
        ADDRESS,
        { shop: 'user-7', mail: 'm1' },
        { password: PASSWORD, name: '見本 太郎' },
      );
      writeConfiguration(port, address);
      nginx = await startNginx(port);
    });
    afterAll(async () => {
      if (nginx?.exitCode === null) {
        nginx.kill('SIGTERM');
        await once(nginx, 'exit');
      }
      await application?.close();
      await world?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    /** The files of the recipe; changed is what an operator has to fill in, and TLS, which nobody has on localhost. */
    function writeConfiguration(port: number, address: string): void {
      const login = new URL(world.config.issuer);
      const changes: readonly (readonly [string, string])[] = [
        ['server login.example.co.jp:443;', `server ${address}:${login.port};`],
        ['proxy_set_header Host login.example.co.jp;', `proxy_set_header Host ${login.host};`],
        ['https://hitokagi_login', 'http://hitokagi_login'],
        ['/etc/nginx/hitokagi/', `${folder}/`],
        ['"Basic c2hvcDpyZXBsYWNlLW1l"', `"${basic('shop')}"`],
        ['listen 443 ssl http2;', `listen ${address}:${port};`],
        ['server_name shop.example.co.jp;', 'server_name localhost;'],
        ['127.0.0.1:8080', `127.0.0.1:${application.port}`],
        ['/var/www/shop', `${folder}/site`],
      ];
      const used = new Set<string>();
      for (const file of readdirSync(RECIPE)) {
        let text = readFileSync(RECIPE + file, 'utf8').replaceAll(/^ +ssl_certificate.*\n/gm, '');
        for (const [from, to] of changes) {
          if (text.includes(from)) used.add(from);
          text = text.replaceAll(from, to);
        }
        // The page with the include stands beside the protected ones.
        if (file === 'console.conf')
          text = text.replace(/\n}\s*$/, `\n    include ${folder}/link.conf;\n}\n`);
        writeFileSync(join(folder, file), text);
      }
      expect([...used].sort()).toEqual(changes.map(([from]) => from).sort());
      mkdirSync(join(folder, 'site'));
      writeFileSync(
        join(folder, 'site/login.html'),
        '<!doctype html><html lang="ja"><meta charset="utf-8"><h1>ログイン</h1><!--# include virtual="/_hitokagi/link" --><p>以上</p></html>',
      );
      for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log info;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  include ${folder}/hitokagi-http.conf;
  include ${folder}/console.conf;
}
`,
      );
      chmodSync(folder, 0o755);
    }

    async function startNginx(port: number): Promise<ChildProcess> {
      const config = ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
      const checked = spawnSync('nginx', [...config, '-t'], { encoding: 'utf8' });
      expect(checked.status, checked.stderr).toBe(0);
      const child = spawn('nginx', config, { stdio: 'ignore' });
      await vi.waitFor(() => listening(port), { timeout: 10_000, interval: 50 });
      return child;
    }

    const log = (): string => readFileSync(join(folder, 'error.log'), 'utf8').slice(-3_000);
    const seen = ({ text, url }: { text: string; url: string }): Asked => {
      if (!text.startsWith('{"method"'))
        throw new Error(`Not the application but ${url}: ${text.slice(0, 500)}\n${log()}`);
      return JSON.parse(text) as Asked;
    };
    const statusOf = async (browser: NavigatingBrowser) =>
      (await browser.request(`${origin}/api`, { headers: { 'sec-fetch-mode': 'cors' } })).status;
    async function signedIn(path = '/'): Promise<{ browser: NavigatingBrowser; page: Asked }> {
      const browser = new NavigatingBrowser();
      const page = await submitSignIn(browser, await browser.open(origin + path), ADDRESS);
      return { browser, page: seen(page) };
    }

    test('R1: who asks for a page signs in and lands there; the application learns who it is, and not with which secret', async () => {
      const { browser, page } = await signedIn('/orders?page=2&q=%E8%A6%8B&r=/');
      expect(page.url).toBe('/orders?page=2&q=%E8%A6%8B&r=/');
      expect(page.headers).toMatchObject({
        'x-hitokagi-user': 'user-7',
        'x-hitokagi-email': ADDRESS,
        'x-hitokagi-name': encodeURIComponent('見本 太郎'),
        'x-hitokagi-sub': expect.stringMatching(/^acc_/) as string,
        'x-hitokagi-session': expect.stringMatching(/^[\w-]{21,43}$/) as string,
      });
      expect(JSON.stringify(page)).not.toContain(basic('shop'));
      expect(JSON.stringify(page)).not.toContain(CONSOLE_SECRET);
      expect(await statusOf(browser)).toBe(200);
      // A second console asks nobody.
      expect((await browser.open(`${origin}/_hitokagi/start?return_path=/again`)).text).toContain('"/again"');
    });

    test('A1: what a browser sends under the names of these headers reaches the application nowhere', async () => {
      const { browser } = await signedIn();
      const forged = {
        'X-Hitokagi-User': 'admin',
        X_Hitokagi_User: 'admin',
        'x-hitokagi-email': 'admin@evil.example',
        'X-Hitokagi-Name': 'admin',
        'X-Hitokagi-Sub': 'admin',
        'X-Hitokagi-Session': 'admin',
      };
      for (const path of ['/', '/public/page']) {
        const { headers } = (await (
          await browser.request(origin + path, { headers: forged })
        ).json()) as Asked;
        expect(JSON.stringify(headers), path).not.toContain('admin');
        expect(headers['x-hitokagi-user'], path).toBe(path === '/' ? 'user-7' : undefined);
      }
    });

    test('A1: nothing reaches the application of who is not signed in, whatever the method', async () => {
      const before = application.asked.length;
      const stranger = new NavigatingBrowser();
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
        for (const path of [
          '/',
          '/orders',
          '//orders',
          '/public/../orders',
          '/_hitokagi/../orders',
          '/%2e/orders',
        ]) {
          const answer = await stranger.request(origin + path, { method });
          expect([303, 401], `${method} ${path}`).toContain(answer.status);
        }
      expect(application.asked.length).toBe(before);
      expect(await statusOf(stranger)).toBe(401);
      expect((await stranger.request(`${origin}/public/`)).status).toBe(200);
    });

    test('what is for nginx alone, a browser does not reach; what it says of host and target counts nowhere', async () => {
      const { browser } = await signedIn();
      for (const path of ['check', 'other', 'start/x', 'no-link', ''])
        expect((await browser.request(`${origin}/_hitokagi/${path}`)).status, path).toBe(404);
      const headers = {
        'x-hitokagi-target': '/evil',
        'x-hitokagi-method': 'POST',
        'x-hitokagi-host': 'evil.example',
      };
      const started = await browser.request(`${origin}/_hitokagi/start`, { headers });
      expect(new URL(started.headers.get('location') ?? '').searchParams.get('redirect_uri')).toBe(
        `${origin}/_hitokagi/callback`,
      );
      expect(seen(await browser.open(started.headers.get('location') ?? '')).url).toBe('/');
      // By hand, because fetch names no foreign host.
      expect(await rawStatus('GET /_hitokagi/start HTTP/1.1\r\nHost: evil.example')).toBe(500);
      expect(await rawStatus('GET /orders HTTP/1.1\r\nHost: evil.example')).toBe(503);
    });

    test('R3: a sign-in that the login server began lands on its target', async () => {
      const { browser } = await signedIn();
      const query = new URLSearchParams({
        iss: world.config.issuer,
        target_link_uri: `${origin}/invoices?y=1`,
      });
      expect(seen(await browser.open(`${origin}/_hitokagi/start?${query.toString()}`)).url).toBe(
        '/invoices?y=1',
      );
    });

    test('R19: the readiness check finds nothing to put right where its sign-ins begin', async () => {
      expect(await entranceFaults(world, 'shop')).toEqual([]);
    });

    test('R9: leaving here ends everything; a foreign page ends nothing', async () => {
      const { browser } = await signedIn();
      const asked = await browser.request(`${origin}/_hitokagi/sign-out`, {
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      expect(asked.headers.get('location')).toBe(`${world.config.issuer}/logout?client_id=shop`);
      expect(await statusOf(browser)).toBe(200);
      const left = await browser.request(`${origin}/_hitokagi/sign-out`, {
        method: 'POST',
        headers: { origin, 'sec-fetch-site': 'same-origin' },
      });
      const page = await browser.open(left.headers.get('location') ?? '');
      expect([page.status, new URL(page.url).pathname]).toEqual([
        200,
        expect.stringMatching(/^\/signed-out\/slo_/),
      ]);
      expect(await statusOf(browser)).toBe(401);
      expect((await browser.open(`${origin}/orders`)).text).toContain('name="password"');
    });

    test('R9: a logout elsewhere counts with the next request, and of that browser alone', async () => {
      const { browser } = await signedIn();
      const { browser: other } = await signedIn();
      await submit(browser, await browser.open(`${world.config.issuer}/logout`), {});
      expect([await statusOf(browser), await statusOf(other)]).toEqual([401, 200]);
    });

    test('R10: while somebody works the session goes on, by cookies that nginx hands through', async () => {
      const { browser } = await signedIn();
      for (let half = 0; half < 4; half++) {
        world.pass(50 * MINUTE);
        const answer = await browser.request(`${origin}/api`);
        expect([answer.status, answer.headers.getSetCookie().length]).toEqual([200, 1]);
      }
      world.pass(60 * MINUTE);
      expect(await statusOf(browser)).toBe(401);
    });

    test('R13: a page of nginx has the link by server-side include', async () => {
      const page = await (await fetch(`${origin}/login.html`)).text();
      expect(page).toContain('>統合認証画面はこちら</a></p>\n<p>以上</p>');
    });

    test('without the login server nobody is let in unseen, and the legacy page is whole', async () => {
      const { browser } = await signedIn();
      const before = application.asked.length;
      await world.app.server.close();
      const answer = await browser.request(`${origin}/orders`);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await answer.text()).toContain('もう一度お試しください');
      expect(application.asked.length).toBe(before);
      expect(await (await fetch(`${origin}/login.html`)).text()).toBe(
        '<!doctype html><html lang="ja"><meta charset="utf-8"><h1>ログイン</h1><p>以上</p></html>',
      );
    });

    function rawStatus(head: string): Promise<number> {
      return new Promise((done, failed) => {
        const socket = connect({ port: Number(new URL(origin).port), host: 'localhost' }, () =>
          socket.write(`${head}\r\nConnection: close\r\n\r\n`),
        );
        let text = '';
        socket.on('data', (chunk) => (text += chunk.toString('latin1')));
        socket.once('end', () => done(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])));
        socket.once('error', failed);
      });
    }
  },
);

function listening(port: number): Promise<void> {
  return new Promise((done, failed) => {
    const socket = connect({ port, host: 'localhost' }, () => (socket.destroy(), done()));
    socket.once('error', failed);
  });
}
