import { sql } from 'kysely';
import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { codeIn } from './mail.ts';
import {
  expectInConsole,
  expectLegacyLoginPage,
  expectSignInPage,
  NEW_PASSWORD,
  setPassword,
  signIn,
  signOut,
  wordsOf,
} from './pages.ts';
import { expectAccessible, look } from './screen.ts';
import type { Visitor } from './visitor.ts';
import { walkFirstSignIn, walkSecondConsoleAndOut } from './walks.ts';
import type { World } from './world.ts';

const journey = journeysIn({ split: true });

/** What a web filter does to a host: it answers for it, or nothing ever comes. */
type Block = 'refused' | 'silent';

async function block(visitor: Visitor, origin: string, how: Block): Promise<void> {
  await visitor.context.route(
    (url) => url.origin === origin,
    (route) => (how === 'refused' ? route.abort('blockedbyclient') : undefined),
  );
}
const api = (world: World): string => world.login.issuer;
const hostOf = (origin: string): string => new URL(origin).host;

/** Every host that a visitor's pages were on. */
function hostsOf(visitor: Visitor): ReadonlySet<string> {
  const hosts = new Set<string>();
  visitor.page.on('framenavigated', (frame) => hosts.add(new URL(frame.url()).host));
  return hosts;
}

describe('R22: pages and API on a host each', () => {
  journey(
    'J1, J2: first sign-in by a mailed code, the second console without being asked, and out of both',
    async (world) => {
      const person = await world.addPerson();
      const visitor = await world.visitor();
      const hosts = hostsOf(visitor);
      await walkFirstSignIn({ world, visitor, person, name: 'split' });
      await walkSecondConsoleAndOut({ world, visitor, person, name: 'split' });
      expect([...hosts]).toContain(hostOf(world.login.pagesUrl));
      // A browser that goes by discovery never sees a page of the host of the API.
      expect([...hosts]).not.toContain(hostOf(api(world)));
      const cookies = await visitor.context.cookies();
      expect(cookies.filter(({ name }) => name === 'sso').map(({ domain }) => domain)).toEqual([]);
      for (const { name, domain } of cookies) expect([name, domain.startsWith('.')]).toEqual([name, false]);
    },
  );

  journey(
    'R7, R10: the reset that a console leads to below its issuer, and back; signing out by the menu',
    async (world) => {
      const person = await world.addPerson();
      const visitor = await world.visitor({ script: false });
      await visitor.open(
        `${api(world)}/reset?client_id=sms&login_hint=${encodeURIComponent(person.emailAddress)}`,
      );
      expect(new URL(visitor.page.url()).origin).toBe(world.login.pagesUrl);
      const { ask } = wordsOf(visitor);
      await expect(visitor.field(ask.emailAddress)).toHaveValue(person.emailAddress);
      await visitor.pressButton(ask.button);
      await setPassword(visitor, { code: codeIn(await world.mail.next(person.emailAddress)) });
      await expectInConsole(world, visitor, 'sms', person);
      const sso = (await visitor.context.cookies()).find(({ name }) => name === 'sso');
      expect(sso).toMatchObject({
        domain: hostOf(world.login.pagesUrl).split(':')[0],
        httpOnly: true,
        sameSite: 'Lax',
      });
      await signOut(visitor, person);
      expect(new URL(visitor.page.url()).origin).toBe(world.login.pagesUrl);
      await visitor.open(world.consoles.sms.url);
      await expectLegacyLoginPage(visitor);
    },
  );

  journey(
    'R25: an operator signs in, publishes the list of domains, and everybody is told by mail',
    async (world) => {
      const operator = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
      await addOperator(
        world.login.database.db,
        { emailAddress: operator.emailAddress, role: 'administrator' },
        { actor: 'operator:cli', now: world.clock.now() },
      );
      // As if it had been published before the hosts were parted.
      await sql`
      insert into domain_list (console_id, version, entries, valid_from, made_at, made_by)
      select id, 1, '[{"host":"login.example.co.jp","port":443,"purpose":"pages"}]', now(), now(), 'system' from console where client_id = 'sms'
      on conflict (console_id, version) do update set entries = excluded.entries`.execute(
        world.login.database.db,
      );
      const person = await world.addPerson();
      const visitor = await world.visitor();
      await visitor.open(`${api(world)}/operator/consoles/sms/domains`);
      await expectSignInPage(visitor);
      await signIn(visitor, operator.emailAddress, NEW_PASSWORD);
      await visitor.followLink('新しい版を発行する');
      await expect(visitor.page.getByText(`${hostOf(world.login.pagesUrl)}`).first()).toBeVisible();
      await expectAccessible(visitor, 'publish the list');
      await visitor.pressButton('確認に進む');
      await expect(visitor.heading()).toHaveText('第2版を発行してよいですか');
      await expectAccessible(visitor, 'confirm the list');
      await visitor.pressButton('発行する');
      await expect(visitor.page.getByText('第2版を発行しました。')).toBeVisible();
      const mail = await world.mail.next(person.emailAddress);
      expect(mail.subject).toContain('必要な接続先（ドメイン）が');
      expect(mail.text).toContain(`・追加：${hostOf(world.login.pagesUrl)}`);
    },
  );
});

