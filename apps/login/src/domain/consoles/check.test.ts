import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOutbound, type Outbound } from '#support/primitives/outbound.ts';
import { addressesOf, openFakeConsole, type FakeConsole } from '#test/fake-console.ts';
import { openWorld, type World } from '#test/world.ts';
import { keepCheck, lookAtConsole } from './check.ts';
import type { Finding } from './findings.ts';
import { findingWords } from './finding-sentence.ts';
import { PLAN_ASKED } from './uses.ts';

let world: World;
let fake: FakeConsole;
let outbound: Outbound;
beforeAll(async () => {
  // The clocks of the fake console and of this server are one.
  world = await openWorld({ work: false, now: new Date() });
  fake = await openFakeConsole('sms', world.config.issuer);
  await world.addConsole('sms', addressesOf(fake));
  outbound = createOutbound({ allowedInternalHosts: world.config.allowedInternalHosts });
});
afterAll(async () => {
  await fake.close();
  await world.close();
});
beforeEach(async () => {
  fake.wrong = {};
  fake.asked.length = 0;
  world.now = new Date();
  const { db } = world.database;
  const console = await row();
  await db.deleteFrom('console_use').execute();
  await db
    .insertInto('console_use')
    .values({ console_id: console.id, what: PLAN_ASKED, at: world.now })
    .execute();
});

const row = (clientId = 'sms') =>
  world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow();
const check = async (clientId?: string) => {
  const { db } = world.database;
  const console = await row(clientId);
  const findings = await lookAtConsole({ db, outbound, issuer: world.config.issuer }, console, world.now);
  return keepCheck(db, console.id, findings, { actor: 'operator:cli', now: world.now });
};
const faultsOf = (findings: readonly Finding[]) =>
  findings.flatMap((one) => (one.result === 'fault' ? [`${one.check}: ${one.code}`] : []));

describe('R19: the readiness check of a console, as far as nobody signs in', () => {
  it('finds nothing wrong with a console in order, and leaves no trace at the console', async () => {
    const { findings, faults } = await check();
    expect(faultsOf(findings)).toEqual([]);
    expect(faults).toBe(0);
    expect(fake.asked.toSorted()).toEqual([
      'GET /',
      'GET /',
      'GET /auth/callback',
      'GET /auth/start',
      'GET /login',
      'POST /auth/backchannel-logout',
      'POST /auth/events',
    ]);
    const kept = await world.database.db.selectFrom('console_check').selectAll().execute();
    expect(kept).toMatchObject([{ actor: 'operator:cli' }]);
  });

  it.each<[FakeConsole['wrong'], string]>([
    [{ location: null }, 'entrance: leads-nowhere'],
    [{ location: 'https://elsewhere.example/authorize?client_id=sms' }, 'entrance: leads-elsewhere'],
    [{ request: { client_id: 'other' } }, 'entrance-request: client-id-wrong'],
    [{ request: { redirect_uri: undefined } }, 'entrance-request: redirect-uri-missing'],
    [{ request: { redirect_uri: 'http://127.0.0.1/other' } }, 'entrance-request: redirect-uri-unregistered'],
    [{ request: { response_type: 'token' } }, 'entrance-request: response-type-wrong'],
    [{ request: { scope: 'email' } }, 'entrance-request: scope-openid-missing'],
    [{ request: { code_challenge: undefined } }, 'entrance-request: pkce-missing'],
    [{ request: { code_challenge_method: undefined } }, 'entrance-request: pkce-plain'],
    [{ request: { state: undefined } }, 'entrance-request: state-missing'],
    [{ request: { nonce: undefined } }, 'entrance-request: nonce-missing'],
    [{ cookie: null }, 'entrance-cookie: cookie-missing'],
    [{ cookie: 'pending=x; Path=/; SameSite=Lax' }, 'entrance-cookie: cookie-not-http-only'],
    [{ cookie: 'pending=x; HttpOnly; SameSite=Strict' }, 'entrance-cookie: cookie-strict'],
    [{ callback: 404 }, 'redirect: not-found'],
    [{ legacy: 500 }, 'legacy-login: answers-error'],
    [{ logout: 204 }, 'logout: takes-bad-token'],
    [{ logout: 403 }, 'logout: refuses-otherwise'],
    [{ logout: 404 }, 'logout: not-found'],
    [{ events: 202 }, 'events: takes-bad-token'],
    [{ events: 500 }, 'events: answers-error'],
    [{ date: new Date('2020-01-01T00:00:00Z') }, 'clock: clock-differs'],
  ])('names %o as %s, with its cure in both languages', async (wrong, expected) => {
    fake.wrong = wrong;
    const { findings } = await check();
    expect(faultsOf(findings)).toEqual([expected]);
    const found = findings.find((one) => one.result === 'fault');
    for (const locale of ['ja', 'en'] as const) {
      const words = found && findingWords(found, locale);
      expect(words?.cure.length).toBeGreaterThan(10);
      expect(`${words?.fault}${words?.cure}`).not.toMatch(/[{}]/);
    }
  });

  it('says what the login server knows: never asked, deliveries given up', async () => {
    const console = await row();
    await world.database.db.deleteFrom('console_use').execute();
    expect(faultsOf((await check()).findings)).toEqual(['plan: never-asked']);
    await world.database.db
      .insertInto('console_use')
      .values({ console_id: console.id, what: PLAN_ASKED, at: new Date(world.now.getTime() - 3_600_000) })
      .execute();
    expect(faultsOf((await check()).findings)).toEqual(['plan: not-asked-lately']);
  });

  it('L4: asks nothing but registered addresses, and none inside the network', async () => {
    await world.addConsole('gone', {
      ...addressesOf(fake),
      homeUrl: 'http://127.0.0.1:1/',
      backchannelLogoutUri: null,
      eventUri: null,
    });
    await world.database.db
      .updateTable('console')
      .set({ legacy_login_url: 'http://192.168.0.7/login' })
      .where('client_id', '=', 'gone')
      .execute();
    const codes = faultsOf((await check('gone')).findings);
    expect(codes).toContain('home: connection-refused');
    expect(codes).toContain('legacy-login: address-not-allowed');
  });
});
