import { hash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pendingSignInKey } from '#app/app.ts';
import { foundIn } from '../../../test-support/secret-forms.ts';
import type { TestBrowser } from './browser.ts';
import { CODE } from './console-api.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

const WRONG_PASSWORD = 'Wrong-but-typed 99';
const SECOND_PASSWORD = 'Yama-no-oto 42 desu';
const THIRD_PASSWORD = 'Umi "to" <sora> & 7';
const WRONG_CODE = '8642 9753';
const API_KEYS = '/settings/api-keys';

let world: World;
/** Everything that nobody but its owner may ever see, by what it is. */
const secrets = new Map<string, string>();
/** What the console answered, in order. */
const answers: { url: string; body: string; location: string }[] = [];

beforeAll(async () => {
  keepWhatTheLoginServerGives();
  world = await openWorld({ phase: 'prepared' });
  keepAnswers();
  await liveADay();
}, 120_000);
afterAll(async () => {
  await world.close();
  vi.restoreAllMocks();
});

describe('V4: after a day of use of the console', () => {
  test('there is a secret of every kind to look for', () => {
    const kinds = new Set([...secrets.keys()].map((name) => name.replace(/ \d+$/, '')));
    expect([...kinds].sort()).toEqual([
      'a code',
      'a code verifier',
      'a cookie',
      'a logout token’s signature',
      'a password',
      'a question’s token',
      'a reset token',
      'an API key',
      'an ID token’s signature',
      'an access token',
      'an authorization code',
      'an event token’s signature',
      'the client secret',
      'the key of the cookies',
    ]);
  });

  test('no log line holds one, nor an address of a person', () => {
    expect(world.logLines.length).toBeGreaterThan(80);
    const log = world.logLines.join('\n');
    for (const [name, secret] of secrets) expect([name, foundIn(log, secret)]).toEqual([name, undefined]);
    expect(log).not.toMatch(/authorization"|cookie"/i);
    expect(log).not.toContain('taro@example.co.jp');
    expect(log).not.toContain('jiro@example.co.jp');
    // Broken tables and a login server that was away are among what it tells of.
    expect(log).toContain('"level":50');
    for (const line of world.logLines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });

  test('no table holds one; only a session that lives keeps its ID token, which the sign-out has to show', async () => {
    const live = await world.db
      .selectFrom('console_session')
      .select('id_token')
      .where('kind', '=', 'unified')
      .where('ended_at', 'is', null)
      .execute();
    const kept = live.map((row) => row.id_token?.split('.')[2]);
    expect(kept).toHaveLength(1);
    const tables = await sql<{
      schema: string;
      name: string;
    }>`select table_schema as schema, table_name as name
      from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')
      and table_type = 'BASE TABLE'`.execute(world.db);
    const rows: string[] = [];
    for (const { schema, name } of tables.rows) {
      const found = await sql<{
        text: string;
      }>`select t::text as text from ${sql.id(schema, name)} t`.execute(world.db);
      rows.push(...found.rows.map(({ text }) => `${name} ${text}`));
    }
    const everything = rows.join('\n');
    for (const table of ['person', 'console_session', 'legacy_reset', 'api_key', 'login_id_outbox'])
      expect(rows.some((row) => row.startsWith(`${table} `))).toBe(true);
    for (const [name, secret] of secrets) {
      const hints = name.startsWith('an ID token') && kept.includes(secret);
      expect([name, foundIn(everything, secret) !== undefined]).toEqual([name, hints]);
    }
  });

  test('no answer holds one that is not its own, and no address that it leads to', () => {
    expect(answers.length).toBeGreaterThan(60);
    const told: string[] = [];
    for (const { url, body, location } of answers)
      for (const [name, secret] of secrets) {
        const inBody = foundIn(body, secret) !== undefined;
        const inLocation = foundIn(location, secret) !== undefined;
        const kind = name.replace(/ \d+$/, '');
        if (inBody) told.push(`${kind} in ${url}`);
        if (inLocation)
          told.push(`${kind} in an address from ${url} to ${new URL(location, 'http://x').pathname}`);
      }
    expect([...new Set(told)].sort()).toEqual(
      [
        // Shown once, to the person who made it.
        `an API key in ${API_KEYS}`,
        // The hint of a sign-out (OpenID Connect RP-Initiated Logout 1.0 §2).
        'an ID token’s signature in an address from /logout to /session/end',
        // In its own form, without which the link could not be used.
        'a reset token in /password/reset',
        // Back to its own page in the other language.
        'a reset token in an address from /language to /password/reset',
      ].sort(),
    );
  });

  test('no mail holds one but the link that was asked for', () => {
    expect(world.mail.mails).toHaveLength(1);
    const mail = world.mail.mails[0];
    for (const [name, secret] of secrets)
      if (!name.startsWith('a reset token'))
        expect([name, foundIn(`${mail?.subject}${mail?.text}${String(mail?.html)}`, secret)]).toEqual([
          name,
          undefined,
        ]);
  });
});

function note(name: string, value: string | null | undefined): void {
  if (!value) throw new Error(`Nothing to note for ${name}.`);
  if (![...secrets.values()].includes(value)) secrets.set(`${name} ${secrets.size}`, value);
}

/** Notes what console and login server say to each other in a sign-in. */
function keepWhatTheLoginServerGives(): void {
  const { fetch } = globalThis;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    if (!String(url).endsWith('/token')) return fetch(url, init);
    const asked = new URLSearchParams(String(init?.body));
    note('an authorization code', asked.get('code'));
    note('a code verifier', asked.get('code_verifier'));
    const answer = await fetch(url, init);
    const given = (await answer.clone().json()) as { access_token: string; id_token: string };
    note('an access token', given.access_token);
    note('an ID token’s signature', given.id_token.split('.')[2]);
    return answer;
  });
}

