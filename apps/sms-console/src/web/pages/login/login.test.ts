import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import { MINUTE } from '#support/primitives/durations.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

const wrong = 'メールアドレスまたはパスワードが正しくありません。';

describe('the legacy login page', () => {
  test('R28: has the heading, the two fields, the link for a forgotten password and the button', async () => {
    const page = await world.browser().open('/login');
    expect(page.status).toBe(200);
    expect(page.html).toMatch(/<h1[^>]*>ログイン情報を入力してください。<\/h1>/);
    expect(page.html).toMatch(/<label[^>]*for="email-address"[^>]*>メールアドレス</);
    expect(page.html).toMatch(/<label[^>]*for="password"[^>]*>パスワード</);
    expect(page.html).toMatch(/<a[^>]*href="\/password\/forgot"[^>]*>パスワードを忘れたお客様はこちら<\/a>/);
    expect(page.html).toMatch(/<button[^>]*type="submit"[^>]*>ログイン<\/button>/);
    expect(page.html).toContain('autocomplete="username"');
    expect(page.html).toContain('autocomplete="current-password"');
  });

  test('R13, R28: has no link before link time and has it from then on', async () => {
    await world.setPhase('prepared');
    expect((await world.browser().open('/login')).html).not.toContain('統合認証');
    await world.setPhase('parallel');
    expect((await world.browser().open('/login')).html).toMatch(
      /<a[^>]*href="\/auth\/start"[^>]*>統合認証画面はこちら<\/a>/,
    );
  });

  test('R6: says in the parallel period which login it is and that the two passwords are independent', async () => {
    await world.setPhase('parallel');
    const { text } = await world.browser().open('/login');
    expect(text).toContain('既存ログイン');
    expect(text).toContain('この画面のパスワードと統合認証のパスワードは、別々のものです。');
  });

  test('R8: is complete in English', async () => {
    const { text, html } = await world
      .browser({ 'accept-language': 'en-GB,en;q=0.9,ja;q=0.5' })
      .open('/login');
    expect(html).toContain('<html lang="en"');
    expect(text).toContain('Please enter your sign-in details.');
    expect(text.replaceAll('絶対リーチ!SMS', '').replace('日本語', '')).not.toMatch(/[ぁ-んァ-ヶ一-龠]/);
  });
});

describe('the legacy sign-in', () => {
  test('R28: the right password opens the console', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    const page = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(page.url.pathname).toBe('/');
    expect(page.text).toContain(person.name);
    expect(page.text).toContain('既存ログイン');
  });

  test('typing habits do not matter: spaces, full width, letter case', async () => {
    await world.addPerson({ emailAddress: 'habit@example.co.jp' });
    const browser = world.browser();
    await browser.open('/login');
    const page = await browser.send('/login', {
      email_address: ' ＨＡＢＩＴ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ ',
      password: PASSWORD,
    });
    expect(page.url.pathname).toBe('/');
  });

  test('afterwards one is on the page that one set out for', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    expect((await browser.open('/settings')).url.pathname).toBe('/login');
    const page = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(page.url.pathname).toBe('/settings');
  });

  test('never leads to another site', async () => {
    const person = await world.addPerson();
    for (const path of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const browser = world.browser();
      await browser.open(`/login?return_path=${encodeURIComponent(path)}`);
      const page = await browser.send('/login', {
        email_address: person.emailAddress,
        password: PASSWORD,
        return_path: path,
      });
      expect(page.url.href).toBe('http://localhost:5701/');
    }
  });

  test('a wrong password and an unknown address look the same, and the address stays in the field', async () => {
    const person = await world.addPerson();
    const pages = [];
    for (const address of [person.emailAddress, 'nobody@example.co.jp']) {
      const browser = world.browser();
      await browser.open('/login');
      const page = await browser.send('/login', { email_address: address, password: 'Chigau-2026' });
      expect(page.status).toBe(422);
      expect(page.text).toContain(wrong);
      expect(page.html).toContain(`value="${address}"`);
      expect(page.html).not.toContain('Chigau-2026');
      pages.push(page.html.replaceAll(address, '…').replace(/name="_csrf" value="[^"]*"/g, ''));
    }
    expect(pages[0]).toBe(pages[1]);
  });

  test('what is missing or malformed is said at the field', async () => {
    const browser = world.browser();
    await browser.open('/login');
    const empty = await browser.send('/login');
    expect(empty.status).toBe(422);
    expect(empty.text).toContain('メールアドレスを入力してください。');
    expect(empty.text).toContain('パスワードを入力してください。');
    const malformed = await browser.send('/login', { email_address: 'user1.example.co.jp', password: 'x' });
    expect(malformed.text).toContain('メールアドレスを「名前@example.co.jp」の形で入力してください。');
    expect(malformed.html).toContain('value="user1.example.co.jp"');
  });

  test('ten wrong passwords in a row rest the address for a while, a known one and an unknown one alike', async () => {
    const person = await world.addPerson();
    for (const address of [person.emailAddress, 'rested@example.co.jp']) {
      const browser = world.browser();
      await browser.open('/login');
      const attempts = Array.from({ length: 14 }, () =>
        browser.send('/login', { email_address: address.toUpperCase(), password: 'Chigau-2026' }),
      );
      const statuses = (await Promise.all(attempts)).map((page) => page.status).sort();
      expect(statuses).toEqual([...Array<number>(10).fill(422), ...Array<number>(4).fill(429)]);
      await browser.open('/login');
      const refused = await browser.send('/login', { email_address: address, password: PASSWORD });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(800);
      expect(refused.text).toContain('15分後にもう一度お試しください。');
    }
    world.clock.advance(16 * MINUTE);
    const browser = world.browser();
    await browser.open('/login');
    const page = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(page.url.pathname).toBe('/');
  });

  test('an unknown address takes as long as a known one', async () => {
    const person = await world.addPerson();
    const times: Record<string, number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 9; round += 1) {
      for (const [kind, address] of [
        ['known', person.emailAddress],
        ['unknown', `nobody${round}@example.co.jp`],
      ] as const) {
        const browser = world.browser();
        await browser.open('/login');
        const start = performance.now();
        await browser.send('/login', { email_address: address, password: 'Chigau-2026' });
        times[kind]?.push(performance.now() - start);
      }
    }
    const least = (kind: string) => Math.min(...(times[kind] ?? []));
    expect(least('unknown')).toBeGreaterThan(least('known') * 0.5);
    expect(least('unknown')).toBeLessThan(least('known') * 2);
  });

  test('every sign-in gets a new session token, also over a planted one', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    browser.cookies.push({ host: 'localhost', path: '/', name: 'reach-sms-session', value: 'A'.repeat(43) });
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    const first = browser.cookie('reach-sms-session');
    expect(first).not.toBe('A'.repeat(43));
    await browser.open('/login');
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    const old = world.browser();
    old.cookies.push({ host: 'localhost', path: '/', name: 'reach-sms-session', value: first ?? '' });
    expect((await old.open('/')).url.pathname).toBe('/login');
  });
});

