import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptMessages } from '#domain/messages/accept-messages.ts';
import { campaignCounts, monthCounts } from '#domain/messages/counts.ts';
import { messagesInBatches } from '#domain/messages/export.ts';
import type { Person } from '#domain/people/people.ts';
import { newId } from '#support/primitives/ids.ts';
import type { TestBrowser } from '../../../../test/browser.ts';
import { openWorld, PASSWORD, type World } from '../../../../test/world.ts';
import { messagesFile } from './csv.ts';

const MANY = process.env['HITOKAGI_FULL_CAMPAIGN'] === '1' ? 1_000_000 : 12_000;

let world: World;
let owner: Person;
let browser: TestBrowser;
let campaign: string;
beforeAll(async () => {
  world = await openWorld({ phase: 'parallel' });
  owner = await world.addPerson({ company: '見本商事' });
  browser = await signedIn(owner);
  campaign = await newCampaign('秋の見本市', owner.companyId);
  await acceptMessages(
    world.db,
    { companyId: owner.companyId, campaignId: campaign, lane: 2 },
    Array.from({ length: 120 }, (_, n) => ({ to: `090${11110000 + n}`, text: `見本 ${n}` })),
    world.clock.now(),
  );
  await sql`update message set state = 'delivered', settled_at = accepted_at where recipient like '%111100__' and campaign_id = ${campaign}`.execute(
    world.db,
  );
});
afterAll(() => world.close());

async function signedIn(person: Person): Promise<TestBrowser> {
  const one = world.browser();
  await one.open('/login');
  await one.send('/login', { email_address: person.emailAddress, password: PASSWORD });
  return one;
}
async function newCampaign(name: string, companyId: string): Promise<string> {
  const id = newId('cmp', world.clock.now());
  await world.db
    .insertInto('campaign')
    .values({
      id,
      company_id: companyId,
      created_by: null,
      name,
      kind: 'csv',
      state: 'sending',
      body: '見本',
      created_at: world.clock.now(),
    })
    .execute();
  return id;
}

