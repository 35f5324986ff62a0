import { setTimeout as pause } from 'node:timers/promises';
import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import {
  expectInConsole,
  expectSignInPage,
  NEW_PASSWORD,
  sendCodeTo,
  setPassword,
  signIn,
  signInByLegacyLogin,
  signOut,
  wordsOf,
} from './pages.ts';
import { codeIn } from './mail.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { expectLegacySignIn } from './walks.ts';
import { HOUR, SECOND, type Person, type World } from './world.ts';

const journey = journeysIn({ phases: { sms: 'prepared' } });

describe('R12: before link time', () => {
  journey(
    'R12: the legacy login and its own reset work as ever, and so does the unified login for who knows its address',
    async (world) => {
      await world.setPhase('sms', 'prepared');
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      await signOut(visitor, person);
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/signed-out`);

      await visitor.open(world.consoles.sms.url);
      await visitor.followLink(wordsOf(visitor).legacy.forgot);
      await expect(visitor.heading()).toHaveText('パスワードを忘れたお客様');
      await look(visitor, 'r12-1-legacy-reset');
      await visitor.type('メールアドレス', person.emailAddress);
      await visitor.pressButton('送信する');
      const mail = await world.mail.next(person.emailAddress);
      expect(mail.from).toBe('no-reply@sms.example.co.jp');
      await visitor.open(/http:\/\/\S+/.exec(mail.text)?.[0] ?? '');
      await look(visitor, 'r12-2-legacy-new-password');
      await visitor.type('新しいパスワード', 'Atarashii-2027');
      await visitor.type('新しいパスワード (確認用)', 'Atarashii-2027');
      await visitor.pressButton('パスワードを設定する');
      await signInByLegacyLogin(visitor, person.emailAddress, 'Atarashii-2027');
      await expectInConsole(world, visitor, 'sms', person, 'legacy');

      const staff = await world.visitor();
      await staff.open(`${world.consoles.sms.url}/auth/start`);
      await signIn(staff, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, staff, 'sms', person);
    },
  );
});

describe('R12: in the parallel period', () => {
  journey(
    'R12, R13: the link is there from link time on, by the clock alone, at the next reload without script',
    async (world) => {
      await world.setPhase('sms', 'prepared');
      const visitor = await world.visitor({ script: false });
      const link = visitor.page.getByRole('link', { name: wordsOf(visitor).legacy.unifiedLink });
      await visitor.open(world.consoles.sms.url);
      await expect(link).toHaveCount(0);
      world.clock.pass(31 * 24 * HOUR);
      await visitor.reload();
      await expect(link).toHaveCount(1);
    },
  );

  journey(
    'R12, R7: the reset of the legacy page and of the settings is the unified one, with the address filled in, and leads back',
    async (world) => {
      await world.setPhase('sms', 'parallel');
      const person = await world.addPerson();
      const visitor = await world.visitor();
      const { ask, legacy } = wordsOf(visitor);
      await visitor.open(world.consoles.sms.url);
      await visitor.followLink(legacy.forgot);
      await expect(visitor.heading()).toHaveText(ask.heading);
      expect(new URL(visitor.page.url()).origin).toBe(world.login.pagesUrl);

      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      await visitor.followLink('設定', visitor.page.getByRole('navigation'));
      const panel = visitor.page.getByRole('region', { name: 'パスワード' });
      await visitor.followLink('変更する', panel);
      await expect(visitor.field(ask.emailAddress)).toHaveValue(person.emailAddress);
      await look(visitor, 'r12-3-reset-from-the-settings');
      await sendCodeTo(visitor, person.emailAddress);
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expect(visitor.page).toHaveURL(`${world.consoles.sms.url}/settings`);
      await expectLegacySignIn(world, await world.visitor(), person, person.emailAddress);
    },
  );

  journey(
    'R7: who turns back from the reset of a console is led to the sign-in page and from there to the session that still lives',
    async (world) => {
      await world.setPhase('sms', 'parallel');
      const person = await world.addPerson();
      const visitor = await world.visitor();
      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      await visitor.open(`${world.consoles.sms.url}/settings/password`);
      await visitor.followLink(wordsOf(visitor).ask.back);
      await expectSignInPage(visitor);
      await look(visitor, 'r12-4-turned-back');
      await visitor.followLink('絶対リーチ!SMSの従来のログイン画面に戻る');
      await visitor.followLink('ホームへ進む');
      await expectInConsole(world, visitor, 'sms', person, 'legacy');
    },
  );
});

describe('R12: after the cut-over', () => {
  journey(
    'R12: the legacy page leads to the unified sign-in, a legacy sign-in is refused whatever is sent, sessions that live go on',
    async (world) => {
      await world.setPhase('sms', 'parallel');
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const alive = await world.visitor();
      await expectLegacySignIn(world, alive, person, person.emailAddress);
      const late = await world.visitor();
      await late.open(world.consoles.sms.url);
      await world.setPhase('sms', 'unified');

      await signInByLegacyLogin(late, person.emailAddress, person.legacyPassword);
      await expectSignInPage(late);
      await expect(late.field(wordsOf(late).signIn.loginId)).toHaveValue(person.emailAddress);
      expect((await late.context.cookies()).filter(({ name }) => name === 'reach-sms-session')).toEqual([]);
      await look(late, 'r12-5-cut-over');
      await expectRefusedByProgram(world, person);

      await alive.reload();
      await expectInConsole(world, alive, 'sms', person, 'legacy');
      await look(alive, 'r12-6-live-session-after-cut-over');
      await signOut(alive, person);
      await expect(alive.page).toHaveURL(`${world.consoles.sms.url}/signed-out`);
      await alive.open(world.consoles.sms.url);
      await expectSignInPage(alive);
      await signIn(alive, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, alive, 'sms', person);
    },
  );

  journey(
    'R12: a legacy reset that was mailed before leads to the unified one, and sets nothing',
    async (world) => {
      await world.setPhase('sms', 'prepared');
      const person = await world.addPerson();
      const visitor = await world.visitor();
      await visitor.open(`${world.consoles.sms.url}/password/forgot`);
      await visitor.type('メールアドレス', person.emailAddress);
      await visitor.pressButton('送信する');
      const mail = await world.mail.next(person.emailAddress);
      await world.setPhase('sms', 'unified');
      await visitor.open(/http:\/\/\S+/.exec(mail.text)?.[0] ?? '');
      await look(visitor, 'r12-7-old-reset-link');
      await visitor.followLink('統合認証のパスワードを設定する');
      await sendCodeTo(visitor, person.emailAddress);
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    'R12, R16: taking the cut-over back opens the legacy login again within ten seconds, and nobody loses a session',
    async (world) => {
      await world.setPhase('sms', 'unified');
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await visitor.open(world.consoles.sms.url);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      const taken = performance.now();
      await world.setPhase('sms', 'parallel');
      expect(performance.now() - taken).toBeLessThan(10 * SECOND);
      await visitor.reload();
      await expectInConsole(world, visitor, 'sms', person);
      await expectLegacySignIn(world, await world.visitor(), person, person.emailAddress);
    },
  );

  journey('R12: the moment passes by the clock alone', async (world) => {
    const now = world.clock.now().getTime();
    await world.login.plan('sms', { linkAt: new Date(now - HOUR), cutOverAt: new Date(now + HOUR) });
    const visitor = await world.visitor();
    await untilTold(visitor, world);
    await look(visitor, 'r12-8-end-announced');
    world.clock.pass(HOUR + SECOND);
    await visitor.open(world.consoles.sms.url);
    await expectSignInPage(visitor);
    await world.setPhase('sms', 'prepared');
  });
});

/** Posts to the legacy login as a program does that never looks at pages. */
async function expectRefusedByProgram(world: World, person: Person): Promise<void> {
  const answer = await fetch(`${world.consoles.sms.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      email_address: person.emailAddress,
      password: person.legacyPassword,
    }).toString(),
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toContain('/auth/start');
  expect(answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('reach-sms-session'))).toEqual(
    [],
  );
}

/** Reloads the legacy page until the console knows when it ends. */
async function untilTold(visitor: Visitor, world: World): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    await visitor.open(world.consoles.sms.url);
    if ((await visitor.page.getByText('この画面でログインできるのは').count()) > 0) return;
    await pause(250);
  }
  throw new Error('The legacy page never says until when it works.');
}
