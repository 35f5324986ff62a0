import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordFirstLists } from '#domain/domain-lists/lists.ts';
import { Browser } from '#test/browser.ts';
import { linkOf, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const PAGES = 'https://common-ui.example.co.jp';
const API = 'https://common-api.example.co.jp';
const PAYLOAD = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;

let world: World;
beforeAll(async () => {
  world = await openWorld({
    work: false,
    environment: { HITOKAGI_ISSUER: '', HITOKAGI_PAGES_URL: PAGES, HITOKAGI_API_URL: API },
  });
  await world.addConsole('sms');
  await world.database.db
    .updateTable('console')
    .set({ domains: ['files.example.co.jp'] })
    .execute();
  await world.addConsole('hostile', { nameJa: PAYLOAD, nameEn: `${PAYLOAD}\nfiles:1\tx` });
});
afterAll(() => world.close());

const open = (url: string, headers: Record<string, string> = {}) => {
  const browser = new Browser(world);
  Object.assign(browser.headers, headers);
  return browser.open(url);
};
const own = () => ({ pagesUrl: PAGES, issuer: API, brand: world.app.settings.current().brand });

describe('R22: the connection test', () => {
  it('is there on either host without a sign-in, and sets no cookie', async () => {
    for (const origin of [PAGES, API]) {
      const page = await open(`${origin}/connection-test`);
      expect([page.statusCode, page.origin]).toEqual([200, origin]);
      expect(page.headers).not.toHaveProperty('set-cookie');
      for (const host of [PAGES, API].map((url) => new URL(url).host))
        expect(textOf(page)).toContain(`${host}:443`);
      expect(page.body).toContain(`data-ui-reach-test="${API}/reachable"`);
      // Where no script runs: a picture from each host, or the sentence in its place.
      expect(page.body).toContain(`<img src="${API}/reachable/mark.svg" alt="この文が見えるときは、`);
    }
  });

  it('its picture may be shown by pages of the other host', async () => {
    const mark = await open(`${API}/reachable/mark.svg`);
    expect(mark.headers).toMatchObject({
      'content-type': 'image/svg+xml',
      'cross-origin-resource-policy': 'cross-origin',
    });
    expect((await open(`${API}/reachable`)).headers['cross-origin-resource-policy']).toBe('same-origin');
  });

  it('of a console tests its domains too, and may ask those and no others', async () => {
    const page = await open(linkOf(await open('/connection-test'), '管理画面sms'));
    expect(textOf(page)).toContain('sms.example.co.jp:80');
    expect(textOf(page)).toContain('files.example.co.jp:443');
    expect(page.body).toContain('data-ui-reach-test="http://sms.example.co.jp/auth/reachable"');
    expect(page.body).toContain('data-else-any="https://files.example.co.jp/favicon.ico"');
    expect(String(page.headers['content-security-policy'])).toContain(
      `connect-src 'self' https://files.example.co.jp http://sms.example.co.jp ${PAGES} ${API};`,
    );
    expect(String((await open('/connection-test')).headers['content-security-policy'])).not.toContain(
      'sms.example.co.jp',
    );
  });

  it('speaks the language that is chosen on the page, on either host', async () => {
    for (const origin of [PAGES, API]) {
      const browser = new Browser(world);
      const page = await browser.open(`${origin}/connection-test/sms`);
      expect(textOf(page)).toContain('接続テスト');
      const english = await browser.submit(page, `${origin}/language`, {
        lang: 'en',
        return_path: '/connection-test/sms',
      });
      expect([english.origin, textOf(english).includes('Connection test')]).toEqual([origin, true]);
    }
    expect(textOf(await open('/connection-test', { 'accept-language': 'en' }))).toContain(
      'Where you see a green mark, the domain can be reached.',
    );
  });

  it('A2: names that would run are text, and no console is nowhere', async () => {
    for (const path of ['/connection-test', '/connection-test/hostile'])
      expect((await open(path)).body).not.toMatch(/<img src=x|<script>alert/);
    for (const path of [
      '/connection-test/none',
      '/connection-test/none/domains.json',
      '/connection-test/none/domains.txt',
    ])
      expect([path, (await open(path)).statusCode]).toEqual([path, 404]);
  });
});

describe('R22: the list for administrators', () => {
  it('is dated and has a version, as JSON and as text in both languages', async () => {
    expect((await open('/connection-test/sms/domains.json')).json()).toMatchObject({ version: 0 });
    await recordFirstLists(world.database.db, own(), world.now);
    expect((await open(`${API}/connection-test/sms/domains.json`)).json()).toEqual({
      console: { clientId: 'sms', nameJa: '管理画面sms', nameEn: 'Console sms' },
      version: 1,
      publishedAt: '2026-11-22T01:00:00.000Z',
      validFrom: '2026-11-22T01:00:00.000Z',
      entries: [
        { host: 'common-ui.example.co.jp', port: 443, protocol: 'tcp', purpose: 'pages' },
        { host: 'common-api.example.co.jp', port: 443, protocol: 'tcp', purpose: 'api' },
        { host: 'files.example.co.jp', port: 443, protocol: 'tcp', purpose: 'console' },
        { host: 'sms.example.co.jp', port: 80, protocol: 'tcp', purpose: 'console' },
        { host: 'login.example.co.jp', port: null, protocol: 'mail', purpose: 'mail' },
      ],
      added: [],
      removed: [],
      testPage: `${PAGES}/connection-test/sms`,
      versions: [
        { version: 1, publishedAt: '2026-11-22T01:00:00.000Z', validFrom: '2026-11-22T01:00:00.000Z' },
      ],
    });
    const page = await open('/connection-test/sms');
    expect(textOf(page)).toContain('第1版');
    const text = await open(linkOf(page, '一覧（テキスト）'));
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(text.body.split('\n')).toEqual([
      '# 管理画面smsのご利用に必要な接続先（ドメインとポート、いずれもTCP）',
      '# 第1版（2026年11月22日(日) 10:00 発行）',
      '# 2026年11月22日(日) から有効',
      `# 接続テスト: ${PAGES}/connection-test/sms`,
      '#',
      'common-ui.example.co.jp:443\t統合認証の画面',
      'common-api.example.co.jp:443\t統合認証のAPIと、管理画面から画面への案内',
      'files.example.co.jp:443\t管理画面',
      'sms.example.co.jp:80\t管理画面',
      'login.example.co.jp\tメールの差出人のドメイン（受信の許可）',
      '',
    ]);
    expect((await open('/connection-test/sms/domains.txt?ui_locales=en')).body).toContain(
      '# Version 1, published Sun 22 Nov 2026, 10:00 (Japan time)',
    );
  });

  it('A2: a name makes no line of its own in the text', async () => {
    const lines = (await open('/connection-test/hostile/domains.txt?ui_locales=en')).body.split('\n');
    expect(lines.filter((line) => !line.startsWith('#') && line.startsWith('files'))).toEqual([]);
  });
});