describe('R29: results of a campaign', () => {
  test('the campaign shows its counts as chart and table, and leads to each message', async () => {
    const page = await browser.open(`/campaigns/${campaign}`);
    expect(page.html).toContain('role="img" aria-label="状態ごとの件数の棒グラフ');
    expect(page.text).toMatch(/送信待ち\s*20/);
    expect(page.text).toMatch(/到達\s*100/);
    expect(page.html).toContain(`/messages?campaign=${campaign}&amp;state=delivered`);
  });

  test('campaigns are found by name, state and day', async () => {
    await newCampaign('冬のお知らせ 100%', owner.companyId);
    const found = async (query: Record<string, string>) =>
      (await browser.open(`/campaigns?${new URLSearchParams(query)}`)).text;
    expect(await found({ name: '秋の' })).toContain('秋の見本市');
    expect(await found({ name: '秋の' })).not.toContain('冬のお知らせ');
    expect(await found({ name: '0%' })).toContain('冬のお知らせ');
    expect(await found({ name: '%' })).not.toContain('秋の見本市');
    expect(await found({ state: 'held' })).toContain('該当する送信はありません。');
    expect(await found({ until: '2020-01-01' })).not.toContain('秋の見本市');
    expect(await found({ from: '2020-01-01', until: '2099-01-01' })).toContain('秋の見本市');
  });

  test('messages are listed by state and number, page by page, each once', async () => {
    const seen = new Set<string>();
    let path: string | undefined = `/messages?campaign=${campaign}`;
    while (path !== undefined) {
      const page = await browser.open(path);
      for (const [, id] of page.html.matchAll(/href="\/messages\/(msg_\w+)"/g)) seen.add(id ?? '');
      path = /rel="next" href="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen.size).toBe(120);
    const one = await browser.open(`/messages?campaign=${campaign}&number=０９０-1111-0007`);
    expect([...one.html.matchAll(/href="\/messages\/msg_/g)]).toHaveLength(1);
    expect((await browser.open(`/messages?campaign=${campaign}&state=failed`)).text).toContain(
      '該当するメッセージはありません。',
    );
    const wrong = await browser.open('/messages?number=abc');
    expect([wrong.status, wrong.text.includes('電話番号を確認してください。')]).toEqual([422, true]);
  });

  test('one message shows its way with times of Japan, its parts, and the fault with its cure', async () => {
    const { id } = await world.db
      .selectFrom('message')
      .select('id')
      .where('recipient', '=', '+819011110115')
      .executeTakeFirstOrThrow();
    await world.db
      .updateTable('message')
      .set({ state: 'undelivered', fault: 'undeliverable', gateway: 'main' })
      .where('id', '=', id)
      .execute();
    const at = new Date('2026-11-23T15:30:00Z');
    await world.db
      .insertInto('message_event')
      .values({ message_id: id, company_id: owner.companyId, state: 'undelivered', fault: 'UNDELIV 027', at })
      .execute();
    const page = await browser.open(`/messages/${id}`);
    expect(page.text).toContain('電波の届く場所か');
    expect(page.text).toContain('通信会社のコード: UNDELIV 027');
    expect(page.text).toContain('2026年11月24日(火) 00:30');
    expect(page.text).toContain('main');
  });

  test('A1: another company sees none of it', async () => {
    const stranger = await signedIn(await world.addPerson({ company: '見本物産' }));
    const { id } = await world.db.selectFrom('message').select('id').limit(1).executeTakeFirstOrThrow();
    for (const path of [`/messages/${id}`, `/messages?campaign=${campaign}`, '/messages/%00', '/messages/x'])
      expect((await stranger.open(path)).status, path).toBe(404);
    const csv = await stranger.open(`/messages.csv?campaign=${campaign}`);
    expect(csv.text).not.toContain('090-1111');
  });
});

describe('R29: results as CSV', () => {
  const bytesOf = async (url: string) => {
    const cookie = browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    return world.app.inject({ url, headers: { cookie, 'accept-language': 'ja' } });
  };

  test('UTF-8 with BOM keeps everything; formulas are no formulas', async () => {
    const own = await newCampaign('数式', owner.companyId);
    await acceptMessages(
      world.db,
      { companyId: owner.companyId, campaignId: own, lane: 2 },
      [
        { to: '09022220000', text: '=HYPERLINK("http://x","見")' },
        { to: '09022220001', text: '改行\nと「"」と𠮷😀' },
      ],
      world.clock.now(),
    );
    const file = await bytesOf(`/messages.csv?campaign=${own}&encoding=utf-8`);
    expect(file.rawPayload.subarray(0, 3).toString('hex')).toBe('efbbbf');
    expect(file.headers['content-disposition']).toBe('attachment; filename="messages.csv"');
    const text = file.rawPayload.toString();
    expect(text).toContain(`"'=HYPERLINK(""http://x"",""見"")"`);
    expect(text).toContain('"改行\nと「""」と𠮷😀"');
    expect(text).toContain(',090-2222-0000,送信待ち,1,');
    // What Shift_JIS would lose is said before, and becomes the sign for a missing character.
    const asked = await browser.open(`/messages/export?campaign=${own}&encoding=shift_jis`);
    expect(asked.text).toContain('Shift_JIS にない文字が 2 種類あります');
    expect(asked.text).toContain('𠮷 😀');
    const old = await bytesOf(`/messages.csv?campaign=${own}&encoding=shift_jis`);
    const decoded = new TextDecoder('shift_jis', { fatal: true }).decode(old.rawPayload);
    expect(decoded).toContain('と「""」と〓〓');
  });

  test('G35: what Shift_JIS has is saved at once, also 〜, ① and 髙', async () => {
    const own = await newCampaign('波', owner.companyId);
    await acceptMessages(
      world.db,
      { companyId: owner.companyId, campaignId: own, lane: 2 },
      [{ to: '09022220002', text: '10時〜12時 ①㈱髙橋?' }],
      world.clock.now(),
    );
    const page = await browser.open(`/messages/export?campaign=${own}&encoding=shift_jis`);
    expect(page.url.pathname).toBe('/messages.csv');
    const file = await bytesOf(`/messages.csv?campaign=${own}&encoding=shift_jis`);
    expect(new TextDecoder('shift_jis', { fatal: true }).decode(file.rawPayload)).toContain(
      '10時～12時 ①㈱髙橋?',
    );
  });

  test('months are totalled on a page and as CSV', async () => {
    const page = await browser.open('/campaigns/months');
    expect(page.text).toMatch(/20\d\d年\d+月/);
    expect(page.html).toContain('role="img"');
    const file = await bytesOf('/campaigns/months.csv');
    expect(file.payload).toMatch(/月,件数,通数,到達\r\n20\d\d-\d\d,\d+,\d+,100\r\n/);
    expect(page.html).toContain('href="/campaigns/months.csv?encoding=shift_jis"');
    const old = await bytesOf('/campaigns/months.csv?encoding=shift_jis');
    expect(old.headers['content-type']).toBe('text/csv; charset=shift_jis');
    expect(`\ufeff${new TextDecoder('shift_jis', { fatal: true }).decode(old.rawPayload)}`).toBe(
      file.payload,
    );
  });
});

describe(`R29: results of ${MANY.toLocaleString('en-US')} messages`, () => {
  test('counts come from an index alone, and a file is read as it is sent', async () => {
    const { companyId } = await world.addPerson({ company: '見本大量', account: false });
    const many = await newCampaign('大量', companyId);
    await sql`insert into message (id, company_id, campaign_id, recipient, body, state, lane, encoding, parts, due_at, expires_at, accepted_at)
      select 'msg_' || lpad(to_hex(n), 26, '0'), ${companyId}, ${many}, '+8190' || lpad(n::text, 8, '0'), '見本のお知らせです。', 'delivered', 2, 'ucs2', 1,
        ${world.clock.now()}, ${world.clock.now()}, ${world.clock.now()} from generate_series(1, ${MANY}::int) as n`.execute(
      world.db,
    );
    await sql`vacuum analyze message`.execute(world.db);
    const planOf = async (query: { compile(): { sql: string; parameters: readonly unknown[] } }) => {
      const { sql: text, parameters } = query.compile();
      const { rows } = await world.db.executeQuery({
        sql: `explain ${text}`,
        parameters,
        query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
        queryId: { queryId: 'explain' },
      });
      return JSON.stringify(rows);
    };
    expect(await planOf(campaignCounts(world.db, campaign))).toMatch(
      /Index Only Scan using message_counts_of_campaign/,
    );
    expect(await planOf(monthCounts(world.db, owner.companyId, new Date(0)))).toMatch(
      /Index (Only )?Scan (using|on) message_counts_of_month/,
    );
    let batches = 0;
    async function* counted() {
      for await (const batch of messagesInBatches(world.db, companyId, {})) {
        batches += 1;
        yield batch;
      }
    }
    const file = messagesFile(counted(), 'shift_jis', 'ja');
    await file.next();
    await file.next();
    expect(batches).toBe(1);
    let size = 0;
    for await (const chunk of file) size += chunk.length;
    expect(batches).toBe(MANY / 2_000);
    expect(size).toBeGreaterThan(MANY * 50);
  }, 120_000);
});
