import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { authorizeUrl, enter, linkOf, PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const WINDOWS_CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36';
const IPHONE_SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1';

let world: World;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
  world = await openWorld();
  world.now = new Date('2026-11-24T01:00:00Z');
  await world.addConsole('sms', { backchannelLogoutUri: receiver.url });
  await world.addConsole('mail', { backchannelLogoutUri: receiver.url });
  await world.addConsole('deaf');
});
afterEach(() => world.pass(2 * MINUTE));
afterAll(async () => {
  await world.close();
  await receiver.close();
});

let people = 0;
async function person(extra: Parameters<World['addPerson']>[2] = {}) {
  const address = `account${++people}@example.co.jp`;
  const links = { sms: `s${people}`, mail: `m${people}`, deaf: `d${people}` };
  const id = await world.addPerson(address, links, { password: PASSWORD, ...extra });
  world.pass(1 * MINUTE);
  return { address, id };
}

function browserOf(userAgent: string, ip?: string): Browser {
  const browser = new Browser(world);
  browser.headers['user-agent'] = userAgent;
  if (ip) browser.ip = ip;
  return browser;
}

/** The forms of a page that end single browsers, each with what it sends. */
function endForms(page: Answer): { account: string; browser: string }[] {
  return [...page.body.matchAll(/<form[^>]*action="\/account\/browsers\/end"[\s\S]*?<\/form>/g)].map(
    ([form]) => ({
      account: /name="account" value="([^"]*)"/.exec(form)?.[1] ?? '',
      browser: /name="browser" value="([^"]*)"/.exec(form)?.[1] ?? '',
    }),
  );
}

const isSignedIn = async (browser: Browser): Promise<boolean> =>
  redirectOf(await browser.request('GET', authorizeUrl('sms').url))?.searchParams.has('code') ?? false;
function redirectOf(answer: Answer): URL | undefined {
  return answer.headers.location
    ? new URL(String(answer.headers.location), 'http://login.example.co.jp')
    : undefined;
}

const logouts = (accountId: string) =>
  world.database.db
    .selectFrom('single_logout')
    .select(['session_uid', 'cause'])
    .where('account_id', '=', accountId)
    .execute();

