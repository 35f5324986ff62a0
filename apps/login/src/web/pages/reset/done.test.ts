import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { resetSteps } from '#test/reset-steps.ts';
import {
  authorizeUrl,
  codeIn,
  enter,
  linkOf,
  locationOf,
  otherCode,
  PASSWORD,
  redeem,
  signIn,
  textOf,
} from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(25 * HOUR));

const { person, atCodePage, finish, passwordOf } = resetSteps(() => world);

describe('R4: the third step', () => {
  it('alone: the person is signed in and sees where to go', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    const done = await finish(at, at.code);
    expect([done.statusCode, done.path]).toEqual([200, '/reset/done']);
    expect(textOf(done)).toContain('パスワードを設定しました');
    const list = await at.browser.open(linkOf(done, '利用できる管理画面の一覧へ'));
    expect(textOf(list)).toContain(`${address} でログインしています`);
    expect(linkOf(list, '開く')).toBe(
      'http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp',
    );
    expect(await passwordOf(id)).toMatchObject({ set_at: world.now });
  });

  it('R7: from a console the person comes back to it, to the page they came from', async () => {
    const { address } = await person();
    const target = 'http://sms.example.co.jp/settings?tab=1';
    const browser = new Browser(world);
    const ask = await browser.open(
      `/reset?client_id=sms&login_hint=${address}&target_link_uri=${encodeURIComponent(target)}&ui_locales=ja`,
    );
    expect(textOf(ask)).toContain('管理画面sms');
    expect(linkOf(ask, 'ログイン画面に戻る')).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start/);
    const page = await browser.submit(ask, '/reset', { email_address: address });
    const code = codeIn((await world.nextMail(address)).text);
    const back = locationOf(await finish({ browser, page }, code));
    expect(back.origin + back.pathname).toBe('http://sms.example.co.jp/auth/start');
    expect(Object.fromEntries(back.searchParams)).toEqual({
      iss: 'http://login.example.co.jp',
      target_link_uri: target,
    });
  });

  it.each([
    'http://evil.example/',
    'https://sms.example.co.jp/',
    'http://sms.example.co.jp.evil.example/',
    'http://sms.example.co.jp@evil.example/',
    '//evil.example/',
    'javascript:alert(1)',
    '/settings',
    'http://sms.example.co.jp:81/',
    '\\\\evil.example',
  ])('P1, R7: never to %s, whatever the link says', async (target) => {
    const { address } = await person();
    const browser = new Browser(world);
    const ask = await browser.open(`/reset?client_id=sms&target_link_uri=${encodeURIComponent(target)}`);
    expect(ask.statusCode).toBe(200);
    const page = await browser.submit(ask, '/reset', { email_address: address, target_link_uri: target });
    const code = codeIn((await world.nextMail(address)).text);
    expect(locationOf(await finish({ browser, page }, code)).href).toBe(
      'http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp',
    );
  });

  it('R3: under a pending sign-in it ends in the console’s callback', async () => {
    const { address, id } = await person();
    const { url, verifier } = authorizeUrl('sms');
    const browser = new Browser(world);
    const signInPage = await browser.open(url);
    const ask = await browser.open(linkOf(signInPage, 'はじめての方：パスワードを設定する'));
    const page = await browser.submit(ask, ask.path, { email_address: address });
    const callback = locationOf(
      await finish({ browser, page }, codeIn((await world.nextMail(address)).text)),
    );
    expect((await redeem(world, 'sms', callback, verifier)).sub).toBe(id);
    // Back and reload afterwards: the page says that it is done and leads on.
    const again = await browser.open(page.path);
    expect(textOf(again)).toContain('このお手続きは終わっています');
    expect(linkOf(again, '管理画面smsへ進む')).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start/);
    const second = await browser.request('POST', page.path, {
      code: '12345678',
      password: PASSWORD,
      confirmation: PASSWORD,
    });
    expect(textOf(second)).toContain('このお手続きは終わっています');
  });

  it('J3: two tabs on one request: one sets the password, the other says that it is done', async () => {
    const { address, id } = await person();
    const one = await atCodePage(address);
    const ask = await one.browser.open('/reset');
    const two = await one.browser.submit(ask, '/reset', { email_address: address.toUpperCase() });
    expect(two.path).toBe(`${one.page.path}?held=1`);
    expect((await finish(one, one.code)).path).toBe('/reset/done');
    const set = await passwordOf(id);
    expect(
      textOf(await finish({ browser: one.browser, page: two }, one.code, 'Yama-no-oto 42 desu')),
    ).toContain('このお手続きは終わっています');
    expect(await passwordOf(id)).toEqual(set);
  });

  it('signs in another person than the one who was signed in before, and two people never share a session', async () => {
    await world.addPerson('before@example.co.jp', { sms: 'before' }, { password: PASSWORD });
    const { address, id } = await person();
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'before@example.co.jp');
    const ask = await browser.open('/reset');
    const page = await browser.submit(ask, '/reset', { email_address: address });
    await finish({ browser, page }, codeIn((await world.nextMail(address)).text));
    expect(textOf(await browser.open('/'))).toContain(address);
    const rows = await world.database.db
      .selectFrom('single_logout')
      .select('cause')
      .where('at', '=', world.now)
      .execute();
    expect(rows).toEqual([{ cause: 'other-account' }]);
    expect((await enter(world, browser, 'sms', { address })).claims.sub).toBe(id);
  });
});

