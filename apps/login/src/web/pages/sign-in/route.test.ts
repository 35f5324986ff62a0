import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { authorizeUrl, enter, linkOf, locationOf, PASSWORD, redeem, signIn, textOf } from '#test/steps.ts';
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

const open = (extra?: Record<string, string>, browser = new Browser(world)): Promise<Answer> => browser.open(authorizeUrl('sms', extra).url);

describe('R2: the sign-in page', () => {
  it('has its texts, fields and links', async () => {
    const page = await open();
    expect(page.statusCode).toBe(200);
    expect(page.body).toMatch(/<html[^>]* lang="ja"/);
    const text = textOf(page);
    for (const part of ['絶対リーチ! 統合認証', '管理画面sms', 'このページを表示するには、ログインが必要です。', 'ログインID', 'パスワード', 'はじめてご利用の方へ', '先にパスワードの設定が必要です']) expect(text).toContain(part);
    expect(page.body).toMatch(/<button[^>]*>ログイン<\/button>/);
    expect(page.body).toContain(`href="${page.path}/reset"`);
    expect(page.body.match(new RegExp(`href="${page.path}/reset"`, 'g'))).toHaveLength(2);
    expect(page.body).toMatch(/<a[^>]*>パスワードを忘れた方はこちら<\/a>/);
    expect(page.body).toMatch(/name="email_address"[^>]*autocomplete="username"|autocomplete="username"[^>]*name="email_address"/);
    expect(page.body).toMatch(/name="password"[^>]*autocomplete="current-password"|autocomplete="current-password"[^>]*name="password"/);
    expect(page.body).toContain('type="password"');
  });

  it('R8: is complete in English', async () => {
    const page = await open({ ui_locales: 'en' });
    expect(page.body).toMatch(/<html[^>]* lang="en"/);
    const text = textOf(page);
    for (const part of ['Zettai Reach! Unified Login', 'Console sms', 'You need to sign in to see this page.', 'Login ID', 'Password', 'Forgot your password?', 'Here for the first time?']) expect(text).toContain(part);
    expect(text.replace('日本語', '')).not.toMatch(/[぀-ヿ一-鿿]/);
  });

  it('has the login ID filled in that the console names, and nothing when it names none', async () => {
    expect((await open({ login_hint: 'taro@example.co.jp' })).body).toMatch(/name="email_address"[^>]*value="taro@example.co.jp"/);
    expect((await open()).body).not.toMatch(/name="email_address"[^>]*value="[^"]/);
  });

  it('A2: shows what others put into a link as text', async () => {
    const hint = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    const page = await open({ login_hint: hint });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('<script>alert');
    expect(page.body).not.toContain('<img src=x');
  });

  it('R6: says during the parallel period that the two passwords are independent, and leads back to the legacy login', async () => {
    const plan = (linkAt: Date | null, cutOverAt: Date | null) => world.database.db.updateTable('migration_plan').set({ link_at: linkAt, cut_over_at: cutOverAt }).execute();
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
        expect((await browser.open(linkOf(ask, 'ログイン画面に戻る'))).body).toContain('autocomplete="current-password"');
      }
  });

  it('survives reload and a second tab: both lead into the console', async () => {
    const browser = new Browser(world);
    const [one, two] = [authorizeUrl('sms'), authorizeUrl('mail')];
    const first = await browser.open(one.url);
    const second = await browser.open(two.url);
    expect((await browser.open(first.path)).body).toContain('管理画面sms');
    const done = await browser.submit(second, second.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect((await redeem(world, 'mail', locationOf(done), two.verifier)).console_user_id).toBe('1');
    const other = await browser.submit(first, first.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect((await redeem(world, 'sms', locationOf(other), one.verifier)).console_user_id).toBe('1');
  });
});

