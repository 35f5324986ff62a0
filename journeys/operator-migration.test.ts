import { describe } from 'vitest';
import { addOperator } from '../apps/login/src/domain/operators/operators.ts';
import { expect } from './expect.ts';
import { journeysIn } from './journey.ts';
import { NEW_PASSWORD, signIn } from './pages.ts';
import { expectAccessible, expectNoSidewaysScroll, look } from './screen.ts';
import type { Visitor, VisitorOptions } from './visitor.ts';
import { HOUR, type World } from './world.ts';

const journey = journeysIn();

const WORDS = {
  ja: {
    announce: '切替日の告知',
    toAnnounce: '告知へ',
    date: '切替の日付',
    time: '切替の時刻',
    on: '確認へ進む',
    doAnnounce: '告知する',
    test: '自分にテスト送信',
    tested: /テストメールを2通/,
    announced: /告知を受け付けました/,
    underWay: '送信中・結果待ち',
    accepted: 'メールが届いた人',
    none: '0人',
    early: /お客様には別の日時（.*）を知らせています。.*設定できる最も早い日時は/,
    set: '切替日を設定する',
    isSet: /切替を .* に設定しました/,
    postpone: '延期する',
    postponed: /切替を .* に延期しました。 全員に日程変更のメールを送ります/,
    name: '管理画面の名前',
    back: '切り戻す',
    wrongName: /名前が一致しません/,
    rolledBack: /切替の予定を取り消しました/,
    mails: ['【重要】', '【日程変更】', '【訂正】'],
    status: /移行期間中です/,
  },
  en: {
    announce: 'Announce the cut-over',
    toAnnounce: 'Announce',
    date: 'Date of the cut-over',
    time: 'Time of the cut-over',
    on: 'Continue to the confirmation',
    doAnnounce: 'Announce',
    test: 'Send a test to yourself',
    tested: /Two test mails were sent/,
    announced: /The announcement is on its way/,
    underWay: 'Mail under way',
    accepted: 'Mail accepted',
    none: '0',
    early: /People were told another date: .*\. .*The earliest possible moment is/,
    set: 'Set the cut-over',
    isSet: /The cut-over is set for/,
    postpone: 'Postpone',
    postponed: /The cut-over is postponed to .*\. Everybody gets a mail with the new date/,
    name: 'Name of the console',
    back: 'Roll back',
    wrongName: /The name does not match/,
    rolledBack: /The cut-over is taken back/,
    mails: ['【重要】', '【日程変更】', '【訂正】'],
    status: /In the parallel period/,
  },
} as const;

const DAY = 24 * HOUR;

/** So many days from now, as a day in Japan. */
function inDays(world: World, days: number): string {
  return new Date(world.clock.now().getTime() + days * DAY + 9 * HOUR).toISOString().slice(0, 10);
}

/** An administrator, signed in and on the page of the SMS console's move. */
async function administrator(world: World, options: VisitorOptions): Promise<Visitor> {
  const { emailAddress } = await world.addPerson({ consoles: [], password: NEW_PASSWORD });
  const by = { actor: 'operator:cli', now: world.clock.now() };
  await addOperator(world.login.database.db, { emailAddress, role: 'administrator' }, by);
  const visitor = await world.visitor(options);
  await visitor.open(`${world.login.pagesUrl}/operator/migration/sms`);
  await signIn(visitor, emailAddress, NEW_PASSWORD);
  return visitor;
}

const said = (visitor: Visitor) => visitor.page.getByRole('status');
const refused = (visitor: Visitor) => visitor.page.getByRole('alert');

/** Types a date into the form of an act and goes on to its confirmation, if there is nothing against it. */
async function wish(world: World, visitor: Visitor, act: string, days: number): Promise<void> {
  const t = WORDS[visitor.language];
  await visitor.open(`${world.login.pagesUrl}/operator/migration/sms/${act}`);
  await visitor.type(t.date, inDays(world, days));
  await visitor.type(t.time, '10:00');
  await visitor.pressButton(t.on);
}

async function lookAtConfirmation(visitor: Visitor, name: string): Promise<void> {
  await expectNoSidewaysScroll(visitor, name);
  await expectAccessible(visitor, name);
}

