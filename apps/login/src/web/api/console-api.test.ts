import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { basic, codeIn, enter, otherCode, PASSWORD } from '#test/steps.ts';
import { CONSOLE_SECRET, openWorld, type World } from '#test/world.ts';

let world: World;
let people = 0;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms', { backchannelLogoutUri: 'http://sms.example.co.jp/auth/backchannel-logout' });
  await world.addConsole('mail', { clientSecret: 'another secret: with/odd+characters%' });
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

type Problem = { type: string; title: string; status: number; detail: string; code: string; requestId: string; triesLeft?: number };
type Change = { id: string; newEmailAddress: string; sentFrom: string; codeExpiresAt: string; resendAt: string };

const call = (method: 'GET' | 'POST', path: string, payload?: unknown, headers: Record<string, string> = {}) =>
  world.app.server.inject({
    method,
    url: `/api/console/v1${path}`,
    headers: { host: 'login.example.co.jp', authorization: basic('sms'), ...(typeof payload === 'string' ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(payload === undefined ? {} : { payload: payload as object }),
  });
type CallAnswer = Awaited<ReturnType<typeof call>>;

function expectProblem(answer: CallAnswer, status: number, code: string): Problem {
  expect(answer.statusCode, answer.body).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const problem = answer.json<Problem>();
  expect(problem).toMatchObject({ status, code, title: expect.any(String) as string, requestId: answer.headers['x-request-id'] });
  return problem;
}

async function person(options: Parameters<World['addPerson']>[2] = {}): Promise<{ address: string; userId: string; accountId: string }> {
  const address = `api${++people}@example.co.jp`;
  const userId = `user-${people}`;
  return { address, userId, accountId: await world.addPerson(address, { sms: userId }, options) };
}

const begin = (consoleUserId: string, newEmailAddress: string, extra: Record<string, unknown> = {}) => call('POST', '/login-id-changes', { consoleUserId, newEmailAddress, locale: 'ja', ...extra });
const confirm = (id: string, code: string) => call('POST', `/login-id-changes/${id}/confirm`, { code });
const resend = (id: string) => call('POST', `/login-id-changes/${id}/resend`);
const addressOf = async (accountId: string) => (await world.database.db.selectFrom('account').select('email_address').where('id', '=', accountId).executeTakeFirstOrThrow()).email_address;

describe('who may ask', () => {
  it.each<[string, () => Record<string, string>]>([
    ['nobody', () => ({ authorization: '' })],
    ['a wrong secret', () => ({ authorization: basic('sms', 'wrong') })],
    ['no secret', () => ({ authorization: basic('sms', '') })],
    ['an unknown client', () => ({ authorization: basic('nobody') })],
    ['another console’s secret', () => ({ authorization: basic('mail') })],
    ['a bearer token', () => ({ authorization: `Bearer ${CONSOLE_SECRET}` })],
    ['something that is not base64', () => ({ authorization: 'Basic ???' })],
    ['credentials without a colon', () => ({ authorization: `Basic ${Buffer.from('sms').toString('base64')}` })],
    ['a broken escape', () => ({ authorization: `Basic ${Buffer.from('%zz:%zz').toString('base64')}` })],
    ['no client and no secret', () => ({ authorization: `Basic ${Buffer.from(':').toString('base64')}` })],
  ])('%s: 401 on every route, with a challenge', async (_name, headers) => {
    const answers = [
      await call('GET', '/plan', undefined, headers()),
      await call('POST', '/login-id-changes', {}, headers()),
      await call('POST', '/login-id-changes/x/resend', undefined, headers()),
      await call('POST', '/login-id-changes/x/confirm', { code: '1' }, headers()),
    ];
    for (const answer of answers) {
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers['www-authenticate']).toBe('Basic realm="console"');
    }
  });

  it('a console with odd characters in its secret, form-encoded inside Basic (RFC 6749 §2.3.1)', async () => {
    const encoded = `mail:${encodeURIComponent('another secret: with/odd+characters%').replaceAll('%20', '+')}`;
    expect((await call('GET', '/plan', undefined, { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` })).statusCode).toBe(200);
  });

  it('no person: a session’s cookie opens nothing here', async () => {
    const { address } = await person({ password: PASSWORD });
    const browser = new Browser(world);
    await enter(world, browser, 'sms', { address });
    expect((await browser.request('GET', '/api/console/v1/plan')).statusCode).toBe(401);
  });
});

describe('R12: GET /plan', () => {
  it('says the three moments, what each phase allows, and the server’s time', async () => {
    const answer = await call('GET', '/plan');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      consoleId: expect.stringMatching(/^con_/) as string,
      revision: 1,
      linkAt: null,
      announceAt: null,
      cutOverAt: null,
      serverTime: world.now.toISOString(),
      allows: {
        prepared: { legacyLink: false, legacySignIn: true, reset: 'console', logout: 'by-session' },
        parallel: { legacyLink: true, legacySignIn: true, reset: 'unified', logout: 'by-session' },
        unified: { legacyLink: false, legacySignIn: false, reset: 'unified', logout: 'by-session' },
      },
    });
  });

  it('answers 304 while nothing has changed, also when time passes, and 200 as soon as a moment is set', async () => {
    const etag = String((await call('GET', '/plan')).headers.etag);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    world.pass(1 * HOUR);
    const same = await call('GET', '/plan', undefined, { 'if-none-match': etag });
    expect([same.statusCode, same.body, same.headers.etag]).toEqual([304, '', etag]);
    expect((await call('GET', '/plan', undefined, { 'if-none-match': '"other"' })).statusCode).toBe(200);
    await world.database.db.updateTable('migration_plan').set({ link_at: new Date('2026-11-21T13:00:00Z'), revision: 2 }).execute();
    const changed = await call('GET', '/plan', undefined, { 'if-none-match': etag });
    expect(changed.statusCode).toBe(200);
    expect(changed.json()).toMatchObject({ revision: 2, linkAt: '2026-11-21T13:00:00.000Z' });
  });

  it('tells each console its own', async () => {
    const mine = (await call('GET', '/plan')).json<{ consoleId: string }>().consoleId;
    const theirs = (await call('GET', '/plan', undefined, { authorization: `Basic ${Buffer.from(`mail:${encodeURIComponent('another secret: with/odd+characters%')}`).toString('base64')}` })).json<{ consoleId: string }>().consoleId;
    expect(theirs).not.toBe(mine);
  });
});

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
    });
    const mail = await world.nextMail('new.one@example.co.jp');
    expect(mail.subject).toBe('検証コードのお知らせ（メールアドレスの変更）｜絶対リーチ! 統合認証');
    expect(await addressOf(accountId)).toBe(address);

    const done = await confirm(change.id, codeIn(mail.text));
    expect([done.statusCode, done.json()]).toEqual([200, { emailAddress: 'New.One@example.co.jp', previousEmailAddress: address }]);
    const notice = await world.nextMail(address);
    expect(notice.subject).toBe('ログインIDが変更されました｜絶対リーチ! 統合認証');
    expect(notice.text).toContain(`変更前：${address}`);
    expect(notice.text).toContain('変更後：New.One@example.co.jp');
    expect(notice.text).toContain('管理画面sms');

    const signIn = (emailAddress: string) => new Browser(world).request('POST', '/sign-in', { email_address: emailAddress, password: PASSWORD });
    expect((await signIn('new.one@example.co.jp')).statusCode).toBe(303);
    expect((await signIn(address)).statusCode).toBe(401);
    expect(await world.database.db.selectFrom('audit_event').select(['action', 'actor']).where('account_id', '=', accountId).where('action', 'like', 'login-id%').orderBy('id').execute()).toEqual([
      { action: 'login-id.change-requested', actor: 'console:sms' },
      { action: 'login-id.changed', actor: 'console:sms' },
    ]);
  });

  it('R8: mails in the language that was asked for, the notice in the account’s', async () => {
    const { address, userId } = await person({ locale: 'en' });
    const { id } = (await begin(userId, 'english@example.co.jp', { locale: 'en' })).json<Change>();
    const mail = await world.nextMail('english@example.co.jp');
    expect(mail.subject).toBe('Your verification code (change of e-mail address) | Zettai Reach! Unified Login');
    await confirm(id, codeIn(mail.text));
    expect((await world.nextMail(address)).subject).toBe('Your login ID has changed | Zettai Reach! Unified Login');
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
    for (const same of [address, address.toUpperCase(), ` ${address} `]) expectProblem(await begin(userId, same), 422, 'address-unchanged');
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
    const masked = (answer: CallAnswer, address: string) => [answer.statusCode, answer.body.replace(/lic_\w+/, 'ID').replace(address, 'ADDRESS'), { ...answer.headers, date: '', 'x-request-id': '', 'content-length': '' }];
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
    for (const one of [id, other]) expect(expectProblem(await confirm(one, '00000000'), 422, 'code-wrong').triesLeft).toBe(4);
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
      expect(answers.map((answer) => answer.statusCode).sort(), answers.map((answer) => answer.body).join()).toEqual([200, 409]);
      const owners = await world.database.db.selectFrom('account').select('id').where('email_key', '=', wanted).execute();
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
    expect((await enter(world, kept, 'sms', { address })).claims).toMatchObject({ sid: claims.sid, email: 'sessions@example.co.jp' });
    expect(await world.database.db.selectFrom('single_logout').select('cause').where('account_id', '=', accountId).execute()).toEqual([{ cause: 'login-id-changed' }]);
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

describe('R18: the code of a change', () => {
  async function begun(): Promise<{ id: string; wanted: string; code: string; accountId: string; address: string; userId: string }> {
    const one = await person();
    const wanted = `wanted${people}@example.co.jp`;
    const { id } = (await begin(one.userId, wanted)).json<Change>();
    return { ...one, id, wanted, code: codeIn((await world.nextMail(wanted)).text) };
  }

  it('is refused when wrong, malformed, expired, used or superseded, each with its own code', async () => {
    const at = await begun();
    expect(expectProblem(await confirm(at.id, otherCode(at.code)), 422, 'code-wrong').triesLeft).toBe(4);
    expectProblem(await confirm(at.id, '123'), 422, 'code-malformed');
    world.pass(10 * MINUTE);
    expectProblem(await confirm(at.id, at.code), 422, 'code-expired');
    const codes: string[] = [];
    for (let i = 0; i < 2; i++) {
      expect((await resend(at.id)).statusCode).toBe(200);
      codes.push(codeIn((await world.nextMail(at.wanted)).text));
      world.pass(61 * SECOND);
    }
    expectProblem(await confirm(at.id, at.code), 422, 'code-superseded');
    expect((await confirm(at.id, codes[0] as string)).statusCode).toBe(200);
    expectProblem(await confirm(at.id, codes[1] as string), 410, 'change-ended');
  });

  it('is understood as people type it', async () => {
    const at = await begun();
    expect((await confirm(at.id, ` ${at.code.slice(0, 4)}－${at.code.slice(4)} `)).statusCode).toBe(200);
  });

  it('sent again too soon or too often: 429 with Retry-After', async () => {
    const at = await begun();
    const soon = await resend(at.id);
    expectProblem(soon, 429, 'too-soon');
    expect(soon.headers['retry-after']).toBe('60');
    for (let i = 0; i < 2; i++) {
      world.pass(60 * SECOND);
      const again = await resend(at.id);
      expect(again.json()).toMatchObject({ id: at.id, newEmailAddress: at.wanted, resendAt: new Date(world.now.getTime() + 60 * SECOND).toISOString() });
    }
    world.pass(60 * SECOND);
    const often = await resend(at.id);
    expectProblem(often, 429, 'too-many');
    expect(Number(often.headers['retry-after'])).toBe(12 * 60);
    const begunAgain = await begin(at.userId, at.wanted);
    expectProblem(begunAgain, 429, 'too-many');
  });

  it('belongs to its change, which belongs to its console', async () => {
    const at = await begun();
    const theirs = { authorization: `Basic ${Buffer.from(`mail:${encodeURIComponent('another secret: with/odd+characters%')}`).toString('base64')}` };
    expectProblem(await call('POST', `/login-id-changes/${at.id}/confirm`, { code: at.code }, theirs), 404, 'change-unknown');
    expectProblem(await call('POST', `/login-id-changes/${at.id}/resend`, undefined, theirs), 404, 'change-unknown');
    for (const id of ['lic_never', 'x', '%00', '%E2%9C%93']) {
      const answer = await confirm(id, at.code);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
    }
    expect((await confirm(at.id, at.code)).statusCode).toBe(200);
  });

  it('begun anew, the earlier change has ended; and each ends after a day', async () => {
    const at = await begun();
    world.pass(61 * SECOND);
    const next = (await begin(at.userId, `newer${people}@example.co.jp`)).json<Change>();
    expectProblem(await confirm(at.id, at.code), 410, 'change-ended');
    expectProblem(await resend(at.id), 410, 'change-ended');
    world.pass(1 * DAY);
    expectProblem(await confirm(next.id, '12345678'), 410, 'change-ended');
    expect(await addressOf(at.accountId)).toBe(at.address);
  });

  it('V1: 30 confirmations at once change the address once', async () => {
    const at = await begun();
    const answers = await Promise.all(Array.from({ length: 30 }, () => confirm(at.id, at.code)));
    expect(answers.filter((answer) => answer.statusCode === 200)).toHaveLength(1);
    expect(answers.every((answer) => answer.statusCode < 500)).toBe(true);
    const notices = await world.database.db.selectFrom('message').select('id').where('template', '=', 'login-id-changed').where('account_id', '=', at.accountId).execute();
    expect(notices).toHaveLength(1);
  });
});

describe('what is not as documented', () => {
  it.each<[string, string, number]>([
    ['broken JSON', '{"consoleUserId":', 400],
    ['an empty body', '', 400],
    ['a text', '"text"', 422],
    ['null', 'null', 422],
    ['a list', '[{"consoleUserId":"user-1"}]', 422],
    ['a poisoned prototype', '{"__proto__":{"consoleUserId":"user-1"},"newEmailAddress":"a@example.co.jp","locale":"ja"}', 400],
    ['very deep JSON', '['.repeat(5_000) + ']'.repeat(5_000), 422],
    ['more than 64 KiB', JSON.stringify({ consoleUserId: 'x'.repeat(70_000) }), 413],
  ])('%s is refused as a problem', async (_name, body, status) => {
    const answer = await call('POST', '/login-id-changes', body);
    expect(answer.statusCode, answer.body.slice(0, 200)).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, requestId: answer.headers['x-request-id'] });
  });

  it('an unknown route and another method are a 404 problem', async () => {
    for (const answer of [await call('GET', '/nothing'), await call('GET', '/login-id-changes'), await call('POST', '/plan')]) {
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
  });
});
