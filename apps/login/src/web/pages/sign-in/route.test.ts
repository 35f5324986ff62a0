import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, linkOf, locationOf, PASSWORD, redeem, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  await world.addConsole('mail');
  await world.addConsole('plain', { initiateLoginUri: null });
  await world.addPerson('taro@example.co.jp', { sms: '1', mail: '1', plain: '1' }, { password: PASSWORD });
});
afterAll(() => world.close());

const open = (extra?: Record<string, string>, browser = new Browser(world)): Promise<Answer> =>
  browser.open(authorizeUrl('sms', extra).url);

describe('R2: the sign-in page', () => {
  it('has its texts, fields and links', async () => {
    const page = await open();
    expect(page.statusCode).toBe(200);
    expect(page.body).toMatch(/<html[^>]* lang="ja"/);
    const text = textOf(page);
    for (const part of [
      '絶対リーチ! 統合認証',
      '管理画面sms',
      'このページを表示するには、ログインが必要です。',
      'ログインID',
      'パスワード',
      'はじめてご利用の方へ',
      '先にパスワードの設定が必要です',
    ])
      expect(text).toContain(part);
    expect(page.body).toMatch(/<button[^>]*>ログイン<\/button>/);
    expect(page.body).toContain(`href="${page.path}/reset"`);
    expect(page.body.match(new RegExp(`href="${page.path}/reset"`, 'g'))).toHaveLength(2);
    expect(page.body).toMatch(/<a[^>]*>パスワードを忘れた方はこちら<\/a>/);
    expect(page.body).toMatch(
      /name="email_address"[^>]*autocomplete="username"|autocomplete="username"[^>]*name="email_address"/,
    );
    expect(page.body).toMatch(
      /name="password"[^>]*autocomplete="current-password"|autocomplete="current-password"[^>]*name="password"/,
    );
    expect(page.body).toContain('type="password"');
  });

  it('R8: is complete in English', async () => {
    const page = await open({ ui_locales: 'en' });
    expect(page.body).toMatch(/<html[^>]* lang="en"/);
    const text = textOf(page);
    for (const part of [
      'Zettai Reach! Unified Login',
      'Console sms',
      'You need to sign in to see this page.',
      'Login ID',
      'Password',
      'Forgot your password?',
      'Here for the first time?',
    ])
      expect(text).toContain(part);
    expect(text.replace('日本語', '')).not.toMatch(/[぀-ヿ一-鿿]/);
  });

  it('has the login ID filled in that the console names, and nothing when it names none', async () => {
    expect((await open({ login_hint: 'taro@example.co.jp' })).body).toMatch(
      /name="email_address"[^>]*value="taro@example.co.jp"/,
    );
    expect((await open()).body).not.toMatch(/name="email_address"[^>]*value="[^"]/);
  });

  it('A2: shows what others put into a link as text', async () => {
    const hint = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    const page = await open({ login_hint: hint });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('<script>alert');
    expect(page.body).not.toContain('<img src=x');
  });

  it('R19: looks like the console on the way to which it stands, and names whom that console has people ask', async () => {
    const console = (colour: string | null, contact: string) =>
      world.database.db
        .updateTable('console')
        .set({ key_colour: colour, support_contact_ja: contact })
        .where('client_id', '=', 'sms')
        .execute();
    const before = (await open()).body;
    await console('#1a4fa3', '見本サポート窓口 03-0000-0000');
    world.app.forgetCaches();
    const page = (await open()).body;
    expect(before).not.toContain('login-1a4fa3');
    expect(page).toMatch(/href="\/assets\/brand-login-1a4fa3-[0-9a-f]{12}\.css"/);
    expect(page).toContain('見本サポート窓口 03-0000-0000');
    const reset = await new Browser(world).open('/reset?client_id=sms');
    expect(reset.body).toContain('見本サポート窓口 03-0000-0000');
    await console(null, '');
    world.app.forgetCaches();
    expect((await open()).body).not.toContain('見本サポート窓口');
  });

  it('R6: says during the parallel period that the two passwords are independent, and leads back to the legacy login', async () => {
    const plan = (linkAt: Date | null, cutOverAt: Date | null) =>
      world.database.db
        .updateTable('migration_plan')
        .set({ link_at: linkAt, cut_over_at: cutOverAt })
        .execute();
    const [past, future] = [new Date(world.now.getTime() - HOUR), new Date(world.now.getTime() + HOUR)];
    const note = '片方を変えても、もう片方は変わりません';
    await plan(future, null);
    expect((await open()).body).not.toContain(note);
    await plan(world.now, future);
    const page = await open();
    expect(page.body).toContain(note);
    expect(page.body).toContain('href="http://sms.example.co.jp/"');
    await plan(past, world.now);
    expect((await open()).body).not.toContain(note);
    await plan(null, null);
  });

  it('R3: every page leads to the reset, with a pending sign-in and alone', async () => {
    for (const start of [authorizeUrl('sms').url, '/sign-in', '/sign-in/never-was'])
      for (const text of ['パスワードを忘れた方はこちら', 'はじめての方：パスワードを設定する']) {
        const browser = new Browser(world);
        const ask = await browser.open(linkOf(await browser.open(start), text));
        expect(ask.statusCode).toBe(200);
        expect(textOf(ask)).toContain('検証コードをメールでお送りします');
        expect((await browser.open(linkOf(ask, 'ログイン画面に戻る'))).body).toContain(
          'autocomplete="current-password"',
        );
      }
  });

  it('survives reload and a second tab: both lead into the console', async () => {
    const browser = new Browser(world);
    const [one, two] = [authorizeUrl('sms'), authorizeUrl('mail')];
    const first = await browser.open(one.url);
    const second = await browser.open(two.url);
    expect((await browser.open(first.path)).body).toContain('管理画面sms');
    const done = await browser.submit(second, second.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect((await redeem(world, 'mail', locationOf(done), two.verifier)).console_user_id).toBe('1');
    const other = await browser.submit(first, first.path, {
      email_address: 'taro@example.co.jp',
      password: PASSWORD,
    });
    expect((await redeem(world, 'sms', locationOf(other), one.verifier)).console_user_id).toBe('1');
  });
});

