import { expect } from './expect.ts';
import { describe } from 'vitest';
import { journeysIn } from './journey.ts';
import {
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  NEW_PASSWORD,
  signIn,
  signInByLegacyLogin,
  signOut,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import { expectLegacySignIn, walkFirstSignIn, walkSecondConsoleAndOut } from './walks.ts';

const journey = journeysIn();

describe('J1: from a legacy account to the unified login', () => {
  journey(
    'J1: who has only a legacy password finds the way over the link and a mailed code into the SMS console',
    async (world) => {
      const person = await world.addPerson();
      const visitor = await world.visitor();
      await walkFirstSignIn({ world, visitor, person, name: 'main' });
      expect((await world.mail.next(person.emailAddress)).subject).toContain('パスワードを設定しました');
    },
  );

  journey(
    'J1, R6: the legacy password still opens the legacy login afterwards, and only that',
    async (world) => {
      const person = await world.addPerson();
      await walkFirstSignIn({ world, visitor: await world.visitor(), person, name: 'main-again' });
      const later = await world.visitor();
      await expectLegacySignIn(world, later, person, person.emailAddress);
      await look(later, 'main-j1-6-console-by-legacy-login');

      const wrongDoor = await world.visitor();
      const { signIn: page, legacy } = wordsOf(wrongDoor);
      await wrongDoor.open(world.consoles.sms.url);
      await signInByLegacyLogin(wrongDoor, person.emailAddress, NEW_PASSWORD);
      await expect(wrongDoor.page.getByRole('alert')).toContainText('統合認証のパスワードは使えません。');
      await look(wrongDoor, 'main-j1-7-legacy-refused');
      await wrongDoor.followLink(legacy.unifiedLink);
      await signIn(wrongDoor, person.emailAddress, person.legacyPassword);
      await expect(wrongDoor.page.getByRole('alert')).toContainText(page.refused);
      await look(wrongDoor, 'main-j1-8-unified-refused');
    },
  );
});

describe('J2: one sign-in for two consoles, one sign-out for both', () => {
  journey(
    'J2: who is in the SMS console opens the second one without being asked, and signing out there ends both',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await visitor.open(world.consoles.sms.url);
      await visitor.followLink(wordsOf(visitor).legacy.unifiedLink);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'sms', person);
      await walkSecondConsoleAndOut({ world, visitor, person, name: 'main' });
    },
  );

  journey(
    'J2: a page of the SMS console that is still open asks for the sign-in at the next click',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      const { console, legacy } = wordsOf(visitor);
      await visitor.open(world.consoles.sms.url);
      await visitor.followLink(legacy.unifiedLink);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      const sms = await visitor.newTab();
      await visitor.open(world.consoles.mail.url);
      await signOut(visitor, person);
      visitor.page = sms;
      await visitor.followLink(console.settings, visitor.page.getByRole('navigation'));
      await expectSignInPage(visitor);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/settings`);
    },
  );

  journey(
    'R9, R12: a legacy session in one console and a unified one in the other share a browser; each leaves the other alone',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      await visitor.open(world.consoles.mail.url);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'mail', person);
      await visitor.open(world.consoles.sms.url);
      await expectInConsole(world, visitor, 'sms', person, 'legacy');

      await signOut(visitor, person);
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/signed-out`);
      await look(visitor, 'main-j2-4-legacy-signed-out');
      await visitor.open(world.consoles.sms.url);
      await expectLegacyLoginPage(visitor);
      await visitor.open(world.consoles.mail.url);
      await expectInConsole(world, visitor, 'mail', person);

      const names = (await visitor.context.cookies())
        .filter(({ httpOnly }) => httpOnly)
        .map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    },
  );

  journey(
    'L1: one sign-out ends both consoles of that browser within two seconds, and nothing in another browser',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const enterBoth = async () => {
        const visitor = await world.visitor();
        await visitor.open(world.consoles.mail.url);
        await signIn(visitor, person.emailAddress, NEW_PASSWORD);
        await expectInConsole(world, visitor, 'mail', person);
        await visitor.open(`${world.consoles.sms.url}/auth/start`);
        await expectInConsole(world, visitor, 'sms', person);
        return visitor;
      };
      const [here, elsewhere] = [await enterBoth(), await enterBoth()];
      const pressed = performance.now();
      await signOut(here, person);
      await expect(here.page.getByRole('main').getByText('ログアウト済み', { exact: true })).toHaveCount(2);
      expect(performance.now() - pressed).toBeLessThan(4_000);
      await here.open(world.consoles.sms.url);
      await expectLegacyLoginPage(here);
      await here.open(world.consoles.mail.url);
      await expectSignInPage(here);
      for (const id of ['sms', 'mail'] as const) {
        await elsewhere.open(world.consoles[id].url);
        await expectInConsole(world, elsewhere, id, person);
      }
    },
  );
});
