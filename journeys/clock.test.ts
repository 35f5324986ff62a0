import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import {
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  NEW_PASSWORD,
  signIn,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { expectLegacySignIn } from './walks.ts';
import { HOUR, MINUTE, SECOND, type Person, type World } from './world.ts';

const IDLE = 30 * MINUTE;
const ABSOLUTE = 4 * HOUR;
/** Shorter than an SSO session lives, so that the absolute end comes while it is alive. */
const SHORT_ABSOLUTE = 45 * MINUTE;

const journey = journeysIn({
  settings: {
    // The product's own pace: a plan is asked for every five seconds.
    sms: {
      planIntervalMilliseconds: 5 * SECOND,
      idleSeconds: IDLE / 1_000,
      absoluteSeconds: ABSOLUTE / 1_000,
    },
    mail: { idleSeconds: IDLE / 1_000, absoluteSeconds: SHORT_ABSOLUTE / 1_000 },
  },
});

describe('J8, R10: the session timeouts of a console stay its own', () => {
  journey('J8: the settings say the timeouts that the console is configured with', async (world) => {
    const { visitor } = await signedIn(world, 'sms');
    await visitor.followLink('設定', visitor.page.getByRole('navigation'));
    const main = visitor.page.getByRole('main');
    await expect(main.getByText('30分でログアウトします。')).toBeVisible();
    await expect(main.getByText('4時間でログアウトします。')).toBeVisible();
    await visitor.open(`${world.consoles.mail.url}/settings`);
    await expect(main.getByText('45分でログアウトします。')).toBeVisible();
  });

  journey('J8: up to the idle timeout the same session goes on', async (world) => {
    const { visitor, person } = await signedIn(world, 'sms');
    const session = await sessionOf(visitor);
    for (let steps = 0; steps < 3; steps += 1) {
      world.clock.pass(IDLE - MINUTE);
      await visitor.reload();
      await expectInConsole(world, visitor, 'sms', person);
    }
    expect(await sessionOf(visitor)).toBe(session);
  });

  journey(
    'J8: after the idle timeout, while the SSO session lives, the person is back where they were without typing',
    async (world) => {
      const { visitor } = await signedIn(world, 'sms');
      await visitor.followLink('設定', visitor.page.getByRole('navigation'));
      const session = await sessionOf(visitor);
      world.clock.pass(IDLE + MINUTE);
      await visitor.reload();
      await expect(visitor.heading()).toHaveText('設定');
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/settings`);
      expect(await sessionOf(visitor)).not.toBe(session);
    },
  );

  journey(
    'J8: after the idle timeout, when the SSO session is over too, the sign-in page asks, and then the page shows',
    async (world) => {
      const { visitor, person } = await signedIn(world, 'sms');
      await visitor.followLink('設定', visitor.page.getByRole('navigation'));
      world.clock.pass(HOUR + MINUTE);
      await visitor.reload();
      await expectSignInPage(visitor);
      await look(visitor, 'j8-1-asked-again');
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/settings`);
    },
  );

  journey(
    'J8: the absolute timeout comes however busy the person is; with a living SSO session nobody notices',
    async (world) => {
      const { visitor, person } = await signedIn(world, 'mail');
      const session = await sessionOf(visitor);
      world.clock.pass(SHORT_ABSOLUTE / 2);
      await visitor.reload();
      world.clock.pass(SHORT_ABSOLUTE / 2 - MINUTE);
      await visitor.reload();
      expect(await sessionOf(visitor)).toBe(session);
      world.clock.pass(2 * MINUTE);
      await visitor.reload();
      await expectInConsole(world, visitor, 'mail', person);
      expect(await sessionOf(visitor)).not.toBe(session);
    },
  );

  journey('J8: the absolute timeout, when the SSO session is over: the sign-in page asks', async (world) => {
    const { visitor, person } = await signedIn(world, 'sms');
    for (let passed = 0; passed <= ABSOLUTE - IDLE; passed += IDLE - MINUTE) {
      await visitor.reload();
      await expectInConsole(world, visitor, 'sms', person);
      world.clock.pass(IDLE - MINUTE);
    }
    await visitor.reload();
    await expectInConsole(world, visitor, 'sms', person);
    world.clock.pass(20 * MINUTE);
    await visitor.reload();
    await expectSignInPage(visitor);
  });

  journey(
    'J8: a form that was open too long leads to the sign-in and back, and nothing is sent twice',
    async (world) => {
      const { visitor, person } = await signedIn(world, 'sms');
      await visitor.open(`${world.consoles.sms.url}/settings/email`);
      await visitor.type('新しいメールアドレス', `late-${person.emailAddress}`);
      world.clock.pass(HOUR + MINUTE);
      await visitor.pressButton('検証コードを送る');
      await expectSignInPage(visitor);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expect(visitor.heading()).toHaveText('設定');
      expect(await world.mail.all(`late-${person.emailAddress}`)).toEqual([]);
    },
  );

  journey(
    'J8: a legacy session keeps both timeouts too and ends at the legacy page, also while an SSO session lives',
    async (world) => {
      const { visitor, person } = await signedIn(world, 'mail');
      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      world.clock.pass(IDLE - MINUTE);
      await visitor.reload();
      await expectInConsole(world, visitor, 'sms', person, 'legacy');
      world.clock.pass(IDLE + MINUTE);
      await visitor.reload();
      await expectLegacyLoginPage(visitor);
    },
  );
});

