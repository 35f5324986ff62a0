import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import {
  atCodePage,
  expectInConsole,
  NEW_PASSWORD,
  sendCodeTo,
  setPassword,
  signIn,
  signInByLegacyLogin,
  wordsOf,
} from './pages.ts';
import { REFUSALS } from './refusal-words.ts';
import { look } from './screen.ts';
import type { Language, Visitor, VisitorOptions } from './visitor.ts';
import { MINUTE, SECOND, type Person, type World } from './world.ts';

const journey = journeysIn();

describe.each(['ja', 'en'] satisfies Language[])('J4: what a refused form says (%s)', (language) => {
  const says = REFUSALS[language];

  journey(`J4: a wrong code, until no try is left, and the way on (${language})`, async (world) => {
    const { visitor, person, code } = await withCode(world, { language });
    const wrong = otherThan(code);
    for (const left of [4, 3, 2, 1]) {
      await setPassword(visitor, { code: wrong });
      await expectRefusal(visitor, says.codeWrong(left));
    }
    await expect(visitor.field(wordsOf(visitor).code.code)).toHaveValue(wrong);
    await look(visitor, 'j4-1-code-wrong');
    await setPassword(visitor, { code: wrong });
    await expectRefusal(visitor, says.lastTry);
    await setPassword(visitor, { code });
    await expectRefusal(visitor, says.codesDead);
    await look(visitor, 'j4-2-codes-dead');
    world.clock.pass(61 * SECOND);
    await visitor.reload();
    await visitor.pressButton(wordsOf(visitor).code.resend);
    await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
    await expectInConsole(world, visitor, 'sms', person);
  });

  journey(`J4: no code, half a code, a code that has expired (${language})`, async (world) => {
    const { visitor, code } = await withCode(world, { language });
    await setPassword(visitor, { code: '' });
    await expectRefusal(visitor, says.codeMissing);
    await setPassword(visitor, { code: '1234' });
    await expectRefusal(visitor, says.codeMalformed);
    world.clock.pass(10 * MINUTE);
    await setPassword(visitor, { code });
    await expectRefusal(visitor, says.codeExpired);
    await expect(visitor.field(wordsOf(visitor).code.code)).toHaveValue(code);
    await look(visitor, 'j4-3-code-expired');
  });

  journey(`J4: a code that was used (${language})`, async (world) => {
    const { visitor, person, code } = await withCode(world, { language });
    const address = visitor.page.url();
    await setPassword(visitor, { code });
    await expectInConsole(world, visitor, 'sms', person);
    await visitor.open(address);
    await expect(visitor.heading()).toHaveText(says.finished);
    await look(visitor, 'j4-4-finished');
    world.clock.pass(61 * SECOND);
    await visitor.open(`${world.login.pagesUrl}/reset?client_id=sms`);
    await sendCodeTo(visitor, person.emailAddress);
    await world.mail.next(person.emailAddress);
    await setPassword(visitor, { code });
    await expectRefusal(visitor, says.codeWrong(4));
  });

  journey(`J4: the two passwords differ; the code stays and is still good (${language})`, async (world) => {
    const { visitor, person, code } = await withCode(world, { language });
    await setPassword(visitor, { code, confirmation: `${NEW_PASSWORD}!` });
    await expectRefusal(visitor, says.mismatch);
    await expect(visitor.field(wordsOf(visitor).code.code)).toHaveValue(code);
    await expect(visitor.field(wordsOf(visitor).code.password)).toHaveValue('');
    await look(visitor, 'j4-5-mismatch');
    await setPassword(visitor, { code });
    await expectInConsole(world, visitor, 'sms', person);
  });

  journey(
    `J4, R5: each rule broken alone is named alone, and uses up nothing (${language})`,
    async (world) => {
      const { visitor, person, code } = await withCode(world, { language });
      const broken: [keyof typeof says.rules, string][] = [
        ['short', 'Kn7-qZ!'],
        ['long', `Kawa-no-oto 41 ${'x'.repeat(114)}`],
        ['lower', 'KAWA-NO-OTO 41 DESU'],
        ['upper', 'kawa-no-oto 41 desu'],
        ['digit', 'Kawa-no-oto yon desu'],
        ['symbol', 'KawaNoOto41DesuYo'],
        ['address', `Kawa-41 ${person.emailAddress}`],
        ['common', 'Password1!'],
      ];
      for (const [rule, password] of broken) {
        await setPassword(visitor, { code, password });
        await expectRefusal(visitor, says.rules[rule]);
        for (const other of Object.values(says.rules).filter((sentence) => sentence !== says.rules[rule]))
          await expect(visitor.page.getByRole('alert')).not.toContainText(other);
      }
      await look(visitor, 'j4-6-rule');
      await setPassword(visitor, { code });
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    `J4: an address that nobody has looks the same and gets no mail; one that is none is refused (${language})`,
    async (world) => {
      const known = await withCode(world, { language });
      const unknown = await world.visitor({ language });
      await unknown.open(`${world.consoles.sms.url}/auth/start`);
      await unknown.followLink(wordsOf(unknown).signIn.firstTimeLink);
      const { ask } = wordsOf(unknown);
      await unknown.pressButton(ask.button);
      await expectRefusal(unknown, says.addressMissing);
      await unknown.type(ask.emailAddress, 'not an address');
      await unknown.pressButton(ask.button);
      await expectRefusal(unknown, says.addressMalformed);
      await expect(unknown.field(ask.emailAddress)).toHaveValue('not an address');
      await look(unknown, 'j4-7-address-malformed');
      const nobody = `nobody-${language}@example.co.jp`;
      await sendCodeTo(unknown, nobody);
      const shown = async (visitor: Visitor, address: string): Promise<string> =>
        (await visitor.page.getByRole('main').innerText())
          .replaceAll(address, '(address)')
          .replaceAll(/\d+(?=秒| seconds?)/g, '(seconds)');
      expect(await shown(unknown, nobody)).toBe(await shown(known.visitor, known.person.emailAddress));
      await setPassword(unknown, { code: '1234 5678' });
      await expectRefusal(unknown, says.codeWrong(4));
      expect(await world.mail.all(nobody)).toEqual([]);
    },
  );

  journey(
    `J4, R2: a wrong password again and again, and what an empty or odd login ID is told (${language})`,
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: language });
      const visitor = await world.visitor({ language });
      const { signIn: page } = wordsOf(visitor);
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await visitor.pressButton(page.button);
      await expectRefusal(visitor, says.loginIdMissing);
      await signIn(visitor, 'not an address', 'x');
      await expectRefusal(visitor, says.loginIdMalformed);
      await expect(visitor.field(page.loginId)).toHaveValue('not an address');
      await signIn(visitor, person.emailAddress, '');
      await expectRefusal(visitor, says.passwordMissing);

      for (let tries = 0; tries < 5; tries += 1) {
        await signIn(visitor, person.emailAddress, 'wrong');
        await expectRefusal(visitor, says.wrongCredentials);
        await expect(visitor.field(page.loginId)).toHaveValue(person.emailAddress);
      }
      // The pause is one second and doubles; a slow machine may need a few more tries to run into it.
      for (
        let tries = 0;
        tries < 6 && !says.wait.test(await visitor.page.getByRole('alert').innerText());
        tries += 1
      )
        await signIn(visitor, person.emailAddress, 'wrong');
      await expectRefusal(visitor, says.wait);
      await expect(visitor.field(page.loginId)).toHaveValue(person.emailAddress);
      await look(visitor, 'j4-8-wait');
      world.clock.pass(15 * MINUTE);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    `J4, R4: reload and back after a refusal show the page anew and try nothing again (${language})`,
    async (world) => {
      const { visitor, person, code } = await withCode(world, { language });
      await setPassword(visitor, { code: otherThan(code) });
      await expectRefusal(visitor, says.codeWrong(4));
      await visitor.reload();
      await expect(visitor.heading()).toHaveText(wordsOf(visitor).code.heading);
      await expect(visitor.page.getByRole('alert')).toHaveCount(0);
      await setPassword(visitor, { code: otherThan(code) });
      await expectRefusal(visitor, says.codeWrong(3));
      await visitor.followLink(wordsOf(visitor).code.back);
      await visitor.back();
      await expect(visitor.heading()).toHaveText(wordsOf(visitor).code.heading);
      await setPassword(visitor, { code });
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    `J4: an unknown login ID and a person without a password are told what a wrong password is told (${language})`,
    async (world) => {
      const people = [
        (await world.addPerson({ password: NEW_PASSWORD })).emailAddress,
        (await world.addPerson()).emailAddress,
        `nobody-${language}@example.com`,
      ];
      const answers: string[] = [];
      for (const emailAddress of people) {
        const visitor = await world.visitor({ language });
        await visitor.open(`${world.consoles.sms.url}/auth/start`);
        await signIn(visitor, emailAddress, 'Mihon-2026');
        await expectRefusal(visitor, says.wrongCredentials);
        answers.push(await visitor.page.getByRole('main').innerText());
      }
      expect(new Set(answers).size).toBe(1);
    },
  );

  journey(`J4, R28: what the legacy login says, and when it has had enough (${language})`, async (world) => {
    const person = await world.addPerson({ locale: language });
    const visitor = await world.visitor({ language });
    const { legacy } = wordsOf(visitor);
    await visitor.open(world.consoles.sms.url);
    await signInByLegacyLogin(visitor, 'not an address', '');
    await expectRefusal(visitor, says.legacyMalformed);
    await expectRefusal(visitor, says.legacyMissing);
    await look(visitor, 'j4-9-legacy-refused');
    for (let tries = 0; tries < 10; tries += 1) {
      await signInByLegacyLogin(visitor, person.emailAddress, 'wrong');
      await expectRefusal(visitor, says.legacyWrong);
      await expect(visitor.field(legacy.emailAddress)).toHaveValue(person.emailAddress);
    }
    await signInByLegacyLogin(visitor, person.emailAddress, person.legacyPassword);
    await expectRefusal(visitor, says.legacyTooMany);
    world.clock.pass(15 * MINUTE);
    await signInByLegacyLogin(visitor, person.emailAddress, person.legacyPassword);
    await expectInConsole(world, visitor, 'sms', person, 'legacy');
  });

  journey(`J4: a code asked for again too soon, without script (${language})`, async (world) => {
    const { visitor } = await withCode(world, { language, script: false });
    await visitor.pressButton(wordsOf(visitor).code.resend);
    await expectRefusal(visitor, says.tooSoon);
    await look(visitor, 'j4-10-too-soon');
    await visitor.open(visitor.page.url());
    await expect(visitor.heading()).toHaveText(wordsOf(visitor).code.heading);
  });
});

/** The same with the code in hand. */
async function withCode(
  world: World,
  options: VisitorOptions,
): Promise<{ visitor: Visitor; person: Person; code: string }> {
  const { visitor, person } = await atCodePage(world, options);
  return { visitor, person, code: codeIn(await world.mail.next(person.emailAddress)) };
}

/** The summary at the top says it, as a sentence that leads to the field. */
async function expectRefusal({ page }: Visitor, sentence: string | RegExp): Promise<void> {
  await expect(page.getByRole('alert')).toContainText(sentence);
}

function otherThan(code: string): string {
  return code === '0000 0000' ? '1111 1111' : '0000 0000';
}
