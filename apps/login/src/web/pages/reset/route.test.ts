import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, codeIn, enter, linkOf, locationOf, otherCode, PASSWORD, redeem, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let people = 0;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(25 * HOUR));

/** A person of the SMS console, without a password unless one is given. */
async function person(options: Parameters<World['addPerson']>[2] = {}): Promise<{ address: string; id: string }> {
  const address = `reset${++people}@example.co.jp`;
  return { address, id: await world.addPerson(address, { sms: String(people) }, options) };
}

/** A browser on the code page of a request that it made, with the code that was mailed. */
async function atCodePage(address: string, start = '/reset'): Promise<{ browser: Browser; page: Answer; code: string }> {
  const browser = new Browser(world);
  const ask = await browser.open(start);
  const page = await browser.submit(ask, start.split('?')[0] ?? start, { email_address: address });
  expect(textOf(page)).toContain('検証コード');
  return { browser, page, code: codeIn((await world.nextMail(address)).text) };
}

const finish = (at: { browser: Browser; page: Answer }, code: string, password = PASSWORD, confirmation = password): Promise<Answer> =>
  at.browser.submit(at.page, at.page.path, { code, password, confirmation });

const passwordOf = (accountId: string) => world.database.db.selectFrom('password_credential').selectAll().where('account_id', '=', accountId).executeTakeFirst();