describe('R2: what the sign-in page refuses', () => {
  it.each([
    ['no login ID', { email_address: '', password: PASSWORD }, 422, 'ログインID（メールアドレス）を入力してください。', 'Enter your login ID (e-mail address).'],
    ['spaces as the login ID', { email_address: ' 　 ', password: PASSWORD }, 422, 'ログインID（メールアドレス）を入力してください。', 'Enter your login ID (e-mail address).'],
    ['a malformed login ID', { email_address: 'taro@@example', password: PASSWORD }, 422, 'ログインIDをメールアドレスの形で入力してください。例：taro@example.co.jp', 'Enter your login ID in the form of an e-mail address, such as taro@example.co.jp.'],
    ['no password', { email_address: 'taro@example.co.jp', password: '' }, 422, 'パスワードを入力してください。', 'Enter your password.'],
    ['a wrong password', { email_address: 'taro@example.co.jp', password: 'wrong' }, 401, 'ログインIDまたはパスワードが違います。', 'Login ID or password is wrong.'],
    ['an unknown login ID', { email_address: 'nobody@example.co.jp', password: PASSWORD }, 401, 'ログインIDまたはパスワードが違います。', 'Login ID or password is wrong.'],
  ])('%s', async (_name, typed, status, ja, en) => {
    for (const [locale, sentence] of [['ja', ja], ['en', en]] as const) {
      const browser = new Browser(world);
      const page = await open({ ui_locales: locale }, browser);
      const answer = await browser.submit(page, page.path, typed);
      expect(answer.statusCode).toBe(status);
      expect(textOf(answer)).toContain(sentence);
      if (typed.email_address.trim()) expect(answer.body).toMatch(new RegExp(`name="email_address"[^>]*value="${typed.email_address}"`));
      expect(answer.body).not.toContain(PASSWORD);
      expect(answer.body).toContain('aria-invalid="true"');
    }
  });

  it('J4: the login ID that stays in the field is shown as text, and full-width typing is understood', async () => {
    const browser = new Browser(world);
    const page = await open({}, browser);
    const hostile = await browser.submit(page, page.path, { email_address: '"><script>alert(1)</script>', password: 'x' });
    expect(hostile.statusCode).toBe(422);
    expect(hostile.body).not.toContain('<script>alert');
    const done = await browser.submit(page, page.path, { email_address: ' Ｔａｒｏ＠Example.CO.jp', password: 'Ｋａｗａ－ｎｏ－ｏｔｏ ４１ ｄｅｓｕ' });
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
        const answer = await browser.submit(page, page.path, { email_address: `${who}@example.co.jp`, password });
        const mask = (text: string) => text.replaceAll(page.path, '/sign-in/UID').replaceAll(who, 'WHO').replaceAll(String(answer.headers['x-request-id']), 'REQ');
        const { date: _, ...headers } = answer.headers;
        seen.push({ who, status: answer.statusCode, headers: mask(JSON.stringify(headers)), body: mask(answer.body) });
      }
    for (const one of seen) expect({ ...one, who: '' }).toEqual({ ...seen[0], who: '' });
    expect(seen[0]?.status).toBe(401);
  });
});

