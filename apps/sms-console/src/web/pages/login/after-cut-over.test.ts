import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import type { Person } from '#domain/people/people.ts';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.setPhase('parallel');
  person = await world.addPerson();
});

type Sent = { method?: string; url?: string; type?: string; body?: string; headers?: Record<string, string> };

async function send({ method = 'POST', url = '/login', type, body, headers = {} }: Sent) {
  return world.app.inject({
    method: method as 'POST',
    url,
    headers: { host: 'localhost:5701', ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
}

const sessions = async (): Promise<number> =>
  (await world.db.selectFrom('console_session').where('person_id', '=', person.id).selectAll().execute())
    .length;

const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const FORM = 'application/x-www-form-urlencoded';
const credentials = () => ({ email_address: person.emailAddress, password: PASSWORD });
const multipart = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('') + '--x--\r\n';

/** Every way of sending a legacy sign-in; `filled`: the address can be read, and is filled in. */
const WAYS: readonly [name: string, sent: () => Sent | Promise<Sent>, filled: boolean][] = [
  ['a form', () => ({ type: FORM, body: form(credentials()) }), true],
  [
    'a form with another character set named',
    () => ({ type: `${FORM}; charset=Shift_JIS`, body: form(credentials()) }),
    true,
  ],
  ['a page that was open before, with its cookie and token', () => openForm(), true],
  [
    'a form with a token that is not its cookie’s',
    () => ({ type: FORM, body: form({ ...credentials(), _csrf: 'x' }) }),
    true,
  ],
  [
    'JSON, as a program sends it',
    () => ({ type: 'application/json', body: JSON.stringify(credentials()) }),
    true,
  ],
  ['JSON that is broken', () => ({ type: 'application/json', body: '{"email_address":' }), false],
  ['JSON that is a list', () => ({ type: 'application/json', body: '[1]' }), false],
  [
    'JSON that would poison a prototype',
    () => ({ type: 'application/json', body: '{"__proto__":{}}' }),
    false,
  ],
  ['no body', () => ({}), false],
  ['an empty JSON body', () => ({ type: 'application/json', body: '' }), false],
  ['plain text', () => ({ type: 'text/plain', body: form(credentials()) }), false],
  [
    'a multipart form',
    () => ({ type: 'multipart/form-data; boundary=x', body: multipart(credentials()) }),
    false,
  ],
  ['XML', () => ({ type: 'application/xml', body: '<login/>' }), false],
  [
    'a content type that nobody knows',
    () => ({ type: 'application/x-sample', body: form(credentials()) }),
    false,
  ],
  ['a content type that is none', () => ({ type: '???', body: form(credentials()) }), false],
  ['no content type', () => ({ body: form(credentials()) }), false],
  ['64 KiB and more', () => ({ type: FORM, body: form({ ...credentials(), x: 'x'.repeat(70_000) }) }), false],
  ['a doubled field', () => ({ type: FORM, body: `${form(credentials())}&password=other` }), true],
  ['the query of a POST', () => ({ url: `/login?${form(credentials())}` }), true],
  [
    'the query of a POST with an unknown content type',
    () => ({ url: `/login?${form(credentials())}`, type: 'a/b', body: 'x' }),
    true,
  ],
  ['the query of a GET', () => ({ method: 'GET', url: `/login?${form(credentials())}` }), true],
  ['HEAD', () => ({ method: 'HEAD' }), false],
  ['PUT', () => ({ method: 'PUT', type: FORM, body: form(credentials()) }), false],
  [
    'PATCH',
    () => ({ method: 'PATCH', type: 'application/json', body: JSON.stringify(credentials()) }),
    false,
  ],
  ['DELETE', () => ({ method: 'DELETE' }), false],
  [
    'PUT in disguise',
    () => ({ type: FORM, body: form(credentials()), headers: { 'x-http-method-override': 'PUT' } }),
    true,
  ],
  [
    'a session cookie of before that has ended',
    () => ({
      type: FORM,
      body: form(credentials()),
      headers: { cookie: `reach-sms-session=${'A'.repeat(43)}` },
    }),
    true,
  ],
];

/** The login form as a browser has it that opened the page while the legacy login worked. */
async function openForm(): Promise<Sent> {
  const opened = await world.app.inject({ url: '/login', headers: { host: 'localhost:5701' } });
  const token = /name="_csrf" value="([^"]*)"/.exec(opened.body)?.[1] ?? '';
  const cookie = opened.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return { type: FORM, body: form({ ...credentials(), _csrf: token }), headers: { cookie } };
}

describe('M4, R12: after cut-over', () => {
  test.each(WAYS)(
    'a legacy sign-in by %s is refused and leads to the unified sign-in',
    async (_name, sent, filled) => {
      const way = await sent();
      await world.setPhase('unified');
      const answer = await send(way);
      expect([answer.statusCode, answer.headers.location], answer.body).toEqual([
        303,
        filled ? `/auth/start?login_hint=${encodeURIComponent(person.emailAddress)}` : '/auth/start',
      ]);
      expect(answer.cookies.map(({ name }) => name)).not.toContain('reach-sms-session');
      expect(await sessions()).toBe(0);
    },
  );

  test('the page that was set out for is not lost on the way', async () => {
    await world.setPhase('unified');
    const answer = await send({ type: FORM, body: form({ ...credentials(), return_path: '/settings' }) });
    expect(answer.headers.location).toBe(
      `/auth/start?return_path=%2Fsettings&login_hint=${encodeURIComponent(person.emailAddress)}`,
    );
  });

  test('before it other methods lead nowhere, as ever, and a body that cannot be read is refused as ever', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect((await send({ method, type: FORM, body: form(credentials()) })).statusCode).toBe(404);
    expect((await send({ type: 'a/b', body: 'x' })).statusCode).toBe(415);
    expect((await send({ type: FORM, body: form(credentials()) })).statusCode).toBe(403);
    expect(await sessions()).toBe(0);
  });

  test('a form that was open over the cut-over signs nobody in; taken back, it does', async () => {
    const open = await openForm();
    await world.setPhase('unified');
    expect((await send(open)).headers.location).toMatch(/^\/auth\/start/);
    await world.setPhase('parallel');
    const answer = await send(open);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/']);
    expect(await sessions()).toBe(1);
  });

  test('a reset link of before sets no password, however it is sent', async () => {
    await world.setPhase('prepared');
    const browser = world.browser();
    await browser.open('/password/forgot');
    await browser.send('/password/forgot', { email_address: person.emailAddress });
    await vi.waitFor(() => expect(world.mail.mails).toHaveLength(1), { timeout: 5_000 });
    const link = /http:\/\/\S+/.exec(world.mail.mails[0]?.text ?? '')?.[0] ?? '';
    await browser.open(link);
    const token = new URL(link).searchParams.get('token') ?? '';
    const before = await hash();
    await world.setPhase('unified');
    const wanted = { token, new_password: 'Atarashii-2027', confirmation: 'Atarashii-2027' };
    const page = await browser.send('/password/reset', wanted);
    expect(page.status).toBe(410);
    expect(page.html).toContain(`${world.login.issuer}/reset`);
    for (const [type, body] of [
      [FORM, form(wanted)],
      ['application/json', JSON.stringify(wanted)],
      ['text/plain', form(wanted)],
      ['a/b', 'x'],
    ] as const)
      expect((await send({ url: '/password/reset', type, body })).statusCode).toBeGreaterThanOrEqual(400);
    expect((await world.browser().open(link)).status).toBe(410);
    expect(await hash()).toBe(before);

    async function hash(): Promise<string | null> {
      const row = await world.db
        .selectFrom('person')
        .select('legacy_password_hash')
        .where('id', '=', person.id)
        .executeTakeFirstOrThrow();
      return row.legacy_password_hash;
    }
  });

  test('asking for a legacy reset leads to the unified one, with the address, and mails nothing', async () => {
    const browser = world.browser();
    await world.setPhase('prepared');
    await browser.open('/password/forgot');
    await world.setPhase('unified');
    const { url } = { url: new URL('http://localhost:5701/password/forgot') };
    const answer = await browser.request('POST', url, form({ email_address: person.emailAddress }));
    expect([303, 403]).toContain(answer.status);
    const opened = await browser.request('GET', new URL(`${url.href}?login_hint=${person.emailAddress}`));
    expect(String(opened.headers['location'])).toContain(`${world.login.issuer}/reset?`);
    expect(String(opened.headers['location'])).toContain(encodeURIComponent(person.emailAddress));
  });

  test('sessions that live go on until they end by themselves, those of the legacy login and those of the unified one, forward and back', async () => {
    const legacy = world.browser();
    await legacy.open('/login');
    await legacy.send('/login', credentials());
    world.login.atTheKeyboard = world.accountOf(person);
    const unified = world.browser();
    expect((await unified.open('/auth/start')).url.pathname).toBe('/');
    world.login.atTheKeyboard = null;
    for (const phase of ['unified', 'parallel', 'unified', 'prepared', 'unified'] as const) {
      await world.setPhase(phase);
      for (const browser of [legacy, unified]) {
        const page = await browser.open('/settings');
        expect([phase, page.status, page.url.pathname]).toEqual([phase, 200, '/settings']);
        expect(page.text).toContain(person.emailAddress);
      }
    }
    expect(await sessions()).toBe(2);
  });
});