async function move(world: World, options: VisitorOptions): Promise<void> {
  await world.setPhase('sms', 'parallel');
  const customer = await world.addPerson({ consoles: ['sms'] });
  const visitor = await administrator(world, options);
  const t = WORDS[visitor.language];
  const { page } = visitor;
  const shot = `operator-${visitor.language}${options.script === false ? '-plain' : ''}`;
  await look(visitor, `${shot}-1-console`, { thorough: true });

  await visitor.followLink(t.toAnnounce, page.getByRole('main'));
  await expect(visitor.heading()).toHaveText(t.announce);
  await look(visitor, `${shot}-2-announce`, { thorough: true });
  await wish(world, visitor, 'announce', 45);
  await lookAtConfirmation(visitor, `${shot}-3-confirm`);
  await visitor.pressButton(t.test);
  await expect(said(visitor)).toHaveText(t.tested);
  expect(await world.mail.all(customer.emailAddress)).toEqual([]);
  await visitor.pressButton(t.doAnnounce);
  await expect(said(visitor)).toHaveText(t.announced);
  await look(visitor, `${shot}-4-announced`);
  expect((await world.mail.next(customer.emailAddress)).subject).toContain(t.mails[0]);

  await expect(async () => {
    await visitor.reload();
    await expect(page.locator('dl > div', { hasText: t.underWay }).locator('dd')).toHaveText(t.none, {
      timeout: 100,
    });
  }).toPass({ timeout: 30_000 });
  await expect(page.locator('dl > div', { hasText: t.accepted }).locator('dd')).not.toHaveText(t.none);

  await wish(world, visitor, 'cut-over', 20);
  await expect(refused(visitor)).toHaveText(t.early);
  await expect(visitor.field(t.date)).toHaveValue(inDays(world, 20));
  await look(visitor, `${shot}-5-too-early`, { thorough: true });
  await wish(world, visitor, 'cut-over', 45);
  await lookAtConfirmation(visitor, `${shot}-6-confirm`);
  await visitor.pressButton(t.set);
  await expect(said(visitor)).toHaveText(t.isSet);

  await wish(world, visitor, 'cut-over', 60);
  await visitor.pressButton(t.postpone);
  await expect(said(visitor)).toHaveText(t.postponed);
  expect((await world.mail.next(customer.emailAddress)).subject).toContain(t.mails[1]);

  await visitor.open(`${world.login.pagesUrl}/operator/migration/sms/status`);
  await expect(page.getByText(t.status)).toBeVisible();
  await look(visitor, `${shot}-7-status`, { thorough: true });

  await visitor.open(`${world.login.pagesUrl}/operator/migration/sms/roll-back`);
  await visitor.pressButton(t.on);
  await visitor.type(t.name, 'sms');
  await visitor.pressButton(t.back);
  await expect(refused(visitor)).toHaveText(t.wrongName);
  await visitor.type(t.name, world.consoles.sms.names[visitor.language]);
  await visitor.pressButton(t.back);
  await expect(said(visitor)).toHaveText(t.rolledBack);
  await look(visitor, `${shot}-8-rolled-back`);
  expect((await world.mail.next(customer.emailAddress)).subject).toContain(t.mails[2]);
}

describe('R25, R14–R16: an operator moves a console on the pages', () => {
  journey(
    'announces, sees who was reached, tries a date too early, sets the date, postpones, rolls back',
    (world) => move(world, { width: 1280 }),
  );

  journey('the same without script, in English, on a narrow window', (world) =>
    move(world, { language: 'en', script: false, width: 768 }),
  );
});

const PAYLOADS = [
  '"><script>window.injected=1</script>',
  "'><img src=x onerror=window.injected=1>",
  '</textarea><svg/onload=window.injected=1>',
  '</title><iframe srcdoc="<script>parent.injected=1</script>">',
  'javascript:window.injected=1',
  '<a href="javascript:window.injected=1" autofocus onfocus=window.injected=1>',
  '&lt;script&gt;window.injected=1&lt;/script&gt;',
  '"; window.injected=1; //',
  '<style>@import "http://elsewhere.example.com"</style>',
  '\u202e<b onmouseover=window.injected=1>見本</b>',
  '<!--<img src="--><img src=x onerror=window.injected=1>',
  '<form action="http://elsewhere.example.com"><button>見本',
];

describe('A2: script typed into the forms of a migration', () => {
  journey('stays what it is: text, on every page that shows it', async (world) => {
    await world.setPhase('sms', 'parallel');
    await world.addPerson({ consoles: ['sms'] });
    const visitor = await administrator(world, {});
    const { page } = visitor;
    const base = `${world.login.pagesUrl}/operator/migration/sms`;
    const t = WORDS.ja;
    const expectNothingRan = async (where: string) => {
      expect(await page.evaluate('window.injected'), where).toBeUndefined();
      expect(await page.locator('main script, main iframe, main img, main style').count(), where).toBe(0);
      expect(await page.locator('form[action^="http"]').count(), where).toBe(0);
    };
    let next = 0;
    const payload = (): string => PAYLOADS[next++ % PAYLOADS.length] ?? '';
    const typeInto = async (act: string) => {
      await visitor.open(`${base}/${act}`);
      const more = page.locator('main details summary');
      if ((await more.count()) > 0) await more.click();
      for (const field of await page.locator('main input[type=text], main textarea').all())
        await field.fill(payload());
      const typed = await page.locator('main [name=note]').inputValue();
      await visitor.pressButton(t.on);
      await expectNothingRan(act);
      if (act !== 'close') await expect(page.locator('main [name=note]').last()).toHaveValue(typed);
    };
    for (const act of ['link-time', 'announce', 'announce']) await typeInto(act);
    // What cannot be done yet has no form.
    for (const act of ['cut-over', 'roll-back', 'close']) {
      await visitor.open(`${base}/${act}`);
      await expect(page.locator('main [name=note]')).toHaveCount(0);
    }
    for (const query of ['q', 'company', 'state', 'seen', 'after'])
      for (const one of PAYLOADS.slice(0, 3)) {
        await visitor.open(`${base}/people?${query}=${encodeURIComponent(one)}`);
        await expectNothingRan(`list: ${query}`);
      }

    await visitor.open(`${base}/announce`);
    await page.locator('main details summary').click();
    await visitor.type(t.date, inDays(world, 45));
    await page.locator('[name=note]').fill(PAYLOADS.join(' '));
    for (const name of ['ja_subject', 'en_subject'])
      await page.locator(`[name=${name}]`).fill(PAYLOADS.join('').slice(0, 200));
    for (const name of ['ja_body', 'en_body']) await page.locator(`[name=${name}]`).fill(PAYLOADS.join('\n'));
    await visitor.pressButton(t.on);
    await expectNothingRan('the confirmation');
    await expect(page.getByText(PAYLOADS[0] ?? '').first()).toBeVisible();
    await visitor.pressButton(t.doAnnounce);
    await expect(said(visitor)).toHaveText(t.announced);
    await expect(page.getByRole('cell', { name: PAYLOADS[0] ?? '' })).toBeVisible();
    await expectNothingRan('the history');
    await visitor.open(`${base}/status`);
    await expectNothingRan('the status');
    await world.setPhase('sms', 'unified');
    for (const act of ['roll-back', 'close']) await typeInto(act);
  });
});
