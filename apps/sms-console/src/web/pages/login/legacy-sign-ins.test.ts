import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterEach(() => {
  world.login.down = false;
  world.login.api.legacySignIns.clear();
});
afterAll(() => world.close());

async function signIn(password = PASSWORD) {
  const person = await world.addPerson();
  const browser = world.browser();
  await browser.open('/login');
  return { person, page: await browser.send('/login', { email_address: person.emailAddress, password }) };
}

const told = () => [...world.login.api.legacySignIns.values()].map((one) => one.consoleUserId);
const kept = async () =>
  (await world.db.selectFrom('legacy_sign_in').select('console_user_id').execute()).map(
    (row) => row.console_user_id,
  );

describe('R15: who still uses the legacy login is reported', () => {
  test('each legacy sign-in once, with the console’s own user id and its time; a wrong password is none', async () => {
    const { person, page } = await signIn();
    expect(page.url.pathname).toBe('/');
    await signIn('Chigau-2026');
    await vi.waitFor(() => expect(told()).toEqual([person.id]));
    const [report] = world.login.api.legacySignIns.values();
    expect(Math.abs(Date.parse(report?.at ?? '') - Date.now())).toBeLessThan(10_000);
    await vi.waitFor(async () => expect(await kept()).toEqual([]));
  });

  test('R33: while the login server is down people sign in as ever, and the reports follow when it is back, over a restart too', async () => {
    world.login.down = true;
    const first = await signIn();
    expect([first.page.status, first.page.url.pathname]).toEqual([200, '/']);
    expect(first.page.text).toContain(first.person.name);
    await world.restart();
    const second = await signIn();
    expect(second.page.url.pathname).toBe('/');
    expect(await kept()).toEqual([first.person.id, second.person.id]);
    world.login.down = false;
    await vi.waitFor(() => expect(told()).toEqual([first.person.id, second.person.id]), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await kept()).toEqual([]));
  });

  test('an outbox that cannot be written never costs anybody the sign-in', async () => {
    await world.db.schema.alterTable('legacy_sign_in').renameTo('legacy_sign_in_away').execute();
    try {
      const { page, person } = await signIn();
      expect(page.url.pathname).toBe('/');
      expect(page.text).toContain(person.name);
    } finally {
      await world.db.schema.alterTable('legacy_sign_in_away').renameTo('legacy_sign_in').execute();
    }
  });

  test('R12: after cut-over there is nothing to report', async () => {
    await world.setPhase('unified');
    const person = await world.addPerson();
    await world.browser().post('/login', { email_address: person.emailAddress, password: PASSWORD });
    expect(await kept()).toEqual([]);
    expect(told()).toEqual([]);
  });
});
