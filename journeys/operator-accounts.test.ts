import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { expectAccessible, expectNoSidewaysScroll, look } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import { HOUR, type World } from './world.ts';

const journey = journeysIn();

const MINUTE = HOUR / 60;

const WORDS = {
  ja: {
    search: '検索',
    find: '検索する',
    delayed: /パスワードの間違いが\d+回続いたため、.*までログインを受け付けません/,
    clear: '待ち時間を解除する',
    reason: '理由',
    cleared: /待ち時間を解除しました/,
    refused: /検証コードを1回申し込みましたが、.*拒否されました（相手の返答：550 5.1.1/,
    change: 'ログインIDを変更する',
    address: '新しいメールアドレス',
    send: '検証コードを送る',
    sent: /新しいメールアドレスに検証コードを送りました/,
    code: '検証コード',
    confirm: '変更を確定する',
    none: /パスワードを、まだ一度も設定していません/,
    setUp: 'パスワード設定の案内を送る',
    sendSetUp: '案内を送る',
    setUpSent: /パスワード設定の案内を送りました/,
  },
  en: {
    search: 'Search',
    find: 'Search',
    delayed: /\d+ wrong passwords in a row: sign-ins are refused until/,
    clear: 'Clear the delay',
    reason: 'Reason',
    cleared: /The delay is cleared/,
    refused: /Asked for a code once; .* the mail server refused it \(the mail server said: 550 5.1.1/,
    change: 'Change the login ID',
    address: 'New e-mail address',
    send: 'Send the code',
    sent: /A code is on its way to the new address/,
    code: 'Verification code',
    confirm: 'Confirm the change',
    none: /Has never set a password at the unified login/,
    setUp: 'Mail how to set a password',
    sendSetUp: 'Send the mail',
    setUpSent: /The mail on how to set a password is on its way/,
  },
} as const;

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese': {},
  'in English, at 768 px, by keyboard only, with script switched off': {
    language: 'en',
    width: 768,
    keyboard: true,
    script: false,
  },
};

/** A clerk of the support desk, on the search. */
async function clerk(world: World, options: VisitorOptions): Promise<Visitor> {
  const { emailAddress } = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
  const by = { actor: 'operator:cli', now: world.clock.now() };
  await addOperator(world.login.database.db, { emailAddress, role: 'support' }, by);
  const visitor = await world.visitor(options);
  await visitor.open(`${world.login.pagesUrl}/operator/accounts`);
  await signIn(visitor, emailAddress, NEW_PASSWORD);
  return visitor;
}

/** Where the page says what to do next. */
const remedy = (visitor: Visitor) => visitor.page.locator('main .ui-notice').last();

/** Finds the person who is on the phone by a part of the address, and opens their page. */
async function find(visitor: Visitor, world: World, emailAddress: string): Promise<void> {
  const t = WORDS[visitor.language];
  await visitor.open(`${world.login.pagesUrl}/operator/accounts`);
  await visitor.type(t.search, emailAddress.slice(0, -4));
  await visitor.pressButton(t.find, visitor.page.getByRole('search'));
  await visitor.followLink(emailAddress, visitor.page.getByRole('main'));
}

describe.each(Object.entries(WAYS))('R25: the support desk %s', (_, options) => {
  journey(
    'R25: somebody was delayed by wrong passwords; the desk clears the delay, and they are in',
    async (world) => {
      const person = await world.addPerson({ consoles: ['sms'], password: NEW_PASSWORD });
      const customer = await world.visitor();
      for (let i = 0; i < 7; i++) {
        await customer.open(`${world.login.pagesUrl}/sign-in`);
        await signIn(customer, person.emailAddress, 'Chigau-77-mono!');
      }
      // They went on trying for a quarter of an hour, which no test waits for.
      const until = new Date(world.clock.now().getTime() + 15 * MINUTE);
      await world.login.database.db
        .updateTable('sign_in_throttle')
        .set({ attempts: 15, blocked_until: until })
        .where('key', '=', `account:${person.emailAddress}`)
        .execute();
      const visitor = await clerk(world, options);
      const t = WORDS[visitor.language];
      const shot = `accounts-${visitor.language}`;
      await look(visitor, `${shot}-1-search`, { thorough: true });
      await find(visitor, world, person.emailAddress);
      await expect(visitor.page.getByText(t.delayed)).toBeVisible();
      await look(visitor, `${shot}-2-delayed`, { thorough: true });
      await visitor.followLink(t.clear, remedy(visitor));
      await expectNoSidewaysScroll(visitor, `${shot}-3-clear`);
      await expectAccessible(visitor, `${shot}-3-clear`);
      await visitor.type(t.reason, '見本: 折り返しの電話で確認');
      await visitor.pressButton(t.clear, visitor.page.getByRole('main'));
      await expect(visitor.page.getByRole('status').filter({ hasText: t.cleared })).toBeVisible();
      await customer.open(`${world.login.pagesUrl}/sign-in`);
      await signIn(customer, person.emailAddress, NEW_PASSWORD);
      await customer.open(`${world.login.pagesUrl}/account`);
      await expect(customer.page.getByText(person.emailAddress).first()).toBeVisible();
    },
  );

  journey(
    'R25: the code mail was refused; the desk has the login ID changed, with proof, and mails how to set a password',
    async (world) => {
      const person = await world.addPerson({ consoles: ['sms'] });
      const customer = await world.visitor();
      await customer.open(`${world.login.pagesUrl}/reset`);
      await customer.type('メールアドレス', person.emailAddress);
      await customer.pressButton('送信する');
      await world.mail.next(person.emailAddress);
      const { db } = world.login.database;
      await expect
        .poll(async () => {
          const { numUpdatedRows } = await db
            .updateTable('message')
            .set({ state: 'refused', smtp_response: '550 5.1.1 User unknown' })
            .where('recipient', '=', person.emailAddress)
            .where('state', '=', 'accepted')
            .executeTakeFirstOrThrow();
          return Number(numUpdatedRows);
        })
        .toBe(1);
      const visitor = await clerk(world, options);
      const t = WORDS[visitor.language];
      await find(visitor, world, person.emailAddress);
      await expect(visitor.page.getByText(t.refused)).toBeVisible();
      await visitor.followLink(t.change, remedy(visitor));
      const regained = `regained-${visitor.language}@example.co.jp`;
      await visitor.type(t.address, regained);
      await visitor.type(t.reason, '見本: 本人と確認');
      await visitor.pressButton(t.send, visitor.page.getByRole('main'));
      await expect(visitor.page.getByRole('status').filter({ hasText: t.sent })).toBeVisible();
      const mail = await world.mail.next(regained);
      await customer.open(/https?:\/\/\S+\/login-id\/code\/\S+/.exec(mail.text)?.[0] ?? '');
      await customer.type('検証コード', codeIn(mail));
      await customer.pressButton('変更を確定する');
      await find(visitor, world, regained);
      await expect(visitor.page.getByText(t.none)).toBeVisible();
      await visitor.followLink(t.setUp, remedy(visitor));
      await visitor.pressButton(t.sendSetUp, visitor.page.getByRole('main'));
      await expect(visitor.page.getByRole('status').filter({ hasText: t.setUpSent })).toBeVisible();
    },
  );
});
