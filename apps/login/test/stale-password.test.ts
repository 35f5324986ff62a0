import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '#domain/credentials/password-hash.ts';
import { storePassword } from '#domain/credentials/passwords.ts';
import { issueCode } from '#domain/verification/codes.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { justBefore } from './between-statements.ts';
import { Browser, type Answer } from './browser.ts';
import { acceptLegacy, addLegacyPerson, legacyHash, STRONG, WEAK } from './legacy.ts';
import { authorizeUrl, PASSWORD, signIn } from './steps.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** A password that was right when it was looked at, and is another one when the sign-in is written: it opens nothing. */

/** The full campaign; CI runs the same code smaller. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const ROUNDS = FULL ? 500 : 12;
const NEW = 'Yama-no-oto 42 desu';
const THIRD = 'Umi-no-oto 43 desu';

let world: World;
const codeKey = secretKeys(MASTER_SECRET).derive('verification-codes');
beforeAll(async () => {
  // Mails stay in the queue: the codes are made here.
  world = await openWorld({ work: false });
  await world.addConsole('sms');
});
beforeEach(() => world.pass(20 * MINUTE));
afterAll(() => world.close());

type Person = { id: string; address: string };
let people = 0;
async function somebody(): Promise<Person> {
  const address = `stale${++people}@example.co.jp`;
  return { address, id: await world.addPerson(address, { sms: `s${people}` }, { password: PASSWORD }) };
}

/** A browser on the code page, and what it sends there. */
async function atCodePage({ id, address }: Person, password: string) {
  const browser = new Browser(world);
  const page = await browser.submit(await browser.open('/reset'), '/reset', { email_address: address });
  const { db } = world.database;
  const request = await db
    .selectFrom('verification_request')
    .selectAll()
    .where('id', '=', page.path.split('/').at(-1) ?? '')
    .executeTakeFirstOrThrow();
  const message = await db
    .selectFrom('message')
    .select('id')
    .where((eb) => eb(eb.ref('params', '->>').key('requestId' as never), '=', request.id))
    .executeTakeFirstOrThrow();
  const code = await issueCode(db, codeKey, request, id, message.id, world.now);
  const form = { code, password, confirmation: password };
  return {
    browser,
    send: () => browser.request('POST', page.path, form),
    reset: async () => {
      expect((await browser.submit(page, page.path, form)).path).toBe('/reset/done');
    },
  };
}

/** A browser with its sign-in page open, for a console or by itself. */
async function atSignIn(start: string, { address }: Person) {
  const browser = new Browser(world);
  const page = await browser.open(start);
  return {
    browser,
    send: (password = PASSWORD) => browser.request('POST', page.path, { email_address: address, password }),
  };
}

async function changeBy(person: Person) {
  const browser = new Browser(world);
  await signIn(browser, '/sign-in', person.address);
  const page = await browser.open('/account/password');
  const form = { current_password: PASSWORD, password: NEW, confirmation: NEW };
  return {
    browser,
    reset: async () => {
      expect((await browser.submit(page, '/account/password', form)).path).toMatch(
        /^\/account(\/ended\/\d+)?$/,
      );
    },
  };
}

const isSignedIn = async (browser: Browser): Promise<boolean> =>
  (await browser.open('/account')).path === '/account';

/** What of an account is signed in, or could become so. */
async function left(accountId: string) {
  const { db } = world.database;
  const [sessions, artifacts] = await Promise.all([
    db.selectFrom('sso_session').select('uid').where('account_id', '=', accountId).execute(),
    db.selectFrom('oidc_artifact').select('kind').where('account_id', '=', accountId).execute(),
  ]);
  return { sessions: sessions.length, artifacts: artifacts.map((one) => one.kind) };
}

const STARTS = {
  'for a console': { start: () => authorizeUrl('sms').url, writes: /with .*holder as/s },
  'by itself': { start: () => '/sign-in', writes: /insert into sso_session/ },
};
const MAKERS = { reset: (person: Person) => atCodePage(person, NEW), change: changeBy };