describe('R11: the account page', () => {
  it('is for who is signed in; others sign in first and come back to it', async () => {
    const { address } = await person();
    for (const path of ['/account', '/account/activity', '/account/password']) {
      const browser = new Browser(world);
      const page = await browser.open(path);
      expect(page.path).toBe(`/sign-in?return_path=${encodeURIComponent(path)}`);
      expect(textOf(page)).toContain('アカウントのページを表示するには、ログインが必要です。');
      const wrong = await browser.submit(page, page.path, {
        email_address: address,
        password: 'Chigau-yo 99!',
      });
      expect(wrong.statusCode).toBe(401);
      const back = await browser.submit(wrong, page.path, { email_address: address, password: PASSWORD });
      expect(back.path).toBe(path);
      expect(back.statusCode).toBe(200);
      expect(linkOf(await browser.open('/'), 'アカウントを開く')).toBe('/account');
    }
  });

  it('P1: leads to no other page, whatever stands behind return_path', async () => {
    const { address } = await person();
    for (const path of [
      'https://evil.example/',
      '//evil.example/account',
      '/account/../evil',
      '/account@evil.example',
      '/accountx',
      '/account/browsers/end',
      '/account\n',
    ]) {
      const browser = new Browser(world);
      const start = `/sign-in?return_path=${encodeURIComponent(path)}`;
      const answer = await browser.request('POST', start, { email_address: address, password: PASSWORD });
      expect(answer.headers.location, path).toBe('/');
    }
  });

  it('shows each signed-in browser in words: which one this is, place, times, consoles', async () => {
    const { address } = await person({ name: '見本 太郎' });
    const here = browserOf(WINDOWS_CHROME, '203.0.113.7');
    await enter(world, here, 'sms', { address });
    world.pass(10 * MINUTE);
    const phone = browserOf(IPHONE_SAFARI, '2001:db8::7');
    await signIn(phone, '/sign-in', address);
    world.pass(5 * MINUTE);
    await here.open(authorizeUrl('mail').url);
    const text = textOf(await here.open('/account'));
    expect(text).toContain(`見本 太郎 様、 ${address} でログインしています。`);
    expect(text).toContain(
      'Windows の Chrome このブラウザー 場所 (IP) 203.0.113.7 ログイン 2026年11月24日(火) 10:',
    );
    expect(text).toMatch(/管理画面 管理画面sms 管理画面mail|管理画面 管理画面mail 管理画面sms/);
    expect(text).toContain('iPhone の Safari ログイン中 場所 (IP) 2001:db8::7');
    expect(text).toContain('管理画面 まだ開いていません');
    expect(text).not.toContain('セッション');
    expect(text.indexOf('このブラウザー')).toBeLessThan(text.indexOf('iPhone'));
  });

  it('is complete in English', async () => {
    const { address } = await person({ locale: 'en', name: '' });
    const here = browserOf(WINDOWS_CHROME);
    await signIn(here, '/sign-in', address);
    await signIn(browserOf(IPHONE_SAFARI), '/sign-in', address);
    for (const path of ['/account', '/account/activity', '/account/password']) {
      const page = await here.open(path);
      expect(page.body).toContain('<html lang="en"');
      expect(textOf(page).replaceAll('日本語', ''), path).not.toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    }
    expect(textOf(await here.open('/account'))).toContain('Chrome on Windows This browser');
  });

  it('R10: lists a browser whose sign-in has run out while a console may live on, and ends it there too', async () => {
    const { address, id } = await person();
    await enter(world, browserOf(IPHONE_SAFARI), 'sms', { address });
    await signIn(browserOf('Sample/1.0 (Linux)'), '/sign-in', address);
    world.pass(2 * HOUR);
    const here = browserOf(WINDOWS_CHROME);
    await signIn(here, '/sign-in', address);
    const page = await here.open('/account');
    expect(textOf(page)).toContain('iPhone の Safari 期限切れ 統合認証のログインは期限が切れましたが');
    expect(textOf(page)).not.toContain('Linux のブラウザー 期限切れ');
    const [form] = endForms(page);
    expect((await here.request('POST', '/account/browsers/end', form)).statusCode).toBe(303);
    expect(await logouts(id)).toMatchObject([{ cause: 'person' }]);
  });

  it('A2: what a browser calls itself, and a name, are shown as text', async () => {
    const { address } = await person({ name: '<b>x</b>' });
    const browser = browserOf('<img src=x onerror=alert(1)> Windows Chrome/1');
    await enter(world, browser, 'sms', { address });
    const page = await browser.open('/account');
    expect(page.body).not.toContain('<img');
    expect(page.body).not.toContain('<b>x');
  });
});

