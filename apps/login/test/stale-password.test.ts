import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '#domain/credentials/password-hash.ts';
import { storePassword } from '#domain/credentials/passwords.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { justBefore, oneWaitsForALock } from './between-statements.ts';
import type { Answer } from './browser.ts';
import { acceptLegacy, addLegacyPerson, legacyHash, STRONG, WEAK } from './legacy.ts';
import { NEW, passwordWays, type Person } from './password-ways.ts';
import { authorizeUrl, PASSWORD } from './steps.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** A password that was right when it was looked at, and is another one when the sign-in is written: it opens nothing. */

/** The full campaign; CI runs the same code smaller. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const ROUNDS = FULL ? 500 : 12;
const THIRD = 'Umi-no-oto 43 desu';

let world: World;
beforeAll(async () => {
  // Mails stay in the queue: the codes are made here.
  world = await openWorld({ work: false });
  await world.addConsole('sms');
});
beforeEach(() => world.pass(20 * MINUTE));
afterAll(() => world.close());

const { somebody, atCodePage, atSignIn, changeBy, isSignedIn, left } = passwordWays(() => world);

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
        if (how === 'for a console') expect(await signInsFrom(thief.browser.ip)).toEqual([]);
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
        await oneWaitsForALock(world);
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

/** What the audit log has of sign-ins from an address. */
async function signInsFrom(ip: string): Promise<string[]> {
  const rows = await world.database.db
    .selectFrom('audit_event')
    .select('action')
    .where('action', 'like', 'account.sign%')
    .where('client_ip', '=', ip)
    .execute();
  return rows.map((row) => row.action);
}

async function soon<T>(act: () => Promise<T>): Promise<T> {
  await pause(Math.random() * 150);
  return act();
}
