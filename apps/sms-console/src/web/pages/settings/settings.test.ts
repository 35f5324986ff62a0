import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import type { Person } from '#domain/people/people.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'prepared', timeouts: { idle: 30 * MINUTE, absolute: 8 * HOUR } });
});
afterAll(() => world.close());

const NEW = 'Atarashii-2026';

async function signedIn(
  person: Person,
  password = PASSWORD,
  headers: Record<string, string> = {},
): Promise<TestBrowser> {
  const browser = world.browser(headers);
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password });
  return browser;
}

describe('home and settings', () => {
  test('R31: the settings show the session timeouts as configured', async () => {
    const browser = await signedIn(await world.addPerson());
    const { text } = await browser.open('/settings');
    expect(text).toContain('30分でログアウトします。');
    expect(text).toContain('8時間でログアウトします。');
  });

  test('home shows the console, the company, the person and how and when they signed in', async () => {
    const person = await world.addPerson();
    const browser = await signedIn(person);
    const { text, html } = await browser.open('/');
    for (const part of [person.company, person.name, person.emailAddress, '既存ログイン', '絶対リーチ!SMS'])
      expect(text).toContain(part);
    expect(text).toMatch(/\d{4}年\d{1,2}月\d{1,2}日\([日月火水木金土]\) \d\d:\d\d/);
    expect(html).toContain('href="/settings"');
  });

  test('home tells a person with the legacy login about the unified one from link time on, not before', async () => {
    const browser = await signedIn(await world.addPerson());
    expect((await browser.open('/')).html).not.toContain('href="/auth/start"');
    await world.setPhase('parallel');
    expect((await browser.open('/')).html).toContain('href="/auth/start"');
    await world.setPhase('prepared');
  });

  test('R8: English by the person’s own language, and by choice, which the browser keeps', async () => {
    const browser = await signedIn(await world.addPerson({ locale: 'en' }));
    expect((await browser.open('/settings')).text).toContain('Automatic sign-out');
    const japanese = await browser.send('/language', { lang: 'ja' });
    expect(japanese.url.pathname).toBe('/settings');
    expect(japanese.text).toContain('自動ログアウト');
    expect((await browser.open('/')).html).toContain('<html lang="ja"');
  });

  test('R8: English pages have no Japanese but names', async () => {
    const person = await world.addPerson({ locale: 'en' });
    const browser = await signedIn(person, PASSWORD, { 'accept-language': 'en' });
    for (const path of [
      '/',
      '/settings',
      '/settings/email',
      '/settings/password',
      '/password/forgot',
      '/password/forgot/sent',
      '/signed-out',
      '/nope',
    ]) {
      const { text } = await browser.open(path);
      const words = [person.name, person.company, '絶対リーチ!SMS', '日本語'].reduce(
        (rest, name) => rest.replaceAll(name, ''),
        text,
      );
      expect(words, path).not.toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
  });

  test('pages of a person are not kept by anybody on the way', async () => {
    const browser = await signedIn(await world.addPerson());
    for (const path of ['/', '/settings', '/settings/email'])
      expect((await browser.open(path)).headers['cache-control']).toBe('no-store');
  });
});

describe('the password in the settings', () => {
  test('R7: before link time it is changed here; other legacy sessions of the person end', async () => {
    const person = await world.addPerson();
    const [browser, other] = [await signedIn(person), await signedIn(person)];
    await browser.open('/settings/password');
    const done = await browser.send('/settings/password', {
      present_password: PASSWORD,
      new_password: NEW,
      confirmation: NEW,
    });
    expect(done.url.pathname).toBe('/settings');
    expect(done.text).toContain('パスワードを変更しました。');
    expect((await browser.open('/settings')).text).not.toContain('パスワードを変更しました。');
    expect((await other.open('/')).url.pathname).toBe('/login');
    expect((await signedIn(person, NEW)).page?.url.pathname).toBe('/');
    expect((await signedIn(person, PASSWORD)).page?.url.pathname).toBe('/login');
  });

  test('each refusal is said at its field', async () => {
    const person = await world.addPerson();
    const browser = await signedIn(person);
    const cases: [Record<string, string>, string][] = [
      [
        { present_password: 'Chigau-2026', new_password: NEW, confirmation: NEW },
        'いまのパスワードが正しくありません。',
      ],
      [{ present_password: PASSWORD }, '新しいパスワードを入力してください。'],
      [
        { present_password: PASSWORD, new_password: 'short', confirmation: 'short' },
        '8文字以上のパスワードを入力してください。',
      ],
      [
        { present_password: PASSWORD, new_password: 'x'.repeat(129), confirmation: 'x'.repeat(129) },
        '128文字以内のパスワードを入力してください。',
      ],
      [
        { present_password: PASSWORD, new_password: NEW, confirmation: 'other' },
        '確認用のパスワードが違います。',
      ],
    ];
    for (const [fields, sentence] of cases) {
      await browser.open('/settings/password');
      const page = await browser.send('/settings/password', fields);
      expect(page.status).toBe(422);
      expect(page.text).toContain(sentence);
    }
    expect((await signedIn(person)).page?.url.pathname).toBe('/');
  });

  test('R7: from link time on it leads to the unified reset with the address filled in and comes back to the settings', async () => {
    const person = await world.addPerson();
    const browser = await signedIn(person);
    await world.setPhase('parallel');
    for (const method of ['GET', 'POST'] as const) {
      const csrf = /name="_csrf" value="([^"]+)"/.exec((await browser.open('/settings')).html)?.[1] ?? '';
      const answer = await browser.request(
        method,
        new URL('http://localhost:5701/settings/password'),
        method === 'POST' ? new URLSearchParams({ _csrf: csrf }).toString() : undefined,
      );
      expect(answer.status).toBe(303);
      const url = new URL(String(answer.headers['location']));
      expect(`${url.origin}${url.pathname}`).toBe(`${world.login.issuer}/reset`);
      expect(url.searchParams.get('login_hint')).toBe(person.emailAddress);
      expect(url.searchParams.get('target_link_uri')).toBe('http://localhost:5701/settings');
      expect(url.searchParams.get('client_id')).toBe('sms');
    }
    await world.setPhase('prepared');
  });
});
