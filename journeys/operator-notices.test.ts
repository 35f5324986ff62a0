import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { expectAccessible, expectNoSidewaysScroll } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import { HOUR, type World } from './world.ts';

const journey = journeysIn();

const WORDS = {
  ja: {
    change: '文面を変える',
    subject: '件名（日本語）',
    preview: '見本を新しくする',
    on: '確認へ進む',
    sendTest: 'テストメールを送る',
    tested: /テストメールを2通/,
    testSubject: '【テスト送信】見本の件名',
    save: '文面を保存する',
    saved: /文面を保存しました/,
    date: '切替の日付',
    time: '切替の時刻',
    announce: '告知する',
    name: '切替日のお知らせ',
    allDone: /(\d+)人中 \1人の結果が出ました/,
    unreached: '1人に届いていません',
    toSettle: '届いていない人へ対応する',
    settle: '対応する',
    otherwise: '別の方法で伝えた',
    note: 'メモ',
    record: '記録する',
    recorded: /対応を記録しました/,
    nobody: '届いていない人はいません。対応は済んでいます。',
  },
  en: {
    change: 'Change the words',
    subject: 'Subject (Japanese)',
    preview: 'Renew the mail',
    on: 'Continue to the confirmation',
    sendTest: 'Send the test',
    tested: /Two test mails were sent/,
    testSubject: '【テスト送信】見本の件名',
    save: 'Save the words',
    saved: /The words are saved/,
    date: 'Date of the cut-over',
    time: 'Time of the cut-over',
    announce: 'Announce',
    name: 'Announcement of the cut-over',
    allDone: /(\d+) of \1 people have a verdict/,
    unreached: '1 person was not reached',
    toSettle: 'Settle who was not reached',
    settle: 'Settle',
    otherwise: 'Told in another way',
    note: 'Note',
    record: 'Record it',
    recorded: /Recorded/,
    nobody: 'Everybody was reached or is settled.',
  },
} as const;

async function administrator(
  world: World,
  path: string,
  options: VisitorOptions,
): Promise<{ visitor: Visitor; emailAddress: string }> {
  const { emailAddress } = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
  const by = { actor: 'operator:cli', now: world.clock.now() };
  await addOperator(world.login.database.db, { emailAddress, role: 'administrator' }, by);
  const visitor = await world.visitor(options);
  await visitor.open(`${world.login.pagesUrl}${path}`);
  await signIn(visitor, emailAddress, NEW_PASSWORD);
  return { visitor, emailAddress };
}

/** Mails stand on these pages in both languages, whatever the reader's. */
async function check(visitor: Visitor, name: string): Promise<void> {
  await expectNoSidewaysScroll(visitor, name);
  await expectAccessible(visitor, name);
}

async function notices(world: World, options: VisitorOptions): Promise<void> {
  await world.setPhase('sms', 'parallel');
  const customer = await world.addPerson({ consoles: ['sms'] });
  const lost = await world.addPerson({ consoles: ['sms'] });
  const words = '/operator/notices/words/sms/announcement';
  const { visitor, emailAddress } = await administrator(world, words, options);
  const { page } = visitor;
  const t = WORDS[visitor.language];
  const main = page.getByRole('main');
  const said = page.getByRole('status');
  const progress = main.locator('.ui-progress-value');
  const shot = `notices-${visitor.language}`;

  await check(visitor, `${shot}-1-words`);
  await visitor.followLink(t.change, main);
  await visitor.type(t.subject, '見本の件名 {cutOverDate}');
  await visitor.pressButton(t.preview);
  await expect(main.getByText(/^見本の件名 \d+年/)).toBeVisible();
  await check(visitor, `${shot}-2-edit`);
  await visitor.pressButton(t.on);
  await visitor.pressButton(t.sendTest);
  await expect(said).toHaveText(t.tested);
  const tests = [await world.mail.next(emailAddress), await world.mail.next(emailAddress)];
  expect(tests.map((mail) => mail.subject).join()).toContain(t.testSubject);
  await check(visitor, `${shot}-3-confirm`);
  await visitor.pressButton(t.save);
  await expect(said).toHaveText(t.saved);

  await visitor.open(`${world.login.pagesUrl}/operator/migration/sms/announce`);
  const ahead = new Date(world.clock.now().getTime() + 45 * 24 * HOUR + 9 * HOUR);
  await visitor.type(t.date, ahead.toISOString().slice(0, 10));
  await visitor.type(t.time, '10:00');
  await visitor.pressButton(t.on);
  await visitor.pressButton(t.announce);
  await visitor.open(`${world.login.pagesUrl}/operator/notices?console=sms`);
  await visitor.followLink(t.name, main.getByRole('row').nth(1));
  await check(visitor, `${shot}-4-sending`);
  // The page renews itself with script; without, a browser does after a while what is done here at once.
  if (options.script === false)
    await expect(async () => {
      await visitor.reload();
      await expect(progress).toHaveText(t.allDone, { timeout: 100 });
    }).toPass({ timeout: 40_000 });
  else await expect(progress).toHaveText(t.allDone, { timeout: 40_000 });
  expect((await world.mail.next(customer.emailAddress)).subject).toContain('見本の件名');

  // The mailbox takes everything, so one mail comes back here.
  await world.login.database.db
    .updateTable('notice_recipient')
    .set({ state: 'bounced', smtp_response: '5.1.1 no such user' })
    .where('recipient', '=', lost.emailAddress)
    .execute();
  await visitor.reload();
  await expect(main.getByText(t.unreached)).toBeVisible();
  await check(visitor, `${shot}-5-unreached`);
  await visitor.followLink(t.toSettle, main);
  await visitor.followLink(t.settle, main.getByRole('table'));
  await page.getByLabel(t.otherwise).check();
  await visitor.type(t.note, '見本: 電話で伝えた');
  await check(visitor, `${shot}-6-settle`);
  await visitor.pressButton(t.on);
  await visitor.pressButton(t.record);
  await expect(said).toHaveText(t.recorded);
  await expect(main.getByText(t.nobody)).toBeVisible();
  await check(visitor, `${shot}-7-settled`);
}

describe('R25, R14: an operator looks after notices', () => {
  journey(
    'changes the words, tries them out, announces, watches, settles somebody who was not reached',
    (world) => notices(world, { width: 1280 }),
  );
  journey('the same without script, in English, on a narrow window', (world) =>
    notices(world, { language: 'en', script: false, width: 768 }),
  );
});
