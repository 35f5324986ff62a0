import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { planHistory } from '#domain/migration/history.ts';
import { planOf } from '#domain/migration/plans.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { Browser, type Answer } from '#test/browser.ts';
import { consoleWithPeople, giveVerdicts, japan, noticesOf } from '#test/migration.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addPerson('chief@example.co.jp', {}, { password: PASSWORD });
  await addOperator(
    world.database.db,
    { emailAddress: 'chief@example.co.jp', role: 'administrator' },
    { actor: 'operator:cli', now: world.now },
  );
});
afterAll(() => world.close());
beforeEach(async () => {
  world.now = japan('2027-01-10 10:00');
  browser = new Browser(world);
  await signIn(browser, '/sign-in', 'chief@example.co.jp');
  await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
});

const db = () => world.database.db;
const pathOf = (clientId: string, act = '') => `/operator/migration/${clientId}${act ? `/${act}` : ''}`;
const textOf = (page: Answer): string =>
  page.body
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ');

/** Every value of the page's last form, as a browser without script would send it: that of the confirmation acts. */
function confirmed(page: Answer): Record<string, string> {
  const form = page.body.slice(page.body.lastIndexOf('name="step" value="act"') - 200);
  return Object.fromEntries(
    [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name ?? '',
      (value ?? '')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&lt;', '<')
        .replaceAll('&amp;', '&'),
    ]),
  );
}

async function check(clientId: string, act: string, typed: Record<string, string> = {}): Promise<Answer> {
  const form = await browser.open(pathOf(clientId, act));
  expect(form.statusCode).toBe(200);
  return browser.submit(form, pathOf(clientId, act), typed);
}

async function act(clientId: string, name: string, typed: Record<string, string> = {}): Promise<Answer> {
  const page = await check(clientId, name, typed);
  expect(page.statusCode, textOf(page)).toBe(200);
  const sent = { ...confirmed(page), name: `管理画面${clientId}` };
  const done = await browser.request('POST', pathOf(clientId, name), sent);
  expect(done.statusCode, textOf(done)).toBe(303);
  return browser.open(String(done.headers.location));
}

const MARCH = { date: '2027-03-31', time: '22:00' };
const APRIL = { date: '2027-04-30', time: '22:00' };

async function announced(clientId: string, consoleId: string): Promise<void> {
  await act(clientId, 'announce', MARCH);
  world.pass(1 * MINUTE);
  for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
}

describe('R25, R14–R16: an operator moves a console on its pages', () => {
  it('plays a whole move: link time, announcement, cut-over, postponing, rollback, and at last closing; each result is said', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const said: string[] = [];
    const step = async (name: string, typed: Record<string, string>, words: string) => {
      const page = textOf(await act(clientId, name, typed));
      expect(page).toContain(words);
      said.push(words);
    };
    await step(
      'link-time',
      { when: 'now' },
      'リンクを表示する日時を 2027年1月10日(日) 10:00 に設定しました。',
    );
    await step('announce', MARCH, '切替日の告知を受け付けました。');
    world.pass(1 * MINUTE);
    for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
    await step('cut-over', MARCH, '切替を 2027年3月31日(水) 22:00 に設定しました。');
    await step('cut-over', APRIL, '切替を 2027年4月30日(金) 22:00 に延期しました。');
    await step('roll-back', { correction: 'yes' }, '切替の予定を取り消しました。');
    expect(said).toHaveLength(5);
    await announced(clientId, consoleId);
    await act(clientId, 'cut-over', MARCH);
    world.now = japan('2027-04-01 10:00');
    await signIn(browser, '/sign-in', 'chief@example.co.jp');
    await step('close', {}, '計画を完了にしました。');
    const history = await planHistory(db(), consoleId);
    expect(history.map((change) => change.action)).toEqual([
      'closed',
      'cut-over-set',
      'announced',
      'rolled-back',
      'postponed',
      'cut-over-set',
      'announced',
      'link-time-set',
    ]);
    expect(new Set(history.map((change) => change.actor)).size).toBe(1);
  });

  it('says before each act what will happen, to how many, by what mail in both languages, and whether it can be undone', async () => {
    const { clientId, consoleId, accounts } = await consoleWithPeople(world, 3);
    await announced(clientId, consoleId);
    const [notice] = await noticesOf(world, consoleId);
    await db()
      .updateTable('notice_recipient')
      .set({ state: 'bounced' })
      .where('notice_id', '=', notice?.id ?? '')
      .where('account_id', '=', accounts[0] as string)
      .execute();
    const before = await planOf(db(), consoleId);
    const page = await check(clientId, 'announce', { ...MARCH, note: '役員会で決定' });
    for (const words of [
      'まだ何も変更されていません',
      '対象の3人全員に、2027年3月31日(水) 22:00 に切り替える予定',
      '切替日のお知らせを3人に。すぐに送り始めます',
      '1人（最後のメールが届きませんでした）',
      '【重要】2027年3月31日(水)から管理画面',
      'Important: the way to sign in to Console',
      '送ったメールは戻せません',
    ])
      expect(textOf(page)).toContain(words);
    const back = textOf(await check(clientId, 'roll-back', { correction: 'yes' }));
    expect(back).toContain('2027年3月31日(水) 22:00 に切り替えるという告知を取り消します');
    expect(back).toContain('元に戻せません。');
    expect(await planOf(db(), consoleId)).toEqual(before);
  });

  it('sends the notice to the operator alone when asked to, in both languages and the operator’s words', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const typed = { ...MARCH, en_subject: 'Please read, {name}' };
    const page = await check(clientId, 'announce', typed);
    expect(textOf(page)).toContain('Please read, Taro Mihon');
    const sent = { ...confirmed(page), step: 'test' };
    const told = await browser.request('POST', pathOf(clientId, 'announce'), sent);
    expect(textOf(told)).toContain('テストメールを2通、chief@example.co.jp に送りました');
    const mails = await db()
      .selectFrom('message')
      .select(['recipient', 'locale', 'params'])
      .where('template', '=', 'notice-test')
      .orderBy('locale')
      .execute();
    expect(mails).toMatchObject([
      {
        recipient: 'chief@example.co.jp',
        locale: 'en',
        params: { draft: { texts: { en: { subject: 'Please read, {name}' } } } },
      },
      { recipient: 'chief@example.co.jp', locale: 'ja' },
    ]);
    expect(await noticesOf(world, consoleId)).toEqual([]);
  });
});