describe('R11: ending a browser', () => {
  it('ends it in every console, and the page says which have confirmed', async () => {
    const { address, id } = await person();
    const [here, phone] = [browserOf(WINDOWS_CHROME), browserOf(IPHONE_SAFARI)];
    await enter(world, here, 'sms', { address });
    await enter(world, phone, 'sms', { address });
    await enter(world, phone, 'mail', { address });
    await enter(world, phone, 'deaf', { address });
    const before = receiver.received.length;
    const page = await here.open('/account');
    expect(endForms(page)).toHaveLength(1);
    const answer = await here.request('POST', '/account/browsers/end', endForms(page)[0]);
    expect(answer.headers.location).toMatch(/^\/account\/ended\/\d+$/);
    await receiver.until(before + 2);
    const shown = textOf(await here.open(String(answer.headers.location)));
    expect(shown).toContain('ログアウトさせました ログアウトしたブラウザー： iPhone の Safari');
    expect(shown).toContain('管理画面sms ログアウト済み');
    expect(shown).toContain('管理画面mail ログアウト済み');
    // A console without an address for logouts cannot be told; the page does not claim that it was.
    expect(shown).toContain('管理画面deaf お知らせできません');
    expect([await isSignedIn(here), await isSignedIn(phone)]).toEqual([true, false]);
    expect(await logouts(id)).toMatchObject([{ cause: 'person' }]);
  });

  it('while a console does not answer the page says that it is still being told, and works by reload', async () => {
    const { address } = await person();
    const [here, phone] = [browserOf(WINDOWS_CHROME), browserOf(IPHONE_SAFARI)];
    await enter(world, here, 'sms', { address });
    await enter(world, phone, 'sms', { address });
    receiver.answer = { status: 503 };
    const answer = await here.request(
      'POST',
      '/account/browsers/end',
      endForms(await here.open('/account'))[0],
    );
    const page = await here.open(String(answer.headers.location));
    expect(textOf(page)).toContain('管理画面sms お知らせ中');
    expect(page.body).toContain('http-equiv="refresh"');
    receiver.answer = { status: 204 };
    await world.database.db
      .updateTable('logout_delivery')
      .set({ state: 'delivered' })
      .where('state', '=', 'waiting')
      .execute();
    const later = await here.open(String(answer.headers.location));
    expect(textOf(later)).toContain('管理画面sms ログアウト済み');
    expect(later.body).not.toContain('http-equiv="refresh"');
  });

  it('all others at once: this one stays, each of the others is out', async () => {
    const { address, id } = await person();
    const browsers = [WINDOWS_CHROME, IPHONE_SAFARI, IPHONE_SAFARI, 'curl/8'].map((one) => browserOf(one));
    for (const browser of browsers) await enter(world, browser, 'sms', { address });
    const [here] = browsers as [Browser];
    const page = await here.open('/account');
    expect(textOf(page)).toContain('ほかのブラウザーをすべてログアウトさせる (3件)');
    const ended = await here.submit(page, '/account/browsers/end-others', {});
    expect(textOf(ended)).toContain('iPhone の Safari (2件)');
    expect(await Promise.all(browsers.map(isSignedIn))).toEqual([true, false, false, false]);
    expect((await logouts(id)).map(({ cause }) => cause)).toEqual(['person', 'person', 'person']);
    expect(textOf(await here.open('/account'))).toContain('ほかにログイン中のブラウザーはありません。');
  });

  it('20 at once of the same browser are one single logout', async () => {
    const { address, id } = await person();
    const [here, phone] = [browserOf(WINDOWS_CHROME), browserOf(IPHONE_SAFARI)];
    await enter(world, here, 'sms', { address });
    await enter(world, phone, 'sms', { address });
    const [form] = endForms(await here.open('/account'));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? here.request('POST', '/account/browsers/end', form)
          : here.request('POST', '/account/browsers/end-others', { account: id }),
      ),
    );
    expect(answers.every(({ statusCode }) => statusCode === 303 || statusCode === 409)).toBe(true);
    expect(await logouts(id)).toHaveLength(1);
    const deliveries = await world.database.db
      .selectFrom('logout_delivery')
      .select('id')
      .where('account_id', '=', id)
      .execute();
    expect(deliveries).toHaveLength(1);
  });

  it('one that ended meanwhile: the page says so, and nothing else changes', async () => {
    const { address, id } = await person();
    const [here, phone] = [browserOf(WINDOWS_CHROME), browserOf(IPHONE_SAFARI)];
    await signIn(here, '/sign-in', address);
    await signIn(phone, '/sign-in', address);
    const page = await here.open('/account');
    await phone.submit(await phone.open('/account'), '/sign-out', {});
    const answer = await here.request('POST', '/account/browsers/end', endForms(page)[0]);
    expect(answer.statusCode).toBe(409);
    expect(textOf(answer)).toContain('このブラウザーは、すでにログアウトしています。');
    expect(await logouts(id)).toHaveLength(1);
  });

  it('the person who was signed out elsewhere is asked to sign in, told that nothing was done, and comes back', async () => {
    const { address, id } = await person();
    const [here, phone] = [browserOf(WINDOWS_CHROME), browserOf(IPHONE_SAFARI)];
    await signIn(here, '/sign-in', address);
    await signIn(phone, '/sign-in', address);
    const page = await here.open('/account');
    await phone.submit(await phone.open('/account'), '/account/browsers/end-others', {});
    await phone.request('POST', '/account/browsers/end-others', { account: id });
    const answer = await here.submit(page, '/account/browsers/end', endForms(page)[0] ?? {});
    expect(textOf(answer)).toContain('ログインが終わっていたため、先ほどの操作は行われていません。');
    expect(await isSignedIn(phone)).toBe(true);
    const back = await here.submit(answer, '/sign-in?return_path=%2Faccount', {
      email_address: address,
      password: PASSWORD,
    });
    expect(back.path).toBe('/account');
  });
});

