import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createDirectory,
  createDirectoryToken,
  revokeDirectoryToken,
} from '#domain/provisioning/directory-tokens.ts';
import { DAY, MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { authorizeUrl, basic, enter, PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { ENTERPRISE_SCHEMA, LOGIN_SCHEMA, PATCH_SCHEMA, USER_SCHEMA } from './schema.ts';

const HOST = 'login.example.co.jp';
const SMS = basic('sms');

let world: World;
let sms: string;
let people = 0;
beforeAll(async () => {
  world = await openWorld();
  sms = await world.addConsole('sms', { backchannelLogoutUri: null });
  await world.addConsole('mail');
});
afterAll(() => world.close());
beforeEach(() => world.pass(2 * DAY));

type User = Record<string, unknown> & {
  id: string;
  userName: string;
  active: boolean;
  externalId?: string;
  meta: { version: string; location: string };
};
type List = { totalResults: number; itemsPerPage: number; nextCursor?: string; Resources: User[] };
type Wrong = { status: string; scimType?: string; detail: string };

const call = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  payload?: unknown,
  authorization = SMS,
  headers: Record<string, string> = {},
) =>
  world.app.server.inject({
    method,
    url: `/scim/v2${path}`,
    headers: {
      host: HOST,
      authorization,
      ...(payload === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
  });
const body = (userName: string, externalId?: string, more: object = {}) => ({
  schemas: [USER_SCHEMA],
  userName,
  ...(externalId === undefined ? {} : { externalId }),
  ...more,
});
async function made(authorization = SMS, more: object = {}): Promise<User> {
  const nth = ++people;
  const answer = await call(
    'POST',
    '/Users',
    body(`person${nth}@example.co.jp`, `u-${nth}`, more),
    authorization,
  );
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.json<User>();
}
const patch = (id: string, Operations: object[], authorization = SMS, headers = {}) =>
  call('PATCH', `/Users/${id}`, { schemas: [PATCH_SCHEMA], Operations }, authorization, headers);
const find = async (filter: string, authorization = SMS): Promise<List> => {
  const answer = await call('GET', `/Users?filter=${encodeURIComponent(filter)}`, undefined, authorization);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<List>();
};
const refused = (
  answer: { statusCode: number; body: string; headers: object; json: <T>() => T },
  status: number,
  scimType?: string,
): void => {
  expect([answer.statusCode, answer.body]).toEqual([status, expect.anything()]);
  const wrong = answer.json<Wrong>();
  expect(wrong).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    detail: expect.any(String) as string,
    ...(scimType === undefined ? {} : { scimType }),
  });
  expect(answer.headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/scim\+json/) as string,
  });
};
async function directory(
  options: { company?: string; domains?: string[]; consoleIds?: boolean; days?: number } = {},
): Promise<{ id: string; tokenId: string; bearer: string }> {
  const by = { actor: 'operator:cli', now: world.now };
  const { db } = world.database;
  const { company = null, domains = [], consoleIds = false } = options;
  const one = await createDirectory(db, { consoleId: sms, name: '見本', company, domains, consoleIds }, by);
  if (!one.ok) throw new Error(one.reason);
  const token = await createDirectoryToken(db, one.id, options.days ?? 90, by);
  if (!token.ok) throw new Error(token.reason);
  return { id: one.id, tokenId: token.id, bearer: `Bearer ${token.token}` };
}
/** Whether a console gets its code without anybody being asked. */
const gets = async (clientId: string, browser: Browser): Promise<boolean> =>
  String((await browser.open(authorizeUrl(clientId).url)).headers.location ?? '').includes('code=');
const accountOf = (emailKey: string) =>
  world.database.db
    .selectFrom('account')
    .selectAll()
    .where('email_key', '=', emailKey)
    .executeTakeFirstOrThrow();