describe('R4: what a new password does', () => {
  it('tells the owner by mail, in the language of the request', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    await finish(at, at.code);
    const mail = await world.nextMail(address);
    expect(mail.subject).toBe('パスワードを設定しました｜絶対リーチ! 統合認証');
    expect(mail.text).toContain('統合認証のパスワードを設定しました。');
    expect(mail.text).toContain('各管理画面の従来のパスワードは変わっていません。');
    expect(mail.text).not.toContain(PASSWORD);

    const second = new Browser(world);
    world.pass(25 * HOUR);
    const ask = await second.open('/reset?ui_locales=en');
    const page = await second.submit(ask, '/reset', { email_address: address });
    const code = await world.nextMail(address);
    expect(code.subject).toBe('Your verification code (set a password) | Zettai Reach! Unified Login');
    await finish({ browser: second, page }, codeIn(code.text));
    expect((await world.nextMail(address)).subject).toBe(
      'Your password has been set | Zettai Reach! Unified Login',
    );
  });

  it('ends every other session of the account, tells their consoles, and leaves this browser and other people alone', async () => {
    const { address, id } = await person({ password: PASSWORD });
    await world.addPerson('bystander@example.co.jp', { sms: 'bystander' }, { password: PASSWORD });
    const [here, elsewhere, bystander] = [new Browser(world), new Browser(world), new Browser(world)];
    const mine = await enter(world, here, 'sms', { address });
    await enter(world, elsewhere, 'sms', { address });
    await enter(world, bystander, 'sms', { address: 'bystander@example.co.jp' });
    const ask = await here.open('/reset');
    const page = await here.submit(ask, '/reset', { email_address: address });
    await finish(
      { browser: here, page },
      codeIn((await world.nextMail(address)).text),
      'Yama-no-oto 42 desu',
    );

    expect((await elsewhere.open(authorizeUrl('sms').url)).body).toContain('autocomplete="current-password"');
    expect((await enter(world, here, 'sms', { address })).claims.sid).toBe(mine.claims.sid);
    expect((await bystander.open(authorizeUrl('sms').url)).statusCode).toBe(303);
    const ended = await world.database.db
      .selectFrom('single_logout')
      .select('cause')
      .where('account_id', '=', id)
      .execute();
    expect(ended).toEqual([{ cause: 'password-set' }]);
    for (const [password, status] of [
      [PASSWORD, 401],
      ['Yama-no-oto 42 desu', 303],
    ] as const)
      expect(
        (await new Browser(world).request('POST', '/sign-in', { email_address: address, password }))
          .statusCode,
      ).toBe(status);
  });

  it('R27: leaves its audit events, with neither code nor password in them', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    await finish(at, otherCode(at.code));
    await finish(at, at.code);
    const events = await world.database.db
      .selectFrom('audit_event')
      .selectAll()
      .where('at', '=', world.now)
      .orderBy('id')
      .execute();
    expect(events.map((event) => [event.action, event.account_id])).toEqual([
      ['code.requested', null],
      ['code.sent', id],
      ['code.refused', id],
      ['password.set', id],
    ]);
    expect(events.every((event) => event.client_ip === at.browser.ip)).toBe(true);
    expect(
      events.every((event) => event.action === 'code.sent' || event.request_id?.startsWith('req_')),
    ).toBe(true);
    expect(JSON.stringify(events)).not.toMatch(new RegExp(`${at.code}|${PASSWORD}`));
  });

  it('an account that is suspended in between sets no password', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    const answer = await finish(at, at.code);
    expect(answer.statusCode).toBe(422);
    expect(textOf(answer)).toContain('検証コードが違います。');
    expect(await passwordOf(id)).toBeUndefined();
    world.pass(2 * MINUTE);
  });
});
