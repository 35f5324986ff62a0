import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import type { Person } from '#domain/people/people.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'prepared' });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.setPhase('prepared');
  world.mail.mails.length = 0;
  world.mail.refuse = false;
});

const NEW = 'Atarashii-2026';

async function askFor(address: string) {
  const browser = world.browser();
  await browser.open('/password/forgot');
  return browser.send('/password/forgot', { email_address: address });
}

async function linkFor(person: Person): Promise<string> {
  await askFor(person.emailAddress);
  await vi.waitFor(() => expect(world.mail.mails.length).toBeGreaterThan(0), { timeout: 5000 });
  return /http:\S+/.exec(world.mail.mails.at(-1)?.text ?? '')?.[0] ?? '';
}

async function signsIn(person: Person, password: string): Promise<boolean> {
  const browser = world.browser();
  await browser.open('/login');
  return (
    (await browser.send('/login', { email_address: person.emailAddress, password })).url.pathname === '/'
  );
}

describe('the legacy reset before link time', () => {
  test('R7, R12: the console mails a link; its page sets the new password; the old one is gone', async () => {
    const person = await world.addPerson();
    const link = await linkFor(person);
    const [mail] = world.mail.mails;
    expect(mail?.from?.text).toContain('no-reply@sms.example.co.jp');
    expect(mail?.subject).toBe('【絶対リーチ!SMS】パスワードの再設定');
    expect(mail?.html).toContain(link);
    const browser = world.browser();
    const form = await browser.open(link);
    expect(form.status).toBe(200);
    const done = await browser.send('/password/reset', { new_password: NEW, confirmation: NEW });
    expect(done.url.pathname).toBe('/login');
    expect(done.text).toContain('新しいパスワードでログインしてください。');
    expect(await signsIn(person, NEW)).toBe(true);
    expect(await signsIn(person, PASSWORD)).toBe(false);
  });

  test('R8: the mail is in the language of the person', async () => {
    const link = await linkFor(await world.addPerson({ locale: 'en' }));
    expect(link).not.toBe('');
    expect(world.mail.mails[0]?.subject).toBe('[Zettai Reach! SMS] Set a new password');
  });

  test('opening the link changes nothing, however often', async () => {
    const person = await world.addPerson();
    const link = await linkFor(person);
    for (let times = 0; times < 3; times += 1) expect((await world.browser().open(link)).status).toBe(200);
    expect(await signsIn(person, PASSWORD)).toBe(true);
  });

  test('a link works once, also with ten at once, and for 30 minutes', async () => {
    const person = await world.addPerson();
    const link = await linkFor(person);
    const browsers = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const browser = world.browser();
        await browser.open(link);
        return browser;
      }),
    );
    const answers = await Promise.all(
      browsers.map((browser, index) =>
        browser.send('/password/reset', { new_password: `${NEW}${index}`, confirmation: `${NEW}${index}` }),
      ),
    );
    expect(answers.filter((page) => page.url.pathname === '/login').length).toBe(1);
    expect(answers.filter((page) => page.status === 410).length).toBe(9);
    world.mail.mails.length = 0;
    const late = await linkFor(person);
    world.clock.advance(31 * MINUTE);
    const page = await world.browser().open(late);
    expect(page.status).toBe(410);
    expect(page.text).toContain('もう一度メールを送る');
  });

  test('of two links of one person that are used at once one works, and nobody sees a fault', async () => {
    for (let round = 0; round < 3; round += 1) {
      const person = await world.addPerson();
      world.mail.mails.length = 0;
      for (let links = 1; links <= 2; links += 1) {
        await askFor(person.emailAddress);
        await vi.waitFor(() => expect(world.mail.mails).toHaveLength(links), { timeout: 5000 });
      }
      const browsers = await Promise.all(
        world.mail.mails.map(async ({ text }) => {
          const browser = world.browser();
          await browser.open(/http:\S+/.exec(text ?? '')?.[0] ?? '');
          return browser;
        }),
      );
      const answers = await Promise.all(
        browsers.map((browser) => browser.send('/password/reset', { new_password: NEW, confirmation: NEW })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 410]);
    }
  });

  test('a password that breaks the rule, or differs, is said and does not use up the link', async () => {
    const person = await world.addPerson();
    const browser = world.browser();
    await browser.open(await linkFor(person));
    expect((await browser.send('/password/reset')).text).toContain('新しいパスワードを入力してください。');
    expect(
      (await browser.send('/password/reset', { new_password: 'short', confirmation: 'short' })).text,
    ).toContain('8文字以上のパスワードを入力してください。');
    expect((await browser.send('/password/reset', { new_password: NEW, confirmation: 'x' })).text).toContain(
      '確認用のパスワードが違います。',
    );
    expect(
      (await browser.send('/password/reset', { new_password: NEW, confirmation: NEW })).url.pathname,
    ).toBe('/login');
  });

  test('a known and an unknown address get the same answer; only the known one gets a mail', async () => {
    const person = await world.addPerson();
    const known = await askFor(person.emailAddress);
    const unknown = await askFor('nobody@example.co.jp');
    expect(unknown.html.replace(/value="[^"]{20,}"/g, '')).toBe(known.html.replace(/value="[^"]{20,}"/g, ''));
    expect(known.url.pathname).toBe('/password/forgot/sent');
    await vi.waitFor(() => expect(world.mail.mails.length).toBe(1));
    expect(world.mail.mails[0]?.to).toMatchObject({ value: [{ address: person.emailAddress }] });
  });

  test('at most three mails in 15 minutes, with the same answer', async () => {
    const person = await world.addPerson();
    for (let times = 0; times < 5; times += 1)
      expect((await askFor(person.emailAddress)).url.pathname).toBe('/password/forgot/sent');
    await vi.waitFor(() => expect(world.mail.mails.length).toBe(3));
    await new Promise((done) => setTimeout(done, 200));
    expect(world.mail.mails.length).toBe(3);
  });

  test('a mail server that does not take the mail is asked again; nothing is lost and the page is the same', async () => {
    const person = await world.addPerson();
    world.mail.refuse = true;
    expect((await askFor(person.emailAddress)).url.pathname).toBe('/password/forgot/sent');
    await vi.waitFor(async () => {
      const row = await world.db
        .selectFrom('legacy_reset')
        .select('mail_tries')
        .where('person_id', '=', person.id)
        .executeTakeFirst();
      expect(row?.mail_tries).toBe(1);
    });
    world.mail.refuse = false;
    world.clock.advance(6_000);
    await askFor('nobody@example.co.jp');
    await vi.waitFor(() => expect(world.mail.mails.length).toBe(1));
  });

  test('a reset ends the legacy sessions of the person', async () => {
    const person = await world.addPerson();
    const old = world.browser();
    await old.open('/login');
    await old.send('/login', { email_address: person.emailAddress, password: PASSWORD });
    const browser = world.browser();
    await browser.open(await linkFor(person));
    await browser.send('/password/reset', { new_password: NEW, confirmation: NEW });
    expect((await old.open('/')).url.pathname).toBe('/login');
  });
});

