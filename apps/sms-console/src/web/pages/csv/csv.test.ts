import Encoding from 'encoding-japanese';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actOnCampaign } from '#domain/campaigns/acts.ts';
import { workOnCampaigns } from '#domain/campaigns/work.ts';
import { checkFiles } from '#domain/csv-sending/check.ts';
import { addOptOuts } from '#domain/opt-outs/opt-outs.ts';
import type { Person } from '#domain/people/people.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import type { Page, TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';

/** CI reads a small file; the full size is 100,000 rows. */
const ROWS = process.env['HITOKAGI_FULL_CAMPAIGN'] === '1' ? 100_000 : 3_000;

let world: World;
let companies = 0;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
});
afterAll(() => world.close());

async function signedIn(): Promise<{ person: Person; browser: TestBrowser }> {
  const person = await world.addPerson({ company: `見本商店 ${++companies}` });
  const browser = world.browser();
  await browser.open('/login');
  await browser.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return { person, browser };
}

const pathIn = (page: Page): string => page.url.pathname;
const work = { isStopping: () => false, clock: () => world.clock.now() };
const file = (bytes: Buffer | string, fileName = 'recipients.csv') => ({
  name: 'file',
  fileName,
  bytes: Buffer.from(bytes),
});
function shiftJis(text: string): Buffer {
  return Buffer.from(Encoding.convert(Encoding.stringToCode(text), { from: 'UNICODE', to: 'SJIS' }));
}

/** Uploads, lays down the text and waits until the rows are read. */
async function checked(browser: TestBrowser, bytes: Buffer | string, body: string, more = {}): Promise<Page> {
  await browser.open('/compose/csv');
  const mapping = await browser.upload('/compose/csv', file(bytes));
  const path = pathIn(mapping);
  const number_column = /<option value="(\d+)" selected/.exec(mapping.html)?.[1] ?? '';
  await browser.send(path, { number_column, body, when: 'now', act: 'check', ...more });
  return settled(browser, path);
}

async function settled(browser: TestBrowser, path: string): Promise<Page> {
  for (;;) {
    await checkFiles(world.db, work);
    const page = await browser.open(path);
    if (!page.text.includes('読み取っています')) return page;
    await aMoment();
  }
}