describe('R2: what the sign-in page refuses', () => {
  it.each([
    [
      'no login ID',
      { email_address: '', password: PASSWORD },
      422,
      'ログインID（メールアドレス）を入力してください。',
      'Enter your login ID (e-mail address).',
    ],
    [
      'spaces as the login ID',
      { email_address: ' 　 ', password: PASSWORD },
      422,
      'ログインID（メールアドレス）を入力してください。',
      'Enter your login ID (e-mail address).',
    ],
    [
      'a malformed login ID',
      { email_address: 'taro@@example', password: PASSWORD },
      422,
      'ログインIDをメールアドレスの形で入力してください。例：taro@example.co.jp',
      'Enter your login ID in the form of an e-mail address, such as taro@example.co.jp.',
    ],
    [
      'no password',
      { email_address: 'taro@example.co.jp', password: '' },
      422,
      'パスワードを入力してください。',
      'Enter your password.',
    ],
    [
      'a wrong password',
      { email_address: 'taro@example.co.jp', password: 'wrong' },
      401,
      'ログインIDまたはパスワードが違います。',
      'Login ID or password is wrong.',
    ],
    [
      'an unknown login ID',
      { email_address: 'nobody@example.co.jp', password: PASSWORD },
      401,
      'ログインIDまたはパスワードが違います。',
      'Login ID or password is wrong.',
    ],
  ])('%s', async (_name, typed, status, ja, en) => {
    for (const [locale, sentence] of [
      ['ja', ja],
      ['en', en],
    ] as const) {
      const browser = new Browser(world);
      const page = await open({ ui_locales: locale }, browser);
      const answer = await browser.submit(page, page.path, typed);
      expect(answer.statusCode).toBe(status);
      expect(textOf(answer)).toContain(sentence);
      if (typed.email_address.trim())
        expect(answer.body).toMatch(new RegExp(`name="email_address"[^>]*value="${typed.email_address}"`));
      expect(answer.body).not.toContain(PASSWORD);
      expect(answer.body).toContain('aria-invalid="true"');
    }
  });

  it('J4: the login ID that stays in the field is shown as text, and full-width typing is understood', async () => {
    const browser = new Browser(world);
    const page = await open({}, browser);
    const hostile = await browser.submit(page, page.path, {
      email_address: '"><script>alert(1)</script>',
      password: 'x',
    });
    expect(hostile.statusCode).toBe(422);
    expect(hostile.body).not.toContain('<script>alert');
    const done = await browser.submit(page, page.path, {
      email_address: ' Ｔａｒｏ＠Example.CO.jp',
      password: 'Ｋａｗａ－ｎｏ－ｏｔｏ ４１ ｄｅｓｕ',
    });
    expect(locationOf(done).host).toBe('sms.example.co.jp');
  });

  it('C4: wrong, unknown, without a password and suspended are byte-equal in status, headers and body', async () => {
    await world.addPerson('aaa1@example.co.jp', { sms: 'a1' }, { password: PASSWORD });
    await world.addPerson('aaa2@example.co.jp', { sms: 'a2' });
    await world.addPerson('aaa3@example.co.jp', { sms: 'a3' }, { password: PASSWORD, state: 'suspended' });
    await world.addPerson('aaa4@example.co.jp', {}, { password: PASSWORD });
    const seen = [];
    for (const who of ['aaa1', 'aaa2', 'aaa3', 'aaa4', 'aaa5'])
      for (const password of who === 'aaa3' ? ['wrong-password-here', PASSWORD] : ['wrong-password-here']) {
        const browser = new Browser(world);
        const page = await open({}, browser);
        const answer = await browser.submit(page, page.path, {
          email_address: `${who}@example.co.jp`,
          password,
        });
        const mask = (text: string) =>
          text
            .replaceAll(page.path, '/sign-in/UID')
            .replaceAll(who, 'WHO')
            .replaceAll(String(answer.headers['x-request-id']), 'REQ');
        const { date: _, ...headers } = answer.headers;
        seen.push({
          who,
          status: answer.statusCode,
          headers: mask(JSON.stringify(headers)),
          body: mask(answer.body),
        });
      }
    for (const one of seen) expect({ ...one, who: '' }).toEqual({ ...seen[0], who: '' });
    expect(seen[0]?.status).toBe(401);
  });
});
