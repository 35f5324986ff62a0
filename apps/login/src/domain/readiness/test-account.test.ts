import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planStanding } from '#domain/migration/plan-standing.ts';
import { progressOf } from '#domain/migration/progress.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { openWorld, type World } from '#test/world.ts';
import { checkBrowser } from './check-browser.ts';
import { checkConsole } from './check.ts';
import { cookieJar } from './cookie-jar.ts';
import { forgetCutOffChecks, makeTestAccount, TEST_USER_ID } from './test-account.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
});
afterAll(() => world.close());

const row = () =>
  world.database.db
    .selectFrom('console')
    .selectAll()
    .where('client_id', '=', 'sms')
    .executeTakeFirstOrThrow();

describe('R19: the account of a check', () => {
  it('is in no figure and no audience while it is there, and goes when its check was cut off', async () => {
    const { db } = world.database;
    const console = await row();
    await world.addPerson('person@example.co.jp', { sms: 'person' });
    const made = await makeTestAccount(db, console, world.now);
    expect(made).toMatchObject({ ok: true, account: { consoleUserId: TEST_USER_ID } });
    expect(await db.selectFrom('account').select('id').execute()).toHaveLength(2);
    const progress = await progressOf(db, console.id, world.now);
    expect(progress).toMatchObject({ people: 1, apart: { apiOnly: 0, inactive: 0 } });
    expect(await planStanding(db, console.id, world.now)).toMatchObject({ audience: 1 });
    // Somebody else's check waits for this one, and then takes its place.
    expect(await makeTestAccount(db, console, world.now)).toMatchObject({ reason: 'check-under-way' });
    await forgetCutOffChecks(db, world.now);
    expect(await db.selectFrom('account').select('id').execute()).toHaveLength(2);
    world.pass(6 * MINUTE);
    expect(await makeTestAccount(db, console, world.now)).toMatchObject({ ok: true });
    expect(await db.selectFrom('account').select('id').execute()).toHaveLength(2);
    world.pass(6 * MINUTE);
    await forgetCutOffChecks(db, world.now);
    expect(await db.selectFrom('account').select('email_address').execute()).toEqual([
      { email_address: 'person@example.co.jp' },
    ]);
  });

  it('is never a person’s: neither their user id in the console nor their account is used', async () => {
    const { db } = world.database;
    await db.updateTable('console').set({ check_user_id: 'person' }).execute();
    expect(await makeTestAccount(db, await row(), world.now)).toEqual({
      ok: false,
      reason: 'test-user-is-a-person',
    });
    await db.updateTable('console').set({ check_user_id: null }).execute();
    const { id } = await db.selectFrom('account').select('id').executeTakeFirstOrThrow();
    await expect(world.app.checkTools.door.signIn(id)).rejects.toThrow('Only test accounts');
    expect(await db.selectFrom('sso_session').select('uid').execute()).toEqual([]);
  });
});

describe('L4: the browser of a check', () => {
  it('asks no address that is not registered, wherever a console leads it', async () => {
    const trap = await serve(() => '');
    const console = await serve((path) =>
      path === '/inside' ? 'http://169.254.169.254/latest/' : `${trap.url}/`,
    );
    try {
      await world.addConsole('sms', {
        homeUrl: `${console.url}/`,
        initiateLoginUri: `${console.url}/auth/start`,
        redirectUris: [`${console.url}/auth/callback`],
      });
      const browser = checkBrowser(world.app.checkTools, await row(), cookieJar());
      expect(await browser.go(`${console.url}/`)).toEqual({ at: 'elsewhere', url: `${trap.url}/` });
      expect(await browser.go(`${console.url}/inside`)).toMatchObject({ at: 'elsewhere' });
      expect(await browser.go('file:///etc/passwd')).toMatchObject({ at: 'elsewhere' });
      await checkConsole(world.app.checkTools, await row(), { actor: 'operator:cli', now: world.now });
      expect(console.asked()).toBeGreaterThan(2);
      expect(trap.asked()).toBe(0);
    } finally {
      await trap.close();
      await console.close();
    }
  });
});

/** Redirects every request to where `leads` says. */
async function serve(leads: (path: string) => string) {
  let asked = 0;
  const server: Server = createServer((request, response) => {
    asked += 1;
    response.writeHead(302, { location: leads(request.url ?? '/') }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close(): Promise<void> {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
