import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { endBrowsers } from '#domain/logout/end-browsers.ts';
import { changeAccountState } from '#domain/suspension/change-state.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from './browser.ts';
import { authorizeUrl, locationOf, PASSWORD, setPassword, signIn } from './steps.ts';
import { whileHeld } from './while-held.ts';
import { openWorld, type World } from './world.ts';

/** A sign-in whose password was typed and whose redirect nobody followed: it ends with the sessions of its account. */

const NEW = 'Yama-no-oto 42 desu';

let world: World;
let jobs: Jobs;
beforeAll(async () => {
  world = await openWorld();
  await world.addConsole('sms');
  jobs = await openJobs({ databaseUrl: world.databaseUrl, mailRetryAfter: 30, onError: () => undefined });
});
afterEach(() => world.pass(20 * MINUTE));
afterAll(async () => {
  await jobs.stop();
  await world.close();
});

type Person = { id: string; address: string };
let people = 0;
async function somebody(): Promise<Person> {
  const address = `parked${++people}@example.co.jp`;
  const id = await world.addPerson(address, { sms: `parked${people}` }, { password: PASSWORD });
  return { id, address };
}

/** Posts the right password in a sign-in that a console began, and stops before the redirect. */
async function park(address: string) {
  const browser = new Browser(world);
  const page = await browser.open(authorizeUrl('sms').url);
  const answer = await browser.request('POST', page.path, { email_address: address, password: PASSWORD });
  return { browser, resume: locationOf(answer).href };
}

const sessionsOf = (accountId: string) =>
  world.database.db.selectFrom('sso_session').select('uid').where('account_id', '=', accountId).execute();

const by = () => ({ actor: 'operator:support', now: world.now });
const ways: Record<string, (person: Person) => Promise<unknown>> = {
  'the reset of the password': ({ address }) =>
    setPassword(world, new Browser(world), '/sign-in', address, NEW),
  'the change of the password': async ({ address }) => {
    const browser = new Browser(world);
    await signIn(browser, '/sign-in', address);
    const page = await browser.open('/account/password');
    const done = await browser.submit(page, '/account/password', {
      current_password: PASSWORD,
      password: NEW,
      confirmation: NEW,
    });
    expect(done.path).toContain('/account/ended/');
  },
  'suspending and reinstating the account': async ({ id }) => {
    for (const change of ['suspend', 'reinstate'] as const)
      expect(
        await changeAccountState(
          { db: world.database.db, jobs },
          id,
          { change, reason: 'Somebody else was in it.' },
          { ...by(), administrator: true },
        ),
      ).toMatchObject({ ok: true });
  },
  'the end of all browsers from the account page': ({ id }) =>
    endBrowsers({ db: world.database.db, jobs }, id, {
      cause: 'person',
      now: world.now,
      except: 'sso_of-the-owner',
    }),
  'the end of all browsers by an operator': ({ id }) =>
    endBrowsers({ db: world.database.db, jobs }, id, { ...by(), cause: 'operator' }),
};

it.each(Object.entries(ways))('V1: %s ends a sign-in that waits after its password', async (_, end) => {
  const person = await somebody();
  const thief = await park(person.address);
  world.pass(2 * MINUTE);
  await end(person);
  const before = await sessionsOf(person.id);
  const resumed = await thief.browser.open(thief.resume);
  expect(resumed.statusCode, String(resumed.headers.location)).toBeLessThan(500);
  expect(String(resumed.headers.location)).not.toContain('code=');
  expect(await sessionsOf(person.id)).toEqual(before);
  expect((await thief.browser.open(authorizeUrl('sms').url)).body).toContain(
    'autocomplete="current-password"',
  );
});

it('V1: nor does one that is taken away in the very moment in which it goes on leave a session behind', async () => {
  const person = await somebody();
  const { browser, resume } = await park(person.address);
  // As whoever sets another password does, in a transaction that has not ended yet.
  const taken = `delete from oidc_artifact where account_id = $1 and kind = 'Interaction'`;
  const answer = await whileHeld(
    world,
    [taken, person.id],
    () => browser.request('GET', resume),
    async () => undefined,
  );
  expect(answer.statusCode).toBe(400);
  expect(await sessionsOf(person.id)).toEqual([]);
  expect((await browser.open(authorizeUrl('sms').url)).body).toContain('autocomplete="current-password"');
});

it('P2: of 20 who go on with one at once one gets a code, and one session comes of it', async () => {
  const person = await somebody();
  const { browser, resume } = await park(person.address);
  const answers = await Promise.all(Array.from({ length: 20 }, () => browser.request('GET', resume)));
  expect(answers.filter(({ statusCode }) => statusCode >= 500)).toEqual([]);
  expect(answers.filter(({ headers }) => String(headers.location).includes('code='))).toHaveLength(1);
  expect(await sessionsOf(person.id)).toHaveLength(1);
});

it('an untouched one goes on', async () => {
  const person = await somebody();
  const { browser, resume } = await park(person.address);
  expect(String((await browser.open(resume)).headers.location)).toContain('code=');
});