describe('R26: who may speak SCIM', () => {
  it('a console with its credentials, a directory with its token; nobody else learns even the form', async () => {
    const { tokenId, bearer } = await directory();
    expect((await call('GET', '/Users', undefined, bearer)).statusCode).toBe(200);
    for (const authorization of [basic('sms', 'wrong'), 'Bearer hkd_wrong', 'Bearer ', 'Basic ?'])
      refused(await call('POST', '/Users', { nonsense: 1 }, authorization), 401);
    const listed = await world.database.db
      .selectFrom('directory_token')
      .selectAll()
      .where('id', '=', tokenId)
      .executeTakeFirstOrThrow();
    expect(listed.last_used_at).toEqual(world.now);
    expect(JSON.stringify(listed)).not.toContain(bearer.slice(7));
    const by = { actor: 'operator:cli', now: world.now };
    expect(await revokeDirectoryToken(world.database.db, tokenId, by)).toEqual({ ok: true });
    refused(await call('GET', '/Users', undefined, bearer), 401);
  });

  it('a token ends by itself', async () => {
    const { bearer } = await directory({ days: 1 });
    world.pass(DAY - MINUTE);
    expect((await call('GET', '/Users', undefined, bearer)).statusCode).toBe(200);
    world.pass(MINUTE);
    refused(await call('GET', '/Users', undefined, bearer), 401);
  });
});