// Last, because it takes the SMS console back to before link time.
describe('J6: the link appears by the clock', () => {
  journey(
    'J6, R13: a legacy page that is open gets the link by itself when link time passes, not before, and nothing is started anew',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      const { legacy } = wordsOf(visitor);
      const link = visitor.page.getByRole('link', { name: legacy.unifiedLink });
      await world.setPhase('sms', 'prepared');
      await visitor.open(world.consoles.sms.url);
      await expectLegacyLoginPage(visitor);
      await expect(link).toHaveCount(0);
      await look(visitor, 'j6-1-before-link-time');

      const linkAt = world.clock.now().getTime() + 9 * SECOND;
      await world.login.plan('sms', { linkAt: new Date(linkAt), cutOverAt: null });
      await visitor.type(legacy.emailAddress, person.emailAddress);
      let seenAt = 0;
      for (let tries = 0; tries < 300 && seenAt === 0; tries += 1) {
        if ((await link.count()) > 0) seenAt = world.clock.now().getTime();
        else await pause(100);
      }
      expect(seenAt, 'the link appeared').toBeGreaterThan(0);
      expect(seenAt, 'not before link time').toBeGreaterThanOrEqual(linkAt);
      expect(seenAt - linkAt, 'within ten seconds of link time').toBeLessThanOrEqual(10 * SECOND);
      await expect(visitor.field(legacy.emailAddress)).toHaveValue(person.emailAddress);
      await visitor.page.keyboard.press('Tab');
      await look(visitor, 'j6-2-after-link-time');
      await visitor.followLink(legacy.unifiedLink);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'sms', person);
    },
  );
});

/** A person who came into a console by the unified login. */
async function signedIn(world: World, id: 'sms' | 'mail'): Promise<{ visitor: Visitor; person: Person }> {
  const person = await world.addPerson({ password: NEW_PASSWORD });
  const visitor = await world.visitor();
  await visitor.open(`${world.consoles[id].url}/auth/start`);
  await signIn(visitor, person.emailAddress, NEW_PASSWORD);
  await expectInConsole(world, visitor, id, person);
  return { visitor, person };
}

/** What tells one session of a console from the next: its cookie. */
async function sessionOf(visitor: Visitor): Promise<string> {
  const cookies = await visitor.context.cookies();
  return cookies
    .filter(({ name }) => name.endsWith('-session'))
    .map(({ name, value }) => `${name}=${value}`)
    .sort()
    .join('; ');
}