describe('V1: a password that was right before a new one was set opens no session', () => {
  for (const [how, { start, writes }] of Object.entries(STARTS))
    for (const [name, make] of Object.entries(MAKERS))
      it(`a sign-in ${how} that is written just after a ${name}`, async () => {
        const person = await somebody();
        const owner = await make(person);
        const thief = await atSignIn(start(), person);
        const answer = await justBefore(writes, owner.reset, () => thief.send());
        expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sign-in']);
        expect(await left(person.id)).toEqual({ sessions: 1, artifacts: [] });
        expect([await isSignedIn(owner.browser), await isSignedIn(thief.browser)]).toEqual([true, false]);
        const again = await atSignIn(start(), person);
        expect((await again.send()).statusCode).toBe(401);
        expect((await (await atSignIn(start(), person)).send(NEW)).statusCode).toBe(303);
      });

  it('nor one that is written while the new one is being set', async () => {
    const person = await somebody();
    const owner = await atCodePage(person, NEW);
    const thieves = await Promise.all(Object.values(STARTS).map(({ start }) => atSignIn(start(), person)));
    let sent: Promise<Answer>[] = [];
    // The last statement of the reset: it holds the account, and has ended the sessions.
    await justBefore(
      /insert into "?audit_event/,
      async () => {
        sent = thieves.map((thief) => thief.send());
        await oneWaitsForALock();
      },
      owner.reset,
    );
    for (const answer of await Promise.all(sent)) expect(answer.headers.location).toBe('/sign-in');
    expect(await left(person.id)).toEqual({ sessions: 1, artifacts: [] });
    expect(await isSignedIn(owner.browser)).toBe(true);
  });

  it('nor a new password that was replaced before its own session was there', async () => {
    const person = await somebody();
    const thief = await atCodePage(person, NEW);
    world.pass(2 * MINUTE);
    const owner = await atCodePage(person, THIRD);
    const answer = await justBefore(/insert into sso_session/, owner.reset, thief.send);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/sign-in']);
    expect(await left(person.id)).toEqual({ sessions: 1, artifacts: [] });
    expect([await isSignedIn(owner.browser), await isSignedIn(thief.browser)]).toEqual([true, false]);
  });

  it('nor a legacy password that became the unified one a moment ago', async () => {
    await acceptLegacy(world, 'sms', 'imported');
    const address = 'stale-legacy@example.co.jp';
    const person = { address, id: await addLegacyPerson(world, 'sms', address, legacyHash(STRONG)) };
    const owner = await atCodePage(person, NEW);
    const thief = await atSignIn('/sign-in', person);
    const answer = await justBefore(/insert into sso_session/, owner.reset, () => thief.send(STRONG));
    expect(answer.headers.location).toBe('/sign-in');
    expect(await left(person.id)).toEqual({ sessions: 1, artifacts: [] });

    const weak = 'stale-weak@example.co.jp';
    const other = { address: weak, id: await addLegacyPerson(world, 'sms', weak, legacyHash(WEAK)) };
    const second = await atCodePage(other, NEW);
    const chooser = await atSignIn('/sign-in', other);
    const choose = String((await chooser.send(WEAK)).headers.location);
    const chosen = await justBefore(/insert into sso_session/, second.reset, () =>
      chooser.browser.request('POST', choose, { password: THIRD, confirmation: THIRD }),
    );
    expect(chosen.headers.location).toBe('/sign-in');
    expect(await left(other.id)).toEqual({ sessions: 1, artifacts: [] });
  });

  it('the same when clocks stand still or go back: a new password never has the name of an old one', async () => {
    const person = await somebody();
    const { db } = world.database;
    const setAt = async () =>
      (
        await db
          .selectFrom('password_credential')
          .select('set_at')
          .where('account_id', '=', person.id)
          .executeTakeFirstOrThrow()
      ).set_at.getTime();
    const seen = [await setAt()];
    for (const back of [0, 0, 1, 90 * MINUTE]) {
      const at = new Date(world.now.getTime() - back);
      expect((await storePassword(db, person.id, 'sample', at)).getTime()).toBe(await setAt());
      seen.push(await setAt());
    }
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  });

  it(
    `of sign-ins at any moment around a reset none outlives it (${ROUNDS} rounds)`,
    { timeout: FULL ? 30 * MINUTE : 2 * MINUTE },
    async () => {
      const figures: Record<string, number> = {};
      for (let round = 0; round < ROUNDS; round++) {
        const person = await somebody();
        const owner = await atCodePage(person, NEW);
        const thieves = await Promise.all(
          Array.from({ length: 6 }, (_, n) => atSignIn(Object.values(STARTS)[n % 2]?.start() ?? '', person)),
        );
        await Promise.all([
          soon(owner.reset),
          ...thieves.map((thief) =>
            soon(async () => {
              const { statusCode, headers } = await thief.send();
              const how = `${statusCode} ${String(headers.location ?? '').replace(/[\w-]{20,}/, '…')}`.trim();
              figures[how] = (figures[how] ?? 0) + 1;
              expect(statusCode, how).toBeLessThan(500);
            }),
          ),
        ]);
        expect(await left(person.id)).toEqual({ sessions: 1, artifacts: [] });
        expect(await isSignedIn(owner.browser)).toBe(true);
        world.pass(1 * MINUTE);
      }
      process.stdout.write(`${ROUNDS} rounds: ${JSON.stringify(figures)}\n`);
    },
  );
});

it('a hash that is made anew with today’s parameters is the same password', async () => {
  const person = await somebody();
  const { db } = world.database;
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  const current = await hasher.hash(PASSWORD);
  const entering = await atSignIn(authorizeUrl('sms').url, person);
  const answer = await justBefore(
    STARTS['for a console'].writes,
    () =>
      db
        .updateTable('password_credential')
        .set({ password_hash: current })
        .where('account_id', '=', person.id)
        .execute(),
    () => entering.send(),
  );
  expect(String(answer.headers.location)).toContain('/authorize/');
  expect((await left(person.id)).artifacts).toEqual(['Interaction']);
});

async function soon<T>(act: () => Promise<T>): Promise<T> {
  await pause(Math.random() * 150);
  return act();
}

async function oneWaitsForALock(): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      world.database.db,
    );
    if (rows.length > 0) return;
    await pause(10);
  }
  throw new Error('Nothing waited for a lock.');
}