describe('R26: a user of a console', () => {
  it('is created with the console’s own id, and read again the same (RFC 7644 §3.3, §3.4.1)', async () => {
    const answer = await call(
      'POST',
      '/Users',
      body('Taro.Mihon@Example.co.jp', 'u-taro', {
        displayName: '見本 太郎',
        name: { familyName: '見本', givenName: '太郎', middleName: 'x' },
        preferredLanguage: 'ja-JP',
        title: 'forgotten',
        password: 'Never-kept-1!',
        [ENTERPRISE_SCHEMA]: { organization: '見本商事', department: 'forgotten' },
      }),
    );
    expect(answer.statusCode, answer.body).toBe(201);
    const user = answer.json<User>();
    expect(user).toEqual({
      schemas: [USER_SCHEMA, ENTERPRISE_SCHEMA],
      id: user.id,
      externalId: 'u-taro',
      userName: 'Taro.Mihon@example.co.jp',
      displayName: '見本 太郎',
      name: { familyName: '見本', givenName: '太郎' },
      preferredLanguage: 'ja-JP',
      active: true,
      emails: [{ value: 'Taro.Mihon@example.co.jp', type: 'work', primary: true }],
      [ENTERPRISE_SCHEMA]: { organization: '見本商事' },
      meta: {
        resourceType: 'User',
        created: world.now.toISOString(),
        lastModified: world.now.toISOString(),
        location: `http://${HOST}/scim/v2/Users/${user.id}`,
        version: user.meta.version,
      },
    });
    expect(answer.headers).toMatchObject({ location: user.meta.location, etag: user.meta.version });
    expect((await call('GET', `/Users/${user.id}`)).json()).toEqual(user);
    expect(await accountOf('taro.mihon@example.co.jp')).toMatchObject({
      name: '見本 太郎',
      company: '見本商事',
      locale: 'ja',
    });
    const [event] = await world.database.db
      .selectFrom('audit_event')
      .selectAll()
      .where('action', '=', 'user.provisioned')
      .orderBy('id', 'desc')
      .limit(1)
      .execute();
    expect(event).toMatchObject({
      actor: 'console:sms',
      console_id: sms,
      detail: { consoleUserId: 'u-taro' },
    });
    expect(event?.request_id).toMatch(/^req_/);
  });

  it('is made once: the same id, the same address and a missing id are refused', async () => {
    const user = await made();
    refused(await call('POST', '/Users', body('other@example.co.jp', user.externalId)), 409, 'uniqueness');
    refused(await call('POST', '/Users', body(user.userName, 'u-other')), 409, 'uniqueness');
    refused(await call('POST', '/Users', body('other@example.co.jp')), 400, 'invalidValue');
    refused(await call('POST', '/Users', body('no address', 'u-other')), 400, 'invalidValue');
    refused(await call('POST', '/Users', { userName: 'x@example.co.jp' }), 400, 'invalidSyntax');
  });

  it('asked for again with the same Idempotency-Key is the same user, and the same answer', async () => {
    const wanted = body('again@example.co.jp', 'u-again');
    const key = { 'idempotency-key': 'one-of-mine' };
    const first = await call('POST', '/Users', wanted, SMS, key);
    const again = await call('POST', '/Users', wanted, SMS, key);
    expect([first.statusCode, again.statusCode, again.body]).toEqual([201, 201, first.body]);
    expect(again.headers).toMatchObject({ etag: first.headers.etag, location: first.headers.location });
    expect((await call('POST', '/Users', body('other@example.co.jp', 'u-x'), SMS, key)).statusCode).toBe(422);
  });

  it('asked for twenty times at once is made once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call('POST', '/Users', body('many@example.co.jp', 'u-many'))),
    );
    const statuses = answers.map((one) => one.statusCode).toSorted();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  it('whose address has an account in another console gets its link, and the answer does not say so (C4)', async () => {
    await world.addPerson('Known@example.co.jp', { mail: 'm-1' }, { name: '別名 花子' });
    world.pass(DAY);
    const known = await call('POST', '/Users', body('known@example.co.jp', 'u-known', { displayName: 'N' }));
    const fresh = await call('POST', '/Users', body('fresh@example.co.jp', 'u-fresh', { displayName: 'N' }));
    const masked = (answer: { statusCode: number; body: string }) => [
      answer.statusCode,
      answer.body
        .replaceAll(/known|fresh/g, '…')
        .replaceAll(/"id":"[^"]*"|"version":"W[^}]*|Users\/\w+/g, ''),
    ];
    expect(masked(known)).toEqual(masked(fresh));
    const links = await world.database.db
      .selectFrom('console_link')
      .select('console_id')
      .where('account_id', '=', (await accountOf('known@example.co.jp')).id)
      .execute();
    expect(links).toHaveLength(2);
    expect(await accountOf('known@example.co.jp')).toMatchObject({ name: '別名 花子' });
  });

  it('takes the whole of a PUT; what it leaves out is gone, its ids stay', async () => {
    const user = await made(SMS, { displayName: 'A', [ENTERPRISE_SCHEMA]: { organization: 'O' } });
    const answer = await call(
      'PUT',
      `/Users/${user.id}`,
      body(user.userName, undefined, { displayName: 'B' }),
    );
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toMatchObject({
      id: user.id,
      externalId: user.externalId,
      displayName: 'B',
      active: true,
    });
    expect(answer.json<User>()[ENTERPRISE_SCHEMA]).toBeUndefined();
    expect(await accountOf(user.userName)).toMatchObject({ name: 'B', company: '' });
    refused(await call('PUT', `/Users/${user.id}`, body(user.userName, 'u-elsewhere')), 400, 'mutability');
    refused(await call('PUT', '/Users/dW5rbm93bg', body('x@example.co.jp')), 404);
  });

  it('is shut out of this console alone by active:false, and comes back; the other console goes on', async () => {
    const id = await world.addPerson(
      'both@example.co.jp',
      { sms: 'u-both', mail: 'm-both' },
      { password: PASSWORD },
    );
    const browser = new Browser(world);
    await signIn(browser, authorizeUrl('sms').url, 'both@example.co.jp');
    const user = (await find('userName eq "both@example.co.jp"')).Resources[0];
    const answer = await patch(user?.id ?? '', [{ op: 'replace', value: { active: false } }]);
    expect(answer.json()).toMatchObject({ active: false });
    expect(await accountOf('both@example.co.jp')).toMatchObject({ id, state: 'active' });
    expect(await gets('sms', browser)).toBe(false);
    expect(await gets('mail', browser)).toBe(true);
    expect(
      (await patch(user?.id ?? '', [{ op: 'replace', path: 'active', value: 'True' }])).json(),
    ).toMatchObject({
      active: true,
    });
    expect(await gets('sms', browser)).toBe(true);
  });

  it('who has no other console is suspended by active:false; what an operator suspended stays so', async () => {
    const user = await made();
    await patch(user.id, [{ op: 'Replace', path: 'active', value: 'False' }]);
    expect(await accountOf(user.userName)).toMatchObject({ state: 'suspended' });
    expect((await find(`active eq false and userName eq "${user.userName}"`)).totalResults).toBe(1);
    await patch(user.id, [{ op: 'replace', path: 'active', value: true }]);
    expect(await accountOf(user.userName)).toMatchObject({ state: 'active' });
    const { id } = await accountOf(user.userName);
    await sql`update account set state = 'suspended' where id = ${id}`.execute(world.database.db);
    const answer = await patch(user.id, [{ op: 'replace', path: 'active', value: true }]);
    expect(answer.json()).toMatchObject({ active: false });
    expect(await accountOf(user.userName)).toMatchObject({ state: 'suspended' });
  });

  it('who was there before is not suspended by whoever names the address, even if no other console has them', async () => {
    await world.addPerson('alone@example.co.jp', {}, { password: PASSWORD });
    const { bearer } = await directory();
    const answer = await call('POST', '/Users', body('alone@example.co.jp', 'x', { active: false }), bearer);
    expect(answer.json()).toMatchObject({ active: false });
    expect(await accountOf('alone@example.co.jp')).toMatchObject({ state: 'active' });
  });

  it('is let go by DELETE: the link ends, account and other consoles stay; and can be made again', async () => {
    await world.addPerson(
      'leaving@example.co.jp',
      { sms: 'u-leaving', mail: 'm-leaving' },
      { password: PASSWORD },
    );
    const user = (await find('externalId eq "u-leaving"')).Resources[0];
    const answer = await call('DELETE', `/Users/${user?.id ?? ''}`, undefined, SMS, {
      'content-type': 'application/json',
    });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    refused(await call('GET', `/Users/${user?.id ?? ''}`), 404);
    refused(await call('DELETE', `/Users/${user?.id ?? ''}`), 404);
    const browser = new Browser(world);
    await signIn(browser, authorizeUrl('mail').url, 'leaving@example.co.jp');
    expect(await gets('mail', browser)).toBe(true);
    expect((await call('POST', '/Users', body('leaving@example.co.jp', 'u-leaving'))).statusCode).toBe(201);
  });
});

