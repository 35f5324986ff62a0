import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Person } from '#domain/people/people.ts';
import { HOUR, SECOND } from '#support/primitives/durations.ts';
import type { TestBrowser } from './browser.ts';
import { openWorld, PASSWORD, type World } from './world.ts';

const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';

let world: World;
let person: Person;
let sequence = 0;

beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());
beforeEach(async () => {
  world.clock.reset();
  person = await world.addPerson();
});

async function tell(
  type: string,
  options: { sequence?: number; jti?: string; at?: Date; more?: object } = {},
): Promise<number> {
  const at = options.at ?? world.clock.now();
  const token = await world.login.sign(
    'secevent+jwt',
    {
      ...(options.jti ? { jti: options.jti } : {}),
      toe: Math.floor(at.getTime() / SECOND),
      sub_id: { format: 'iss_sub', iss: world.login.issuer, sub: world.accountOf(person).sub },
      events: {
        [type]: { console_user_id: person.id, sequence: options.sequence ?? ++sequence, ...options.more },
      },
    },
    at,
  );
  const answer = await world.app.inject({
    method: 'POST',
    url: '/auth/events',
    headers: { 'content-type': 'application/secevent+jwt' },
    payload: token,
  });
  return answer.statusCode;
}
const suspended = (options = {}): Promise<number> => tell(`${RISC}account-disabled`, options);
const reinstated = (options = {}): Promise<number> => tell(`${RISC}account-enabled`, options);

async function unified(browser: TestBrowser = world.browser()): Promise<TestBrowser> {
  world.login.atTheKeyboard = world.accountOf(person);
  await browser.open('/auth/start');
  world.login.atTheKeyboard = null;
  return browser;
}
async function legacy(browser: TestBrowser = world.browser()): Promise<TestBrowser> {
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return browser;
}
const isIn = async (browser: TestBrowser): Promise<boolean> => {
  await browser.open('/settings');
  return browser.page?.text.includes(person.name) ?? false;
};

describe('R24: what the unified login says of an account', () => {
  test('suspended: every session of the person ends, and neither login lets in, with a sentence', async () => {
    const browsers = [await unified(), await legacy()];
    for (const browser of browsers) expect(await isIn(browser)).toBe(true);
    world.clock.advance(5 * SECOND);
    expect(await suspended()).toBe(202);
    world.login.atTheKeyboard = null;
    for (const browser of browsers) expect(await isIn(browser)).toBe(false);
    const refused = await legacy();
    expect([refused.page?.status, refused.page?.text]).toEqual([
      403,
      expect.stringContaining('ご利用いただけません'),
    ]);
    const ended = await world.db
      .selectFrom('console_session')
      .select('end_reason')
      .where('person_id', '=', person.id)
      .execute();
    expect(ended.map((one) => one.end_reason)).toEqual(expect.arrayContaining(['suspended']));
  });

  test('C4: only who knows the legacy password learns of it', async () => {
    await suspended();
    const wrong = world.browser();
    await wrong.open('/login');
    await wrong.send('/login', { email_address: person.emailAddress, password: 'Falsch-2026' });
    const unknown = world.browser();
    await unknown.open('/login');
    await unknown.send('/login', { email_address: 'nobody@example.co.jp', password: 'Falsch-2026' });
    expect(wrong.page?.status).toBe(422);
    expect(wrong.page?.text.replace(person.emailAddress, '')).toBe(
      unknown.page?.text.replace('nobody@example.co.jp', ''),
    );
  });

  test('a unified sign-in that was under way is refused; one after the reinstatement lets in, also before the news of it', async () => {
    expect(await suspended({ at: new Date(world.clock.now().getTime() + 20 * SECOND) })).toBe(202);
    const refused = await unified();
    expect([refused.page?.status, refused.page?.text]).toEqual([403, expect.stringContaining('現在')]);
    await world.db
      .updateTable('person')
      .set({ standing_at: new Date(Date.now() - HOUR) })
      .where('id', '=', person.id)
      .execute();
    expect(await isIn(await unified())).toBe(true);
    expect(await isIn(await legacy())).toBe(true);
  });

  test('reinstated: both logins let in again; what is late or comes again changes nothing', async () => {
    await suspended({ sequence: 101, jti: `a-${person.id}` });
    expect(await reinstated({ sequence: 102 })).toBe(202);
    expect(await suspended({ sequence: 101, jti: `a-${person.id}` })).toBe(202);
    expect(await suspended({ sequence: 100 })).toBe(202);
    expect(await isIn(await legacy())).toBe(true);
    expect(await isIn(await unified())).toBe(true);
  });

  test('closed: as suspended', async () => {
    const browser = await legacy();
    await tell(`${RISC}account-purged`);
    expect(await isIn(browser)).toBe(false);
    expect((await legacy()).page?.status).toBe(403);
  });

  test('sessions revoked: unified sessions that began before end, legacy ones and later ones go on', async () => {
    await unified();
    await legacy();
    const at = world.clock.now();
    await new Promise((later) => setTimeout(later, 1_100));
    await unified();
    await tell(`${CAEP}session-revoked`, { at });
    const sessions = await world.db
      .selectFrom('console_session')
      .select(['kind', 'end_reason'])
      .where('person_id', '=', person.id)
      .orderBy('id')
      .execute();
    expect(sessions).toEqual([
      { kind: 'unified', end_reason: 'logged-out-elsewhere' },
      { kind: 'legacy', end_reason: null },
      { kind: 'unified', end_reason: null },
    ]);
  });

  test('password changed at the unified login: it is noted, and nobody is signed out', async () => {
    const browser = await unified();
    await tell(`${CAEP}credential-change`, { more: { credential_type: 'password', change_type: 'update' } });
    const row = await world.db
      .selectFrom('person')
      .select('unified_password_changed_at')
      .where('id', '=', person.id)
      .executeTakeFirstOrThrow();
    expect(row.unified_password_changed_at).not.toBeNull();
    expect(await isIn(browser)).toBe(true);
  });

  test('R18: a login ID that was changed elsewhere is taken over, once', async () => {
    const more = {
      version: 1,
      'new-value': `other-${person.id}@example.co.jp`,
      subject: { format: 'email', email: person.emailAddress },
    };
    expect(await tell(`${RISC}identifier-changed`, { more })).toBe(202);
    const address = async () =>
      (
        await world.db
          .selectFrom('person')
          .select('email_address')
          .where('id', '=', person.id)
          .executeTakeFirstOrThrow()
      ).email_address;
    expect(await address()).toBe(`other-${person.id}@example.co.jp`);
    expect(
      await tell(`${RISC}identifier-changed`, { more: { ...more, 'new-value': 'late@example.co.jp' } }),
    ).toBe(202);
    expect(await address()).toBe(`other-${person.id}@example.co.jp`);
  });

  test('P3: a token that is not the login server’s is refused in the form of RFC 8935', async () => {
    const answer = await world.app.inject({
      method: 'POST',
      url: '/auth/events',
      headers: { 'content-type': 'application/secevent+jwt' },
      payload: 'a.b.c',
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ err: 'invalid_request', description: 'malformed-request' });
  });
});
