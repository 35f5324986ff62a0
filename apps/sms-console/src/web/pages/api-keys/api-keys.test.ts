import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '#domain/people/people.ts';
import { DAY } from '#support/primitives/durations.ts';
import type { TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

const PAGE = '/settings/api-keys';

async function signedIn(person: Person): Promise<TestBrowser> {
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return browser;
}

function callWith(secret: string) {
  return world.app.inject({
    method: 'POST',
    url: '/api/v1/messages',
    headers: { authorization: `Bearer ${secret}` },
    payload: { to: '090-1234-5678', text: '見本' },
  });
}

describe('R31: API keys in the settings', () => {
  test('a key is shown once, works, shows when it was used, and opens nothing once it is revoked', async () => {
    const person = await world.addPerson();
    const browser = await signedIn(person);
    await browser.open('/settings');
    expect((await browser.open(PAGE)).text).toContain('APIキーはまだありません。');
    const made = await browser.send(PAGE, { name: ' 受注  システム ' });
    expect(made.text).toContain('APIキー「受注 システム」を作成しました。');
    const secret = /zrs_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    const list = await browser.open(PAGE);
    expect(list.text).not.toContain(secret);
    expect(list.text).toContain(`…${secret.slice(-4)}`);
    expect(list.text).toContain('まだ使われていません');
    expect(list.text).toContain(person.name);
    expect((await callWith(secret)).statusCode).toBe(202);
    const used = await browser.open(PAGE);
    expect(used.text).not.toContain('まだ使われていません');

    const path = /href="(\/settings\/api-keys\/key_\w+\/revoke)"/.exec(used.html)?.[1] ?? '';
    const asked = await browser.open(path);
    expect(asked.text).toContain('すぐに送信できなくなります');
    expect((await callWith(secret)).statusCode).toBe(202);
    const done = await browser.send(path);
    expect(done.url.pathname).toBe(PAGE);
    expect(done.text).toContain('APIキーを無効にしました。');
    expect((await callWith(secret)).statusCode).toBe(401);
    expect((await browser.open(path)).status).toBe(404);
  });

  test('R30: what a key may do and when it ends are chosen, shown, and hold', async () => {
    const browser = await signedIn(await world.addPerson());
    await browser.open(PAGE);
    const made = await browser.send(PAGE, { name: '照会だけ', may: 'read', ends: '90' });
    const secret = /zrs_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    expect(made.text).toMatch(/照会だけ.*照会のみ.*期限: 20\d\d年/);
    expect((await callWith(secret)).statusCode).toBe(403);
    world.clock.advance(90 * DAY);
    expect((await callWith(secret)).statusCode).toBe(401);
    world.clock.reset();
  });

  test('the secret is in no table, only its hash', async () => {
    const browser = await signedIn(await world.addPerson());
    await browser.open(PAGE);
    const made = await browser.send(PAGE, { name: '秘密' });
    const secret = /zrs_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    expect(made.headers['cache-control']).toBe('no-store');
    const rows = await world.db.selectFrom('api_key').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(secret.slice(4, 40));
  });

  test('the form sent twice makes one key; other refusals are said at the field', async () => {
    const browser = await signedIn(await world.addPerson());
    await browser.open(PAGE);
    expect((await browser.send(PAGE, { name: '二度' })).status).toBe(200);
    const cases: [string, string][] = [
      ['二度', '同じ名前のAPIキーがあります。'],
      ['  ', '名前を入力してください。'],
      ['長'.repeat(61), '名前は60文字以内で入力してください。'],
    ];
    for (const [name, sentence] of cases) {
      const page = await browser.send(PAGE, { name });
      expect(page.status).toBe(422);
      expect(page.text).toContain(sentence);
      expect(page.text).not.toContain('zrs_');
    }
  });

  test('a company has 20 keys at most, also when many are made at once', async () => {
    const person = await personOfOwnCompany();
    const browser = await signedIn(person);
    await browser.open(PAGE);
    const made = await Promise.all(
      Array.from({ length: 25 }, (_, n) => browser.send(PAGE, { name: `システム ${n}` })),
    );
    expect(made.filter((page) => page.status === 200)).toHaveLength(20);
    expect(made.find((page) => page.status === 422)?.text).toContain('APIキーは20個までです。');
  });

  test('keys of another company cannot be seen or revoked', async () => {
    const owner = await signedIn(await personOfOwnCompany());
    await owner.open(PAGE);
    const made = await owner.send(PAGE, { name: 'よその鍵' });
    const secret = /zrs_[\w-]{43}/.exec(made.text)?.[0] ?? '';
    const path = /href="(\/settings\/api-keys\/key_\w+\/revoke)"/.exec(made.html)?.[1] ?? '';
    const stranger = await signedIn(await personOfOwnCompany());
    const list = await stranger.open(PAGE);
    expect(list.text).not.toContain('よその鍵');
    expect((await stranger.open(path)).status).toBe(404);
    await stranger.open(PAGE);
    const csrf = /name="_csrf" value="([^"]+)"/.exec(list.html)?.[1] ?? '';
    expect((await stranger.post(path, { _csrf: csrf })).status).toBe(404);
    expect((await callWith(secret)).statusCode).toBe(202);
    for (const id of ['%00', 'x'.repeat(90), 'key_1'])
      expect((await stranger.open(`${PAGE}/${id}/revoke`)).status).toBe(404);
  });

  test('without the form’s token nothing is made or revoked', async () => {
    const browser = await signedIn(await world.addPerson());
    await browser.open(PAGE);
    expect((await browser.post(PAGE, { name: '偽' })).status).toBe(403);
    expect((await browser.open(PAGE)).text).not.toContain('偽');
  });

  test('R8: the pages in English have no Japanese but names', async () => {
    const person = await world.addPerson({ locale: 'en' });
    const browser = await signedIn(person);
    await browser.open(PAGE);
    const pages = [await browser.send(PAGE, { name: 'orders' })];
    const path = /href="(\/settings\/api-keys\/key_\w+\/revoke)"/.exec(pages[0]?.html ?? '')?.[1] ?? '';
    pages.push(await browser.open(path), await browser.open(`${PAGE}/key_none/revoke`));
    for (const { text } of pages) {
      const names = [
        '見本 太郎',
        person.company,
        '絶対リーチ!SMS',
        '日本語',
        '受注 システム',
        '秘密',
        '照会だけ',
        '二度',
      ];
      const words = names.reduce((rest, name) => rest.replaceAll(name, ''), text);
      expect(words).not.toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
  });
});

async function personOfOwnCompany(): Promise<Person> {
  const person = await world.addPerson({ account: false });
  const company = await world.db
    .insertInto('company')
    .values({ name: `見本物産 ${person.id}` })
    .returning(['id', 'name'])
    .executeTakeFirstOrThrow();
  await world.db.updateTable('person').set({ company_id: company.id }).where('id', '=', person.id).execute();
  return { ...person, company: company.name };
}