describe('R18: a userName that changes', () => {
  it('becomes the login ID only with the code of the new mailbox, typed on our page', async () => {
    const user = await made();
    const answer = await patch(user.id, [
      { op: 'replace', path: 'userName', value: 'moved@example.co.jp' },
      { op: 'replace', path: 'displayName', value: 'Moved' },
    ]);
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json()).toMatchObject({
      userName: user.userName,
      displayName: 'Moved',
      [LOGIN_SCHEMA]: { pendingUserName: 'moved@example.co.jp' },
    });
    const mail = await world.nextMail('moved@example.co.jp');
    const page = /http:\/\/login\.example\.co\.jp(\/login-id\/code\/\S+)/.exec(mail.text)?.[1] ?? '';
    const code = /\d{4} ?\d{4}/.exec(mail.text)?.[0] ?? '';
    expect(mail.text).toContain('利用者情報で、メールアドレスが変更されました');
    expect(mail.text).not.toContain('サポート窓口へのご依頼により');
    // The directory asks for the same with every round; one mail is enough.
    world.pass(MINUTE);
    await patch(user.id, [{ op: 'replace', path: 'userName', value: 'moved@example.co.jp' }]);
    const typed = await new Browser(world).request('POST', page, { code });
    expect([200, 303]).toContain(typed.statusCode);
    expect((await call('GET', `/Users/${user.id}`)).json()).toMatchObject({
      userName: 'moved@example.co.jp',
    });
    expect(
      world.mails.filter((one) => one.to === 'moved@example.co.jp' && one.text.includes('/login-id/code/')),
    ).toHaveLength(1);
    const told = await world.nextMail(user.userName);
    expect(told.text).toContain('利用者情報での変更により');
    expect(told.text).not.toContain('サポート窓口でのお手続きにより');
  });

  it('to the address of somebody else gets the same answer; its owner is told, and nothing moves', async () => {
    const user = await made();
    await world.addPerson('owner@example.co.jp', { mail: 'm-owner' });
    const answer = await patch(user.id, [{ op: 'replace', path: 'userName', value: 'owner@example.co.jp' }]);
    expect(answer.json()).toMatchObject({ [LOGIN_SCHEMA]: { pendingUserName: 'owner@example.co.jp' } });
    expect((await world.nextMail('owner@example.co.jp')).text).not.toMatch(/\d{4} ?\d{4}/);
  });

  it('of an account that was there before sends nothing until its person has entered the console: naming an address is no way to its account', async () => {
    await world.addPerson('victim@example.co.jp', { mail: 'm-victim' }, { password: PASSWORD });
    const user = (await call('POST', '/Users', body('victim@example.co.jp', 'u-victim'))).json<User>();
    const change = { op: 'replace', path: 'userName', value: 'attacker@example.co.jp' };
    expect((await patch(user.id, [change])).json()).toMatchObject({
      [LOGIN_SCHEMA]: { pendingUserName: 'attacker@example.co.jp' },
    });
    const asked = await world.app.server.inject({
      method: 'POST',
      url: '/api/console/v1/login-id-changes',
      headers: { host: HOST, authorization: SMS },
      payload: { consoleUserId: 'u-victim', newEmailAddress: 'attacker2@example.co.jp', locale: 'ja' },
    });
    expect(asked.statusCode).toBe(201);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from message where recipient like 'attacker%'`.execute(world.database.db);
    expect(rows[0]?.n).toBe(0);
    // Its login ID moves elsewhere: this console learns nothing of it.
    await sql`update account set email_address = 'secret@example.co.jp', email_key = 'secret@example.co.jp' where email_key = 'victim@example.co.jp'`.execute(
      world.database.db,
    );
    expect((await call('GET', `/Users/${user.id}`)).body).not.toContain('secret');
    // Nor by comparing, whatever it says that it has; and of an account that was made by naming it the answer is the same.
    await call('POST', '/Users', body('fresh-compared@example.co.jp', 'u-fresh'));
    const compared = async (emailAddress: string, version: number | null) => {
      const answer = await world.app.server.inject({
        method: 'POST',
        url: '/api/console/v1/login-ids/compare',
        headers: { host: HOST, authorization: SMS },
        payload: {
          round: '018f3f5e-7d2a-4c6b-9a51-0d5b4ad0a001',
          last: false,
          people: ['u-victim', 'u-fresh'].map((consoleUserId) => ({
            consoleUserId,
            emailAddress,
            version,
          })),
        },
      });
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<{ differences: object[] }>().differences;
    };
    for (const [address, version] of [
      ['victim@example.co.jp', null],
      ['other@example.co.jp', 0],
      ['secret@example.co.jp', 7],
    ] as const)
      expect(await compared(address, version)).toEqual([]);
    await enter(world, new Browser(world), 'sms', { address: 'secret@example.co.jp' });
    expect((await call('GET', `/Users/${user.id}`)).json()).toMatchObject({
      userName: 'secret@example.co.jp',
    });
    expect(await compared('other@example.co.jp', 0)).toMatchObject([{ consoleUserId: 'u-victim' }]);
  });
});

describe('R26: a directory of a customer', () => {
  it('has ids of its own, which never become the console’s', async () => {
    const { bearer } = await directory();
    const other = await directory();
    await world.addPerson('holder@example.co.jp', { sms: 'u-taken' });
    const user = (await call('POST', '/Users', body('claims@example.co.jp', 'u-taken'), bearer)).json<User>();
    expect(user.externalId).toBe('u-taken');
    const link = await world.database.db
      .selectFrom('console_link')
      .select('console_user_id')
      .where('account_id', '=', (await accountOf('claims@example.co.jp')).id)
      .executeTakeFirstOrThrow();
    expect(link.console_user_id).toMatch(/^dpu_/);
    refused(await call('POST', '/Users', body('twice@example.co.jp', 'u-taken'), bearer), 409, 'uniqueness');
    expect((await find('externalId eq "u-taken"', bearer)).Resources).toMatchObject([
      { userName: 'claims@example.co.jp' },
    ]);
    expect((await find('externalId eq "u-taken"', other.bearer)).totalResults).toBe(0);
    const renamed = await patch(user.id, [{ op: 'replace', path: 'externalId', value: 'x-2' }], bearer);
    expect(renamed.json()).toMatchObject({ externalId: 'x-2' });
  });

  it('of one company sees and changes its people only; others look as if they were not there', async () => {
    const a = await directory({ company: '甲社', domains: ['Example.co.jp'] });
    const b = await directory({ company: '乙社' });
    const ofA = (await call('POST', '/Users', body('a@example.co.jp', 'x1'), a.bearer)).json<User>();
    const ofB = (await call('POST', '/Users', body('b@example.com', 'x1'), b.bearer)).json<User>();
    expect(ofA[ENTERPRISE_SCHEMA]).toEqual({ organization: '甲社' });
    const unknown = '/Users/dW5rbm93bg';
    for (const [method, payload] of [
      ['GET', undefined],
      ['PUT', body('b@example.com')],
      ['PATCH', { schemas: [PATCH_SCHEMA], Operations: [{ op: 'replace', path: 'active', value: false }] }],
      ['DELETE', undefined],
    ] as const) {
      const foreign = await call(method, `/Users/${ofB.id}`, payload, a.bearer);
      const none = await call(method, unknown, payload, a.bearer);
      expect([foreign.statusCode, foreign.body]).toEqual([none.statusCode, none.body]);
      expect(foreign.statusCode).toBe(404);
    }
    for (const filter of [
      `id eq "${ofB.id}"`,
      'userName eq "b@example.com"',
      `userName eq "b@example.com" and active eq true`,
    ])
      expect((await find(filter, a.bearer)).totalResults).toBe(0);
    const all = (await call('GET', '/Users', undefined, a.bearer)).json<List>();
    expect(all.Resources.map((one) => one.userName)).toEqual(['a@example.co.jp']);
    refused(await call('POST', '/Users', body('b@example.com', 'x2'), a.bearer), 400, 'invalidValue');
    refused(
      await call(
        'POST',
        '/Users',
        body('c@example.co.jp', 'x2', { [ENTERPRISE_SCHEMA]: { organization: '乙社' } }),
        a.bearer,
      ),
      400,
      'invalidValue',
    );
    // The person of B is in this console: the refusal says nothing of whom it met.
    const taken = await call(
      'POST',
      '/Users',
      body('b@example.com', 'x2'),
      (await directory({ company: '丙社' })).bearer,
    );
    refused(taken, 409, 'uniqueness');
    expect(taken.body).not.toContain('乙社');
  });

  it('finds the people of its company whom a file brought, and takes them over', async () => {
    const { bearer } = await directory({ company: '見本商事' });
    await world.addPerson('imported@example.co.jp', { sms: 'u-imported' });
    const found = (await find('userName eq "IMPORTED@example.co.jp"', bearer)).Resources[0];
    expect(found).toMatchObject({ userName: 'imported@example.co.jp', displayName: '見本 太郎' });
    expect(found?.externalId).toBeUndefined();
    await patch(found?.id ?? '', [{ op: 'add', path: 'externalId', value: 'entra-1' }], bearer);
    expect((await find('externalId eq "entra-1"', bearer)).Resources[0]?.id).toBe(found?.id);
  });
});

describe('RFC 7644 §3.4.2: lists', () => {
  it('come in pages by index and by cursor, each person once', async () => {
    const { bearer } = await directory({ company: 'paged' });
    for (let nth = 0; nth < 5; nth++) await made(bearer);
    const page = async (query: string) =>
      (await call('GET', `/Users?${query}`, undefined, bearer)).json<List>();
    const byIndex = [
      ...(await page('count=2')).Resources,
      ...(await page('startIndex=3&count=200')).Resources,
    ];
    expect(new Set(byIndex.map((one) => one.id)).size).toBe(5);
    const first = await page('cursor=&count=2');
    const second = await page(`cursor=${first.nextCursor ?? ''}&count=2`);
    const third = await page(`cursor=${second.nextCursor ?? ''}&count=2`);
    expect(third.nextCursor).toBeUndefined();
    expect([...first.Resources, ...second.Resources, ...third.Resources]).toEqual(byIndex);
    expect(await page('count=0')).toMatchObject({ totalResults: 5, itemsPerPage: 0, Resources: [] });
    expect(await page('startIndex=-3&count=-1')).toMatchObject({ startIndex: 1, itemsPerPage: 0 });
    expect(await page('startIndex=99')).toMatchObject({ totalResults: 5, Resources: [] });
    refused(await call('GET', '/Users?count=many'), 400, 'invalidValue');
    const searched = await call(
      'POST',
      '/Users/.search',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        startIndex: 1,
        count: 2,
        attributes: ['userName'],
      },
      bearer,
    );
    expect(searched.json<List>().Resources.map((one) => Object.keys(one))).toEqual([
      ['schemas', 'id', 'userName'],
      ['schemas', 'id', 'userName'],
    ]);
  });

  it.each([
    ['userName eq "F1@example.co.jp"', 1],
    ['USERNAME EQ "f1@example.co.jp"', 1],
    [`${USER_SCHEMA}:userName eq "f1@example.co.jp"`, 1],
    ['emails.value eq "f1@example.co.jp"', 1],
    ['emails[type eq "work" and value eq "f1@example.co.jp"]', 1],
    ['emails[type eq "home"].value eq "f1@example.co.jp"', 0],
    ['externalId eq "f-1"', 1],
    ['externalId eq "F-1"', 0],
    ['externalId eq "f-1" and active eq true', 1],
    ['externalId eq "f-1" and active eq "False"', 0],
    ['externalId eq "f-1" and externalId eq "f-2"', 0],
    ['(userName eq "f1@example.co.jp")', 1],
    ['userName eq "nobody"', 0],
    ['id eq "Zi0x"', 1],
    ['id eq "f-1"', 0],
  ])('%s finds %i', async (filter, number) => {
    if ((await find('externalId eq "f-1"')).totalResults === 0)
      await call('POST', '/Users', body('f1@example.co.jp', 'f-1'));
    expect(await find(filter)).toMatchObject({ totalResults: number });
  });

  it.each(
    [
      'userName co "a"',
      'userName eq "a" or userName eq "b"',
      'not (userName eq "a")',
      'userName pr',
      'displayName eq "a"',
      'meta.lastModified gt "2011-05-13T04:42:34Z"',
      'userName eq',
      'userName',
      '(((',
      '__proto__ eq "x"',
      'userName eq 5',
      'active eq "perhaps"',
      ' ',
      'a'.repeat(2_001),
    ].map((filter) => [filter.slice(0, 60), filter]),
  )('%s is refused by name', async (_, filter = '') => {
    refused(await call('GET', `/Users?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter');
  });

  it('active and inactive people are all people', async () => {
    const user = await made();
    await patch(user.id, [{ op: 'replace', path: 'active', value: false }]);
    const [all, active, inactive] = await Promise.all([
      call('GET', '/Users?count=0').then((answer) => answer.json<List>()),
      find('active eq true'),
      find('active eq false'),
    ]);
    expect(active.totalResults + inactive.totalResults).toBe(all.totalResults);
    expect(inactive.Resources.map((one) => one.id)).toContain(user.id);
    expect(active.Resources.map((one) => one.id)).not.toContain(user.id);
  });
});

