import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { acceptLegacy, addLegacyPerson, hashesOf, keepHash, legacyHash, STRONG, WEAK } from '#test/legacy.ts';
import {
  authorizeUrl,
  enter,
  locationOf,
  PASSWORD,
  redeem,
  setPassword,
  signIn,
  textOf,
} from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ environment: { HITOKAGI_LOG_LEVEL: 'debug' } });
  await world.addConsole('sms');
  await world.addConsole('mail');
  await acceptLegacy(world, 'sms', 'imported');
});
afterAll(() => world.close());

const strongHash = legacyHash(STRONG);
const weakHash = legacyHash(WEAK);
let people = 0;
const address = (): string => `legacy${++people}@example.co.jp`;

const events = async (accountId: string): Promise<string[]> =>
  (
    await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'detail'])
      .where('account_id', '=', accountId)
      .orderBy('id')
      .execute()
  ).map((event) => `${event.action} ${String(event.detail.method ?? '')}`.trim());

describe('R21: a legacy password that meets our rules', () => {
  it('signs in once, becomes the password of the unified login, and its owner is told', async () => {
    const who = address();
    const account = await addLegacyPerson(world, 'sms', who, strongHash);
    const { url, verifier } = authorizeUrl('sms');
    const browser = new Browser(world);
    const page = await browser.open(url);
    expect(textOf(page)).toContain(
      'はじめの1回だけ、管理画面smsでこれまで使っていたパスワードでログインできます。',
    );
    const callback = locationOf(
      await browser.submit(page, page.path, { email_address: who, password: STRONG }),
    );
    expect(await redeem(world, 'sms', callback, verifier)).toMatchObject({ sub: account, email: who });

    const mail = await world.nextMail(who);
    expect(mail.subject).toContain('パスワードを設定しました');
    expect(await events(account)).toEqual([
      'password.set legacy-password',
      'account.signed-in legacy-password',
    ]);
    expect(await hashesOf(world, account)).toBe(0);

    await enter(world, new Browser(world), 'sms', { address: who, password: STRONG });
    expect((await events(account)).at(-1)).toBe('account.signed-in password');
    const stored = await world.database.db
      .selectFrom('password_credential')
      .select(['password_hash', 'first_set_at'])
      .where('account_id', '=', account)
      .executeTakeFirstOrThrow();
    expect(stored.password_hash).toMatch(/^\$argon2id\$/);
    expect(stored.first_set_at).toEqual(world.now);
  });

  it('works without a pending sign-in, and for a console that accepts none when it is another console’s', async () => {
    const [alone, other] = [address(), address()];
    await addLegacyPerson(world, 'sms', alone, strongHash);
    const home = await signIn(new Browser(world), '/sign-in', alone, STRONG);
    expect([home.statusCode, home.path]).toEqual([200, '/']);
    await addLegacyPerson(world, 'sms', other, strongHash);
    const page = await signIn(new Browser(world), authorizeUrl('mail').url, other, STRONG);
    expect(textOf(page)).toContain('管理画面mailのご利用登録がありません');
  });

  it('of many requests at once all are signed in, and the password is set once', async () => {
    const who = address();
    const account = await addLegacyPerson(world, 'sms', who, strongHash);
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => signIn(new Browser(world), '/sign-in', who, STRONG)),
    );
    expect(answers.map((one) => one.path)).toEqual(['/', '/', '/', '/']);
    expect((await events(account)).filter((one) => one.startsWith('password.set'))).toHaveLength(1);
  });
});