describe('the reset from link time on', () => {
  test('R7, R12: asking leads to the unified reset, with the address where it is known', async () => {
    await world.setPhase('parallel');
    const browser = world.browser();
    await browser.open('/login');
    const asked = await browser.request('GET', new URL('http://localhost:5701/password/forgot'));
    const url = new URL(String(asked.headers['location']));
    expect(asked.status).toBe(303);
    expect(`${url.origin}${url.pathname}`).toBe(`${world.login.issuer}/reset`);
    expect(url.searchParams.get('client_id')).toBe('sms');
    expect(url.searchParams.get('ui_locales')).toBe('ja');
  });

  test('R7: a form of before link time that is sent afterwards leads there with the address', async () => {
    const browser = world.browser();
    await browser.open('/password/forgot');
    await world.setPhase('parallel');
    const token = /name="_csrf" value="([^"]+)"/.exec(browser.page?.html ?? '')?.[1] ?? '';
    const body = new URLSearchParams({ _csrf: token, email_address: 'user1@example.co.jp' }).toString();
    const answer = await browser.request('POST', new URL('http://localhost:5701/password/forgot'), body);
    expect(new URL(String(answer.headers['location'])).searchParams.get('login_hint')).toBe(
      'user1@example.co.jp',
    );
  });

  test('R12: a link of before link time is honoured in the parallel period', async () => {
    const person = await world.addPerson();
    const link = await linkFor(person);
    await world.setPhase('parallel');
    const browser = world.browser();
    await browser.open(link);
    await browser.send('/password/reset', { new_password: NEW, confirmation: NEW });
    expect(await signsIn(person, NEW)).toBe(true);
  });

  test('R12: after cut-over an old link is refused, by page and by request, with the way forward', async () => {
    const person = await world.addPerson();
    const link = await linkFor(person);
    const browser = world.browser();
    await browser.open(link);
    await world.setPhase('unified');
    const refused = await browser.send('/password/reset', { new_password: NEW, confirmation: NEW });
    for (const page of [refused, await world.browser().open(link)]) {
      expect(page.status).toBe(410);
      expect(page.text).toContain('統合認証でログインしていただくようになりました');
      expect(page.html).toContain(`href="${world.login.issuer}/reset?`);
    }
    await world.setPhase('parallel');
    expect(await signsIn(person, PASSWORD)).toBe(true);
  });
});