describe('RFC 7644 §3.14: versions', () => {
  it('two who change the same user do not overwrite each other', async () => {
    const user = await made();
    const rename = (displayName: string) =>
      patch(user.id, [{ op: 'replace', path: 'displayName', value: displayName }], SMS, {
        'if-match': user.meta.version,
      });
    const answers = await Promise.all(['A', 'B', 'C', 'D'].map(rename));
    expect(answers.map((one) => one.statusCode).toSorted()).toEqual([200, 412, 412, 412]);
    const now = (await call('GET', `/Users/${user.id}`)).json<User>();
    expect(now.meta.version).not.toBe(user.meta.version);
    refused(
      await call('DELETE', `/Users/${user.id}`, undefined, SMS, { 'if-match': user.meta.version }),
      412,
    );
    const same = await call('GET', `/Users/${user.id}`, undefined, SMS, {
      'if-none-match': now.meta.version,
    });
    expect([same.statusCode, same.body]).toEqual([304, '']);
    expect(
      (
        await call(
          'PATCH',
          `/Users/${user.id}`,
          { schemas: [PATCH_SCHEMA], Operations: [{ op: 'replace', path: 'displayName', value: 'E' }] },
          SMS,
          { 'if-match': '*' },
        )
      ).statusCode,
    ).toBe(200);
  });
});
