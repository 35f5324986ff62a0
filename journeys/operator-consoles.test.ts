import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { prepareConsole, type RunningConsole } from './consoles.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { expectAccessible, expectNoSidewaysScroll } from './screen.ts';
import type { Visitor } from './visitor.ts';
import type { World } from './world.ts';

const journey = journeysIn();

describe('R19, R25: a console joins by its pages', () => {
  journey(
    'R19: registered, a fault found and put right, tried out, and its secret changed without a failed sign-in',
    async (world) => {
      const console = await prepareConsole('mail', world.clock, world.post.url, {
        planIntervalMilliseconds: 250,
      });
      try {
        await walk(world, console);
      } finally {
        await console.close();
      }
    },
  );
});

async function walk(world: World, console: RunningConsole): Promise<void> {
  const { visitor, emailAddress } = await administrator(world);
  const { page } = visitor;
  const { issuer } = world.login;
  const fill = (name: string, value: string) => page.locator(`#${name}`).fill(value);
  const main = page.getByRole('main');

  await visitor.open(`${issuer}/operator/consoles`);
  await visitor.followLink('管理画面を登録');
  await fill('clientId', 'joined');
  await fill('nameJa', '見本の新しい管理画面');
  await fill('nameEn', 'A new sample console');
  await fill('homeUrl', `${console.url}/`);
  await fill('initiateLoginUri', `${console.url}/auth/start`);
  // A slip of the keyboard.
  await fill('redirectUris', `${console.url}/auth/callbak`);
  await fill('backchannelLogoutUri', `${console.url}/auth/backchannel-logout`);
  await fill('eventUri', `${console.url}/auth/events`);
  await visitor.pressButton('確認へ進む');
  await expect(visitor.heading()).toHaveText('登録内容の確認');
  await visitor.pressButton('登録する');
  await expect(visitor.heading()).toHaveText('見本の新しい管理画面を登録しました');
  await expectAccessible(visitor, 'the secret');
  const first = (await page.locator('.ui-secret').textContent()) ?? '';
  await console.start(issuer, { clientId: 'joined', clientSecret: first });
  await link(world, console, emailAddress);
  const testUser = await console.addUser({
    emailAddress: 'readiness-check@joined.invalid',
    name: '点検 Check',
    company: '点検用',
    locale: 'ja',
  });
  await visitor.followLink('管理画面のページへ');
  expect(await page.content()).not.toContain(first);

  // The check names the fault and its cure.
  await visitor.followLink('点検する');
  await visitor.pressButton('今すぐ点検する');
  await expect(main).toContainText(`要求の redirect_uri ${console.url}/auth/callback は登録されていません`);
  await expect(main).toContainText('正しければここに登録し');
  await expectAccessible(visitor, 'the check');
  await expectNoSidewaysScroll(visitor, 'the check');

  await visitor.open(`${issuer}/operator/consoles/joined/edit`);
  await fill('redirectUris', `${console.url}/auth/callback`);
  await fill('legacyLoginUrl', `${console.url}/login`);
  await fill('checkUserId', testUser);
  await visitor.pressButton('確認へ進む');
  await expect(main).toContainText(`${console.url}/auth/callbak`);
  await visitor.pressButton('変更する');
  await expect(main).toContainText('登録内容を変更しました');
  await visitor.open(`${issuer}/operator/consoles/joined/check`);
  await visitor.pressButton('もう一度点検する');
  await expect(main).toContainText('問題は見つかりませんでした');
  // It signed in and out, tried the legacy page in each phase, and nothing was left out.
  await expect(main).not.toContainText('確かめられなかったこと');
  await expect(main).toContainText('移行の段階ごとの既存ログイン');

  // A test sign-in, by the operator's own account.
  await visitor.open(`${issuer}/operator/consoles/joined/test`);
  await visitor.pressButton('テストログインを始める');
  await expect(main).toContainText('まだ、この管理画面からの要求は届いていません');
  await enter(visitor, console);
  await expect(main).toContainText('ログインは統合認証サーバーの側では成功しました');
  await expect(main).toContainText('openid email profile');
  await expectAccessible(visitor, 'the test sign-in');

  // The secret is changed; both are good while the console takes over the new one.
  await visitor.open(`${issuer}/operator/consoles/joined`);
  await visitor.followLink('シークレットを交換する');
  await visitor.pressButton('新しいシークレットを作る');
  const second = (await page.locator('.ui-secret').textContent()) ?? '';
  expect(second).not.toBe(first);
  await enter(visitor, console);
  await console.stop();
  await console.start(issuer, { clientId: 'joined', clientSecret: second });
  await enter(visitor, console);
  await visitor.followLink('管理画面のページへ');
  await page.getByRole('link', { name: '無効にする' }).first().click();
  await expect(main).toContainText('ログインが失敗します');
  await page.getByLabel('24時間以内に使われていることを承知で無効にする').check();
  await visitor.pressButton('無効にする');
  await expect(main).toContainText('シークレットを無効にしました');
  await enter(visitor, console);
}

/** Signs out of the console and in again, in a tab of its own: nobody is asked, since the unified session lives. */
async function enter(visitor: Visitor, console: RunningConsole): Promise<void> {
  const operatorTab = await visitor.newTab();
  for (const cookie of await visitor.context.cookies(console.url))
    if (/session/i.test(cookie.name)) await visitor.context.clearCookies({ name: cookie.name });
  await visitor.open(`${console.url}/auth/start`);
  expect(new URL(visitor.page.url()).origin).toBe(console.url);
  await expect(visitor.page.getByRole('main')).not.toContainText('ログインできませんでした');
  await visitor.page.close();
  visitor.page = operatorTab;
}

/** Gives the operator a user in the console, and the login server the link: what an import does. */
async function link(world: World, console: RunningConsole, emailAddress: string): Promise<void> {
  const userId = await console.addUser({
    emailAddress,
    name: '見本 担当',
    company: '見本商事',
    locale: 'ja',
  });
  const { db } = world.login.database;
  const { id: consoleId } = await db
    .selectFrom('console')
    .select('id')
    .where('client_id', '=', 'joined')
    .executeTakeFirstOrThrow();
  const { id: accountId } = await db
    .selectFrom('account')
    .select('id')
    .where('email_address', '=', emailAddress)
    .executeTakeFirstOrThrow();
  await db
    .insertInto('console_link')
    .values({
      console_id: consoleId,
      console_user_id: userId,
      account_id: accountId,
      created_at: world.clock.now(),
      last_unified_sign_in_at: null,
    })
    .execute();
}

/** An administrator, on the operator pages. */
async function administrator(world: World): Promise<{ visitor: Visitor; emailAddress: string }> {
  const { emailAddress } = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
  const by = { actor: 'operator:cli', now: world.clock.now() };
  await addOperator(world.login.database.db, { emailAddress, role: 'administrator' }, by);
  const visitor = await world.visitor();
  await visitor.open(`${world.login.issuer}/operator`);
  await signIn(visitor, emailAddress, NEW_PASSWORD);
  return { visitor, emailAddress };
}
