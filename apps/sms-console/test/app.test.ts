import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '#app/routes.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

describe('the application', () => {
  test('mounts exactly the URLs of routes.ts', async () => {
    const mounted = mountedPaths(world.app.printRoutes({ commonPrefix: false })).filter(
      (path) => !path.startsWith('/assets/'),
    );
    expect(mounted.sort()).toEqual(Object.values(routes).sort());
  });

  test('answers /healthz', async () => {
    const answer = await world.app.inject('/healthz');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ok' });
  });

  test('has a strict policy for content, and lets forms lead on to the login server', async () => {
    const policy = String((await world.app.inject('/login')).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain(`form-action 'self' ${world.login.issuer}`);
    expect(policy).not.toContain('unsafe');
  });

  test('serves its files with names that change with their content', async () => {
    const { html } = await world.browser().open('/login');
    const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
    expect(files.length).toBe(4);
    for (const file of files) {
      const answer = await world.app.inject(file);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['cache-control']).toContain('immutable');
    }
  });
});

describe('cookies', () => {
  test('carry the brand, because the consoles of one machine share its cookies', async () => {
    const second = await openWorld({ brand: 'second', phase: 'parallel' });
    const names = async (one: World) => {
      const browser = one.browser();
      const person = await one.addPerson();
      await browser.open('/login');
      await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
      return browser.cookies.map(({ name }) => name);
    };
    const [first, other] = [await names(world), await names(second)];
    expect(first.filter((name) => other.includes(name))).toEqual([]);
    expect((await second.browser().open('/login')).text).toContain('絶対リーチ!メール');
    await second.close();
  });

  test('are HttpOnly and SameSite=Lax, and on https Secure with the __Host- prefix', async () => {
    const plain = String((await world.app.inject('/login')).headers['set-cookie']);
    expect(plain).toMatch(/^reach-sms-csrf=.*Path=\/; HttpOnly; SameSite=Lax$/);
    const secure = await openWorld({ origin: 'https://sms.example.co.jp' });
    const answer = await secure.app.inject({ url: '/login', headers: { host: 'sms.example.co.jp' } });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-reach-sms-csrf=.*Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(answer.headers['strict-transport-security']).toBeDefined();
    await secure.close();
  });
});

describe('forged and broken requests', () => {
  const posts = [
    '/login',
    '/logout',
    '/language',
    '/password/forgot',
    '/password/reset',
    '/settings/email',
    '/settings/email/code',
    '/settings/email/resend',
    '/settings/email/abandon',
    '/settings/password',
  ];

  for (const path of posts) {
    test(`POST ${path} without the form's token is refused and changes nothing`, async () => {
      const person = await world.addPerson();
      const browser = world.browser();
      await browser.open('/login');
      await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
      const page = await browser.post(path, {
        email_address: person.emailAddress,
        password: PASSWORD,
        lang: 'en',
      });
      expect(page.status).toBe(403);
      expect(page.text).toContain('もう一度操作してください');
      expect(page.text).toMatch(/受付番号: [0-9A-F]{8}/);
      expect((await browser.open('/')).text).toContain(person.name);
    });
  }

  test('a page that does not exist, in both languages, with a number', async () => {
    const japanese = await world.browser().open('/nope');
    expect(japanese.status).toBe(404);
    expect(japanese.text).toContain('ページが見つかりません');
    const english = await world.browser({ 'accept-language': 'en' }).open('/nope');
    expect(english.text).toContain('This page does not exist');
    expect((await world.app.inject('/%zz')).statusCode).toBe(400);
    expect((await world.app.inject('/%zz')).body).toContain('ページが見つかりません');
  });

  test('odd fields, doubled fields, NUL and long text never make a 500', async () => {
    const browser = world.browser();
    await browser.open('/login');
    const csrf = /name="_csrf" value="([^"]+)"/.exec(browser.page?.html ?? '')?.[1] ?? '';
    const bodies = [
      `email_address=a%00@example.co.jp&password=x%00y`,
      'email_address=a@example.co.jp&email_address=b@example.co.jp&password=x',
      'email_address[]=a@example.co.jp&password[x]=y',
      `email_address=${'a'.repeat(5_000)}@example.co.jp&password=${'x'.repeat(5_000)}`,
      'email_address=%ff%fe&password=%ed%a0%80',
      '__proto__=x&constructor=y',
    ];
    for (const path of ['/login', '/password/forgot', '/password/reset', '/language']) {
      for (const body of bodies) {
        const url = new URL(`http://localhost:5701${path}`);
        const page = await browser.request('POST', url, `_csrf=${csrf}&return_path=%00&${body}`);
        expect(page.status, `${path} ${body.slice(0, 30)}`).toBeLessThan(500);
      }
    }
    for (const query of [
      'token=%00',
      'token=a&token=b',
      'return_path[]=x',
      `return_path=/${'x'.repeat(3_000)}`,
    ]) {
      for (const path of [
        '/login',
        '/login/unified-link',
        '/password/reset',
        '/auth/start',
        '/auth/callback',
      ]) {
        expect(
          (await browser.request('GET', new URL(`http://localhost:5701${path}?${query}`))).status,
        ).toBeLessThan(500);
      }
    }
    expect(
      (await browser.request('POST', new URL('http://localhost:5701/login'), 'x'.repeat(70_000))).status,
    ).toBe(413);
  });

  test('an unforeseen error shows a number and no inside', async () => {
    const broken = await openWorld();
    await broken.db.schema.alterTable('console_session').renameTo('away').execute();
    const browser = broken.browser();
    browser.cookies.push({ host: 'localhost', path: '/', name: 'reach-sms-session', value: 'A'.repeat(43) });
    const page = await browser.open('/');
    expect(page.status).toBe(500);
    expect(page.text).toContain('問題が起きました');
    expect(page.text).toMatch(/受付番号: [0-9A-F]{8}/);
    expect(page.html).not.toMatch(/console_session|relation|at .*\.ts/);
    await broken.close();
  });
});

/** The paths in Fastify's drawing of its routes, where each line is indented by four signs a level. */
function mountedPaths(drawing: string): string[] {
  const above: string[] = [];
  const paths: string[] = [];
  for (const line of drawing.split('\n')) {
    const [, indent = '', part = '', methods] = /^([│ ]*(?:├──|└──) )(\S+)(?: \((.+)\))?$/.exec(line) ?? [];
    if (part === '') continue;
    const depth = indent.length / 4;
    above.length = depth - 1;
    const path = `${above.join('')}${part}`.replace('//', '/');
    above.push(part);
    if (methods !== undefined) paths.push(path);
  }
  return paths;
}
