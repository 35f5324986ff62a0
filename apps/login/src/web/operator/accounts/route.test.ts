import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addOperator } from '#domain/operators/operators.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { enter, PASSWORD, signIn, textOf } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let clerk: Browser;
let chief: Browser;
let sms: string;
let round = 0;
/** The person of a test, whom nobody else has touched. */
let id: string;
let address: string;

beforeAll(async () => {
  // Not before the machine's own clock, by which the engine judges sessions.
  world = await openWorld({
    environment: { HITOKAGI_LOG_LEVEL: 'info' },
    now: new Date('2027-02-01T03:00:00Z'),
  });
  sms = await world.addConsole('sms');
  for (const role of ['support', 'administrator'] as const) {
    await world.addPerson(`${role}@example.co.jp`, {}, { password: PASSWORD, name: `見本 ${role}` });
    await addOperator(
      world.database.db,
      { emailAddress: `${role}@example.co.jp`, role },
      { actor: 'operator:cli', now: world.now },
    );
  }
  clerk = await signedIn('support@example.co.jp');
  chief = await signedIn('administrator@example.co.jp');
});
afterAll(() => world.close());
beforeEach(async () => {
  round++;
  address = `taro${round}@example.co.jp`;
  id = await world.addPerson(address, { sms: `u-${round}` });
});

async function signedIn(who: string): Promise<Browser> {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', who);
  return browser;
}
const path = () => `/operator/accounts/${id}`;
/** What the page of the person says of where they are stuck. */
async function sentence(browser = clerk): Promise<string> {
  const page = await browser.open(path());
  expect(page.statusCode).toBe(200);
  return /ui-notice-title">([^<]*)/.exec(page.body)?.[1] ?? '';
}
async function askForCode(person = new Browser(world)): Promise<{ person: Browser; page: Answer }> {
  const page = await person.submit(await person.open('/reset'), '/reset', { email_address: address });
  return { person, page };
}
async function wrongPassword(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const person = new Browser(world);
    const page = await person.open('/sign-in');
    await person.submit(page, page.path, { email_address: address, password: 'Chigau-77-mono!' });
  }
}
const setPassword = async () => {
  await sql`insert into password_credential (account_id, password_hash, set_at, first_set_at)
    select ${id}, password_hash, ${world.now}, ${world.now} from password_credential limit 1`.execute(
    world.database.db,
  );
};
/** What the mail server made of the last mail to the person; the real one takes everything. */
const verdict = (state: string, response: string, tries = 1) =>
  sql`update message set state = ${state}, smtp_response = ${response}, tries = ${tries} where account_id = ${id}`.execute(
    world.database.db,
  );
const events = async (action: string) =>
  (
    await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('account_id', '=', id)
      .where('action', '=', action as never)
      .execute()
  ).map(({ actor, detail }) => ({ actor, detail: detail as Record<string, unknown> }));
/** The confirmation page, and what pressing its button comes to. */
async function press(browser: Browser, act: string, typed: Record<string, string> = {}): Promise<Answer> {
  const page = await browser.open(`${path()}/${act}`);
  expect(page.statusCode).toBe(200);
  return browser.submit(page, `${path()}/${act}`, typed);
}