describe('R25: what is typed wrong is refused in words, and stays in the form', () => {
  it.each([
    ['announce', { date: '2027-02-30' }, 'この日付はありません。', 422],
    ['announce', { date: '' }, '日付を入力してください。', 422],
    ['announce', { date: '2027-03-31', time: 'noon' }, '時刻は 10:00 のように', 422],
    [
      'announce',
      { date: '2026-12-01', time: '10:00' },
      '切替の日時は、これからの日時でなければなりません。',
      409,
    ],
    [
      'announce',
      { date: '2027-02-01', time: '10:00' },
      '設定できる最も早い日時は 2027年2月10日(水) 10:00 です。',
      409,
    ],
    [
      'announce',
      { ...MARCH, send: 'at', send_date: '2027-01-01', send_time: '9:00' },
      '送信を始める日時が過ぎています。',
      409,
    ],
    [
      'announce',
      { ...MARCH, ja_body: '{nmae} 様' },
      '日本語の本文にある {nmae} という差し込みはありません。',
      409,
    ],
    ['announce', { ...MARCH, en_subject: 'x'.repeat(201) }, '200文字以内', 422],
    ['link-time', { when: 'at', date: '2026-12-01', time: '10:00' }, '過ぎた日時です。', 422],
    ['cut-over', MARCH, '先に切替日を告知してください。', 409],
    ['roll-back', {}, '切替は、設定も告知もされていません。', 409],
    ['close', {}, '完了にできるのは、切替が済んだ計画だけです。', 409],
  ])('%s %o', async (name, typed, words, status) => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const before = await planOf(db(), consoleId);
    const page = await check(clientId, name, { ...(typed as Record<string, string>), note: '"><b>メモ' });
    expect(page.statusCode).toBe(status);
    expect(textOf(page)).toContain(words);
    for (const value of Object.values(typed).filter((one) => /^2/.test(one)))
      expect(page.body).toContain(`value="${value}"`);
    expect(page.body).toContain('value="&quot;>&lt;b>メモ"');
    expect(page.body).not.toContain('<b>メモ');
    expect(await planOf(db(), consoleId)).toEqual(before);
    expect(await noticesOf(world, consoleId)).toEqual([]);
  });

  it('R14: a cut-over too early is refused with the reason and the earliest date, in English too', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    world.now = japan('2027-03-05 10:00');
    await signIn(browser, '/sign-in', 'chief@example.co.jp');
    await act(clientId, 'announce', { date: '2027-04-05', time: '10:00' });
    world.pass(90_000);
    for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
    const early = { date: '2027-04-05', time: '10:01' };
    expect(textOf(await check(clientId, 'cut-over', early))).toContain(
      '最後のメールが受け付けられたのは 2027年3月5日(金) 10:01 です。設定できる最も早い日時は 2027年4月5日(月) 10:02 です。',
    );
    await browser.request('POST', '/language', { lang: 'en', return_path: '/' });
    const english = await check(clientId, 'cut-over', early);
    expect(textOf(english)).toContain('The earliest possible moment is Mon 5 Apr 2027, 10:02 (Japan time).');
    expect(english.body).toContain('value="10:01"');
    const taken = await check(clientId, 'cut-over', { date: '2027-04-05', time: '10:02' });
    expect(taken.statusCode).toBe(200);
  });

  it('what cannot be taken back wants the console’s name; another one changes nothing', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await announced(clientId, consoleId);
    const page = await check(clientId, 'roll-back', { correction: 'yes' });
    const revision = (await planOf(db(), consoleId)).revision;
    for (const name of ['', '管理画面', 'sms']) {
      const refused = await browser.request('POST', pathOf(clientId, 'roll-back'), {
        ...confirmed(page),
        name,
      });
      expect(refused.statusCode).toBe(422);
      expect(textOf(refused)).toContain('名前が一致しません');
    }
    expect((await planOf(db(), consoleId)).revision).toBe(revision);
    const sent = { ...confirmed(page), name: ` 管理画面 ${clientId.toUpperCase()}` };
    expect((await browser.request('POST', pathOf(clientId, 'roll-back'), sent)).statusCode).toBe(303);
  });

  it('a cut-over within three days wants the name too, a later one does not', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    await announced(clientId, consoleId);
    world.now = japan('2027-03-29 10:00');
    await signIn(browser, '/sign-in', 'chief@example.co.jp');
    expect((await check(clientId, 'cut-over', MARCH)).body).toContain('id="name"');
    expect((await check(clientId, 'cut-over', APRIL)).body).not.toContain('id="name"');
  });
});