describe('after cut-over', () => {
  test('R12: the login page leads to the unified sign-in', async () => {
    await world.setPhase('unified');
    const browser = world.browser();
    const page = await browser.open('/login?return_path=/settings');
    expect(page.url.origin).toBe(world.login.issuer);
    expect(page.text).toBe('the sign-in page');
    await world.setPhase('parallel');
  });

  test('R12: a sign-in request is refused on the server and leads there with the address filled in', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    await world.setPhase('unified');
    const page = await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(page.text).toBe('the sign-in page');
    expect(world.login.lastSignIn?.loginHint).toBe(person.emailAddress);
    await world.setPhase('parallel');
  });

  test('R12: holds for every way of posting', async () => {
    const person = await world.addPerson();
    await world.setPhase('unified');
    const url = new URL('http://localhost:5701/login');
    const fields = { email_address: person.emailAddress, password: PASSWORD };
    const bodies: [string, string][] = [
      ['application/x-www-form-urlencoded', new URLSearchParams(fields).toString()],
      ['application/json', JSON.stringify(fields)],
      ['text/plain', new URLSearchParams(fields).toString()],
      ['multipart/form-data; boundary=x', '--x\r\n\r\n--x--'],
    ];
    for (const [type, body] of bodies) {
      const browser = world.browser();
      const page = await browser.request('POST', url, body, type);
      expect(browser.cookie('reach-sms-session')).toBeUndefined();
      expect([303, 415]).toContain(page.status);
      if (page.status === 303) expect(String(page.headers['location'])).toMatch(/^\/auth\/start/);
    }
    expect(
      (await world.db.selectFrom('console_session').where('person_id', '=', person.id).selectAll().execute())
        .length,
    ).toBe(0);
    await world.setPhase('parallel');
  });

  test('R12: sessions alive at the change go on', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open('/login');
    await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    await world.setPhase('unified');
    const page = await browser.open('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('統合認証に切り替わりました');
    await world.setPhase('parallel');
  });
});

describe('the part of the page that appears by the clock (J6)', () => {
  test('R13: an open page is told when to look again, by the server’s clock, until the link is there', async () => {
    await world.setPhase('prepared');
    const page = await world.browser().open('/login');
    const [, url, seconds] = /data-ui-refresh="([^"]+)" data-seconds="(\d+)"/.exec(page.html) ?? [];
    expect(Number(seconds)).toBeGreaterThan(0);
    expect(Number(seconds)).toBeLessThanOrEqual(10);
    const before = await world.browser().open(url ?? '');
    expect(before.html).not.toContain('統合認証画面はこちら');
    world.clock.advance(61 * MINUTE);
    const after = await world.browser().open(url ?? '');
    expect(after.html).toContain('統合認証画面はこちら');
    expect(after.html).not.toContain('data-ui-refresh');
    await world.setPhase('parallel');
  });
});
