import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { expectInConsole, expectSignInPage, NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import type { Person, World } from './world.ts';

const journey = journeysIn({ phases: { sms: 'unified', mail: 'unified' } });

const WORDS = {
  ja: {
    heading: 'アカウント',
    open: 'アカウントを開く',
    here: 'このブラウザー',
    end: /ログアウトさせる$/,
    ended: 'ログアウトさせました',
    done: 'ログアウト済み',
    onlyHere: 'ほかにログイン中のブラウザーはありません。',
    change: 'パスワードを変更する',
    current: '現在のパスワード',
    fresh: '新しいパスワード',
    again: '新しいパスワード (確認用)',
    wrong: '現在のパスワードが違います。',
    changed: 'パスワードを変更しました',
    all: 'すべての記録を見る',
    save: '言語を保存する',
  },
  en: {
    heading: 'Your account',
    open: 'Open your account',
    here: 'This browser',
    end: /Sign out$/,
    ended: 'The browser is signed out',
    done: 'Signed out',
    onlyHere: 'No other browser is signed in.',
    change: 'Change the password',
    current: 'Current password',
    fresh: 'New password',
    again: 'New password (again)',
    wrong: 'The current password is wrong.',
    changed: 'Your password is changed',
    all: 'Show all activity',
    save: 'Save the language',
  },
} as const;

const CHANGED_PASSWORD = 'Ume no hana 38 saku';

async function inBothConsoles(world: World, visitor: Visitor, person: Person): Promise<void> {
  await visitor.open(world.consoles.sms.url);
  await signIn(visitor, person.emailAddress, NEW_PASSWORD);
  await expectInConsole(world, visitor, 'sms', person);
  await visitor.open(world.consoles.mail.url);
  await expectInConsole(world, visitor, 'mail', person);
}

async function expectOutOfBoth(world: World, visitor: Visitor): Promise<void> {
  for (const id of ['sms', 'mail'] as const) {
    await visitor.open(world.consoles[id].url);
    await expectSignInPage(visitor);
  }
}

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese at 1280 px': {},
  'in English, at 320 px, by keyboard only, with script switched off': {
    language: 'en',
    width: 320,
    keyboard: true,
    script: false,
  },
};

describe.each(Object.entries(WAYS))('R11: one’s own page %s', (way, options) => {
  const name = `r11-${options.width ?? 1280}`;
  const words = WORDS[options.language ?? 'ja'];

  journey.beside(
    `R11, R9: of two browsers one ends the other, which is out of both consoles at once, ${way}; axe finds nothing`,
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
      const [here, other] = [await world.visitor(options), await world.visitor(options)];
      await inBothConsoles(world, other, person);
      await inBothConsoles(world, here, person);
      await here.open(`${world.login.pagesUrl}/`);
      await look(here, `${name}-1-start`, { thorough: true });
      await here.followLink(words.open);
      await expect(here.heading()).toHaveText(words.heading);
      await expect(here.page.getByText(words.here)).toBeVisible();
      await look(here, `${name}-2-account`, { thorough: true });

      const end = here.page.getByRole('button', { name: words.end });
      await expect(end).toHaveCount(1);
      await here.pressButton((await end.textContent()) ?? '');
      await expect(here.heading()).toHaveText(words.ended);
      await expect(here.page.getByText(words.done, { exact: true })).toHaveCount(2);
      await look(here, `${name}-3-ended`, { thorough: true });
      await expectOutOfBoth(world, other);
      for (const id of ['sms', 'mail'] as const) {
        await here.open(world.consoles[id].url);
        await expectInConsole(world, here, id, person);
      }
      await here.open(`${world.login.pagesUrl}/account`);
      await expect(here.page.getByText(words.onlyHere)).toBeVisible();
      await here.followLink(words.all);
      await look(here, `${name}-4-activity`, { thorough: true });
    },
  );

  journey.beside(
    `R11, R5: the password is changed with the current one, the other browser is out, the owner gets a mail, ${way}; axe finds nothing`,
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: options.language ?? 'ja' });
      const [here, other] = [await world.visitor(options), await world.visitor(options)];
      await inBothConsoles(world, other, person);
      await here.open(`${world.login.pagesUrl}/account/password`);
      await signIn(here, person.emailAddress, NEW_PASSWORD);
      await look(here, `${name}-5-password`, { thorough: true });
      for (const current of [CHANGED_PASSWORD, NEW_PASSWORD]) {
        await here.type(words.current, current);
        await here.type(words.fresh, CHANGED_PASSWORD);
        await here.type(words.again, CHANGED_PASSWORD);
        await here.pressButton(words.change);
        if (current === NEW_PASSWORD) break;
        await expect(here.page.getByText(words.wrong).first()).toBeVisible();
        await look(here, `${name}-6-password-wrong`, { thorough: true });
      }
      await expect(here.heading()).toHaveText(words.changed);
      await look(here, `${name}-7-password-changed`, { thorough: true });
      expect((await world.mail.next(person.emailAddress)).subject).toMatch(/パスワード|password/);
      await expectOutOfBoth(world, other);
      await signIn(other, person.emailAddress, CHANGED_PASSWORD);
      await expectInConsole(world, other, 'mail', person);
    },
  );
});

journey.beside(
  'R8: the language that is chosen on one’s own page is kept for the next browser',
  async (world) => {
    const person = await world.addPerson({ password: NEW_PASSWORD });
    const visitor = await world.visitor({ width: 320 });
    await visitor.open(`${world.login.pagesUrl}/account`);
    await signIn(visitor, person.emailAddress, NEW_PASSWORD);
    await visitor.page.getByLabel('English').check();
    await visitor.pressButton(WORDS.ja.save);
    await expect(visitor.heading()).toHaveText(WORDS.en.heading);
    const later = await world.visitor();
    await later.open(`${world.login.pagesUrl}/account`);
    await signIn(later, person.emailAddress, NEW_PASSWORD);
    await expect(later.heading()).toHaveText(WORDS.en.heading);
  },
);