describe('R25: stale pages and double clicks', () => {
  it('of two clicks one acts; the other is told that the plan has changed, and by whom', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const page = await check(clientId, 'announce', MARCH);
    const sent = confirmed(page);
    const both = await Promise.all(
      [1, 2].map(() => browser.request('POST', pathOf(clientId, 'announce'), sent)),
    );
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([303, 409]);
    const refused = both.find(({ statusCode }) => statusCode === 409) as Answer;
    expect(textOf(refused)).toContain('何も行いませんでした');
    expect(textOf(refused)).toContain('告知（見本 太郎）');
    expect(await noticesOf(world, consoleId)).toHaveLength(1);
  });

  it('a form that was opened before somebody else changed the plan shows the fresh plan, keeps the input, and goes on from there', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const form = await browser.open(pathOf(clientId, 'announce'));
    await act(clientId, 'link-time', { when: 'now' });
    const stale = await browser.submit(form, pathOf(clientId, 'announce'), MARCH);
    expect(stale.statusCode).toBe(409);
    expect(stale.body).toContain('value="2027-03-31"');
    const again = await browser.submit(stale, pathOf(clientId, 'announce'), MARCH);
    expect(again.statusCode).toBe(200);
    expect(await noticesOf(world, consoleId)).toEqual([]);
  });

  it('an act that nothing could be given for has no form: the page says what stands against it and what to do first', async () => {
    const { clientId, consoleId } = await consoleWithPeople(world);
    const cannot = async (name: string, words: string) => {
      const page = await browser.open(pathOf(clientId, name));
      expect([page.statusCode, textOf(page)], name).toEqual([200, expect.stringContaining(words)]);
      expect(textOf(page), name).toContain('いまは実行できません');
      expect(page.body, name).not.toContain(`action="${pathOf(clientId, name)}"`);
    };
    const can = async (name: string) =>
      expect((await browser.open(pathOf(clientId, name))).body, name).toContain(
        `action="${pathOf(clientId, name)}"`,
      );
    await cannot('cut-over', '先に切替日を告知してください');
    await cannot('roll-back', '切替は、設定も告知もされていません');
    await cannot('close', '切替が済んだ計画だけです');
    await can('link-time');
    await act(clientId, 'announce', MARCH);
    await cannot('cut-over', '送信中です');
    for (const { id } of await noticesOf(world, consoleId)) await giveVerdicts(world, id, { at: world.now });
    for (const name of ['cut-over', 'roll-back']) await can(name);
    await act(clientId, 'cut-over', MARCH);
    world.now = japan('2027-04-01 10:00');
    await signIn(browser, '/sign-in', 'chief@example.co.jp');
    await cannot('link-time', '先に切替日を変更してください');
    await cannot('announce', '先に切替を取り消してください');
    for (const name of ['cut-over', 'roll-back', 'close']) await can(name);
    await act(clientId, 'close');
    for (const name of ['link-time', 'announce', 'cut-over', 'roll-back', 'close'])
      await cannot(name, 'この計画は完了している');
  });

  it('an older change cannot be said to have happened just now', async () => {
    const { clientId } = await consoleWithPeople(world);
    await act(clientId, 'link-time', { when: 'now' });
    await act(clientId, 'link-time', { when: 'none' });
    expect(textOf(await browser.open(`${pathOf(clientId)}?changed=2`))).not.toContain('変更しました');
    expect(textOf(await browser.open(`${pathOf(clientId)}?changed=3`))).toContain('変更しました');
  });

  it('asks for the password once more when the sign-in is older than 15 minutes', async () => {
    const { clientId } = await consoleWithPeople(world);
    world.pass(1 * HOUR - 1 * MINUTE);
    const answer = await browser.request('GET', pathOf(clientId, 'announce'));
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toContain('fresh=1');
    expect((await browser.request('GET', pathOf(clientId))).statusCode).toBe(200);
  });
});