describe('A1: nobody ends another person’s browser', () => {
  it('by its id, known or guessed, nor reads what became of it', async () => {
    const [victim, attacker] = [await person(), await person()];
    const theirs = browserOf(WINDOWS_CHROME);
    await enter(world, theirs, 'sms', { address: victim.address });
    const { uid } = await world.database.db
      .selectFrom('sso_session')
      .select('uid')
      .where('account_id', '=', victim.id)
      .executeTakeFirstOrThrow();
    const mine = browserOf(IPHONE_SAFARI);
    await signIn(mine, '/sign-in', attacker.address);
    for (const browser of [
      uid,
      '',
      'x',
      '%',
      uid.slice(0, -1),
      `${uid}' or '1'='1`,
      '../',
      '0'.repeat(300),
    ]) {
      const answer = await mine.request('POST', '/account/browsers/end', { account: attacker.id, browser });
      expect(answer.statusCode, browser).toBe(409);
    }
    for (const account of [victim.id, '', 'acc_x']) {
      await mine.request('POST', '/account/browsers/end', { account, browser: uid });
      await mine.request('POST', '/account/browsers/end-others', { account });
    }
    await mine.request('POST', '/account/browsers/end-others', { account: attacker.id });
    expect(await isSignedIn(theirs)).toBe(true);
    expect(await logouts(victim.id)).toEqual([]);

    const ended = await theirs.request('POST', '/sign-out', {});
    expect(ended.statusCode).toBe(303);
    const foreign = await mine.request('GET', `/account/ended/${world.now.getTime()}`);
    expect(foreign.headers.location).toBe('/account');
  });

  it('A2: nor their own by another site’s form', async () => {
    const { address, id } = await person();
    const [here, phone] = [browserOf(WINDOWS_CHROME), browserOf(IPHONE_SAFARI)];
    await signIn(here, '/sign-in', address);
    await signIn(phone, '/sign-in', address);
    const [form] = endForms(await here.open('/account'));
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign)
      for (const [path, body] of [
        ['/account/browsers/end', form],
        ['/account/browsers/end-others', { account: id }],
        ['/account/password', { account: id, current_password: PASSWORD, password: 'x', confirmation: 'x' }],
      ] as const)
        expect((await here.request('POST', path, body, headers)).statusCode).toBe(403);
    for (const path of ['/account/browsers/end', '/account/browsers/end-others'])
      expect((await here.request('GET', path)).headers.location).toBe('/account');
    expect(await isSignedIn(phone)).toBe(true);
    expect(await logouts(id)).toEqual([]);
  });

  it('L5: a form that one person left open does nothing for the next one in the same browser', async () => {
    const [first, second] = [await person(), await person()];
    const shared = browserOf(WINDOWS_CHROME);
    await signIn(shared, '/sign-in', first.address);
    await signIn(browserOf(IPHONE_SAFARI), '/sign-in', first.address);
    const open = await shared.open('/account');
    const openPassword = await shared.open('/account/password');
    await shared.submit(open, '/sign-out', {});
    await signIn(shared, '/sign-in', second.address);
    const elsewhere = browserOf(IPHONE_SAFARI);
    await signIn(elsewhere, '/sign-in', second.address);
    for (const [page, path, typed] of [
      [open, '/account/browsers/end', endForms(open)[0] ?? {}],
      [open, '/account/browsers/end-others', { account: first.id }],
      [
        openPassword,
        '/account/password',
        { current_password: PASSWORD, password: 'Yama-no-oto 42 desu', confirmation: 'Yama-no-oto 42 desu' },
      ],
    ] as const) {
      const answer = await shared.submit(page, path, { ...typed, account: first.id });
      expect(answer.statusCode).toBe(409);
      expect(textOf(answer)).toContain('別の方がログインしました');
    }
    expect(await isSignedIn(elsewhere)).toBe(true);
    expect((await logouts(second.id)).length).toBe(0);
    expect((await logouts(first.id)).length).toBe(1);
  });
});