describe('R3: a sign-in always leads on', () => {
  it('into the console’s entrance when the pending sign-in ended meanwhile', async () => {
    const browser = new Browser(world);
    const page = await open({}, browser);
    world.pass(61 * MINUTE);
    const answer = await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect(locationOf(answer).href).toBe('http://sms.example.co.jp/auth/start?iss=http%3A%2F%2Flogin.example.co.jp');
    expect(locationOf(await browser.open(authorizeUrl('sms').url)).searchParams.get('code')).toBeTruthy();
  });

  it('into the console’s home page when it has no entrance', async () => {
    const browser = new Browser(world);
    const page = await browser.open(authorizeUrl('plain').url);
    world.pass(61 * MINUTE);
    const answer = await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect(locationOf(answer).href).toBe('http://plain.example.co.jp/');
  });

  it('the page of an ended sign-in leads to the console that it was for, in this browser and in another', async () => {
    const browser = new Browser(world);
    const page = await open({}, browser);
    await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    for (const one of [browser, new Browser(world)]) expect(locationOf(await one.open(page.path)).href).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/start\?iss=/);
  });

  it('a page that never was is the sign-in page alone, and leads to the list of consoles', async () => {
    const browser = new Browser(world);
    for (const path of ['/sign-in/never-was', '/sign-in', '/sign-in/%E2%9C%93']) {
      const page = await browser.open(path);
      expect(page.statusCode).toBe(200);
      expect(textOf(page)).toContain('ご利用の管理画面を選ぶには、ログインが必要です。');
    }
    const page = await browser.open('/sign-in');
    const list = await browser.submit(page, '/sign-in', { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect(list.path).toBe('/');
    expect(textOf(list)).toContain('利用できる管理画面');
    expect((await browser.open('/sign-in')).path).toBe('/');
  });

  it('who is signed in and has no user in this console is told so, can sign in otherwise, and is not sent in circles', async () => {
    await world.addPerson('mail-only@example.co.jp', { mail: '9' }, { password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'mail', { address: 'mail-only@example.co.jp' });
    const told = await browser.open(authorizeUrl('sms').url);
    expect(told.statusCode).toBe(200);
    expect(textOf(told)).toContain('管理画面smsのご利用登録がありません');
    expect(textOf(told)).toContain('mail-only@example.co.jp でログインしていますが、');
    const page = await browser.open(`${told.path}?other=1`);
    expect(page.body).toContain('autocomplete="current-password"');
    const same = await browser.submit(page, told.path, { email_address: 'mail-only@example.co.jp', password: PASSWORD });
    expect(textOf(same)).toContain('ご利用登録がありません');
    const again = await browser.open(`${same.path}?other=1`);
    const other = await browser.submit(again, same.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect(locationOf(other).href).toMatch(/^http:\/\/sms\.example\.co\.jp\/auth\/callback\?code=/);
  });

  it('who is suspended in the middle of a session is asked to sign in, from every entry page, and another person can', async () => {
    const id = await world.addPerson('leaving@example.co.jp', { sms: '21' }, { password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address: 'leaving@example.co.jp' });
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    const page = await open({}, browser);
    expect(page.body).toContain('autocomplete="current-password"');
    expect((await browser.submit(page, page.path, { email_address: 'leaving@example.co.jp', password: PASSWORD })).statusCode).toBe(401);
    expect(textOf(await browser.open('/'))).toContain('ふだんはお使いの管理画面から開いてください');
    const alone = await browser.open('/sign-in');
    expect(alone.body).toContain('autocomplete="current-password"');
    const list = await browser.submit(alone, '/sign-in', { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect(textOf(list)).toContain('taro@example.co.jp でログインしています');
  });
});

describe('L5: a sign-in belongs to one browser', () => {
  it('nobody can finish the pending sign-in of another browser', async () => {
    const victim = new Browser(world);
    const page = await open({}, victim);
    const stranger = new Browser(world);
    const answer = await stranger.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
    expect(locationOf(answer).pathname).toBe('/auth/start');
    expect((await victim.open(page.path)).body).toContain('autocomplete="current-password"');
  });

  it('a session cookie that was there before is not the one of the signed-in session', async () => {
    for (const start of [authorizeUrl('sms').url, '/sign-in']) {
      const browser = new Browser(world);
      browser.cookies.set('sso;/', { value: 'planted', path: '/' });
      browser.cookies.set('sso.sig;/', { value: 'planted', path: '/' });
      await signIn(browser, start, 'taro@example.co.jp');
      const first = browser.cookies.get('sso;/')?.value;
      expect(first).toBeTruthy();
      expect(first).not.toBe('planted');
      const page = await browser.open(authorizeUrl('sms', { prompt: 'login' }).url);
      await browser.submit(page, page.path, { email_address: 'taro@example.co.jp', password: PASSWORD });
      expect(browser.cookies.get('sso;/')?.value).not.toBe(first);
    }
  });

  it('a session cookie without its signature is worth nothing', async () => {
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', 'taro@example.co.jp');
    expect(textOf(await browser.open('/'))).toContain('taro@example.co.jp');
    const thief = new Browser(world);
    thief.cookies.set('sso;/', browser.cookies.get('sso;/') ?? { value: '', path: '/' });
    expect(textOf(await thief.open('/'))).not.toContain('taro@example.co.jp');
  });
});
