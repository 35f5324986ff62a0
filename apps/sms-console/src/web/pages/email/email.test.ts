import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CODE } from '../../../../test/console-api.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import type { TestBrowser } from '../../../../test/browser.ts';
import type { Person } from '#domain/people/people.ts';
import { MINUTE } from '#support/primitives/durations.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

async function legacy(person: Person): Promise<TestBrowser> {
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return browser;
}

async function unified(person: Person): Promise<TestBrowser> {
  const browser = world.browser();
  world.login.atTheKeyboard = world.accountOf(person);
  await browser.open('/auth/start');
  return browser;
}

async function askFor(browser: TestBrowser, address: string) {
  await browser.open('/settings/email');
  return browser.send('/settings/email', { new_address: address });
}

async function signsIn(address: string): Promise<boolean> {
  const browser = world.browser();
  await browser.open('/login');
  return (await browser.send('/login', { email_address: address, password: PASSWORD })).url.pathname === '/';
}

describe('change of the e-mail address', () => {
  for (const way of ['legacy', 'unified'] as const) {
    test(`R18: with a ${way} session: code, new address, and the legacy login follows`, async () => {
      const person = await world.addPerson();
      const browser = await (way === 'legacy' ? legacy(person) : unified(person));
      const fresh = `moved-${way}@example.jp`;
      const code = await askFor(browser, `　${fresh.replace('example.jp', 'EXAMPLE.jp')} `);
      expect(code.url.pathname).toBe('/settings/email/code');
      expect(code.text).toContain(fresh);
      expect(code.text).toContain('no-reply@login.example.co.jp');
      expect(code.html).toContain('autocomplete="one-time-code"');
      const done = await browser.send('/settings/email/code', { code: CODE });
      expect(done.url.pathname).toBe('/settings');
      expect(done.text).toContain('メールアドレスを変更しました。');
      expect(done.text).toContain(fresh);
      expect(await signsIn(fresh)).toBe(true);
      expect(await signsIn(person.emailAddress)).toBe(false);
      expect((await browser.open('/')).url.pathname).toBe('/');
    });
  }

  test('R18: nothing changes until the code is right; a wrong one says how many tries are left', async () => {
    const person = await world.addPerson();
    const browser = await legacy(person);
    await askFor(browser, 'later@example.jp');
    const wrong = await browser.send('/settings/email/code', { code: '0000 0000' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('検証コードが違います。');
    expect(wrong.text).toContain('あと4回');
    const empty = await browser.send('/settings/email/code', { code: '　' });
    expect(empty.text).toContain('検証コードを入力してください。');
    expect(await signsIn(person.emailAddress)).toBe(true);
    expect(await signsIn('later@example.jp')).toBe(false);
    const right = await browser.send('/settings/email/code', { code: '１２３４ ５６７８' });
    expect(right.url.pathname).toBe('/settings');
  });

  test('R18: the open change survives reload, another tab and a new sign-in', async () => {
    const person = await world.addPerson();
    await askFor(await legacy(person), 'survives@example.jp');
    const later = await legacy(person);
    const settings = await later.open('/settings');
    expect(settings.text).toContain('survives@example.jp への変更は、検証コードの入力待ちです。');
    await later.open('/settings/email/code');
    expect((await later.send('/settings/email/code', { code: CODE })).url.pathname).toBe('/settings');
  });

  test('J5: an address of another account looks like any other and no code is right', async () => {
    const person = await world.addPerson();
    const neighbour = await world.addPerson({ account: false });
    world.login.api.addressesOfOthers.add('elsewhere@example.com');
    const browser = await legacy(person);
    const plain = await askFor(browser, 'free@example.com');
    for (const address of ['elsewhere@example.com', neighbour.emailAddress]) {
      const page = await askFor(browser, address);
      const same = (text: string) =>
        text
          .replaceAll(address, '…')
          .replaceAll('free@example.com', '…')
          .replace(/\d+秒|\d\d:\d\d/g, '');
      expect(same(page.text)).toBe(same(plain.text));
      const wrong = await browser.send('/settings/email/code', { code: CODE });
      expect(wrong.text).toContain('検証コードが違います。');
    }
    expect(await signsIn(neighbour.emailAddress)).toBe(true);
    expect(world.accountOf(person).emailAddress).toBe(person.emailAddress);
  });

  test('refusals are clear, with what was typed still in the field', async () => {
    const person = await world.addPerson();
    const browser = await legacy(person);
    const cases: [string, number, string][] = [
      ['', 422, '新しいメールアドレスを入力してください。'],
      ['not-an-address', 422, 'の形で入力してください。'],
      [person.emailAddress, 422, 'いまと同じメールアドレスです。'],
      ['busy@example.jp', 429, '10分後にもう一度お試しください。'],
    ];
    for (const [typed, status, sentence] of cases) {
      const page = await askFor(browser, typed);
      expect(page.status).toBe(status);
      expect(page.text).toContain(sentence);
      if (typed !== '') expect(page.html).toContain(`value="${typed}"`);
    }
    const unknown = await legacy(await world.addPerson({ account: false }));
    expect((await askFor(unknown, 'x@example.jp')).text).toContain('まだ統合認証に登録されていません');
  });

  test('R18: with the unified login away the change is noted, said truthfully, can be cancelled, and goes out by itself', async () => {
    const person = await world.addPerson();
    const browser = await legacy(person);
    world.login.down = true;
    const noted = await askFor(browser, 'noted@example.jp');
    expect(noted.url.pathname).toBe('/settings/email/code');
    expect(noted.text).toContain('変更のお申し込みを受け付けました');
    expect(noted.text).toContain('検証コードをまだお送りできていません');
    expect(noted.text).toContain('いまのメールアドレスは変わりません。');
    expect((await browser.open('/settings')).text).toContain('noted@example.jp への変更を受け付けました。');
    await browser.open('/settings/email/code');
    expect((await browser.send('/settings/email/abandon')).text).toContain('とりやめました。');
    await askFor(browser, 'later@example.com');
    world.login.down = false;
    world.clock.advance(2 * MINUTE);
    await vi.waitFor(
      async () => expect((await browser.open('/settings/email/code')).html).toContain('one-time-code'),
      10_000,
    );
    expect(
      [...world.login.api.changes.values()].some((one) => one.newEmailAddress === 'noted@example.jp'),
    ).toBe(false);
    const done = await browser.send('/settings/email/code', { code: CODE });
    expect(done.text).toContain('メールアドレスを変更しました。');
    expect(await signsIn('later@example.com')).toBe(true);
    world.clock.reset();
  });

  test('R18: the answer to the code is lost: the page says so, no code is asked for again, and the address follows', async () => {
    const person = await world.addPerson();
    const browser = await legacy(person);
    await askFor(browser, 'lost-answer@example.com');
    world.login.api.failNext = ['after', ...Array.from({ length: 20 }, () => 'before' as const)];
    const lost = await browser.send('/settings/email/code', { code: CODE });
    expect(lost.status).toBe(200);
    expect(lost.text).toContain('検証コードの結果を確認しています');
    expect(lost.html).not.toContain('one-time-code');
    expect(lost.html).not.toContain('formaction');
    world.login.api.failNext = [];
    world.clock.advance(2 * MINUTE);
    await vi.waitFor(async () => expect(await signsIn('lost-answer@example.com')).toBe(true), 10_000);
    expect((await browser.open('/settings/email/code')).url.pathname).toBe('/settings');
    const rows = await world.db.selectFrom('login_id_outbox').selectAll().execute();
    expect(JSON.stringify(rows)).not.toMatch(/1234 ?5678/);
    world.clock.reset();
  });

  test('R18: however long the unified login was away: whoever shows the latest state after it is not told to wait any more', async () => {
    /** The pauses between tries have grown, and the next one is far away. */
    const longOutage = () =>
      world.db
        .updateTable('login_id_outbox')
        .set((row) => ({
          tries: 20,
          next_try_at: new Date('2100-01-01T00:00:00Z'),
          busy_until: null,
          revision: row('revision', '+', 1),
        }))
        .where('state', 'in', ['noted', 'confirming'])
        .execute();
    const person = await world.addPerson();
    const browser = await legacy(person);
    world.login.down = true;
    await askFor(browser, 'at-last@example.com');
    await longOutage();
    world.login.down = false;
    await vi.waitFor(
      async () => expect((await browser.open('/settings/email/code')).html).toContain('one-time-code'),
      3_000,
    );
    world.login.api.failNext = ['after', ...Array.from({ length: 20 }, () => 'before' as const)];
    await browser.send('/settings/email/code', { code: CODE });
    await longOutage();
    world.login.api.failNext = [];
    await vi.waitFor(
      async () => expect((await browser.open('/settings/email/code')).url.pathname).toBe('/settings'),
      3_000,
    );
    expect(browser.page?.text).toContain('メールアドレスを変更しました。');
    expect(browser.page?.text).toContain('at-last@example.com');
    expect(await signsIn('at-last@example.com')).toBe(true);
  });

  test('R18: the conflicts are said in words in both languages, and nothing changes', async () => {
    const sentences = {
      'address-taken': ['ほかの利用者のログインに使われました', 'become the login of somebody else'],
      'address-reserved': ['前にお使いの方が元に戻せる期間', 'can still take it back'],
      'changed-meanwhile': [
        'ほかの画面でログイン用のメールアドレスが変更されました',
        'was changed elsewhere',
      ],
    };
    for (const [code, said] of Object.entries(sentences))
      for (const [index, locale] of (['ja', 'en'] as const).entries()) {
        const person = await world.addPerson({ locale });
        const browser = await legacy(person);
        await askFor(browser, `${code}-${locale}@example.com`);
        world.login.api.refuseNext = code;
        const page = await browser.send('/settings/email/code', { code: CODE });
        expect(page.status).toBe(409);
        expect(page.text).toContain(said[index]);
        expect((await browser.open('/settings')).text).toContain(person.emailAddress);
        expect((await browser.open('/settings')).text).not.toContain(`${code}-${locale}@example.com`);
      }
  });

  test('A1: whoever helps to run the unified login is told who can change their address: at once, with the code, and when the wish had waited', async () => {
    for (const [locale, said, next] of [
      ['ja', '統合認証の管理者だけが変更できます', '統合認証の管理者にご依頼ください'],
      [
        'en',
        'only its administrators can change your sign-in address',
        'please ask one of its administrators',
      ],
    ] as const) {
      const person = await world.addPerson({ locale });
      const browser = await legacy(person);
      const told = (page: TestBrowser['page'], status: number) => {
        expect(page?.status).toBe(status);
        expect(page?.text).toContain(said);
        expect(page?.text).toContain(next);
      };
      await askFor(browser, `given-meanwhile-${locale}@example.com`);
      world.login.api.refuseNext = 'kept-by-administrators';
      told(await browser.send('/settings/email/code', { code: CODE }), 403);
      world.login.api.kept.add(person.id);
      told(await askFor(browser, `at-once-${locale}@example.com`), 403);
      world.login.down = true;
      await askFor(browser, `later-${locale}@example.com`);
      world.login.down = false;
      world.clock.advance(2 * MINUTE);
      await vi.waitFor(
        async () => expect((await browser.open('/settings/email/code')).url.pathname).toBe('/settings'),
        10_000,
      );
      told(browser.page, 200);
      expect(browser.page?.text).toContain(`later-${locale}@example.com`);
      expect(browser.page?.text).toContain(person.emailAddress);
      expect(world.accountOf(person).emailAddress).toBe(person.emailAddress);
      world.clock.reset();
    }
  });

  test('sending again shows the wait; cancelling ends it; an ended change leads back to the first step', async () => {
    const browser = await legacy(await world.addPerson());
    const page = await askFor(browser, 'again@example.jp');
    expect(page.html).toMatch(/data-ui-countdown="(5\d|60)"/);
    const soon = await browser.send('/settings/email/resend');
    expect(soon.status).toBe(429);
    expect(soon.text).toContain('42秒後にもう一度お試しください。');
    const change = await browser.open('/settings/email/code');
    expect(change.html).toContain('formaction="/settings/email/abandon"');
    const token = /name="_csrf" value="([^"]+)"/.exec(change.html)?.[1] ?? '';
    expect((await browser.post('/settings/email/abandon', { _csrf: token })).text).toContain(
      'とりやめました。',
    );
    expect((await browser.open('/settings/email/code')).url.pathname).toBe('/settings');
    await askFor(browser, 'ended@example.jp');
    for (const one of world.login.api.changes.values()) one.ended = true;
    const ended = await browser.send('/settings/email/code', { code: CODE });
    expect(ended.status).toBe(410);
    expect(ended.text).toContain('この変更は終了しています。');
  });

  test('R18: a change made elsewhere is taken over at the next unified sign-in, told to the person, and stands in the history', async () => {
    const person = await world.addPerson();
    await askFor(await legacy(person), 'never@example.jp');
    Object.assign(world.accountOf(person), { emailAddress: 'elsewhere@example.jp', version: 3 });
    const browser = await unified(person);
    expect(browser.page?.text).toContain('elsewhere@example.jp');
    expect(await signsIn('elsewhere@example.jp')).toBe(true);
    const settings = await browser.open('/settings');
    expect(settings.text).toContain('メールアドレスが、ほかの画面で変更されました');
    expect(settings.text).not.toContain('never@example.jp');
    Object.assign(world.accountOf(person), { emailAddress: person.emailAddress, version: 4 });
    const back = await (await unified(person)).open('/settings');
    expect(back.text).toContain('メールアドレスが、前のものに戻されました');
    const read = await browser.open('/settings').then(() => browser.send('/settings/email/seen'));
    expect(read.text).not.toContain('メールアドレスが、前のものに戻されました');
    expect(read.text).toContain('メールアドレスの変更の記録');
    expect(read.text).toContain('取り消し');
    expect((await browser.open('/')).url.pathname).toBe('/');
  });

  test('nobody sees or confirms the change of another person', async () => {
    await askFor(await legacy(await world.addPerson()), 'mine@example.jp');
    const stranger = await legacy(await world.addPerson());
    expect((await stranger.open('/settings/email/code')).url.pathname).toBe('/settings');
  });
});
