import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { openReceiver, type Receiver } from '#test/receiver.ts';
import { authorizeUrl, enter, linkOf, PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

const NEW = 'Yama-no-oto 42 desu';

let world: World;
let receiver: Receiver;
let smsId: string;
beforeAll(async () => {
  receiver = await openReceiver();
  world = await openWorld();
  smsId = await world.addConsole('sms', { backchannelLogoutUri: receiver.url });
});
afterEach(() => world.pass(20 * MINUTE));
afterAll(async () => {
  await world.close();
  await receiver.close();
});

let people = 0;
async function person(extra: Parameters<World['addPerson']>[2] = {}) {
  const address = `changer${++people}@example.co.jp`;
  const id = await world.addPerson(address, { sms: `c${people}` }, { password: PASSWORD, ...extra });
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', address);
  world.pass(1 * MINUTE);
  return { address, id, browser, page: await browser.open('/account/password') };
}

const change = (
  browser: Browser,
  page: Answer,
  typed: { current?: string; password?: string; confirmation?: string } = {},
): Promise<Answer> =>
  browser.submit(page, '/account/password', {
    current_password: typed.current ?? PASSWORD,
    password: typed.password ?? NEW,
    confirmation: typed.confirmation ?? typed.password ?? NEW,
  });

const signsIn = async (address: string, password: string): Promise<boolean> =>
  (await new Browser(world).request('POST', '/sign-in', { email_address: address, password })).statusCode ===
  303;

const mailsTo = (id: string) =>
  world.database.db
    .selectFrom('message')
    .select('id')
    .where('account_id', '=', id)
    .where('template', '=', 'password-set')
    .execute();

describe('R11: changing the password with the current one', () => {
  it('sets it, keeps this browser, ends the others in their consoles, mails the owner and tells the consoles', async () => {
    const { address, id, browser, page } = await person();
    const phone = new Browser(world);
    await enter(world, phone, 'sms', { address });
    const done = await change(browser, page);
    expect(done.path).toMatch(/^\/account\/ended\/\d+$/);
    expect(textOf(done)).toContain('パスワードを変更しました');
    expect(textOf(done)).toContain('管理画面sms ログアウト済み');
    expect(textOf(await browser.open('/account'))).toContain('パスワードを変更しました');
    expect((await phone.open(authorizeUrl('sms').url)).body).toContain('autocomplete="current-password"');
    expect([await signsIn(address, PASSWORD), await signsIn(address, NEW)]).toEqual([false, true]);
    expect((await world.nextMail(address)).subject).toContain('パスワードを設定しました');
    const { db } = world.database;
    expect(
      await db.selectFrom('account_event').select('kind').where('account_id', '=', id).execute(),
    ).toEqual([{ kind: 'password-changed' }]);
    const events = await db
      .selectFrom('audit_event')
      .select(['action', 'actor', 'client_ip', 'detail'])
      .where('account_id', '=', id)
      .where('action', '=', 'password.set')
      .execute();
    expect(events).toMatchObject([
      { actor: id, client_ip: browser.ip, detail: { method: 'current-password' } },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Yama|Kawa/);
  });

  it('R5: each broken rule has its sentence and costs no guess; nothing that was typed comes back', async () => {
    const { browser, page, id, address } = await person({ name: '見本 Tanakazawa' });
    for (const [typed, words] of [
      [{ current: '' }, '現在のパスワードを入力してください。'],
      [{ password: 'aB1!' }, '8文字以上にしてください。'],
      [{ password: 'abcdefgh1!' }, '英大文字を入れてください。'],
      [
        { confirmation: 'Yama-no-oto 43 desu' },
        '「新しいパスワード」と同じものを、もう一度入力してください。',
      ],
      [{ password: `Xx1! ${address}` }, 'メールアドレスを含まないものにしてください。'],
      [{ password: 'Password1!' }, '推測されやすいパスワードです。'],
      [{ password: 'Tanakazawa1!' }, '推測されやすいパスワードです。'],
      [{ password: PASSWORD }, '現在のパスワードとは違うものにしてください。'],
    ] as const) {
      const answer = await change(browser, page, typed);
      expect(answer.statusCode, words).toBe(422);
      expect(textOf(answer)).toContain(words);
      for (const secret of [PASSWORD, NEW, 'Password1!', 'Tanakazawa1!'])
        expect(answer.body).not.toContain(`value="${secret}"`);
    }
    const throttle = await world.database.db
      .selectFrom('sign_in_throttle')
      .selectAll()
      .where('key', '=', `account:${address}`)
      .execute();
    expect(throttle).toEqual([]);
    expect(await mailsTo(id)).toEqual([]);
    expect((await change(browser, page)).path).toContain('/account/ended/');
  });

  it('a wrong current password changes nothing and is recorded; it counts with those of the sign-in page', async () => {
    const { address, id, browser, page } = await person();
    for (let guesses = 0; guesses < 5; guesses++) {
      const answer = await change(browser, page, { current: `Chigau ${guesses} desu!` });
      expect(answer.statusCode).toBe(422);
      expect(textOf(answer)).toContain('現在のパスワードが違います。');
    }
    const waiting = await change(browser, page);
    expect(waiting.statusCode).toBe(429);
    expect(Number(waiting.headers['retry-after'])).toBeGreaterThan(0);
    expect(textOf(waiting)).toContain('秒お待ちください。');
    expect(
      (await new Browser(world).request('POST', '/sign-in', { email_address: address, password: PASSWORD }))
        .statusCode,
    ).toBe(429);
    world.pass(30 * SECOND);
    expect((await change(browser, page)).path).toContain('/account/ended/');
    const refused = await world.database.db
      .selectFrom('audit_event')
      .select('id')
      .where('account_id', '=', id)
      .where('action', '=', 'password.change-refused')
      .execute();
    expect(refused).toHaveLength(5);
    expect(textOf(await browser.open('/account/activity'))).toContain(
      'パスワードの変更で、現在のパスワードが違いました',
    );
  });

  it('C1: of 200 guesses at once at most 10 are computed', async () => {
    const { browser, page, id } = await person();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => change(browser, page, { current: `Guess ${index} desu!` })),
    );
    expect(answers.filter(({ statusCode }) => statusCode === 422).length).toBeLessThanOrEqual(10);
    expect(answers.every(({ statusCode }) => statusCode === 422 || statusCode === 429)).toBe(true);
    const refused = await world.database.db
      .selectFrom('audit_event')
      .select('id')
      .where('account_id', '=', id)
      .where('action', '=', 'password.change-refused')
      .execute();
    expect(refused.length).toBeLessThanOrEqual(10);
  }, 60_000);

  it('after a hundred in a row only the reset helps, and the page leads there', async () => {
    const { address, browser, page } = await person();
    await world.database.db
      .insertInto('sign_in_throttle')
      .values({
        key: `account:${address}`,
        attempts: 100,
        last_attempt_at: world.now,
        blocked_until: new Date(world.now.getTime() - DAY),
      })
      .execute();
    const answer = await change(browser, page);
    expect(answer.statusCode).toBe(422);
    expect(textOf(answer)).toContain('ここでは変更できません。');
    expect(linkOf(answer, '現在のパスワードを忘れた方はこちら')).toBe(
      `/reset?login_hint=${encodeURIComponent(address)}`,
    );
  });

  it('of 10 at once from two browsers one wins; the mail and the record are one', async () => {
    const { address, id, browser, page } = await person();
    const other = new Browser(world);
    await signIn(other, '/sign-in', address);
    const otherPage = await other.open('/account/password');
    const passwords = Array.from({ length: 10 }, (_, index) => `Umi-no-oto ${index}1 desu`);
    const answers = await Promise.all(
      passwords.map((password, index) =>
        index % 2 === 0
          ? browser.request('POST', '/account/password', {
              account: id,
              current_password: PASSWORD,
              password,
              confirmation: password,
            })
          : other.request('POST', '/account/password', {
              account: id,
              current_password: PASSWORD,
              password,
              confirmation: password,
            }),
      ),
    );
    expect(otherPage.statusCode).toBe(200);
    const wins = answers.flatMap((answer, index) =>
      String(answer.headers.location ?? '').startsWith('/account/ended/') ? [index] : [],
    );
    expect(wins).toHaveLength(1);
    expect(answers.every(({ statusCode }) => statusCode < 500)).toBe(true);
    expect(await mailsTo(id)).toHaveLength(1);
    world.pass(20 * MINUTE);
    expect(await signsIn(address, passwords[wins[0] ?? 0] ?? '')).toBe(true);
    expect(page.statusCode).toBe(200);
  });

  it('a browser that was ended while the form was open changes nothing', async () => {
    const { address, id, browser, page } = await person();
    const owner = new Browser(world);
    await signIn(owner, '/sign-in', address);
    await owner.submit(await owner.open('/account'), '/account/browsers/end-others', { account: id });
    const answer = await change(browser, page);
    expect(textOf(answer)).toContain('先ほどの操作は行われていません。');
    expect(await signsIn(address, PASSWORD)).toBe(true);
    expect(await mailsTo(id)).toEqual([]);
  });

  it('R3: an account that is suspended meanwhile, and a person without a password, get the way that works', async () => {
    const { browser, page, id } = await person();
    await world.database.db.deleteFrom('password_credential').where('account_id', '=', id).execute();
    const answer = await change(browser, page);
    expect(textOf(answer)).toContain('現在のパスワードが違います。');
    expect(linkOf(answer, '現在のパスワードを忘れた方はこちら')).toContain('/reset?login_hint=');
    await world.database.db.updateTable('account').set({ state: 'suspended' }).where('id', '=', id).execute();
    expect((await change(browser, page)).path).toContain('/sign-in?return_path=%2Faccount%2Fpassword');
  });
});

describe('R6: which password it is', () => {
  it('is said as long as a console of this person has its own login, and no longer', async () => {
    const { browser } = await person();
    const plan = (linkAt: Date | null, cutOverAt: Date | null) =>
      world.database.db
        .updateTable('migration_plan')
        .set({ link_at: linkAt, cut_over_at: cutOverAt })
        .where('console_id', '=', smsId)
        .execute();
    const says = async () => textOf(await browser.open('/account/password'));
    const ago = (days: number) => new Date(world.now.getTime() - days * DAY);
    await plan(ago(10), null);
    expect(await says()).toContain(
      '従来のログイン画面のパスワードは変わりません 管理画面smsでは、従来のログイン画面に、従来のパスワードでもログインできます。',
    );
    await plan(ago(10), ago(1));
    expect(await says()).not.toContain('従来の');
    await plan(null, null);
  });
});
