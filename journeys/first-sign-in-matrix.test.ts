import { beforeAll, describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { goOn, type End } from './lost-person.ts';
import { askForCode, expectInConsole, expectSignInPage, NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { HOUR, MINUTE, type NewPerson, type Person, type World } from './world.ts';

const journey = journeysIn();

/** What an account can be when its person sets out for the SMS console. */
const STATES: Readonly<Record<string, { person: NewPerson; end: End }>> = {
  'legacy password only, in one console': { person: { links: ['sms'] }, end: 'in the console' },
  'legacy password only, in both consoles': { person: {}, end: 'in the console' },
  'legacy password only, linked to no console': {
    person: { links: [] },
    end: 'told that this person has no access',
  },
  'password set, in one console': {
    person: { password: NEW_PASSWORD, links: ['sms'] },
    end: 'in the console',
  },
  'password set, in both consoles': { person: { password: NEW_PASSWORD }, end: 'in the console' },
  'password set, linked to no console': {
    person: { password: NEW_PASSWORD, links: [] },
    end: 'told that this person has no access',
  },
  'suspended, in one console': { person: suspended(['sms']), end: 'told to check the mail or the login ID' },
  'suspended, in both consoles': {
    person: suspended(['sms', 'mail']),
    end: 'told to check the mail or the login ID',
  },
  'suspended, linked to no console': { person: suspended([]), end: 'told to check the mail or the login ID' },
};

type Enter = (world: World, visitor: Visitor, person: Person) => Promise<void>;

/** Where the person begins. */
const ENTRIES: Readonly<Record<string, Enter>> = {
  'the start of the console': (world, visitor) => visitor.open(world.consoles.sms.url),
  'the link of the legacy page, bookmarked': (world, visitor) =>
    visitor.open(`${world.consoles.sms.url}/auth/start`),
  'a bookmarked sign-in page that expired': (_world, visitor) => visitor.open(bookmarks.signIn),
  'the bare sign-in page': (world, visitor) => visitor.open(`${world.login.pagesUrl}/sign-in`),
  'the reset alone': (world, visitor) => visitor.open(`${world.login.pagesUrl}/reset`),
  'the reset that a console sends to': (world, visitor, { emailAddress }) =>
    visitor.open(
      `${world.login.pagesUrl}/reset?client_id=sms&login_hint=${encodeURIComponent(emailAddress)}&ui_locales=ja`,
    ),
  'an old code page': (_world, visitor) => visitor.open(bookmarks.codePage),
};

const bookmarks = { signIn: '', codePage: '' };

beforeAll(async () => {
  const world = journey.world();
  const person = await world.addPerson();
  const visitor = await world.visitor();
  await visitor.open(`${world.consoles.sms.url}/auth/start`);
  bookmarks.signIn = visitor.page.url();
  await askForCode(visitor, person.emailAddress);
  bookmarks.codePage = visitor.page.url();
  await visitor.close();
  world.clock.pass(61 * MINUTE);
});

describe.each(Object.entries(STATES))('J3: %s', (state, { person: facts, end }) => {
  for (const [entry, enter] of Object.entries(ENTRIES))
    journey.beside(`J3: ${state}, from ${entry}: ends ${end}`, async (world) => {
      const person = await world.addPerson(facts);
      const visitor = await world.visitor();
      await enter(world, visitor, person);
      await expectEnd(world, visitor, person, { facts, end });
    });

  journey(`J3: ${state}, back button afterwards: ends ${end}`, async (world) => {
    const person = await world.addPerson(facts);
    const visitor = await world.visitor();
    await visitor.open(world.consoles.sms.url);
    await expectEnd(world, visitor, person, { facts, end });
    for (let step = 0; step < 2; step += 1) {
      await visitor.back();
      await look(visitor, `matrix-back-${step}`);
    }
    // Nobody asks twice within a minute.
    world.clock.pass(HOUR / 2);
    await expectEnd(world, visitor, person, { facts, end });
  });
});

journey('J3: an address that no console knows is led like any other and told to check', async (world) => {
  const visitor = await world.visitor();
  const person = {
    emailAddress: 'nobody@example.co.jp',
    name: '',
    company: '',
    legacyPassword: '',
    password: 'Sora-no-iro 73 desu',
  };
  await visitor.open(world.consoles.sms.url);
  expect(await goOn(world, visitor, person, { mail: false })).toBe('told to check the mail or the login ID');
  await look(visitor, 'matrix-unknown-address');
});

journey('J3: who is signed in already finds no form in the way', async (world) => {
  const person = await world.addPerson({ password: NEW_PASSWORD });
  const visitor = await world.visitor();
  await visitor.open(`${world.consoles.sms.url}/auth/start`);
  await expectSignInPage(visitor);
  await goOn(world, visitor, person, { mail: true });
  for (const enter of ['/sign-in', '/']) {
    await visitor.open(`${world.login.pagesUrl}${enter}`);
    await look(visitor, 'matrix-list');
    expect(await goOn(world, visitor, person, { mail: true })).toBe('in the console');
    await expectInConsole(world, visitor, 'sms', person);
  }
});

journey(
  'J3, L5: who has no access signs in with another login ID; the first person is out of the browser',
  async (world) => {
    const stranger = await world.addPerson({ password: NEW_PASSWORD, links: ['mail'] });
    const person = await world.addPerson({ password: NEW_PASSWORD });
    const visitor = await world.visitor();
    await visitor.open(world.consoles.mail.url);
    await signIn(visitor, stranger.emailAddress, NEW_PASSWORD);
    await expectInConsole(world, visitor, 'mail', stranger);
    await visitor.open(`${world.consoles.sms.url}/auth/start`);
    await visitor.followLink('別のログインIDでログインする');
    await signIn(visitor, person.emailAddress, NEW_PASSWORD);
    await expectInConsole(world, visitor, 'sms', person);
    await expect(async () => {
      await visitor.open(world.consoles.mail.url);
      await expect(visitor.page.getByRole('main').getByText(person.name).first()).toBeVisible({
        timeout: 500,
      });
    }).toPass({ timeout: 5_000 });
  },
);

async function expectEnd(
  world: World,
  visitor: Visitor,
  person: Person,
  { facts, end }: { facts: NewPerson; end: End },
): Promise<void> {
  expect(await goOn(world, visitor, person, { mail: facts.account !== 'suspended' })).toBe(end);
  await look(visitor, `matrix-${end.replaceAll(' ', '-')}`);
  if (end === 'in the console') await expectInConsole(world, visitor, 'sms', person);
}

function suspended(links: NewPerson['links']): NewPerson {
  return { account: 'suspended', password: NEW_PASSWORD, ...(links ? { links } : {}) };
}