describe('R22: a web filter blocks the other host', () => {
  journey(
    'with script, where nothing ever answers: who sends the form waits for the time limit, is told which domains, and gets in by sending it again',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor();
      await block(visitor, api(world), 'silent');
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      const { signIn: page } = wordsOf(visitor);
      await visitor.type(page.loginId, person.emailAddress);
      await visitor.type(page.password, NEW_PASSWORD);
      const warning = visitor.page.getByRole('alert');
      await expect(warning).toHaveCount(0);
      await visitor.touch(visitor.page.getByRole('button', { name: page.button, exact: true }));
      await expect(warning).toContainText(`${hostOf(api(world))} につながりません`);
      await expect(warning).toContainText(hostOf(world.login.pagesUrl));
      await expect(warning).toContainText('もう一度ボタンを押してください');
      await expect(warning).toBeFocused();
      await look(visitor, 'split-blocked-1-sign-in', { thorough: true });
      await visitor.pressButton(page.button);
      await expectInConsole(world, visitor, 'sms', person);
      // Told once, nobody is held on every page.
      await signOut(visitor, person);
      await visitor.open(`${world.consoles.mail.url}`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'mail', person);
    },
  );

  journey(
    'with script, where the filter answers at once, on a phone and in English: the reset warns too, and where nothing is blocked nobody is warned',
    async (world) => {
      const visitor = await world.visitor({ language: 'en', width: 320 });
      await visitor.open(`${world.login.pagesUrl}/reset`);
      const test = visitor.page.getByRole('link', { name: 'Connection test', exact: true });
      await expect(test).toBeVisible();
      const asked = visitor.page.waitForResponse(`${api(world)}/reachable`);
      await visitor.reload();
      expect((await asked).status()).toBe(200);
      await expect(visitor.page.getByRole('alert')).toHaveCount(0);
      await block(visitor, api(world), 'refused');
      await visitor.reload();
      await expect(visitor.page.getByRole('alert')).toContainText(`${hostOf(api(world))} cannot be reached`);
      await look(visitor, 'split-blocked-2-reset', { thorough: true });
      await visitor.followLink('Connection test');
      const outcome = visitor.page.getByRole('status');
      await expect(outcome).toContainText('Some domains could not be reached for certain');
      await expect(outcome.getByRole('listitem')).toHaveText([hostOf(api(world))]);
      await look(visitor, 'split-blocked-3-test-en', { thorough: true });
    },
  );

  journey(
    'without script: the page links to the test, which shows by a picture what is blocked, and what an administrator must allow',
    async (world) => {
      const person = await world.addPerson({ password: NEW_PASSWORD });
      const visitor = await world.visitor({ script: false, width: 320 });
      await block(visitor, api(world), 'refused');
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await visitor.followLink('接続テスト');
      const marks = (origin: string) => visitor.page.locator(`img[src="${origin}/reachable/mark.svg"]`);
      const width = (origin: string) =>
        marks(origin).evaluate((image) => (image as { naturalWidth?: number }).naturalWidth);
      expect(await width(world.login.pagesUrl)).toBeGreaterThan(0);
      expect(await width(api(world))).toBe(0);
      await expect(marks(api(world))).toHaveAttribute(
        'alt',
        `この文が見えるときは、${hostOf(api(world))} に届いていません。`,
      );
      await look(visitor, 'split-blocked-4-test-without-script', { thorough: true });
      await visitor.followLink(world.consoles.sms.names.ja);
      await visitor.followLink('一覧（テキスト）');
      const list = await visitor.page.locator('body').innerText();
      for (const origin of [world.login.pagesUrl, api(world), world.consoles.sms.url])
        expect(list).toContain(hostOf(origin));
      // Signing in needs only the pages, all the same.
      await visitor.open(`${world.consoles.sms.url}/auth/start`);
      await signIn(visitor, person.emailAddress, NEW_PASSWORD);
      await expectInConsole(world, visitor, 'sms', person);
    },
  );

  journey(
    'the test of a console tells what can be reached and what cannot, on the host that is left, at 320 px',
    async (world) => {
      const visitor = await world.visitor({ width: 320 });
      await visitor.open(`${world.login.pagesUrl}/connection-test/sms`);
      const outcome = visitor.page.getByRole('status');
      await expect(outcome).toContainText('すべて接続できました');
      const reached = visitor.page.getByText('接続できます', { exact: true }).filter({ visible: true });
      await expect(reached).toHaveCount(3);
      await look(visitor, 'split-test-1-all', { thorough: true });

      await block(visitor, world.login.pagesUrl, 'refused');
      await block(visitor, world.consoles.sms.url, 'refused');
      await visitor.open(`${api(world)}/connection-test/sms`);
      await expect(outcome).toContainText('接続を確かめられないドメインがあります');
      await expect(outcome.getByRole('listitem')).toHaveText([
        hostOf(world.login.pagesUrl),
        hostOf(world.consoles.sms.url),
      ]);
      await look(visitor, 'split-test-2-blocked', { thorough: true });
    },
  );
});