describe('R21: a legacy password that is right but does not meet our rules', () => {
  async function arrived(who = address(), browser = new Browser(world)) {
    const account = await addLegacyPerson(world, 'sms', who, weakHash);
    const page = await signIn(browser, authorizeUrl('sms').url, who, WEAK);
    return { who, account, browser, page };
  }

  it('leads at once to a page that asks for a new one, without a code by mail', async () => {
    const mailsBefore = world.mails.length;
    const { who, account, browser, page } = await arrived();
    expect(page.statusCode).toBe(200);
    expect(page.path).toMatch(/^\/sign-in\/[\w-]+\/new-password\/lgp_\w+$/);
    expect(textOf(page)).toContain('管理画面smsのこれまでのパスワードを確認しました。');
    expect((await browser.open(page.path)).statusCode).toBe(200);

    const weak = await browser.submit(page, page.path, { password: WEAK, confirmation: WEAK });
    expect(weak.statusCode).toBe(422);
    expect(textOf(weak)).toContain('英大文字を入れてください。');
    const guessable = await browser.submit(page, page.path, {
      password: 'Password1!',
      confirmation: 'Password1?',
    });
    expect(textOf(guessable)).toContain('推測されやすいパスワードです。');
    expect(textOf(guessable)).toContain('「新しいパスワード」と同じものを、もう一度入力してください。');
    expect(await hashesOf(world, account)).toBe(1);
    expect(world.mails).toHaveLength(mailsBefore);

    const done = await browser.submit(page, page.path, { password: PASSWORD, confirmation: PASSWORD });
    expect(locationOf(done).origin).toBe('http://sms.example.co.jp');
    expect((await world.nextMail(who)).subject).toContain('パスワードを設定しました');
    expect(await hashesOf(world, account)).toBe(0);
    expect(await events(account)).toEqual([
      'legacy-password.verified',
      'password.set legacy-password',
      'account.signed-in legacy-password',
    ]);
    await enter(world, new Browser(world), 'sms', { address: who });
    expect((await signIn(new Browser(world), '/sign-in', who, WEAK)).statusCode).toBe(401);
  });

  it('is there in English too', async () => {
    const browser = new Browser(world);
    browser.headers['accept-language'] = 'en';
    const { page } = await arrived(address(), browser);
    expect(textOf(page)).toContain('Your earlier password of Console sms is right.');
    expect(textOf(page)).not.toMatch(/[ぁ-ん]/);
  });

  it('holds in this browser, in this sign-in, for 15 minutes, once; whoever is late signs in once more', async () => {
    const { who, browser, page } = await arrived();
    const proof = page.path.split('/').at(-1) ?? '';
    const set = { password: PASSWORD, confirmation: PASSWORD };
    const ended = async (where: Browser, path: string): Promise<void> => {
      for (const answer of [await where.open(path), await where.request('POST', path, set)]) {
        expect(answer.statusCode).toBe(404);
        expect(textOf(answer)).toContain('もう一度ログインをお願いします');
      }
    };
    const stranger = new Browser(world);
    await ended(stranger, page.path);
    await ended(stranger, `/new-password/${proof}`);
    await ended(browser, `/new-password/${proof}`);
    const otherSignIn = await browser.open(authorizeUrl('sms').url);
    await ended(browser, `${otherSignIn.path}/new-password/${proof}`);
    for (const odd of ['/new-password/%00', `/new-password/${'x'.repeat(90)}`, '/new-password/%F0%9F%94%91'])
      expect((await browser.open(odd)).statusCode, odd).toBeLessThan(500);
    world.pass(15 * MINUTE);
    await ended(browser, page.path);

    const again = await signIn(browser, authorizeUrl('sms').url, who, WEAK);
    expect(again.statusCode).toBe(200);
    expect((await browser.request('POST', again.path, set)).statusCode).toBe(303);
    await ended(browser, again.path);
  });

  it('of many new passwords at once exactly one is set', async () => {
    const { account, browser, page } = await arrived();
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        browser.request('POST', page.path, {
          password: `${PASSWORD} ${n}`,
          confirmation: `${PASSWORD} ${n}`,
        }),
      ),
    );
    expect(answers.map((one) => one.statusCode).sort()).toEqual([303, 404, 404, 404, 404, 404]);
    expect((await events(account)).filter((one) => one.startsWith('password.set'))).toHaveLength(1);
  });

  it('sets nothing where a password came by mail meanwhile', async () => {
    const { who, account, browser, page } = await arrived();
    await setPassword(world, new Browser(world), '/sign-in', who, STRONG);
    expect(await hashesOf(world, account)).toBe(0);
    const late = await browser.request('POST', page.path, { password: PASSWORD, confirmation: PASSWORD });
    expect(late.statusCode).toBe(404);
    expect((await signIn(new Browser(world), '/sign-in', who, STRONG)).path).toBe('/');
  });

  it('a bcrypt hash proves 72 bytes only: a longer password is asked for anew', async () => {
    const who = address();
    const long = '長いパスワード'.repeat(12);
    const bcrypt = '$2a$06$zyxwvutsrqponmlkjihgfe8/J6bSPCf9b2uDSup.vJpBHh1KmbS/.';
    await addLegacyPerson(world, 'sms', who, bcrypt);
    const page = await signIn(new Browser(world), authorizeUrl('sms').url, who, `${long} Aa1! と続き`);
    expect(page.path).toContain('/new-password/');
  });
});

