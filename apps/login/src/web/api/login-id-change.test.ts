import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { apiSteps, expectProblem, type CallAnswer, type Change } from '#test/console-api.ts';
import { codeIn, enter, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('mail', { clientSecret: 'another secret: with/odd+characters%' });
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

const { person, begin, confirm, resend, addressOf } = apiSteps(() => world);

describe('R18: the change of a login ID', () => {
  it('sends a code to the new mailbox, changes with it, tells the old mailbox, and the new address signs in', async () => {
    const { address, userId, accountId } = await person({ password: PASSWORD });
    const begun = await begin(userId, ' Ｎew.One@Example.co.jp ');
    expect(begun.statusCode, begun.body).toBe(201);
    const change = begun.json<Change>();
    expect(change).toEqual({
      id: expect.stringMatching(/^lic_/) as string,
      newEmailAddress: 'New.One@example.co.jp',
      sentFrom: 'no-reply@login.example.co.jp',
      codeExpiresAt: new Date(world.now.getTime() + 10 * MINUTE).toISOString(),
      resendAt: new Date(world.now.getTime() + 60 * SECOND).toISOString(),
      state: 'pending',
      version: null,
    });
    const mail = await world.nextMail('new.one@example.co.jp');
    expect(mail.subject).toBe('検証コードのお知らせ（メールアドレスの変更）｜絶対リーチ! 統合認証');
    expect(await addressOf(accountId)).toBe(address);

    const done = await confirm(change.id, codeIn(mail.text));
    expect([done.statusCode, done.json()]).toEqual([
      200,
      { emailAddress: 'New.One@example.co.jp', previousEmailAddress: address, version: 1 },
    ]);
    const notice = await world.nextMail(address);
    expect(notice.subject).toBe('ログインIDが変更されました｜絶対リーチ! 統合認証');
    expect(notice.text).toContain(`変更前：${address}`);
    expect(notice.text).toContain('変更後：New.One@example.co.jp');
    expect(notice.text).toContain('管理画面sms');

    const signIn = (emailAddress: string) =>
      new Browser(world).request('POST', '/sign-in', { email_address: emailAddress, password: PASSWORD });
    expect((await signIn('new.one@example.co.jp')).statusCode).toBe(303);
    expect((await signIn(address)).statusCode).toBe(401);
    expect(
      await world.database.db
        .selectFrom('audit_event')
        .select(['action', 'actor'])
        .where('account_id', '=', accountId)
        .where('action', 'like', 'login-id%')
        .orderBy('id')
        .execute(),
    ).toEqual([
      { action: 'login-id.change-requested', actor: 'console:sms' },
      { action: 'login-id.changed', actor: 'console:sms' },
    ]);
  });

  it('R8: mails in the language that was asked for, the notice in the account’s', async () => {
    const { address, userId } = await person({ locale: 'en' });
    const { id } = (await begin(userId, 'english@example.co.jp', { locale: 'en' })).json<Change>();
    const mail = await world.nextMail('english@example.co.jp');
    expect(mail.subject).toBe(
      'Your verification code (change of e-mail address) | Zettai Reach! Unified Login',
    );
    await confirm(id, codeIn(mail.text));
    expect((await world.nextMail(address)).subject).toBe(
      'Your login ID has changed | Zettai Reach! Unified Login',
    );
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['a user that the console did not link', { consoleUserId: 'nobody' }, 404, 'user-unknown'],
    ['a malformed address', { newEmailAddress: 'x' }, 422, 'address-malformed'],
    ['two addresses', { newEmailAddress: 'a@example.co.jp,b@example.co.jp' }, 422, 'address-malformed'],
    ['a header', { newEmailAddress: 'a@example.co.jp\r\nBcc: b@example.co.jp' }, 422, 'address-malformed'],
    ['no address', { newEmailAddress: undefined }, 422, 'malformed'],
    ['a list of addresses', { newEmailAddress: ['a@example.co.jp'] }, 422, 'malformed'],
    ['no user', { consoleUserId: undefined }, 422, 'malformed'],
    ['an empty user', { consoleUserId: '' }, 422, 'malformed'],
    ['a number as user', { consoleUserId: 7 }, 422, 'malformed'],
    ['an over-long user', { consoleUserId: 'x'.repeat(201) }, 422, 'malformed'],
    ['an unknown language', { locale: 'fr' }, 422, 'malformed'],
    ['an over-long sid', { sid: 'x'.repeat(201) }, 422, 'malformed'],
    ['a user with NUL', { consoleUserId: 'user\u0000' }, 400, 'bad-request'],
    ['a sid with NUL', { sid: 'a\u0000b' }, 400, 'bad-request'],
  ])('refuses %s', async (_name, wrong, status, code) => {
    const { userId } = await person();
    expectProblem(await begin(userId, 'valid@example.co.jp', wrong), status, code);
    expect(world.mails.filter((mail) => mail.to === 'valid@example.co.jp')).toEqual([]);
  });

  it('refuses the address that it already is, in whichever spelling', async () => {
    const { address, userId } = await person();
    for (const same of [address, address.toUpperCase(), ` ${address} `])
      expectProblem(await begin(userId, same), 422, 'address-unchanged');
  });

  it('refuses a user of another console and a suspended account like one that never was', async () => {
    await world.addPerson('foreign@example.co.jp', { mail: 'theirs' });
    expectProblem(await begin('theirs', 'x1@example.co.jp'), 404, 'user-unknown');
    const { userId } = await person({ state: 'suspended' });
    expectProblem(await begin(userId, 'x2@example.co.jp'), 404, 'user-unknown');
  });

  it('C4: an address that another account has looks the same to the asker; its owner is told by mail and gets no code', async () => {
    const [one, two, owner] = [await person(), await person(), await person({ locale: 'en' })];
    const free = await begin(one.userId, 'free-one@example.co.jp');
    const taken = await begin(two.userId, owner.address);
    const masked = (answer: CallAnswer, address: string) => [
      answer.statusCode,
      answer.body.replace(/lic_\w+/, 'ID').replace(address, 'ADDRESS'),
      { ...answer.headers, date: '', 'x-request-id': '', 'content-length': '' },
    ];
    expect(masked(taken, owner.address)).toEqual(masked(free, 'free-one@example.co.jp'));

    const told = await world.nextMail(owner.address);
    expect(told.subject).toBe('This address is already a login ID | Zettai Reach! Unified Login');
    expect(told.text).not.toMatch(/\d{4} \d{4}/);
    const { id } = taken.json<Change>();
    const other = free.json<Change>().id;
    for (const left of [4, 3, 2, 1, 0]) {
      expect(expectProblem(await confirm(id, '00000000'), 422, 'code-wrong').triesLeft).toBe(left);
      expect(expectProblem(await confirm(other, '00000000'), 422, 'code-wrong').triesLeft).toBe(left);
    }
    for (const one of [id, other]) expectProblem(await confirm(one, '00000000'), 429, 'too-many-tries');
    world.pass(61 * SECOND);
    for (const one of [id, other]) expect((await resend(one)).statusCode).toBe(200);
    for (const one of [id, other])
      expect(expectProblem(await confirm(one, '00000000'), 422, 'code-wrong').triesLeft).toBe(4);
    expect(await addressOf(owner.accountId)).toBe(owner.address);
    expect(await addressOf(two.accountId)).toBe(two.address);
  });

  it('an address that somebody got while the code was on its way is not taken from them', async () => {
    const { address, userId, accountId } = await person();
    const { id } = (await begin(userId, 'contested@example.co.jp')).json<Change>();
    const code = codeIn((await world.nextMail('contested@example.co.jp')).text);
    await world.addPerson('contested@example.co.jp');
    expectProblem(await confirm(id, code), 409, 'address-taken');
    expect(await addressOf(accountId)).toBe(address);
  });

  it('of two changes to one new address that are confirmed at once one wins, the other is told, and neither fails', async () => {
    for (let round = 0; round < 4; round++) {
      const wanted = `race${round}@example.co.jp`;
      const [one, two] = [await person(), await person()];
      const first = (await begin(one.userId, wanted)).json<Change>().id;
      const codeOne = codeIn((await world.nextMail(wanted)).text);
      world.pass(61 * SECOND);
      const second = (await begin(two.userId, wanted)).json<Change>().id;
      const codeTwo = codeIn((await world.nextMail(wanted)).text);
      const answers = await Promise.all([confirm(first, codeOne), confirm(second, codeTwo)]);
      expect(
        answers.map((answer) => answer.statusCode).sort(),
        answers.map((answer) => answer.body).join(),
      ).toEqual([200, 409]);
      const owners = await world.database.db
        .selectFrom('account')
        .select('id')
        .where('email_key', '=', wanted)
        .execute();
      expect(owners).toHaveLength(1);
      world.pass(1 * HOUR);
    }
  });

  it('ends the account’s other sessions with their consoles told, but not the one whose sid was given', async () => {
    const { address, userId, accountId } = await person({ password: PASSWORD });
    const [kept, other] = [new Browser(world), new Browser(world)];
    const { claims } = await enter(world, kept, 'sms', { address });
    await enter(world, other, 'sms', { address });
    const { id } = (await begin(userId, 'sessions@example.co.jp', { sid: claims.sid })).json<Change>();
    await confirm(id, codeIn((await world.nextMail('sessions@example.co.jp')).text));
    expect((await kept.open('/')).body).toContain('sessions@example.co.jp');
    expect((await other.open('/')).body).not.toContain('sessions@example.co.jp');
    expect((await enter(world, kept, 'sms', { address })).claims).toMatchObject({
      sid: claims.sid,
      email: 'sessions@example.co.jp',
    });
    expect(
      await world.database.db
        .selectFrom('single_logout')
        .select('cause')
        .where('account_id', '=', accountId)
        .execute(),
    ).toEqual([{ cause: 'login-id-changed' }]);
  });

  it('R27: a wrong code is recorded with why, with the request, and not as one for a password', async () => {
    const { userId, accountId } = await person({ password: PASSWORD });
    const { id } = (await begin(userId, 'wrong-code@example.co.jp')).json<Change>();
    expectProblem(await confirm(id, '00000000'), 422, 'code-wrong');
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail', 'request_id', 'client_ip'])
      .where('account_id', '=', accountId)
      .where('action', '=', 'code.refused')
      .execute();
    expect(events).toMatchObject([
      {
        actor: 'console:sms',
        detail: { purpose: 'change-login-id', reason: 'code-wrong' },
        request_id: expect.stringMatching(/^req_/) as string,
        client_ip: '127.0.0.1',
      },
    ]);
  });

  it('ends all of them when no sid, or another person’s, was given', async () => {
    const [mine, theirs] = [await person({ password: PASSWORD }), await person({ password: PASSWORD })];
    const [browser, stranger] = [new Browser(world), new Browser(world)];
    await enter(world, browser, 'sms', { address: mine.address });
    const { claims } = await enter(world, stranger, 'sms', { address: theirs.address });
    const { id } = (await begin(mine.userId, 'no-sid@example.co.jp', { sid: claims.sid })).json<Change>();
    await confirm(id, codeIn((await world.nextMail('no-sid@example.co.jp')).text));
    expect((await browser.open('/')).body).not.toContain('no-sid@example.co.jp');
    expect((await stranger.open('/')).body).toContain(theirs.address);
  });
});