describe('R25: the search', () => {
  it('finds somebody by any part, keeps what was asked in the address and leads to their page', async () => {
    const page = await clerk.open(`/operator/accounts?q=${encodeURIComponent(`ＴＡＲＯ${round}@`)}`);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(`href="${path()}"`);
    expect(page.body).toContain('パスワード未設定');
    expect((await clerk.open(`/operator/accounts?q=u-${round}`)).body).toContain(`href="${path()}"`);
    expect((await clerk.open('/operator/accounts?state=suspended')).body).not.toContain(`href="${path()}"`);
  });

  it('says what to do when nothing was asked, and when nobody was found', async () => {
    expect((await clerk.open('/operator/accounts')).body).toContain('電話で聞いたメールアドレスや氏名');
    expect((await clerk.open('/operator/accounts?q=nobody-at-all')).body).toContain(
      '短い一部だけで探してください',
    );
    expect((await clerk.open('/operator/accounts?state=closed')).body).toContain('この状態の人はいません');
  });

  it('P4: rubbish in the address finds nobody and breaks nothing', async () => {
    for (const rubbish of [
      'q=%F0%9F%98%80',
      'q[]=a&q[]=b',
      `q=${'x'.repeat(3_000)}`,
      'q=%25',
      'q=a&after=%00',
      'q=a&after=zzz',
      'state=none',
      'q=%5C',
    ])
      expect([200, 400], rubbish).toContain((await clerk.open(`/operator/accounts?${rubbish}`)).statusCode);
  });

  it('V4: nothing of what was searched for stands in the log', async () => {
    await clerk.open(`/operator/accounts?q=${encodeURIComponent('hitsujiko@example.co.jp')}`);
    const log = world.logLines.join('\n');
    expect(log).toContain('/operator/accounts');
    expect(log).not.toContain('hitsujiko');
  });

  it('A2: names, companies and searches stay text', async () => {
    const payload = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
    await world.database.db
      .updateTable('account')
      .set({ name: payload, company: payload })
      .where('id', '=', id)
      .execute();
    const reason = { reason: payload };
    await press(clerk, 'suspend', reason);
    for (const url of [
      `/operator/accounts?q=${encodeURIComponent(payload)}`,
      `/operator/accounts?q=taro${round}`,
      path(),
      `${path()}/reinstate`,
    ]) {
      const { body } = await clerk.open(url);
      expect(body, url).not.toContain('<img src=x');
      expect(body, url).not.toContain('<script>alert');
    }
  });
});