/** Notes every answer of the console, whoever asks, and the cookies that it gives. */
function keepAnswers(): void {
  const { app } = world;
  const inject = app.inject.bind(app) as (asked: unknown) => Promise<{
    body: string;
    headers: Record<string, unknown>;
    cookies: { name: string; value: string }[];
  }>;
  Object.assign(app, {
    async inject(asked: { url: string; payload?: string }) {
      const answer = await inject(asked);
      const url = asked.url.split('?')[0] ?? '';
      answers.push({ url, body: answer.body, location: String(answer.headers['location'] ?? '') });
      // The others are the language and the notice to show next.
      for (const { name, value } of answer.cookies)
        if (value.length > 20 && !/-(language|notice)$/.test(name)) note('a cookie', value);
      const logout = new URLSearchParams(typeof asked.payload === 'string' ? asked.payload : '').get(
        'logout_token',
      );
      if (logout) note('a logout token’s signature', logout.split('.')[2]);
      return answer;
    },
  });
}

async function liveADay(): Promise<void> {
  for (const password of [PASSWORD, WRONG_PASSWORD, SECOND_PASSWORD, THIRD_PASSWORD])
    note('a password', password);
  for (const code of [CODE, WRONG_CODE]) {
    note('a code', code);
    note('a code', code.replace(' ', ''));
  }
  note('the client secret', world.config.clientSecret);
  note('the key of the cookies', pendingSignInKey(world.config));
  const person = await world.addPerson({ emailAddress: 'taro@example.co.jp' });

  await signIn(WRONG_PASSWORD);
  await reset();
  const legacy = await signIn(SECOND_PASSWORD);
  expect((await legacy.open('/')).text).toContain(person.name);
  await legacy.open('/settings/password');
  for (const [present, wanted] of [
    [WRONG_PASSWORD, THIRD_PASSWORD],
    [SECOND_PASSWORD, 'kurz'],
    [SECOND_PASSWORD, THIRD_PASSWORD],
  ] as const)
    await legacy.send('/settings/password', {
      present_password: present,
      new_password: wanted,
      confirmation: wanted,
    });
  await useApiKey(legacy);

  await world.setPhase('parallel');
  await askPassword(THIRD_PASSWORD);
  await askPassword(WRONG_PASSWORD);
  world.login.atTheKeyboard = world.accountOf(person);
  const unified = world.browser();
  await unified.open('/auth/start?return_path=/settings');
  const elsewhere = world.browser();
  await elsewhere.open('/auth/start');
  await elsewhere.open('/auth/callback?code=made-up&state=made-up');
  await unified.open('/settings');
  await unified.open('/settings/email');
  await unified.send('/settings/email', { new_address: 'jiro@example.co.jp' });
  await unified.send('/settings/email/code', { code: WRONG_CODE });
  world.login.api.failNext = ['after'];
  await unified.send('/settings/email/code', { code: CODE });
  await unified.open('/settings/email/code');
  await unified.send('/settings/email/code', { code: CODE }).catch(() => unified.open('/settings'));
  await tellOfPassword(person.id);

  await whileTheSessionsAreAway(unified);
  await comeBackWhileTheLoginServerIsAway();

  await unified.open('/settings');
  // The login server asks whether to sign out, and then tells the console of each of its sessions in this browser.
  await unified.send('/logout');
  const form = /action="([^"]+)"/.exec(unified.page?.html ?? '')?.[1];
  if (form) await unified.send(form, { logout: 'yes' });
  await legacy.open('/settings');
  await legacy.send('/logout');
}

async function signIn(password: string): Promise<TestBrowser> {
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: 'taro@example.co.jp', password });
  return browser;
}

