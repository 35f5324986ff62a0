import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import {
  askForCode,
  atCodePage,
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  NEW_PASSWORD,
  sendCodeTo,
  setPassword,
  signIn,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { readCodeInMailbox } from './walks.ts';
import { HOUR, MINUTE, SECOND, type World } from './world.ts';

const journey = journeysIn();

describe('J3: the first sign-in, however it goes', () => {
  journey('J3: the mail is read on a phone, the code typed where it was asked for', async (world) => {
    const { visitor, person } = await atCodePage(world);
    const phone = await world.visitor({ width: 360 });
    await phone.open(visitor.page.url());
    await look(phone, 'j3-1-code-page-in-another-browser');
    await expect(phone.heading()).toHaveText('もう一度はじめからお手続きください');
    const code = await readCodeInMailbox({ world, visitor: phone, person });
    await setPassword(visitor, { code });
    await expectInConsole(world, visitor, 'sms', person);
  });

  journey(
    'J3: the page that a phone shows for the code page of another browser leads on to the same console',
    async (world) => {
      const { visitor, person } = await atCodePage(world);
      const phone = await world.visitor({ width: 360 });
      await phone.open(visitor.page.url());
      await world.mail.next(person.emailAddress);
      world.clock.pass(61 * SECOND);
      await phone.followLink('検証コードを申し込む');
      await sendCodeTo(phone, person.emailAddress);
      await setPassword(phone, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expectInConsole(world, phone, 'sms', person);
    },
  );

  journey(
    'J3: the tab is closed before the code is typed; its address in the history goes on where it was',
    async (world) => {
      const { visitor, person } = await atCodePage(world);
      const address = visitor.page.url();
      const closed = await visitor.newTab();
      await closed.close();
      await visitor.open(address);
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    'J3: the tab is closed before the code is typed; whoever begins again in the console finds the same request, and the mail that came fits',
    async (world) => {
      const { visitor, person } = await atCodePage(world);
      const closed = await visitor.newTab();
      await closed.close();
      await toSignInPage(world, visitor);
      await askForCode(visitor, person.emailAddress);
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expectInConsole(world, visitor, 'sms', person);
      expect(
        (await world.mail.all(person.emailAddress)).filter(({ subject }) => subject.includes('検証コード')),
      ).toHaveLength(1);
    },
  );

  journey('J3: the browser is closed in between and opened again', async (world) => {
    const { visitor, person } = await atCodePage(world);
    const address = visitor.page.url();
    const kept = (await visitor.context.cookies()).filter(({ expires }) => expires !== -1);
    await visitor.close();
    const later = await world.visitor();
    await later.context.addCookies(kept);
    await later.open(address);
    await setPassword(later, { code: codeIn(await world.mail.next(person.emailAddress)) });
    await expectInConsole(world, later, 'sms', person);
  });

  journey(
    'J3: after an hour the code has expired, the form says what to do, and the next code leads into the console',
    async (world) => {
      const { visitor, person } = await atCodePage(world);
      const { code } = wordsOf(visitor);
      const late = codeIn(await world.mail.next(person.emailAddress));
      world.clock.pass(61 * MINUTE);
      await setPassword(visitor, { code: late });
      await expect(visitor.page.getByRole('alert')).toContainText('有効期限（10分）が切れています');
      await look(visitor, 'j3-2-code-expired');
      await visitor.pressButton(code.resend);
      await expect(visitor.page.getByText(code.resent)).toBeVisible();
      await look(visitor, 'j3-3-code-sent-again');
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey('J3: a sign-in page that was left open for an hour still takes the password', async (world) => {
    const person = await world.addPerson({ password: NEW_PASSWORD });
    const visitor = await world.visitor();
    await toSignInPage(world, visitor);
    world.clock.pass(61 * MINUTE);
    await signIn(visitor, person.emailAddress, NEW_PASSWORD);
    await expectInConsole(world, visitor, 'sms', person);
  });

  journey('J3: reload and back at every step change nothing', async (world) => {
    const person = await world.addPerson();
    const visitor = await world.visitor();
    const words = wordsOf(visitor);
    await toSignInPage(world, visitor);
    await visitor.reload();
    await expectSignInPage(visitor);
    await visitor.back();
    await expectLegacyLoginPage(visitor);
    await visitor.followLink(words.legacy.unifiedLink);

    await visitor.followLink(words.signIn.firstTimeLink);
    await visitor.reload();
    await visitor.back();
    await expectSignInPage(visitor);
    await visitor.followLink(words.signIn.firstTimeLink);

    await sendCodeTo(visitor, person.emailAddress);
    await visitor.reload();
    await expect(visitor.heading()).toHaveText(words.code.heading);
    await visitor.back();
    await sendCodeTo(visitor, person.emailAddress);

    const code = codeIn(await world.mail.next(person.emailAddress));
    await setPassword(visitor, { code, confirmation: 'not the same' });
    await visitor.reload();
    await expect(visitor.heading()).toHaveText(words.code.heading);
    await setPassword(visitor, { code });
    await expectInConsole(world, visitor, 'sms', person);
    await visitor.reload();
    await expectInConsole(world, visitor, 'sms', person);
  });

  journey('J3: going back after it is done finds pages that lead on, never the end', async (world) => {
    const { visitor, person } = await atCodePage(world);
    await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
    await expectInConsole(world, visitor, 'sms', person);
    for (let step = 1; step <= 3; step += 1) {
      await visitor.back();
      await look(visitor, `j3-4-back-${step}`);
    }
    await visitor.open(world.consoles.sms.url);
    await expectInConsole(world, visitor, 'sms', person);
  });

  journey(
    'J3: of two tabs that race, one sets the password and the other says so and leads into the console',
    async (world) => {
      const { visitor, person } = await atCodePage(world);
      const first = await visitor.newTab();
      await visitor.open(first.url());
      const second = visitor.page;
      const code = codeIn(await world.mail.next(person.emailAddress));
      const { code: labels } = wordsOf(visitor);
      for (const page of [first, second]) {
        visitor.page = page;
        await visitor.type(labels.code, code);
        await visitor.type(labels.password, NEW_PASSWORD);
        await visitor.type(labels.confirmation, NEW_PASSWORD);
      }
      await Promise.all(
        [first, second].map(async (page) => {
          const loaded = page.waitForEvent('load');
          await page.getByRole('button', { name: labels.button, exact: true }).click();
          await loaded;
        }),
      );
      const reached = [first, second].filter((page) => page.url() === `${world.consoles.sms.url}/`);
      expect(reached.length).toBeGreaterThan(0);
      for (const page of [first, second].filter((one) => !reached.includes(one))) {
        visitor.page = page;
        await look(visitor, 'j3-5-loser-of-the-race');
        await visitor.followLink(`${world.consoles.sms.names.ja}へ進む`);
        await expectInConsole(world, visitor, 'sms', person);
      }
      expect(
        (await world.mail.all(person.emailAddress)).filter(({ subject }) =>
          subject.includes('パスワードを設定しました'),
        ),
      ).toHaveLength(1);
    },
  );

  journey('J3: two tabs that set out for different consoles each land in their own', async (world) => {
    const { visitor, person } = await atCodePage(world);
    const sms = await visitor.newTab();
    await visitor.open(world.consoles.mail.url);
    await expectSignInPage(visitor);
    const mail = visitor.page;
    visitor.page = sms;
    await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
    await expectInConsole(world, visitor, 'sms', person);
    visitor.page = mail;
    await signIn(visitor, person.emailAddress, NEW_PASSWORD);
    await expectInConsole(world, visitor, 'mail', person);
  });

  journey('J3: the first mail arrives after the second; the code of either one fits', async (world) => {
    for (const used of ['first', 'second'] as const) {
      const person = await world.addPerson();
      const held = world.post.holdNext(person.emailAddress);
      const visitor = await world.visitor();
      await toSignInPage(world, visitor);
      await askForCode(visitor, person.emailAddress);
      await held.taken;
      world.clock.pass(61 * SECOND);
      await visitor.reload();
      await visitor.pressButton(wordsOf(visitor).code.resend);
      const second = codeIn(await world.mail.next(person.emailAddress));
      await held.deliver();
      const first = codeIn(await world.mail.next(person.emailAddress));
      expect(first).not.toBe(second);
      await setPassword(visitor, { code: used === 'first' ? first : second });
      await expectInConsole(world, visitor, 'sms', person);
    }
  });

  journey(
    'R4: a mail scanner that opens every page and link sends no mail and uses no code',
    async (world) => {
      const { visitor, person } = await atCodePage(world);
      const mail = await world.mail.next(person.emailAddress);
      expect(`${mail.text}${mail.html}`).not.toMatch(/https?:\/\//);
      const scanner = await world.visitor();
      for (const address of [
        visitor.page.url(),
        new URL('/reset', world.login.pagesUrl).href,
        `${world.login.pagesUrl}/reset?client_id=sms&login_hint=${person.emailAddress}`,
      ])
        for (let times = 0; times < 2; times += 1) await scanner.open(address);
      await setPassword(visitor, { code: codeIn(mail) });
      await expectInConsole(world, visitor, 'sms', person);
      expect(
        (await world.mail.all(person.emailAddress)).filter(({ subject }) => subject.includes('検証コード')),
      ).toHaveLength(1);
    },
  );

  journey('R3: the first sign-in works as well years later, long after the cut-over', async (world) => {
    const person = await world.addPerson();
    world.clock.pass(3 * 365 * 24 * HOUR);
    const visitor = await world.visitor();
    await visitor.open(world.consoles.mail.url);
    await askForCode(visitor, person.emailAddress);
    await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
    await expectInConsole(world, visitor, 'mail', person);
  });
});

async function toSignInPage(world: World, visitor: Visitor): Promise<void> {
  await visitor.open(world.consoles.sms.url);
  await visitor.followLink(wordsOf(visitor).legacy.unifiedLink);
  await expectSignInPage(visitor);
}