describe('R25: the step where somebody is stuck, in one sentence', () => {
  it('has never set a password; the legacy login works, ends on a date, has ended', async () => {
    const cutOver = (at: string | null) =>
      world.database.db
        .updateTable('migration_plan')
        .set({ cut_over_at: at === null ? null : new Date(at) })
        .where('console_id', '=', sms)
        .execute();
    expect(await sentence()).toBe(
      '統合認証のパスワードを、まだ一度も設定していません。管理画面smsの既存ログインは使えます（終了日は未定）。',
    );
    await cutOver('2027-03-31T13:00:00Z');
    expect(await sentence()).toContain('管理画面smsの既存ログインは2027年3月31日(水) 22:00まで使えます。');
    await cutOver('2026-11-01T13:00:00Z');
    expect(await sentence()).toContain('管理画面smsの既存ログインは2026年11月1日(日) 22:00に終了しました。');
    await cutOver(null);
    await wrongPassword(2);
    expect(await sentence()).toContain('パスワードの入力を2回試しています（従来のパスワードでは入れません）');
  });

  it('asked for a code: waiting, refused with the words of the mail server, deferred, sent, expired, tries used up', async () => {
    const { person, page } = await askForCode();
    await world.nextMail(address);
    await expect.poll(() => sentence()).toContain('に検証コードのメールが相手のメールサーバーに届いています');
    await verdict('refused', '550 5.1.1 <taro>: Recipient address rejected: User unknown');
    expect(await sentence()).toContain('検証コードを1回申し込みましたが');
    expect(await sentence()).toContain(
      '（相手の返答：550 5.1.1 &lt;taro>: Recipient address rejected: User unknown）',
    );
    await verdict('queued', '451 4.7.1 Greylisted', 2);
    expect(await sentence()).toContain(
      'まだ受け取っていません。自動で送り直しています（相手の返答：451 4.7.1 Greylisted）',
    );
    await verdict('accepted', '250 ok');
    for (let i = 0; i < 5; i++)
      await person.submit(page, page.path, {
        code: '00000000',
        password: PASSWORD,
        confirmation: PASSWORD,
        new_password: PASSWORD,
        new_password_confirmation: PASSWORD,
      });
    await sql`update verification_request set failed_tries = 5 where email_key = ${address}`.execute(
      world.database.db,
    );
    expect(await sentence()).toBe('違う検証コードが5回入力されたため、今の検証コードは使えません。');
    await sql`update verification_request set failed_tries = 0 where email_key = ${address}`.execute(
      world.database.db,
    );
    world.pass(11 * MINUTE);
    expect(await sentence()).toContain('入力されないまま期限が切れました');
    await sql`insert into verification_attempt (kind, email_key, client_network, at) select 'guess', ${address}, '', ${world.now} from generate_series(1, 30)`.execute(
      world.database.db,
    );
    expect(await sentence()).toContain('違う検証コードの入力が1日の上限に達したため');
  });

  it('wrong passwords: counted, then delayed until a time, then only the reset', async () => {
    await setPassword();
    expect(await sentence()).toBe(
      'パスワードは設定済みで、いつでもログインできます。管理画面へのログインはまだありません。',
    );
    await wrongPassword(3);
    expect(await sentence()).toMatch(/^パスワードの間違いが3回続いています（最後は/);
    await wrongPassword(2);
    expect(await sentence()).toMatch(
      /^パスワードの間違いが5回続いたため、2027年2月1日\(月\) \d\d:\d\dまでログインを受け付けません。$/,
    );
    await sql`update sign_in_throttle set attempts = 100 where key = ${`account:${address}`}`.execute(
      world.database.db,
    );
    expect(await sentence()).toContain(
      'パスワードの間違いが100回続いたため、パスワードを設定し直すまでログインできません',
    );
  });

  it('the reset counts more than wrong passwords before it', async () => {
    await setPassword();
    await wrongPassword(6);
    world.pass(1 * SECOND);
    await askForCode();
    await world.nextMail(address);
    await expect.poll(() => sentence()).toContain('検証コードのメールが相手のメールサーバーに届いています');
  });

  it('mail that did not arrive, and an address that differs in a console, before a password was set', async () => {
    const { db } = world.database;
    await sql`
      insert into message (id, template, recipient, locale, params, account_id, state, smtp_response, created_at, ended_at)
      values (${`msg_b${round}`}, 'notice', ${address}, 'ja', '{}', ${id}, 'refused', '554 mailbox full', ${world.now}, ${world.now})`.execute(
      db,
    );
    expect(await sentence()).toContain('パスワードが未設定で');
    expect(await sentence()).toContain('のメールが届いていません（相手の返答：554 mailbox full）');
    await sql`
      insert into login_id_drift (id, console_id, console_user_id, account_id, kind, console_address, account_version, round, first_seen_at, last_seen_at)
      values (${`drf_${round}`}, ${sms}, ${`u-${round}`}, ${id}, 'console-changed', 'atarashii@example.co.jp', 0, 'r', ${world.now}, ${world.now})`.execute(
      db,
    );
    expect(await sentence()).toBe(
      'パスワードが未設定で、管理画面smsに登録のアドレス（atarashii@example.co.jp）がログインIDと違います。',
    );
  });

  it('signed in: when lastly; the page shows browser, console, IP and the events, in English too', async () => {
    await setPassword();
    const person = new Browser(world);
    person.headers['user-agent'] =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36';
    await enter(world, person, 'sms', { address });
    expect(await sentence()).toContain('手続きは済んでいて、いつでもログインできます。最後のログインは');
    await clerk.request('POST', '/language', { lang: 'en', return_path: '/' });
    const page = await clerk.open(path());
    for (const text of [
      'Everything is set up',
      'Chrome',
      person.ip,
      `u-${round}`,
      'Console sms',
      'Nobody can see a password',
    ])
      expect(page.body, text).toContain(text);
    expect(page.body.replaceAll(/見本[^<"]*|日本語/g, '')).not.toMatch(/[ぁ-んァ-ヶ]/);
    await clerk.request('POST', '/language', { lang: 'ja', return_path: '/' });
  });

  it('suspended and closed, since when and why', async () => {
    await press(clerk, 'suspend', { reason: '見本の理由' });
    expect(await sentence()).toMatch(
      /^2027年2月\d+日\(.\) \d\d:\d\dから利用を停止しています。理由：見本の理由$/,
    );
    await press(chief, 'close', { reason: '退会', typed: address });
    expect(await sentence()).toMatch(/に解約済みのアカウントです。理由：退会$/);
  });

  it('V4: no code and no hash stands on the page, wherever it came from', async () => {
    await setPassword();
    await askForCode();
    const mail = await world.nextMail(address);
    const code = /(\d{4}) (\d{4})/.exec(mail.text);
    const { body } = await clerk.open(path());
    expect(body).not.toContain(code?.[0]);
    expect(body).not.toContain(`${code?.[1]}${code?.[2]}`);
    expect(body).not.toContain('$argon2');
  });
});

describe('R25: safe remedies, each with a page that says what happens', () => {
  it('the mail on how to set a password: no code in it, its page leads into the console; pressed twice, one goes out', async () => {
    const done = await press(clerk, 'set-up-mail');
    expect(done.path).toBe(`${path()}?done=set-up-mail`);
    expect(textOf(done)).toContain('パスワード設定の案内を送りました');
    const mail = await world.nextMail(address);
    expect(mail.text).toContain('http://login.example.co.jp/reset?client_id=sms');
    expect(mail.text).toContain(address);
    expect(mail.text).not.toMatch(/\d{4} \d{4}/);
    const again = await press(clerk, 'set-up-mail');
    expect(again.statusCode).toBe(409);
    expect(textOf(again)).toContain('すでに送っています');
    expect(world.mails.filter((one) => one.to === address)).toHaveLength(1);
    expect(await events('set-up-mail.sent')).toMatchObject([
      { actor: expect.stringMatching(/^operator:acc_/) as string },
    ]);
    // It does not use up the person's own codes.
    const { page } = await askForCode();
    expect(page.path).toMatch(/^\/reset\/vrq_/);
    await world.nextMail(address);
    for (let i = 0; i < 5; i++) {
      world.pass(2 * MINUTE);
      expect((await press(clerk, 'set-up-mail')).path).toContain('done=');
    }
    world.pass(2 * MINUTE);
    expect(textOf(await press(clerk, 'set-up-mail'))).toContain('送れる回数の上限に達しています');
  });

  it('the code again: to the address on file, typed where it was asked for; refused without a request and too soon', async () => {
    expect(textOf(await press(clerk, 'send-code'))).toContain('申し込んだ検証コードの手続きがありません');
    const { person, page } = await askForCode();
    await world.nextMail(address);
    const soon = await press(clerk, 'send-code');
    expect([soon.statusCode, textOf(soon)]).toEqual([409, expect.stringContaining('すでに送っています')]);
    world.pass(61 * SECOND);
    const done = await press(clerk, 'send-code');
    expect(textOf(done)).toContain('検証コードを送り直しました');
    const mail = await world.nextMail(address);
    const code = /(\d{4}) (\d{4})/.exec(mail.text)?.[0] ?? '';
    expect(done.body).not.toContain(code);
    const form = await person.open(page.path);
    const names = [
      ...form.body.matchAll(
        /<input[^>]*type="password"[^>]*name="([^"]+)"|<input[^>]*name="([^"]+)"[^>]*type="password"/g,
      ),
    ].map((one) => one[1] ?? one[2] ?? '');
    await person.submit(form, page.path, {
      code,
      ...Object.fromEntries(names.map((name) => [name, PASSWORD])),
    });
    expect(await sentence()).toContain('パスワードは設定済み');
    expect(await events('code.resent')).toHaveLength(1);
  });

  it('the delay cleared: the next sign-in is taken at once; pressed twice, recorded once; a reason is asked for', async () => {
    await setPassword();
    await wrongPassword(8);
    expect(textOf(await press(clerk, 'clear-delay', { reason: ' ' }))).toContain('理由を入力してください');
    expect(textOf(await press(clerk, 'clear-delay', { reason: '折り返しの電話で確認' }))).toContain(
      '待ち時間を解除しました',
    );
    const person = new Browser(world);
    await signIn(person, '/sign-in', address);
    expect((await person.open('/account')).path).toBe('/account');
    expect(textOf(await press(clerk, 'clear-delay', { reason: 'もう一度' }))).toContain(
      '解除する待ち時間がありません',
    );
    expect(await events('account.delay-cleared')).toEqual([
      {
        actor: expect.stringMatching(/^operator:acc_/) as string,
        detail: { reason: '折り返しの電話で確認', attempts: 5 },
      },
    ]);
  });

  it('one browser and all browsers signed out; a second press finds nobody', async () => {
    await setPassword();
    const [one, two] = [new Browser(world), new Browser(world)];
    for (const browser of [one, two]) await enter(world, browser, 'sms', { address });
    const page = await clerk.open(path());
    const first = /end-session\?session=([^"]+)"/.exec(page.body)?.[1] ?? '';
    const confirm = await clerk.open(`${path()}/end-session?session=${first}`);
    expect(textOf(await clerk.submit(confirm, `${path()}/end-session`, {}))).toContain(
      'ブラウザーをログアウトしました',
    );
    const again = await clerk.submit(confirm, `${path()}/end-session`, {});
    expect([again.statusCode, textOf(again)]).toEqual([
      409,
      expect.stringContaining('すでにログアウトしています'),
    ]);
    expect(textOf(await press(clerk, 'end-sessions'))).toContain('すべてのブラウザーをログアウトしました');
    expect(textOf(await clerk.open(path()))).toContain('ログイン中のブラウザーはありません');
    expect((await events('session.ended')).map(({ detail }) => detail.cause)).toEqual([
      'operator',
      'operator',
    ]);
  });

  it('the login ID changed with the proof of the new mailbox; wrong ones are refused by name', async () => {
    const change = (to: string, reason = '本人と電話で確認') =>
      press(clerk, 'change-address', { address: to, locale: 'ja', reason });
    expect(textOf(await change('not an address'))).toContain('メールアドレスの形になっていません');
    expect(textOf(await change(address))).toContain('今のログインIDと同じ');
    expect(textOf(await change('support@example.co.jp'))).toContain('ほかのアカウントのログインID');
    expect(textOf(await change('fresh@example.co.jp', ''))).toContain('理由を入力してください');
    expect(textOf(await change(`fresh${round}@example.co.jp`))).toContain(
      '新しいメールアドレスに検証コードを送りました',
    );
    const mail = await world.nextMail(`fresh${round}@example.co.jp`);
    expect(mail.text).toContain('/login-id/code/');
    expect(textOf(await clerk.open(path()))).toContain('新しいアドレスの確認待ち');
  });

  it('suspend, reinstate, close: roles, reasons, typed confirmation, and nothing twice', async () => {
    expect(textOf(await press(clerk, 'suspend', { reason: '' }))).toContain('理由を入力してください');
    expect(textOf(await press(clerk, 'suspend', { reason: '疑わしい', hijacked: 'yes' }))).toContain(
      '利用を停止しました',
    );
    expect((await press(clerk, 'suspend', { reason: '疑わしい' })).statusCode).toBe(409);
    expect(await events('account.suspended')).toMatchObject([
      { detail: { reason: '疑わしい', hijacked: true } },
    ]);
    for (const act of ['set-up-mail', 'send-code', 'change-address'])
      expect(
        (await press(clerk, act, { address: 'x@example.co.jp', locale: 'ja', reason: 'x' })).statusCode,
        act,
      ).toBe(409);
    expect(textOf(await press(clerk, 'reinstate', { reason: '解消' }))).toContain('利用を再開しました');
    expect((await clerk.open(`${path()}/close`)).statusCode).toBe(403);
    expect(textOf(await press(chief, 'close', { reason: '退会', typed: 'other@example.co.jp' }))).toContain(
      'このお客様のものと違います',
    );
    expect(
      textOf(await press(chief, 'close', { reason: '退会', typed: ` ${address.toUpperCase()} ` })),
    ).toContain('アカウントを解約しました');
    expect(await sentence(chief)).toContain('解約済み');
    expect(textOf(await clerk.open(path()))).toContain('この状態で実行できる操作はありません');
    expect((await press(clerk, 'reinstate', { reason: 'x' })).statusCode).toBe(409);
  });

  it('A1: the account of an operator is suspended by administrators only, and the last one by nobody', async () => {
    await addOperator(
      world.database.db,
      { emailAddress: address, role: 'viewer' },
      { actor: 'operator:cli', now: world.now },
    );
    expect(textOf(await press(clerk, 'suspend', { reason: 'x' }))).toContain('管理者だけが実行できます');
    expect(
      textOf(
        await press(clerk, 'change-address', {
          address: `y${round}@example.co.jp`,
          locale: 'ja',
          reason: 'x',
        }),
      ),
    ).toContain('管理者だけが実行できます');
  });

  it('opening a page changes nothing, and what does not exist is not found', async () => {
    const before = (await world.database.pool.query('select count(*) from audit_event')).rows as unknown;
    const mails = world.mails.length;
    for (const act of [
      'set-up-mail',
      'send-code',
      'clear-delay',
      'change-address',
      'end-session',
      'end-sessions',
      'suspend',
      'reinstate',
    ])
      expect((await clerk.open(`${path()}/${act}`)).statusCode).toBe(200);
    expect((await world.database.pool.query('select count(*) from audit_event')).rows).toEqual(before);
    expect(world.mails).toHaveLength(mails);
    for (const nobody of ['acc_none', 'taro1@example.co.jp', 'x'])
      expect((await clerk.open(`/operator/accounts/${nobody}`)).statusCode, nobody).toBe(404);
  });
});