/** The legacy reset by mail, with its link opened twice, used with a mistake, used, and used again. */
async function reset(): Promise<void> {
  const browser = world.browser();
  await browser.open('/password/forgot');
  await browser.send('/password/forgot', { email_address: 'taro@example.co.jp' });
  await vi.waitFor(() => expect(world.mail.mails).toHaveLength(1), { timeout: 10_000 });
  const link = /http:\S+/.exec(world.mail.mails[0]?.text ?? '')?.[0] ?? '';
  note('a reset token', new URL(link).searchParams.get('token'));
  const late = world.browser();
  await late.open(link);
  await late.send('/language', { lang: 'en' });
  await browser.open(link);
  await browser.send('/password/reset', { new_password: SECOND_PASSWORD, confirmation: WRONG_PASSWORD });
  await browser.send('/password/reset', { new_password: SECOND_PASSWORD, confirmation: SECOND_PASSWORD });
  await late.send('/password/reset', { new_password: THIRD_PASSWORD, confirmation: THIRD_PASSWORD });
  await late.open(link);
}

async function useApiKey(browser: TestBrowser): Promise<void> {
  await browser.open(API_KEYS);
  const made = await browser.send(API_KEYS, { name: '受注システム' });
  const key = /zrs_[\w-]{43}/.exec(made.text)?.[0] ?? '';
  note('an API key', key);
  for (const token of [key, `${key}x`, key])
    for (const payload of [{ to: '090-1111-2222', text: '見本' }, { to: 'nobody' }])
      await world.app.inject({
        method: 'POST',
        url: '/api/v1/messages',
        headers: { authorization: `Bearer ${token}` },
        payload,
      });
  const list = await browser.open(API_KEYS);
  const path = /href="(\/settings\/api-keys\/key_\w+\/revoke)"/.exec(list.html)?.[1] ?? '';
  await browser.open(path);
  await browser.send(path);
}

/** The login server asks for a legacy password (R21). */
async function askPassword(password: string): Promise<void> {
  const payload = JSON.stringify({ emailAddress: 'taro@example.co.jp', password });
  const token = await world.login.sign(
    'legacy-password-check+jwt',
    { body_sha256: hash('sha256', payload, 'base64url') },
    world.clock.now(),
  );
  note('a question’s token', token.split('.')[2]);
  const answer = await world.app.inject({
    method: 'POST',
    url: '/auth/legacy-password-check',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    payload,
  });
  expect(answer.statusCode).toBe(200);
}

/** An event of the account, told right, with another's signature, and in a form that is no token. */
async function tellOfPassword(consoleUserId: string): Promise<void> {
  const event = {
    console_user_id: consoleUserId,
    sequence: 1,
    credential_type: 'password',
    change_type: 'update',
  };
  const token = await world.login.sign(
    'secevent+jwt',
    {
      toe: Math.floor(world.clock.now().getTime() / 1_000),
      sub_id: { format: 'iss_sub', iss: world.login.issuer, sub: 'acc_1' },
      events: { 'https://schemas.openid.net/secevent/caep/event-type/credential-change': event },
    },
    world.clock.now(),
  );
  note('an event token’s signature', token.split('.')[2]);
  for (const payload of [token, token, `${token}x`, 'a.b.c']) {
    const headers = { 'content-type': 'application/secevent+jwt' };
    await world.app.inject({ method: 'POST', url: '/auth/events', headers, payload });
  }
}

async function comeBackWhileTheLoginServerIsAway(): Promise<void> {
  const browser = world.browser();
  const start = await browser.request('GET', new URL('/auth/start', world.config.url));
  const state = new URL(String(start.headers['location'])).searchParams.get('state');
  world.login.down = true;
  await browser.open(
    `/auth/callback?code=code-that-could-not-be-used&state=${state}&iss=${world.login.issuer}`,
  );
  world.login.down = false;
  await browser.send('/language', { lang: 'en' });
}

/** Errors of the database are where a program is most likely to write down what it was given. */
async function whileTheSessionsAreAway(browser: TestBrowser): Promise<void> {
  const away = ['console_session', 'legacy_reset', 'api_key', 'legacy_throttle'] as const;
  await browser.open('/settings');
  for (const table of away) await world.db.schema.alterTable(table).renameTo(`${table}_away`).execute();
  await browser.open('/settings');
  await world
    .browser()
    .open(`/password/reset?token=${[...secrets].find(([name]) => name.startsWith('a reset'))?.[1]}`);
  await world.app.inject({
    method: 'POST',
    url: '/api/v1/messages',
    headers: { authorization: `Bearer ${[...secrets].find(([name]) => name.startsWith('an API'))?.[1]}` },
    payload: { to: '090-1111-2222', text: '見本' },
  });
  await signIn(THIRD_PASSWORD);
  await world.browser().open('/auth/start');
  for (const table of away) await world.db.schema.alterTable(`${table}_away`).renameTo(table).execute();
}
