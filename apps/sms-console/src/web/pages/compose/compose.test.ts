import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGroup, findGroup, insertAddresses } from '#domain/addresses/groups.ts';
import { addOptOuts } from '#domain/opt-outs/opt-outs.ts';
import type { Person } from '#domain/people/people.ts';
import { changeRules } from '#domain/sending-rules/sending-rules.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { japanDateAndTime } from '#support/primitives/japan-time.ts';
import type { Page, TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

let world: World;
let companies = 0;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

async function signedIn(
  of: { role?: Person['role']; locale?: 'ja' | 'en'; company?: string } = {},
): Promise<{ person: Person; browser: TestBrowser }> {
  const person = await world.addPerson({ company: `見本物産 ${++companies}`, ...of });
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return { person, browser };
}

const written = { recipients: '090-1234-1111', body: '見本のお知らせです' };
const pathIn = (page: Page): string => page.url.pathname;
async function messagesOf(person: Person) {
  return world.db
    .selectFrom('message')
    .selectAll()
    .where('company_id', '=', person.companyId)
    .orderBy('recipient')
    .execute();
}

describe('R29: from writing to the queue', () => {
  test('one writes, sees what it comes to, confirms, and only then it is queued', async () => {
    const { person, browser } = await signedIn();
    await browser.open('/compose');
    const confirm = await browser.send('/compose', {
      name: '年末のご案内',
      recipients: '090-1234-1111\n０８０１２３４１１１２, +81 70-1000-1113\t9012341114\n090 1234 1111',
      body: `${'あ'.repeat(71)}`,
      when: 'now',
      act: 'review',
    });
    expect(pathIn(confirm)).toMatch(/^\/compose\/drf_\w+\/confirm$/);
    expect(confirm.text).toContain('送信する件数 4 件');
    expect(confirm.text).toContain('090-1234-1111 080-1234-1112 070-1000-1113 090-1234-1114');
    expect(confirm.text).toContain('通数の合計 8 通');
    expect(confirm.text).toContain('090-1234-1111 (1, 3 行目)');
    expect(confirm.text).toContain('すぐに送信');
    expect(await messagesOf(person)).toEqual([]);
    const sent = await browser.send(pathIn(confirm));
    expect(pathIn(sent)).toMatch(/^\/campaigns\/cmp_\w+$/);
    expect(sent.text).toContain('送信を受け付けました。');
    expect(sent.text).toContain('年末のご案内');
    const rows = await messagesOf(person);
    expect(
      rows.map(({ recipient, state, parts, encoding, lane }) => [recipient, state, parts, encoding, lane]),
    ).toEqual(
      ['+817010001113', '+818012341112', '+819012341111', '+819012341114'].map((number) => [
        number,
        'queued',
        2,
        'ucs2',
        2,
      ]),
    );
  });

  test('numbers that cannot be sent to are refused with line and reason, and what was typed stays', async () => {
    const { browser } = await signedIn();
    await browser.open('/compose');
    const page = await browser.send('/compose', {
      recipients: '020-1234-5678\n03-1234-5678\n+1 415 555 2671\nabc\n090-1234-1111',
      body: 'x',
      act: 'review',
    });
    expect(page.status).toBe(422);
    expect(page.text).toContain('1 行目「020-1234-5678」: 020 で始まる番号は機器用の番号で');
    expect(page.text).toContain('2 行目「03-1234-5678」: 固定電話などの番号で');
    expect(page.text).toContain('3 行目「+1 415 555 2671」: 海外の番号には送信できません');
    expect(page.text).toContain('4 行目「abc」: 電話番号として読み取れません');
    expect(page.html).toContain('090-1234-1111</textarea>');
  });

  test('each thing in the way is said with what to do, one field after the other', async () => {
    const { browser } = await signedIn();
    const cases: [Record<string, string>, string][] = [
      [{ recipients: '' }, '宛先の電話番号を入力するか、宛先グループを選んでください。'],
      [{ body: '  \r\n ' }, '本文を入力してください。'],
      [{ body: 'あ'.repeat(661) }, '本文は 660 文字以内で入力してください。'],
      [{ body: '{名前} 様' }, '{名前} を差し込める項目がありません。'],
      [{ when: 'later' }, '送信する日付と時刻を入力してください。'],
      [{ when: 'later', date: '2020-01-01', time: '10:00' }, '過ぎた日時は指定できません。'],
      [{ when: 'later', date: '2099-01-01', time: '10:00' }, '90 日より先の日時は指定できません。'],
      [{ name: '長'.repeat(81) }, '件名は 80 文字以内で入力してください。'],
    ];
    for (const [fields, sentence] of cases) {
      await browser.open('/compose');
      const page = await browser.send('/compose', { ...written, ...fields, act: 'review' });
      expect(page.status, sentence).toBe(422);
      expect(page.text).toContain(sentence);
    }
  });

  test('a group fills placeholders; who opted out and who stands twice is left out and counted', async () => {
    const { person, browser } = await signedIn();
    const made = await createGroup(world.db, person.companyId, '見本グループ', world.clock.now());
    if (!made.ok) throw new Error(made.reason);
    const people = [
      ['+819012341111', '見本 一郎'],
      ['+819012341112', '見本 二郎'],
      ['+819012341113', '見本 三郎'],
    ] as const;
    await insertAddresses(
      world.db,
      made.id,
      people.map(([number, name]) => ({ number, fields: { 名前: name } })),
      world.clock.now(),
    );
    const by = { personId: person.id, companyId: person.companyId };
    await addOptOuts(world.db, by, [{ number: '+819012341113', reason: '本人より' }], world.clock.now());
    await browser.open(`/compose?group=${made.id}`);
    const confirm = await browser.send('/compose', {
      recipients: '',
      body: '{お名前} 様\r\nお知らせです',
      group: made.id,
      act: 'review',
    });
    expect(confirm.text).toContain('送信する件数 2 件');
    expect(confirm.text).toContain('配信停止のため送らない番号 1 件 (090-1234-1113)');
    expect(confirm.text).toContain('見本 一郎 様');
    // Who opts out between page and confirmation gets nothing either.
    await addOptOuts(world.db, by, [{ number: '+819012341112', reason: '' }], world.clock.now());
    await browser.send(pathIn(confirm));
    const rows = await messagesOf(person);
    expect(rows.map(({ recipient, body }) => [recipient, body])).toEqual([
      ['+819012341111', '見本 一郎 様\nお知らせです'],
    ]);
    // A typed number has nothing to fill in.
    await browser.open('/compose');
    const refused = await browser.send('/compose', {
      recipients: '090-1234-2222',
      body: '{名前} 様',
      group: made.id,
      act: 'review',
    });
    expect(refused.text).toContain('差し込む内容が空の宛先が 1 件あります: 090-1234-2222');
    expect((await findGroup(world.db, person.companyId, made.id))?.entries).toBe(3);
  });

  test('a scheduled message in quiet hours goes out at their end, and the page says so', async () => {
    const { person, browser } = await signedIn();
    const by = { personId: person.id, companyId: person.companyId };
    const quiet = {
      quiet: true,
      quietFrom: '21:00',
      quietUntil: '8:00',
      longMessages: false,
      monthlyParts: '3',
    };
    expect(await changeRules(world.db, by, quiet, world.clock.now())).toEqual({ ok: true });
    const { date } = japanDateAndTime(new Date(world.clock.now().getTime() + 48 * HOUR));
    await browser.open('/compose');
    const form = { ...written, when: 'later', date, time: '23:30', act: 'review' };
    const confirm = await browser.send('/compose', form);
    expect(confirm.text).toContain('21:00〜08:00 は送信しない設定のため');
    await browser.send(pathIn(confirm));
    const [row] = await messagesOf(person);
    const wanted = new Date(new Date(`${date}T23:30:00+09:00`).getTime() + 8.5 * HOUR);
    expect(row?.due_at).toEqual(wanted);
    expect(row?.lane).toBe(1);
    const campaign = await world.db
      .selectFrom('campaign')
      .select(['state', 'send_at'])
      .where('company_id', '=', person.companyId)
      .executeTakeFirstOrThrow();
    expect(campaign).toEqual({ state: 'scheduled', send_at: wanted });
    // The same company sends no long messages, and 3 parts a month.
    await browser.open('/compose');
    const long = await browser.send('/compose', { ...written, body: 'あ'.repeat(71), act: 'review' });
    expect(long.text).toContain('1 通に収まらない本文は送信できません');
    await browser.open('/compose');
    const many = await browser.send('/compose', {
      body: '見本',
      recipients: '090-1234-2221\n090-1234-2222\n090-1234-2223',
      act: 'review',
    });
    expect(many.text).toContain('この送信は 3 通、今月送信できるのは残り 2 通です。');
  });

  test('confirmed twenty times at once, from two tabs, and again after that: sent once', async () => {
    const { person, browser } = await signedIn();
    await browser.open('/compose');
    const confirm = await browser.send('/compose', { ...written, act: 'review' });
    const path = pathIn(confirm);
    const fields = Object.fromEntries(
      [...confirm.html.matchAll(/name="(_csrf|revision)" value="([^"]*)"/g)].map(([, name, value]) => [
        name ?? '',
        value ?? '',
      ]),
    );
    const url = new URL(path, 'http://localhost:5701');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => browser.request('POST', url, new URLSearchParams(fields).toString())),
    );
    const places = new Set(answers.map((answer) => answer.headers['location']));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 303));
    expect(places.size).toBe(1);
    expect(await messagesOf(person)).toHaveLength(1);
    expect(pathIn(await browser.open(path))).toBe([...places][0]);
    expect(pathIn(await browser.post(path, fields))).toBe([...places][0]);
    expect(await messagesOf(person)).toHaveLength(1);
  });

  test('what was changed in another tab is shown before it can be confirmed', async () => {
    const { person, browser } = await signedIn();
    await browser.open('/compose');
    const confirm = await browser.send('/compose', { ...written, act: 'review' });
    const seen = confirm;
    await browser.open(`/compose?draft=${pathIn(confirm).split('/')[2]}`);
    await browser.send('/compose', { ...written, body: '変更後の本文', act: 'review' });
    browser.page = seen;
    const answer = await browser.send(pathIn(seen));
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('別の画面で変更されました');
    expect(answer.text).toContain('変更後の本文');
    expect(await messagesOf(person)).toEqual([]);
    expect((await browser.send(pathIn(seen))).text).toContain('送信を受け付けました。');
    expect((await messagesOf(person))[0]?.body).toBe('変更後の本文');
  });

  test('a viewer may look at results and send nothing; a stranger sees no draft and no campaign', async () => {
    const { person, browser } = await signedIn();
    await browser.open('/compose');
    const confirm = await browser.send('/compose', { ...written, act: 'review' });
    const done = await browser.send(pathIn(confirm));
    const viewer = await signedIn({ role: 'viewer', company: person.company });
    expect((await viewer.browser.open('/compose')).status).toBe(403);
    expect((await viewer.browser.open('/')).html).not.toContain('href="/compose"');
    const seen = await viewer.browser.open(pathIn(done));
    expect(seen.status).toBe(200);
    expect(seen.html).not.toContain('/pause');
    expect((await viewer.browser.open(`${pathIn(done)}/cancel`)).status).toBe(403);
    const stranger = await signedIn();
    expect((await stranger.browser.open(pathIn(done))).status).toBe(404);
    expect((await stranger.browser.open(pathIn(confirm))).status).toBe(404);
    expect((await stranger.browser.open(`/compose?draft=${pathIn(confirm).split('/')[2]}`)).status).toBe(404);
  });

  test('a template fills the text; the count and the preview come with every look, also for the script', async () => {
    const { browser } = await signedIn();
    await browser.open('/templates/new');
    await browser.send('/templates/new', {
      name: '予約のご確認',
      body: '明日のご予約です。\r\n見本クリニック',
    });
    const list = await browser.open('/templates');
    const id = /tpl_\w+/.exec(list.html)?.[0] ?? '';
    await browser.open('/compose');
    const used = await browser.send('/compose', { ...written, template: id, act: 'template' });
    expect(used.html).toContain('明日のご予約です。\n見本クリニック</textarea>');
    expect(used.text).toContain('文字数 17 文字');
    const counted = await browser.send('/compose', { ...written, body: 'hello [€]', act: 'count' });
    expect(counted.text).toContain('1 件につき 1 通 (半角英数字のみ)');
    const csrf = /name="_csrf" value="([^"]+)"/.exec(counted.html)?.[1] ?? '';
    const live = await browser.post('/compose/preview', { _csrf: csrf, body: 'あ'.repeat(68) });
    expect(live.text).toContain('あと 2 文字');
  });
});

describe('R8: the pages in English have no Japanese but names', () => {
  test('composing, confirming, templates, campaigns', async () => {
    const { person, browser } = await signedIn({ locale: 'en' });
    const pages = [await browser.open('/compose')];
    pages.push(await browser.send('/compose', { recipients: '03-1234-5678', body: '', act: 'review' }));
    const confirm = await browser.send('/compose', {
      recipients: '09012341111',
      body: 'hello',
      act: 'review',
    });
    const done = await browser.send(pathIn(confirm));
    pages.push(confirm, done, await browser.open(`${pathIn(done)}/pause`));
    for (const path of [
      '/campaigns',
      '/templates',
      '/templates/new',
      '/settings/sending',
      '/addresses',
      '/addresses/opt-outs',
    ])
      pages.push(await browser.open(path));
    for (const page of pages) {
      const names = [person.name, person.company, '絶対リーチ!SMS', '日本語'];
      const words = names.reduce((rest, name) => rest.replaceAll(name, ''), page.text);
      expect(words, page.url.pathname).not.toMatch(/[ぁ-んァ-ヶ一-龠]/);
    }
  });
});
