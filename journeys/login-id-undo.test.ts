import { describe } from 'vitest';
import { createOperatorToken } from '../apps/login/src/domain/operators/tokens.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import { expectInConsole, NEW_PASSWORD, signIn } from './pages.ts';
import { look } from './screen.ts';
import type { VisitorOptions } from './visitor.ts';
import { walkAddressChange } from './walks.ts';
import type { World } from './world.ts';

const journey = journeysIn();

/** What the pages of the undo and of an operator's change are asked by here. */
const WORDS = {
  ja: {
    undo: '変更を取り消す',
    undone: '変更を取り消しました',
    setPassword: 'パスワードを設定する',
    forgotten: 'パスワードを忘れた方',
    tooLate: 'このページは開けません',
    code: '検証コード',
    confirm: '変更を確定する',
    changed: 'ログインIDを変更しました',
    over: 'このページは使えません',
  },
  en: {
    undo: 'Undo the change',
    undone: 'The change was undone',
    setPassword: 'Set a password',
    forgotten: 'Forgot your password?',
    tooLate: 'This page cannot be opened',
    code: 'Verification code',
    confirm: 'Confirm the change',
    changed: 'Your login ID has changed',
    over: 'This page cannot be used',
  },
} as const;

const WAYS: Readonly<Record<string, VisitorOptions>> = {
  'in Japanese': {},
  'in English, at 360 px': { language: 'en', width: 360 },
  'in English, at 320 px, by keyboard only, with script switched off': {
    language: 'en',
    width: 320,
    keyboard: true,
    script: false,
  },
};

describe.each(Object.entries(WAYS))('J5, R18: the way back %s', (way, options) => {
  const language = options.language ?? 'ja';
  const words = WORDS[language];
  const name = `undo-${way.replaceAll(/\W+/g, '-')}`;

  journey(
    `J5, R18: the former mailbox undoes a change without signing in, ${way}; axe finds nothing`,
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: language });
      const thief = await world.visitor({ language });
      await thief.open(`${world.consoles.sms.url}/auth/start`);
      await signIn(thief, person.emailAddress, NEW_PASSWORD);
      await walkAddressChange(
        { world, visitor: thief, person, name: `${name}-thief` },
        `thief-${person.emailAddress}`,
      );
      const notice = await world.mail.next(person.emailAddress);

      const owner = await world.visitor(options);
      await owner.open(linkIn(notice.text));
      await look(owner, `${name}-1-open`, { thorough: true });
      await owner.pressButton(words.undo);
      await expect(owner.heading()).toHaveText(words.undone);
      await look(owner, `${name}-2-undone`, { thorough: true });
      await owner.reload();
      await expect(owner.heading()).toHaveText(words.undone);
      for (const to of [person.emailAddress, `thief-${person.emailAddress}`])
        expect((await world.mail.next(to)).headers).toContain(`Content-Language: ${language}`);

      await owner.followLink(words.setPassword);
      await expect(owner.heading()).toContainText(words.forgotten);
      await owner.open(`${world.login.pagesUrl}/login-id/undo?token=${'A'.repeat(43)}`);
      await expect(owner.heading()).toHaveText(words.tooLate);
      await look(owner, `${name}-3-unknown`, { thorough: true });

      const again = await world.visitor({ language });
      await again.open(world.consoles.mail.url);
      await signIn(again, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, again, 'mail', person);
    },
  );

  journey(
    `R18: somebody who lost the mailbox proves the new one, ${way}; axe finds nothing`,
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD, locale: language });
      const fresh = `found-${person.emailAddress}`;
      await askAsOperator(world, person.emailAddress, fresh, language);
      const mail = await world.mail.next(fresh);
      const visitor = await world.visitor(options);
      await visitor.open(linkIn(mail.text));
      await look(visitor, `${name}-4-code`, { thorough: true });
      await visitor.type(words.code, '1234');
      await visitor.pressButton(words.confirm);
      await expect(visitor.page.getByRole('alert')).toBeVisible();
      await look(visitor, `${name}-5-half-a-code`, { thorough: true });
      await visitor.type(words.code, codeIn(mail));
      await visitor.pressButton(words.confirm);
      await expect(visitor.heading()).toHaveText(words.changed);
      await look(visitor, `${name}-6-changed`, { thorough: true });
      await visitor.open(linkIn(mail.text));
      await expect(visitor.heading()).toHaveText(words.over);
      await look(visitor, `${name}-7-over`, { thorough: true });
      expect((await world.mail.next(person.emailAddress)).text).toContain(fresh);
    },
  );
});

function linkIn(text: string): string {
  const found = /^http\S+$/m.exec(text)?.[0];
  if (!found) throw new Error(`No link in: ${text}`);
  return found;
}

async function askAsOperator(
  world: World,
  loginId: string,
  fresh: string,
  locale: 'ja' | 'en',
): Promise<void> {
  const { token } = await createOperatorToken(
    world.login.database.db,
    { name: 'support desk', role: 'support' },
    { actor: 'operator:cli', now: world.clock.now() },
  );
  const answer = await fetch(
    `${world.login.issuer}/api/operator/v1/accounts/${encodeURIComponent(loginId)}/login-id-changes`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ newEmailAddress: fresh, locale, reason: '本人確認済み（見本）' }),
    },
  );
  expect(answer.status).toBe(201);
}