/** The console's own work goes on meanwhile. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, ROWS / 200));

async function queued(person: Person) {
  const left = () =>
    world.db
      .selectFrom('campaign')
      .select('id')
      .where('company_id', '=', person.companyId)
      .where('work', 'is not', null)
      .executeTakeFirst();
  while (await left()) {
    await workOnCampaigns(world.db, work);
    await aMoment();
  }
  return world.db
    .selectFrom('message')
    .select(['recipient', 'body', 'state', 'lane'])
    .where('company_id', '=', person.companyId)
    .orderBy('recipient')
    .execute();
}

describe('R29: sending by file', () => {
  const table = [
    ['会社名', '携帯電話', 'お名前'],
    ['見本商事', '090-1234-5001', '髙﨑 ①郎'],
    ['見本物産', '０９０１２３４５００２', '見本 二郎'],
    ['見本物産', '03-1234-5678', '見本 三郎'],
    ['', '9012345003', '見本 四郎'],
    ['見本商事', '+81 90 1234 5001', '見本 一郎'],
    ['見本商事', '090-1234-5004', '見本 五郎'],
    ['見本商事', '020-1234-5678', '見本 六郎'],
  ];
  const csv = table.map((row) => row.join(',')).join('\r\n');
  const tsv = table.map((row) => row.join('\t')).join('\n');

  test.each([
    ['UTF-8', Buffer.from(csv)],
    ['UTF-8 with byte order mark', Buffer.from(`\ufeff${csv}`)],
    ['Shift_JIS', shiftJis(csv)],
    ['UTF-8 with tabs', Buffer.from(tsv)],
    ['Shift_JIS with tabs', shiftJis(tsv)],
  ])('%s: each row is judged, the rest is sent after one has confirmed it', async (_, bytes) => {
    const { person, browser } = await signedIn();
    const by = { personId: person.id, companyId: person.companyId };
    await addOptOuts(world.db, by, [{ number: '+819012345004', reason: '' }], world.clock.now());
    const page = await checked(browser, bytes, '{会社名} {名前} 様\r\nお知らせ');
    expect(page.text).toContain('ファイルの行数 7 行');
    expect(page.text).toContain('送信する件数 2 件');
    expect(page.text).toContain('見本商事 髙﨑 ①郎 様');
    for (const [line, number, reason] of [
      ['4', '03-1234-5678', '固定電話などの番号で'],
      ['5', '090-1234-5003', '差し込む内容が空です'],
      ['6', '090-1234-5001', '前の行と同じ番号です'],
      ['7', '090-1234-5004', '配信停止リストにある番号です'],
      ['8', '020-1234-5678', '020 で始まる番号は'],
    ])
      expect(page.text).toContain(`${line} ${number} ${reason}`);
    expect(page.text).not.toContain('すべての行は CSV で');
    expect(await queued(person)).toEqual([]);
    const done = await browser.send(`${pathIn(page)}/confirm`);
    expect(pathIn(done)).toMatch(/^\/campaigns\/cmp_/);
    expect(
      (await queued(person)).map(({ recipient, body, state, lane }) => [recipient, body, state, lane]),
    ).toEqual([
      ['+819012345001', '見本商事 髙﨑 ①郎 様\nお知らせ', 'queued', 2],
      ['+819012345002', '見本物産 見本 二郎 様\nお知らせ', 'queued', 2],
    ]);
  });

  test('the rows left out can be saved as CSV, in UTF-8 with byte order mark and in Shift_JIS', async () => {
    const { browser } = await signedIn();
    const page = await checked(browser, `電話番号\n"=1+1,""x"""\n090-1234-5001\n`, '見本');
    const get = async (query: string) => {
      const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
      const url = `${pathIn(page)}/refused.csv${query}`;
      return world.app.inject({ url, headers: { cookie } });
    };
    const text = `行,電話番号,理由\r\n2,"'=1+1,""x""",電話番号として読み取れません\r\n`;
    expect((await get('')).rawPayload.toString()).toBe(`\ufeff${text}`);
    const japanese = await get('?encoding=shift_jis');
    expect(new TextDecoder('shift_jis', { fatal: true }).decode(japanese.rawPayload)).toBe(text);
  });

  test('where not all rows left out fit the page, it says so', async () => {
    const { browser } = await signedIn();
    const landlines = Array.from({ length: 150 }, (_, n) => `03-1234-${5_000 + n}`);
    const page = await checked(browser, ['電話番号', ...landlines].join('\n'), '見本');
    expect(page.text).toMatch(/はじめの \d+ 行を表示しています/);
    expect(page.text).not.toContain('03-1234-5149');
  });

  test('files that are none, and wishes that cannot be, are refused with what to do', async () => {
    const { browser } = await signedIn();
    const files: [Buffer, string][] = [
      [Buffer.from(''), 'ファイルに何も書かれていません。'],
      [Buffer.from('504b0304140006000800', 'hex'), '表計算ソフトから CSV として保存'],
      [Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0xfd, 0x80]), 'ファイルの文字を読み取れません。'],
    ];
    for (const [bytes, sentence] of files) {
      await browser.open('/compose/csv');
      const page = await browser.upload('/compose/csv', file(bytes));
      expect(page.status).toBe(422);
      expect(page.text).toContain(sentence);
    }
    await browser.open('/compose/csv');
    const none = await browser.upload('/compose/csv', file('', ''));
    expect(none.text).toContain('ファイルを選んでください。');
    const mapping = await browser.upload('/compose/csv', file('名前,電話\n見本,090-1234-5001\n'));
    const path = pathIn(mapping);
    const wrong = await browser.send(path, { number_column: '9', body: '{住所}', act: 'check' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('電話番号の列を選んでください。');
    expect(wrong.text).toContain('{住所} という列がファイルにありません。');
    const nobody = await checked(browser, '電話番号\n03-1234-5678\n', '見本');
    expect(nobody.text).toContain('送信できる行がありません。');
    expect(nobody.html).not.toContain('/confirm"');
  });

  test('without the form’s token no file is taken, and another company finds nothing', async () => {
    const { browser } = await signedIn();
    await browser.open('/compose/csv');
    const before = await world.db.selectFrom('csv_sending').select('id').execute();
    const page = await browser.upload('/compose/csv', file('電話番号\n090-1234-5001\n'), { _csrf: 'x' });
    expect(page.status).toBe(403);
    expect(await world.db.selectFrom('csv_sending').select('id').execute()).toHaveLength(before.length);
    const mine = await checked(browser, '電話番号\n090-1234-5001\n', '見本');
    const stranger = await signedIn();
    for (const path of ['', '/refused.csv'])
      expect((await stranger.browser.open(`${pathIn(mine)}${path}`)).status).toBe(404);
  });

  test('confirmed twenty times at once: one campaign', async () => {
    const { person, browser } = await signedIn();
    const page = await checked(browser, '電話番号\n090-1234-5001\n', '見本');
    const path = `${pathIn(page)}/confirm`;
    const pairs = [...page.html.matchAll(/name="(_csrf|revision)" value="([^"]*)"/g)];
    const given = Object.fromEntries(pairs.map(([, name, value]) => [name ?? '', value ?? '']));
    const fields = new URLSearchParams(given).toString();
    const url = new URL(path, 'http://localhost:5701');
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.request('POST', url, fields)));
    expect(new Set(answers.map((answer) => answer.headers['location'])).size).toBe(1);
    expect(answers[0]?.status).toBe(303);
    expect(await queued(person)).toHaveLength(1);
  });

  test(`${ROWS.toLocaleString('en-US')} rows: read on after a cut, queued, paused, resumed and cancelled`, async () => {
    const { person, browser } = await signedIn();
    const rows = Array.from({ length: ROWS }, (_, n) => `見本 ${n},0801${String(1_000_000 + n)},${n % 7}`);
    for (const [encoding, bytes] of [
      ['UTF-8', Buffer.from(['氏名,電話番号,番号', ...rows].join('\r\n'))],
      ['Shift_JIS', shiftJis(['氏名,電話番号,番号', ...rows].join('\r\n'))],
    ] as const) {
      const before = performance.now();
      await browser.open('/compose/csv');
      const path = pathIn(await browser.upload('/compose/csv', file(bytes)));
      const csvId = path.split('/').at(-1) ?? '';
      await browser.send(path, {
        number_column: '1',
        body: '{氏名} 様 ご予約は {番号} 番です',
        act: 'check',
      });
      // A program is stopped in the middle, and its lease is still there for another one that was killed.
      let looks = 0;
      await checkFiles(world.db, { ...work, isStopping: () => ++looks > 2 });
      world.clock.advance(MINUTE);
      const page = await settled(browser, path);
      expect(page.text).toContain(`送信する件数 ${ROWS.toLocaleString('en-US')} 件`);
      const campaign =
        pathIn(await browser.send(`${path}/confirm`))
          .split('/')
          .at(-1) ?? '';
      const act = (what: 'pause' | 'resume' | 'cancel') =>
        actOnCampaign(world.db, person.companyId, { id: campaign, act: what }, world.clock.now());
      const states = async () => {
        await queued(person);
        const found = await world.db
          .selectFrom('message')
          .select((eb) => ['state' as const, eb.fn.countAll<string>().as('count')])
          .where('campaign_id', '=', campaign)
          .groupBy('state')
          .execute();
        return Object.fromEntries(found.map(({ state, count }) => [state, Number(count)]));
      };
      expect(await states()).toEqual({ queued: ROWS });
      const seconds = (performance.now() - before) / 1_000;
      const memory = Math.round(process.memoryUsage().rss / 1024 / 1024);
      if (ROWS > 10_000)
        console.log(`${encoding}: ${ROWS} rows queued in ${seconds.toFixed(1)} s, ${memory} MB`);
      expect(seconds).toBeLessThan(60);
      expect(await act('resume')).toBe(false);
      expect(await act('pause')).toBe(true);
      expect(await states()).toEqual({ held: ROWS });
      expect(await act('resume')).toBe(true);
      expect(await states()).toEqual({ queued: ROWS });
      expect(await act('cancel')).toBe(true);
      expect(await states()).toEqual({ cancelled: ROWS });
      const told = world.db
        .selectFrom('message_event')
        .innerJoin('message', 'message.id', 'message_event.message_id')
        .where('message.campaign_id', '=', campaign)
        .where('message_event.state', '=', 'cancelled')
        .select((eb) => eb.fn.countAll<string>().as('count'));
      expect(await told.executeTakeFirstOrThrow()).toEqual({ count: String(ROWS) });
      expect(await act('resume')).toBe(false);
      for (const left of ['csv_row', 'csv_piece'] as const)
        expect(
          await world.db.selectFrom(left).select('csv_id').where('csv_id', '=', csvId).execute(),
        ).toEqual([]);
    }
  }, 300_000);
});