describe('R3, R6, R21: where legacy passwords are not accepted', () => {
  it('a wrong one is refused like any other, without a word about rules', async () => {
    const who = address();
    const account = await addLegacyPerson(world, 'sms', who, weakHash);
    const refused = await signIn(new Browser(world), authorizeUrl('sms').url, who, 'short');
    expect(refused.statusCode).toBe(401);
    expect(textOf(refused)).toContain('ログインIDまたはパスワードが違います。');
    expect(await events(account)).toEqual(['account.sign-in-refused']);
  });

  it('who has a password at the unified login has no other, whatever is left over', async () => {
    const who = address();
    const account = await world.addPerson(who, { sms: `x${who}` }, { password: PASSWORD });
    await keepHash(world, 'sms', account, strongHash);
    expect((await signIn(new Browser(world), '/sign-in', who, STRONG)).statusCode).toBe(401);
    expect((await signIn(new Browser(world), '/sign-in', who, PASSWORD)).path).toBe('/');
  });

  it('a suspended person stays out', async () => {
    const who = address();
    await addLegacyPerson(world, 'sms', who, strongHash, { state: 'suspended' });
    expect((await signIn(new Browser(world), '/sign-in', who, STRONG)).statusCode).toBe(401);
  });

  it('a reset by mail deletes the hash; switching off deletes all of them, and the page says what is true', async () => {
    const [reset, left] = [address(), address()];
    const first = await addLegacyPerson(world, 'sms', reset, strongHash);
    await setPassword(world, new Browser(world), '/sign-in', reset, PASSWORD);
    expect(await hashesOf(world, first)).toBe(0);

    const second = await addLegacyPerson(world, 'sms', left, strongHash);
    await acceptLegacy(world, 'sms', 'off');
    expect(await hashesOf(world, second)).toBe(0);
    expect((await signIn(new Browser(world), authorizeUrl('sms').url, left, STRONG)).statusCode).toBe(401);
    expect(textOf(await new Browser(world).open(authorizeUrl('sms').url))).toContain(
      'これまで管理画面で使っていたパスワードでは、ここからはログインできません。',
    );
    await acceptLegacy(world, 'sms', 'imported');
  });

  it('V4: no log line, table of the queue or audit event holds a legacy password or hash', async () => {
    const { rows } = await world.database.pool.query(
      `select t::text as text from audit_event t union all select t::text from message t union all select t::text from jobs.job t`,
    );
    const everything = [...world.logLines, ...rows.map((row: { text: string }) => row.text)].join('\n');
    expect(world.logLines.length).toBeGreaterThan(50);
    for (const secret of [STRONG, WEAK, strongHash, weakHash, PASSWORD])
      expect(everything.includes(secret)).toBe(false);
  });
});