describe('R11: what happened to the account', () => {
  it('stands there in plain words with time, browser, console and place, and holds no secret', async () => {
    const { address } = await person();
    const stranger = browserOf('curl/8', '198.51.100.66');
    await stranger.request('POST', '/sign-in', { email_address: address, password: 'Chigau-yo 99!' });
    world.pass(1 * MINUTE);
    await stranger.request('POST', '/reset', { email_address: address });
    const mail = await world.nextMail(address);
    world.pass(1 * MINUTE);
    const here = browserOf(WINDOWS_CHROME, '203.0.113.7');
    await enter(world, here, 'sms', { address });
    const phone = browserOf(IPHONE_SAFARI, '203.0.113.8');
    world.pass(1 * MINUTE);
    await signIn(phone, '/sign-in', address);
    world.pass(1 * MINUTE);
    await here.request('POST', '/account/browsers/end', endForms(await here.open('/account'))[0]);
    const page = await here.open('/account/activity');
    const text = textOf(page);
    expect(text).toContain(
      '別のブラウザーからの操作で、ログアウトしました iPhone の Safari 操作した場所：IP 203.0.113.7',
    );
    expect(text).toContain('ログインしました iPhone の Safari IP 203.0.113.8');
    expect(text).toContain('ログインしました Windows の Chrome 管理画面sms IP 203.0.113.7');
    expect(text).toContain('パスワードを設定するための検証コードを、メールでお送りしました IP 198.51.100.66');
    expect(text).toContain(
      'パスワードが違うため、ログインできませんでした 種類の分からないブラウザー IP 198.51.100.66',
    );
    const code = /(\d{4}) (\d{4})/.exec(mail.text);
    for (const secret of [code?.[0], code?.[0].replace(' ', ''), PASSWORD, 'Chigau', 'curl/8'])
      expect(page.body).not.toContain(secret);
    expect(textOf(await here.open('/account'))).toContain('最近の記録');
  });

  it('page by page, of 90 days, of nobody else', async () => {
    const { address, id } = await person();
    const other = await person();
    const values = Array.from({ length: 45 }, (_, index) => ({
      at: new Date(world.now.getTime() - (index % 2 === 0 ? 1 : 3) * DAY),
      action: 'account.sign-in-refused',
      actor: 'anonymous',
      account_id: index === 44 ? other.id : id,
      console_id: null,
      client_ip: `192.0.2.${index}`,
      request_id: null,
      detail: '{}',
    }));
    const old = { ...values[0], at: new Date(world.now.getTime() - 91 * DAY), client_ip: '192.0.2.200' };
    await world.database.db
      .insertInto('audit_event')
      .values([old as (typeof values)[number], ...values])
      .execute();
    const browser = browserOf(WINDOWS_CHROME);
    await signIn(browser, '/sign-in', address);
    const seen: string[] = [];
    let page = await browser.open('/account/activity');
    for (let pages = 1; ; pages++) {
      seen.push(...[...page.body.matchAll(/(192\.0\.2\.\d+)/g)].map((one) => one[1] ?? ''));
      if (!textOf(page).includes('これより前の記録')) {
        expect(pages).toBe(3);
        expect(linkOf(page, '最新の記録へ')).toBe('/account/activity');
        break;
      }
      page = await browser.open(linkOf(page, 'これより前の記録'));
    }
    expect(seen).toHaveLength(44);
    expect(new Set(seen).size).toBe(44);
    expect(seen).not.toContain('192.0.2.200');
    expect(seen).not.toContain('192.0.2.44');
    for (const before of ['x', '-1', '9'.repeat(30), "1' or 1=1", '0'])
      expect(
        (await browser.request('GET', `/account/activity?before=${encodeURIComponent(before)}`)).statusCode,
      ).toBe(200);
  });
});

it('R8: the language that is chosen there is the account’s, for pages and mails', async () => {
  const { address, id } = await person();
  const browser = browserOf(WINDOWS_CHROME);
  await signIn(browser, '/sign-in', address);
  const page = await browser.open('/account');
  expect(page.body).toMatch(/value="ja"[^>]*checked/);
  const english = await browser.submit(page, '/language', { lang: 'en', return_path: '/account' });
  expect(english.path).toBe('/account');
  expect(english.body).toContain('<html lang="en"');
  expect(english.body).toMatch(/value="en"[^>]*checked/);
  const account = await world.database.db
    .selectFrom('account')
    .select('locale')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(account.locale).toBe('en');
});

it('J3: no page claims an end that did not happen', async () => {
  const { address } = await person();
  const browser = browserOf(WINDOWS_CHROME);
  await signIn(browser, '/sign-in', address);
  for (const moment of ['1', 'x', '9999999999999', String(world.now.getTime() - 1)])
    expect((await browser.open(`/account/ended/${moment}`)).path).toBe('/account');
});
