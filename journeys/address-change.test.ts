import { describe } from 'vitest';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import { expectInConsole, NEW_PASSWORD, signIn, signInByLegacyLogin, wordsOf } from './pages.ts';
import { look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { expectLegacySignIn, walkAddressChange } from './walks.ts';
import { MINUTE, SECOND, type Person, type World } from './world.ts';

const journey = journeysIn();

describe('J5: the e-mail address changes in the SMS console', () => {
  journey(
    'J5, R18: the new address signs in at the unified login and at the legacy login, the old one nowhere, and its owner is told',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      const fresh = `new-${person.emailAddress}`;
      await walkAddressChange({ world, visitor, person, name: 'main' }, fresh);
      const notice = await world.mail.next(person.emailAddress);
      expect(notice.subject).toContain('ログインIDが変更されました');
      expect(notice.text).toContain(fresh);

      const unified = await world.visitor();
      await unified.open(world.consoles.mail.url);
      await signIn(unified, person.emailAddress, NEW_PASSWORD);
      await expect(unified.page.getByRole('alert')).toContainText(wordsOf(unified).signIn.refused);
      await signIn(unified, fresh, NEW_PASSWORD);
      await expectInConsole(world, unified, 'mail', person);

      const legacy = await world.visitor();
      await legacy.open(world.consoles.sms.url);
      await signInByLegacyLogin(legacy, person.emailAddress, person.legacyPassword);
      await expect(legacy.page.getByRole('alert')).toBeVisible();
      await expectLegacySignIn(world, legacy, person, fresh);

      await visitor.open(world.consoles.sms.url);
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    'J5: half a code, no code, an older code, wrong codes until none is left: the right sentence each time, and the next code works',
    async (world) => {
      const person = await world.addPerson();
      const visitor = await world.visitor();
      const { email } = wordsOf(visitor);
      const fresh = `new-${person.emailAddress}`;
      const send = async (code: string): Promise<void> => {
        await visitor.type(email.code, code);
        await visitor.pressButton(email.confirm);
      };
      const sendAgain = async (): Promise<string> => {
        world.clock.pass(61 * SECOND);
        await visitor.open(`${world.consoles.sms.url}/settings/email/code`);
        await visitor.pressButton('もう一度送る');
        return codeIn(await world.mail.next(fresh));
      };
      const said = visitor.page.getByRole('alert');
      await askForChange(world, visitor, person, fresh);
      const first = codeIn(await world.mail.next(fresh));
      await send('');
      await expect(said).toContainText('検証コードを入力してください。');
      await send('1234');
      await expect(said).toContainText('検証コードが違います。');
      await look(visitor, 'main-j5-6-half-a-code');
      await sendAgain();
      await sendAgain();
      await send(first);
      await expect(said).toContainText('いちばん新しいメールの検証コードを入力してください。');
      for (const left of [4, 3, 2, 1]) {
        await send('0000 0000');
        await expect(said).toContainText(`(あと${left}回)`);
      }
      for (let tries = 0; tries < 2; tries += 1) {
        await send('0000 0000');
        await expect(said).toContainText('この検証コードは使えなくなりました。もう一度送ってください。');
      }
      await look(visitor, 'main-j5-7-codes-dead');
      world.clock.pass(15 * MINUTE);
      await send(await sendAgain());
      await expect(visitor.page.getByText(email.done)).toBeVisible();
    },
  );

  journey(
    'J5: asking for the same address again within a minute is told to wait, and what was typed stays',
    async (world) => {
      const person = await world.addPerson();
      const visitor = await world.visitor();
      const { email } = wordsOf(visitor);
      const fresh = `new-${person.emailAddress}`;
      await askForChange(world, visitor, person, fresh);
      await visitor.open(`${world.consoles.sms.url}/settings/email`);
      await visitor.type(email.fresh, fresh);
      await visitor.pressButton(email.send);
      await expect(visitor.page.getByRole('alert')).toContainText(
        /続けて何度も操作されたため、しばらく受け付けられません。(\d+秒|1分)後にもう一度お試しください。/,
      );
      await expect(visitor.field(email.fresh)).toHaveValue(fresh);
      await look(visitor, 'main-j5-8-asked-twice');
      await visitor.open(`${world.consoles.sms.url}/settings`);
      await visitor.followLink('検証コードを入力する');
      await visitor.type(email.code, codeIn(await world.mail.next(fresh)));
      await visitor.pressButton(email.confirm);
      await expect(visitor.page.getByText(email.done)).toBeVisible();
    },
  );

  journey(
    'J5, R18: a wrong code is answered alike for a free address, for one of another console and for one of a colleague in the same console',
    async (world) => {
      const elsewhere = await world.addPerson({ consoles: ['mail'] });
      const colleague = await world.addPerson();
      const answers: string[] = [];
      for (const address of ['another-free@example.co.jp', elsewhere.emailAddress, colleague.emailAddress]) {
        const visitor = await world.visitor();
        const { email } = wordsOf(visitor);
        const stranger = await world.addPerson();
        await expectLegacySignIn(world, visitor, stranger, stranger.emailAddress);
        await visitor.open(`${world.consoles.sms.url}/settings/email`);
        await visitor.type(email.fresh, address);
        await visitor.pressButton(email.send);
        const said: string[] = [];
        for (let tries = 0; tries < 6; tries += 1) {
          await visitor.type(email.code, '1234 5678');
          await visitor.pressButton(email.confirm);
          said.push(await visitor.page.getByRole('alert').innerText());
        }
        answers.push(said.join('\n'));
      }
      expect(answers[1]).toBe(answers[0]);
      expect(answers[2]).toBe(answers[0]);
    },
  );

  journey(
    'J5, R18: an address that another account has looks like any other, no code fits, and its owner is told by mail',
    async (world) => {
      const owner = await world.addPerson({ password: NEW_PASSWORD });
      const stranger = await world.addPerson();
      const visitor = await world.visitor();
      const { email } = wordsOf(visitor);
      await expectLegacySignIn(world, visitor, stranger, stranger.emailAddress);
      const shown = async (address: string): Promise<string> => {
        await visitor.open(`${world.consoles.sms.url}/settings/email`);
        await visitor.type(email.fresh, address);
        await visitor.pressButton(email.send);
        const text = await visitor.page.getByRole('main').innerText();
        return text.replaceAll(address, '(address)').replaceAll(/\d\d:\d\d|\d+秒/g, '(time)');
      };
      const free = await shown('free-address@example.co.jp');
      expect(await shown(owner.emailAddress)).toBe(free);

      const told = await world.mail.next(owner.emailAddress);
      expect(told.text).not.toMatch(/\d{4} \d{4}/);
      expect(told.text).not.toContain(stranger.emailAddress);
      await visitor.type(email.code, '1234 5678');
      await visitor.pressButton(email.confirm);
      await expect(visitor.page.getByRole('alert')).toContainText('検証コードが違います。');
      await look(visitor, 'main-j5-5-code-refused');
      await visitor.open(`${world.consoles.sms.url}/settings`);
      await expect(visitor.page.getByRole('main').getByText(stranger.emailAddress)).toBeVisible();
    },
  );

  journey(
    'J5, R18: the unified login is away at the wish: it is noted and said so, the code comes when it is back, and both consoles have the address',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      const { email } = wordsOf(visitor);
      const fresh = `new-${person.emailAddress}`;
      await expectLegacySignIn(world, visitor, person, person.emailAddress);
      await world.login.goAway();
      await visitor.open(`${world.consoles.sms.url}/settings/email`);
      await visitor.type(email.fresh, fresh);
      await visitor.pressButton(email.send);
      await expect(visitor.page.getByText('変更のお申し込みを受け付けました')).toBeVisible();
      await expect(visitor.page.getByRole('main').getByText(fresh)).toBeVisible();
      await look(visitor, 'main-j5-9-noted');
      await visitor.open(`${world.consoles.sms.url}/settings`);
      await expect(visitor.page.getByText(`${fresh} への変更を受け付けました。`)).toBeVisible();
      await look(visitor, 'main-j5-10-settings-noted');

      await world.login.comeBack();
      const code = codeIn(await world.mail.next(fresh));
      await visitor.followLink('状況を見る');
      await expect(async () => {
        await visitor.page.reload();
        await expect(visitor.field(email.code)).toBeVisible({ timeout: 500 });
      }).toPass({ timeout: 30_000 });
      await visitor.type(email.code, code);
      await visitor.pressButton(email.confirm);
      await expect(visitor.page.getByText(email.done)).toBeVisible();
      await expect(visitor.page.getByRole('region', { name: 'メールアドレスの変更の記録' })).toContainText(
        fresh,
      );
      await look(visitor, 'main-j5-11-history', { thorough: true });

      const second = await world.visitor();
      await second.open(world.consoles.mail.url);
      await signIn(second, fresh, NEW_PASSWORD);
      await expectInConsole(world, second, 'mail', person);
      await second.open(`${world.consoles.mail.url}/settings`);
      await expect(second.page.getByText('メールアドレスが、ほかの画面で変更されました')).toBeVisible();
      await expect(second.page.getByRole('region', { name: 'ご利用者' })).toContainText(fresh);
      await look(second, 'main-j5-12-changed-elsewhere', { thorough: true });
      await second.pressButton('確認しました');
      await expect(second.page.getByText('メールアドレスが、ほかの画面で変更されました')).toHaveCount(0);
    },
  );

  journey(
    'R8, R18: in English, the unified login goes away while the code is entered: the page says what is waited for, and the same code works afterwards',
    async (world) => {
      const person = await world.addPerson({ locale: 'en' });
      const visitor = await world.visitor({ language: 'en' });
      const fresh = `new-${person.emailAddress}`;
      await askForChange(world, visitor, person, fresh);
      const code = codeIn(await world.mail.next(fresh));
      await world.login.goAway();
      const { email } = wordsOf(visitor);
      await visitor.type(email.code, code);
      await visitor.pressButton(email.confirm);
      await expect(visitor.page.getByText('We are finding out about your code')).toBeVisible();
      await look(visitor, 'main-j5-13-finding-out', { thorough: true });
      await world.login.comeBack();
      await expect(async () => {
        await visitor.page.reload();
        await expect(visitor.field(email.code)).toBeVisible({ timeout: 500 });
      }).toPass({ timeout: 60_000 });
      await visitor.type(email.code, code);
      await visitor.pressButton(email.confirm);
      await expect(visitor.page.getByText(email.done)).toBeVisible();
      await look(visitor, 'main-j5-14-done');
    },
  );
});

/** Signs in by the legacy login and asks there for the change to a new address. */
async function askForChange(world: World, visitor: Visitor, person: Person, fresh: string): Promise<void> {
  const { email } = wordsOf(visitor);
  await expectLegacySignIn(world, visitor, person, person.emailAddress);
  await visitor.open(`${world.consoles.sms.url}/settings/email`);
  await visitor.type(email.fresh, fresh);
  await visitor.pressButton(email.send);
  await expect(visitor.field(email.code)).toBeVisible();
}
