import { Readable } from 'node:stream';
import { beforeAll, describe } from 'vitest';
import { importPeople } from '../apps/login/src/domain/consoles/import/import-people.ts';
import { setLegacyPasswords } from '../apps/login/src/domain/consoles/legacy-passwords.ts';
import { judgeLegacyHash } from '../apps/login/src/domain/credentials/legacy-hash.ts';
import { hashLegacyPassword } from '../apps/sms-console/src/domain/legacy-login/password-hash.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import {
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  NEW_PASSWORD,
  signIn,
  signInByLegacyLogin,
  wordsOf,
} from './pages.ts';
import { look } from './screen.ts';
import type { VisitorOptions } from './visitor.ts';
import { MINUTE, type Person, type World } from './world.ts';

const journey = journeysIn({ phases: { sms: 'parallel', mail: 'unified' } });

/** A legacy password that the rules of the unified login refuse; what the sample consoles give their people meets them. */
const WEAK = 'sakura2024';

beforeAll(async () => {
  const { sms } = journey.world().consoles;
  await accept('sms', 'asked', `${sms.url}/auth/legacy-password-check`);
  await accept('mail', 'imported');
});

describe('R21: the first sign-in with the password of the console', () => {
  journey(
    'R21: the console is asked; the password is taken over, and stays what it was at the legacy login',
    async (world) => {
      const person = await world.addPerson();
      const visitor = await world.visitor();
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await expectSignInPage(visitor);
      await signIn(visitor, person.emailAddress, 'not the password');
      await expectSignInPage(visitor);
      await signIn(visitor, person.emailAddress, person.legacyPassword);
      await expectInConsole(world, visitor, 'sms', person);

      const legacy = await world.visitor();
      await legacy.open(`${world.consoles.sms.url}/login`);
      await expectLegacyLoginPage(legacy);
      await signInByLegacyLogin(legacy, person.emailAddress, person.legacyPassword);
      await expectInConsole(world, legacy, 'sms', person, 'legacy');
    },
  );

  const ways: [string, VisitorOptions][] = [
    ['in Japanese', {}],
    ['in English, on a phone', { language: 'en', width: 360 }],
    ['without script', { script: false }],
    ['by keyboard', { keyboard: true }],
  ];
  for (const [way, options] of ways)
    journey(
      `R21: of an imported hash a password that is too weak is replaced on the next page, ${way}`,
      async (world) => {
        const person = await world.addPerson({ consoles: ['mail'], locale: options.language ?? 'ja' });
        await importHash(world, person, WEAK);
        const visitor = await world.visitor(options);
        await visitor.open(`${world.consoles.mail.url}/auth/start`);
        await expectSignInPage(visitor);
        await look(visitor, 'r21-1-sign-in', { thorough: true });
        await signIn(visitor, person.emailAddress, WEAK);

        await expect(visitor.heading()).toHaveText(
          visitor.language === 'ja' ? '新しいパスワードの設定' : 'Choose a new password',
        );
        await look(visitor, 'r21-2-new-password', { thorough: true });
        await choose(visitor, 'weak');
        await look(visitor, 'r21-3-refused', { thorough: true });
        await choose(visitor, NEW_PASSWORD);
        await expectInConsole(world, visitor, 'mail', person);

        const again = await world.visitor({ language: visitor.language });
        await again.open(`${world.consoles.mail.url}/auth/start`);
        await signIn(again, person.emailAddress, WEAK);
        await expectSignInPage(again);
        await signIn(again, person.emailAddress, NEW_PASSWORD);
        await expectInConsole(world, again, 'mail', person);
      },
    );

  journey(
    'R21: whoever leaves the page for a new password open too long signs in once more',
    async (world) => {
      const person = await world.addPerson({ consoles: ['mail'] });
      await importHash(world, person, WEAK);
      const visitor = await world.visitor();
      await visitor.open(`${world.consoles.mail.url}/auth/start`);
      await signIn(visitor, person.emailAddress, WEAK);
      world.clock.pass(16 * MINUTE);
      await choose(visitor, NEW_PASSWORD);
      await expect(visitor.heading()).toHaveText('もう一度ログインをお願いします');
      await look(visitor, 'r21-4-ended', { thorough: true });
      await visitor.followLink('ログイン画面に戻る');
      await signIn(visitor, person.emailAddress, WEAK);
      await choose(visitor, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'mail', person);
    },
  );
});

async function choose(visitor: Parameters<typeof signIn>[0], password: string): Promise<void> {
  const { code } = wordsOf(visitor);
  await visitor.type(code.password, password);
  await visitor.type(code.confirmation, password);
  await visitor.pressButton(code.button);
}

async function accept(clientId: 'sms' | 'mail', setting: 'imported' | 'asked', uri?: string): Promise<void> {
  const { login, clock } = journey.world();
  const by = { actor: 'system', now: clock.now(), allowedInternalHosts: ['localhost'] };
  const result = await setLegacyPasswords(
    login.database.db,
    clientId,
    { setting, uri, deleteHashes: false },
    by,
  );
  if (!result.ok) throw new Error(result.reason);
}

/** As an operator imports the people of a console with the hashes that it has stored. */
async function importHash({ login, clock }: World, person: Person, password: string): Promise<void> {
  const { rows } = await login.database.pool.query<{ console: string; id: string }>(
    `select l.console_id as console, l.console_user_id as id from console_link l join account a on a.id = l.account_id where a.email_key = $1`,
    [person.emailAddress],
  );
  const hash = await hashLegacyPassword(password);
  const file = `ユーザーID,メールアドレス,パスワードハッシュ\n${rows[0]?.id},${person.emailAddress},${hash}\n`;
  const result = await importPeople(login.database.db, {
    consoleId: rows[0]?.console ?? '',
    file: () => Readable.from([Buffer.from(file)]),
    fileName: 'people.csv',
    dryRun: false,
    actor: 'system',
    judgeHash: judgeLegacyHash,
    clock: clock.now,
  });
  if (!result.ok || result.report.legacyPasswords !== 1) throw new Error(JSON.stringify(result));
}