describe('R4: the first page', () => {
  it('has its texts and names the sender and domain that filters must let through', async () => {
    const page = await new Browser(world).open('/reset');
    const text = textOf(page);
    for (const part of ['パスワードを忘れた方', 'メールアドレス', '送信する', 'ログイン画面に戻る', '送信元アドレス: no-reply@login.example.co.jp', '許可するドメイン: login.example.co.jp', '迷惑メールフォルダー', '管理画面の従来のパスワードは変わりません']) expect(text).toContain(part);
    expect(page.body).toContain('autocomplete="username"');
    const english = textOf(await new Browser(world).open('/reset?ui_locales=en'));
    for (const part of ['Forgot your password?', 'E-mail address', 'Send', 'Back to the sign-in page', 'spam folder']) expect(english).toContain(part);
  });

  it.each([
    ['nothing', '', 'メールアドレスを入力してください。', 'Enter your e-mail address.'],
    ['no address', 'taro', 'メールアドレスの形で入力してください。例：taro@example.co.jp', 'Enter it in the form of an e-mail address, such as taro@example.co.jp.'],
    ['two addresses', 'a@example.co.jp,b@example.co.jp', 'メールアドレスの形で入力してください。', 'Enter it in the form of an e-mail address'],
    ['markup', '"><b>x</b>@example.co.jp', 'メールアドレスの形で入力してください。', 'Enter it in the form of an e-mail address'],
  ])('J4: %s is refused with a sentence, and stays in the field', async (_name, typed, ja, en) => {
    for (const [locale, sentence] of [['ja', ja], ['en', en]] as const) {
      const browser = new Browser(world);
      const ask = await browser.open(`/reset?ui_locales=${locale}`);
      const answer = await browser.submit(ask, '/reset', { email_address: typed });
      expect(answer.statusCode).toBe(422);
      expect(textOf(answer)).toContain(sentence);
      expect(answer.body).not.toContain('<b>x</b>');
      if (/^[a-z@.,]+$/.test(typed)) expect(answer.body).toContain(`value="${typed}"`);
    }
  });

  it('V3: a repeated field, a list and a header in the address send nothing to anyone', async () => {
    const before = world.mails.length;
    const browser = new Browser(world);
    for (const payload of ['email_address=a%40example.co.jp&email_address=b%40example.co.jp', 'email_address[]=a%40example.co.jp', 'email_address=a%40example.co.jp%0d%0aBcc:%20b%40example.co.jp', 'email_address=a%40example.co.jp%00', 'email_address=%22a%22%40example.co.jp'])
      expect([400, 422]).toContain((await world.app.server.inject({ method: 'POST', url: '/reset', remoteAddress: browser.ip, headers: { host: 'login.example.co.jp', origin: world.config.issuer, 'content-type': 'application/x-www-form-urlencoded' }, payload })).statusCode);
    expect(await world.database.db.selectFrom('message').select('id').where('created_at', '>=', world.now).execute()).toEqual([]);
    expect(world.mails).toHaveLength(before);
  });

  it('R7: has the address of the console’s link filled in, as text', async () => {
    expect((await new Browser(world).open('/reset?client_id=sms&login_hint=taro%40example.co.jp')).body).toMatch(/value="taro@example.co.jp"/);
    const hostile = await new Browser(world).open(`/reset?login_hint=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(hostile.body).not.toContain('<script>alert');
  });
});

describe('R4: the code page', () => {
  it('has its texts, fields and rules, and survives reload', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    for (const page of [at.page, await at.browser.open(at.page.path)]) {
      expect(page.statusCode).toBe(200);
      const text = textOf(page);
      for (const part of [`${address} 宛てに検証コードをお送りしました。`, '検証コード', '新しいパスワード', '新しいパスワード (確認用)', 'パスワードを設定する', 'ログイン画面に戻る', '検証コードをもう一度送る', '8文字以上', '英小文字を1文字以上', '英大文字を1文字以上', '数字を1文字以上', '記号を1文字以上']) expect(text).toContain(part);
      expect(page.body).toContain('autocomplete="one-time-code"');
      expect(page.body.match(/autocomplete="new-password"/g)).toHaveLength(2);
      expect(text).toContain('あと60秒で、もう一度送れます。');
    }
    world.pass(59 * SECOND);
    expect(textOf(await at.browser.open(at.page.path))).toContain('あと1秒で');
    expect(textOf(await at.browser.open(`${at.page.path}?ui_locales=en`))).toContain('Verification code');
  });

  const RULES: [string, string, string, string][] = [
    ['too short', 'Kaw4-no', '8文字以上にしてください。', 'Use at least 8 characters.'],
    ['no lower-case letter', 'KAWA-NO-OTO 41', '英小文字を入れてください。', 'Add a lower-case letter.'],
    ['no upper-case letter', 'kawa-no-oto 41', '英大文字を入れてください。', 'Add an upper-case letter.'],
    ['no digit', 'Kawa-no-oto yon', '数字を入れてください。', 'Add a digit.'],
    ['no symbol', 'Kawanooto41desu', '記号を入れてください。', 'Add a symbol.'],
    ['too long', `Aa1! ${'kawa'.repeat(40)}`, '128文字以内にしてください。', 'Use at most 128 characters.'],
    ['far too long', `Aa1! ${'kawa'.repeat(400)}`, '128文字以内にしてください。', 'Use at most 128 characters.'],
    ['one’s address', 'Login.example.co.jp-1', 'メールアドレスを含まないものにしてください。', 'Leave your e-mail address out of it.'],
    ['a common word', 'Password1!', '推測されやすいパスワードです。', 'This password is easy to guess.'],
  ];
  it('J4, R5: each broken rule has its sentence in both languages, the code stays, the password does not, and no code is used up', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    for (const [, password, ja, en] of RULES)
      for (const [locale, sentence] of [['ja', ja], ['en', en]] as const) {
        at.browser.cookies.set('lang;/', { value: locale, path: '/' });
        const own = password.startsWith('Login') ? `${address}-A1` : password;
        const answer = await finish(at, at.code, own);
        expect(answer.statusCode).toBe(422);
        expect(textOf(answer)).toContain(sentence);
        expect(answer.body).toMatch(new RegExp(`name="code"[^>]*value="${at.code}"|value="${at.code}"[^>]*name="code"`));
        expect(answer.body).not.toContain(own);
      }
    at.browser.cookies.delete('lang;/');
    expect(await passwordOf(id)).toBeUndefined();
    expect((await finish(at, at.code)).path).toBe('/reset/done');
  });

  it('J4: one’s own name and company are refused too, but only to who has the code', async () => {
    const { address, id } = await person({ name: 'Hanazono Kirarinmaru' });
    const at = await atCodePage(address);
    const wrong = await finish(at, otherCode(at.code), 'Kirarinmaru-1');
    expect(textOf(wrong)).toContain('検証コードが違います。');
    expect(textOf(wrong)).not.toContain('推測されやすい');
    const right = await finish(at, at.code, 'Kirarinmaru-1');
    expect(textOf(right)).toContain('推測されやすいパスワードです。');
    expect(await passwordOf(id)).toBeUndefined();
    expect((await finish(at, at.code)).path).toBe('/reset/done');
  });

  it('J4: everything that is wrong with the form is said at once', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    const answer = await finish(at, '', 'kawa', 'kawb');
    expect(answer.statusCode).toBe(422);
    for (const sentence of ['メールで届いた検証コードを入力してください。', '8文字以上にしてください。', '英大文字を入れてください。', '「新しいパスワード」と同じものを、もう一度入力してください。', '入力内容をご確認ください']) expect(textOf(answer)).toContain(sentence);
    expect(textOf(await finish(at, '1234567'))).toContain('検証コードは8桁の数字です。');
    expect(textOf(await finish(at, at.code, PASSWORD, `${PASSWORD} `))).toContain('同じものを、もう一度入力してください。');
    expect((await finish(at, at.code)).path).toBe('/reset/done');
  });

  it('V1: another browser’s page is none at all, whoever holds the code', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    const thief = new Browser(world);
    for (const browser of [thief, Object.assign(new Browser(world), { ip: at.browser.ip })]) {
      const opened = await browser.open(at.page.path);
      expect(opened.statusCode).toBe(404);
      expect(textOf(opened)).toContain('もう一度はじめからお手続きください');
      expect(opened.body).not.toContain(address);
      expect((await browser.request('POST', at.page.path, { code: at.code, password: PASSWORD, confirmation: PASSWORD })).statusCode).toBe(404);
      expect((await browser.request('POST', `${at.page.path}/resend`, {})).statusCode).toBe(404);
    }
    // A browser with a secret of its own, from a request of its own.
    await thief.request('POST', '/reset', { email_address: 'other@example.co.jp' });
    expect((await thief.request('POST', at.page.path, { code: at.code, password: PASSWORD, confirmation: PASSWORD })).statusCode).toBe(404);
    expect(await passwordOf(id)).toBeUndefined();
  });

  it('a page that never was, and one older than a day, say how to begin again', async () => {
    const { address } = await person();
    const at = await atCodePage(address);
    world.pass(24 * HOUR - 1);
    expect((await at.browser.open(at.page.path)).statusCode).toBe(200);
    world.pass(1);
    for (const path of [at.page.path, '/reset/vrq_never', '/reset/%E2%9C%93']) {
      const page = await at.browser.open(path);
      expect(page.statusCode).toBe(404);
      expect(linkOf(page, '検証コードを申し込む')).toBe('/reset');
      expect(linkOf(page, 'ログイン画面に戻る')).toBe('/sign-in');
    }
  });
});

describe('R4: the third step', () => {
  it('alone: the person is signed in and sees where to go', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    const done = await finish(at, at.code);
    expect([done.statusCode, done.path]).toEqual([200, '/reset/done']);
    expect(textOf(done)).toContain('パスワードを設定しました');
    const list = await at.browser.open(linkOf(done, '利用できる管理画面の一覧へ'));
    expect(textOf(list)).toContain(`${address} でログインしています`);
    expect(linkOf(list, '開く')).toBe('http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp');
    expect(await passwordOf(id)).toMatchObject({ set_at: world.now });
  });

  it('R7: from a console the person comes back to it, to the page they came from', async () => {
    const { address } = await person();
    const target = 'http://sms.example.co.jp/settings?tab=1';
    const browser = new Browser(world);
    const ask = await browser.open(`/reset?client_id=sms&login_hint=${address}&target_link_uri=${encodeURIComponent(target)}&ui_locales=ja`);
    expect(textOf(ask)).toContain('管理画面sms');
    expect(linkOf(ask, 'ログイン画面に戻る')).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start/);
    const page = await browser.submit(ask, '/reset', { email_address: address });
    const code = codeIn((await world.nextMail(address)).text);
    const back = locationOf(await finish({ browser, page }, code));
    expect(back.origin + back.pathname).toBe('http://sms.example.co.jp/auth/start');
    expect(Object.fromEntries(back.searchParams)).toEqual({ iss: 'http://login.example.co.jp', target_link_uri: target });
  });

  it.each(['http://evil.example/', 'https://sms.example.co.jp/', 'http://sms.example.co.jp.evil.example/', 'http://sms.example.co.jp@evil.example/', '//evil.example/', 'javascript:alert(1)', '/settings', 'http://sms.example.co.jp:81/', '\\\\evil.example'])(
    'P1, R7: never to %s, whatever the link says',
    async (target) => {
      const { address } = await person();
      const browser = new Browser(world);
      const ask = await browser.open(`/reset?client_id=sms&target_link_uri=${encodeURIComponent(target)}`);
      expect(ask.statusCode).toBe(200);
      const page = await browser.submit(ask, '/reset', { email_address: address, target_link_uri: target });
      const code = codeIn((await world.nextMail(address)).text);
      expect(locationOf(await finish({ browser, page }, code)).href).toBe('http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp');
    },
  );

  it('R3: under a pending sign-in it ends in the console’s callback', async () => {
    const { address, id } = await person();
    const { url, verifier } = authorizeUrl('sms');
    const browser = new Browser(world);
    const signInPage = await browser.open(url);
    const ask = await browser.open(linkOf(signInPage, 'はじめての方：パスワードを設定する'));
    const page = await browser.submit(ask, ask.path, { email_address: address });
    const callback = locationOf(await finish({ browser, page }, codeIn((await world.nextMail(address)).text)));
    expect((await redeem(world, 'sms', callback, verifier)).sub).toBe(id);
    // Back and reload afterwards: the page says that it is done and leads on.
    const again = await browser.open(page.path);
    expect(textOf(again)).toContain('このお手続きは終わっています');
    expect(linkOf(again, '続ける')).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start/);
    const second = await browser.request('POST', page.path, { code: '12345678', password: PASSWORD, confirmation: PASSWORD });
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
    expect(textOf(await finish({ browser: one.browser, page: two }, one.code, 'Yama-no-oto 42 desu'))).toContain('このお手続きは終わっています');
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
    const rows = await world.database.db.selectFrom('single_logout').select('cause').where('at', '=', world.now).execute();
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
    expect((await world.nextMail(address)).subject).toBe('Your password has been set | Zettai Reach! Unified Login');
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
    await finish({ browser: here, page }, codeIn((await world.nextMail(address)).text), 'Yama-no-oto 42 desu');

    expect((await elsewhere.open(authorizeUrl('sms').url)).body).toContain('autocomplete="current-password"');
    expect((await enter(world, here, 'sms', { address })).claims.sid).toBe(mine.claims.sid);
    expect((await bystander.open(authorizeUrl('sms').url)).statusCode).toBe(303);
    const ended = await world.database.db.selectFrom('single_logout').select('cause').where('account_id', '=', id).execute();
    expect(ended).toEqual([{ cause: 'password-set' }]);
    for (const [password, status] of [[PASSWORD, 401], ['Yama-no-oto 42 desu', 303]] as const)
      expect((await new Browser(world).request('POST', '/sign-in', { email_address: address, password })).statusCode).toBe(status);
  });

  it('R27: leaves its audit events, with neither code nor password in them', async () => {
    const { address, id } = await person();
    const at = await atCodePage(address);
    await finish(at, otherCode(at.code));
    await finish(at, at.code);
    const events = await world.database.db.selectFrom('audit_event').selectAll().where('at', '=', world.now).orderBy('id').execute();
    expect(events.map((event) => [event.action, event.account_id])).toEqual([['code.requested', null], ['code.refused', id], ['password.set', id]]);
    expect(events.every((event) => event.client_ip === at.browser.ip && event.request_id?.startsWith('req_'))).toBe(true);
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
