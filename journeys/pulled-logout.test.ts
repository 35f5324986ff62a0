import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeClock, type MachineClock } from './clock.ts';
import { prepareConsole, type ConsoleId, type RunningConsole } from './consoles.ts';
import { startLoginServer, type LoginServer } from './login-server.ts';
import { NEW_PASSWORD } from './pages.ts';
import { Program } from './program.ts';

// No browser: what is tested is between login server and consoles, both with their real code.
const NO_MAIL = 'smtp://127.0.0.1:9';
const PERSON = { emailAddress: 'mihon@example.co.jp', name: '見本 花子', company: '見本商事' };

let clock: MachineClock;
let login: LoginServer;
const consoles = {} as Record<ConsoleId, RunningConsole>;

beforeAll(async () => {
  clock = takeClock();
  login = await startLoginServer(clock, NO_MAIL);
  const links: Partial<Record<ConsoleId, string>> = {};
  for (const id of ['sms', 'mail'] as const) {
    const console = await prepareConsole(id, clock, NO_MAIL, { endedSessionsSeconds: 1 });
    consoles[id] = console;
    links[id] = await console.addUser({ ...PERSON, locale: 'ja' });
    await login.register({ ...console, nameJa: console.names.ja, nameEn: console.names.en });
    await login.plan(id, { linkAt: new Date(clock.now().getTime() - 3_600_000), cutOverAt: null });
  }
  // The login server cannot reach the SMS console at all: nobody listens at its logout address.
  await login.database.db
    .updateTable('console')
    .set({ backchannel_logout_uri: 'http://localhost:9/auth/backchannel-logout' })
    .where('client_id', '=', 'sms')
    .execute();
  await login.addAccount({ ...PERSON, state: 'active', links, password: NEW_PASSWORD });
  for (const id of ['sms', 'mail'] as const) await consoles[id].start(login.issuer);
});
afterAll(async () => {
  for (const console of Object.values(consoles)) await console.close();
  await login.close();
  clock.release();
});

async function inBoth(address: string): Promise<Program> {
  const program = new Program(address);
  const page = await program.open(`${consoles.sms.url}/auth/start`);
  const { emailAddress: email_address } = PERSON;
  await program.submit(page, 'password', { email_address, password: NEW_PASSWORD });
  await program.open(`${consoles.mail.url}/auth/start`);
  return program;
}
const isIn = async (program: Program, id: ConsoleId): Promise<boolean> =>
  (await program.open(`${consoles[id].url}/settings`)).url.href === `${consoles[id].url}/settings`;
const deliveries = () =>
  login.database.db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'console_id')
    .select(['client_id', 'state', 'told_by'])
    .orderBy('client_id')
    .execute();

describe('R9: a console that cannot be reached from the login server', () => {
  test('closes because it asks; the ledger says that it was told by pull; other browsers go on', async () => {
    const [here, elsewhere] = [await inBoth('198.51.100.1'), await inBoth('198.51.100.2')];
    // Leaving the mail console ends the SMS console's session too.
    const home = await here.open(`${consoles.mail.url}/`);
    await here.press(home, '/logout');
    const began = performance.now();
    while (await isIn(here, 'sms')) {
      expect(performance.now() - began).toBeLessThan(10_000);
      await pause(100);
    }
    await expect.poll(deliveries, { timeout: 5_000 }).toEqual([
      { client_id: 'mail', state: 'delivered', told_by: 'push' },
      { client_id: 'sms', state: 'delivered', told_by: 'pull' },
    ]);
    expect([await isIn(here, 'mail'), await isIn(elsewhere, 'sms'), await isIn(elsewhere, 'mail')]).toEqual([
      false,
      true,
      true,
    ]);
    // Whoever comes back at once has another session, which no late news of the old one ends.
    const again = await inBoth('198.51.100.3');
    await pause(2_500);
    expect([await isIn(again, 'sms'), await isIn(again, 'mail')]).toEqual([true, true]);
  });
});
