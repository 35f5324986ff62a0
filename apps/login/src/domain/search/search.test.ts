import { sql, type RawBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { refreshSearch, unsearchable } from './search-index.ts';
import { searchAccounts, searchStatements, type AccountSearch } from './search.ts';

/** People. The full size with HITOKAGI_FULL_CAMPAIGN. */
const PEOPLE = process.env.HITOKAGI_FULL_CAMPAIGN ? 1_000_000 : 20_000;

let world: World;
let taro: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  const { db } = world.database;
  const [sms, mail] = [await world.addConsole('sms'), await world.addConsole('mail')];
  await sql`
    insert into account (id, email_address, email_key, name, company, state, created_at, updated_at)
    select 'acc_' || lpad(i::text, 8, '0'), e, e, s || ' ' || g, c, case when i % 100 = 77 then 'suspended' else 'active' end, ${world.now}, ${world.now}
    from (select i, rs || '.' || i || '@kaisha' || i % 20000 || '.example.co.jp' as e, s, g, '見本商事' || i % 20000 as c
      from generate_series(1, ${PEOPLE}::int) i,
        lateral (select (array['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '林', '長谷川', '久保田'])[1 + (i * 31 + i / 17) % 10] s,
          (array['sato', 'suzuki', 'takahashi', 'tanaka', 'ito', 'watanabe', 'yamamoto', 'hayashi', 'hasegawa', 'kubota'])[1 + (i * 31 + i / 17) % 10] rs) n,
        lateral (select (array['太郎', '花子', '健一', '美咲', '翔'])[1 + (i * 13 + i / 41) % 5] g) m) x`.execute(
    db,
  );
  await sql`
    insert into console_link (console_id, console_user_id, account_id, created_at)
    select k.id, k.name || '-' || i, 'acc_' || lpad(i::text, 8, '0'), ${world.now}
    from generate_series(1, ${PEOPLE}::int) i, (values (${sms}, 'user', 1), (${mail}, 'm', 2)) k (id, name, every) where i % k.every = 0`.execute(
    db,
  );
  await makeAll();
  taro = await world.addPerson('Mihon.Taro@example.co.jp', { sms: 'X-4711' }, { name: 'ミホン　ﾀﾛｳ' });
  await makeAll();
  await sql`analyze`.execute(db);
}, 1_800_000);
afterAll(() => world.close());

async function makeAll(): Promise<void> {
  while ((await refreshSearch(world.database.db, world.now, () => performance.now())) > 0);
}

const search = (text: string, more: Partial<AccountSearch> = {}) =>
  searchAccounts(world.database.db, { text, limit: 50, ...more });
const idsOf = async (text: string) => (await search(text)).accounts.map((one) => one.accountId);

describe('R25: people are found by any part of what is known of them', () => {
  it.each([
    ['part of the address', 'hon.tar'],
    ['another case', 'MIHON.TARO'],
    ['full-width letters', 'ｍｉｈｏｎ．ｔａｒｏ'],
    ['the console’s own id', 'X-4711'],
    ['part of it', '711 mihon'],
    ['the name, half-width', 'ﾐﾎﾝ'],
    ['two letters of the name', 'タロ'],
    ['the name without its space', 'ミホンタロウ'],
    ['words of several parts in any order', '見本商事 タロウ mihon'],
  ])('%s', async (_, text) => {
    expect(await idsOf(text)).toContain(taro);
  });

  it('nothing stands for anything else, and what nobody has finds nobody', async () => {
    for (const text of [
      'mihon_taro',
      'mihon%taro',
      '%',
      '\\',
      "'; drop table account; --",
      'mihon\0taro',
      '見本商事 zzz',
      '<script>',
    ])
      expect(await idsOf(text), text).toEqual([]);
    for (const text of ['', ' ', '　']) expect((await search(text)).accounts).toEqual([]);
  });

  it('a single letter is found where a name, company, address or id begins', async () => {
    const { accounts } = await search('林');
    expect(accounts).toHaveLength(50);
    expect(accounts.every((one) => one.name.startsWith('林'))).toBe(true);
    expect(await idsOf('ウ')).toEqual([]);
  });

  it('pages follow one another without a gap, whether many or few match', async () => {
    for (const [text, share] of [
      ['長谷川', 10],
      ['長谷川 翔 見本商事1', undefined],
    ] as const) {
      const seen: string[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < 4; pages++) {
        const page = await search(text, { after });
        seen.push(...page.accounts.map((one) => one.accountId));
        if (page.next === null) break;
        after = page.next;
      }
      expect(new Set(seen).size, text).toBe(seen.length);
      expect(seen, text).toEqual([...seen].sort());
      if (share) expect(seen).toHaveLength(200);
    }
  });

  it('a state narrows, with and without words', async () => {
    const suspended = await search('', { state: 'suspended' });
    expect(suspended.accounts).toHaveLength(50);
    expect(suspended.accounts.every((one) => one.state === 'suspended')).toBe(true);
    expect(
      (await search('田中', { state: 'suspended' })).accounts.every((one) => one.name.startsWith('田中')),
    ).toBe(true);
    expect((await search('田中', { state: 'closed' })).accounts).toEqual([]);
  });

  it('whoever has just come or changed is found before the index has them, and by what they are now', async () => {
    const { db } = world.database;
    const fresh = await world.addPerson('brandnew@example.co.jp', { sms: 'fresh-1' }, { name: '新顔 一郎' });
    expect([await idsOf('brandnew'), await idsOf('fresh-1'), await idsOf('新顔')]).toEqual([
      [fresh],
      [fresh],
      [fresh],
    ]);
    expect(await unsearchable(db)).toBeGreaterThan(0);
    await makeAll();
    expect(await unsearchable(db)).toBe(0);
    expect(await idsOf('新顔')).toEqual([fresh]);
    await db
      .updateTable('account')
      .set({ name: '古顔 一郎', state: 'closed' })
      .where('id', '=', fresh)
      .execute();
    expect(await idsOf('古顔')).toEqual([fresh]);
    await makeAll();
    expect([await idsOf('新顔'), await idsOf('古顔')]).toEqual([[], [fresh]]);
    expect((await search('古顔', { state: 'closed' })).accounts).toMatchObject([
      { accountId: fresh, state: 'closed' },
    ]);
  });

  it('two nodes that make words at once leave what is true', async () => {
    const { db } = world.database;
    const who = await world.addPerson('twice@example.co.jp', {}, { name: '名前0' });
    for (let i = 1; i <= 20; i++) {
      await db
        .updateTable('account')
        .set({ name: `名前${i}` })
        .where('id', '=', who)
        .execute();
      await Promise.all([1, 2, 3].map(() => refreshSearch(db, world.now, () => performance.now())));
    }
    await makeAll();
    expect(await idsOf('名前20')).toEqual([who]);
    expect(
      await db.selectFrom('account_search').select('words').where('account_id', '=', who).executeTakeFirst(),
    ).toEqual({
      words: ' twice@example.co.jp 名前20 見本商事',
    });
  });

  it('an upgrade of a database with people makes them findable', async () => {
    const { db } = world.database;
    await sql`delete from account_search where account_id <= 'acc_00001500'`.execute(db);
    await sql`update account_search_filling set filled_to = '', filled_at = null`.execute(db);
    expect(await idsOf('user-1234')).not.toContain('acc_00001234');
    expect(await unsearchable(db)).toBeGreaterThan(10_000);
    await makeAll();
    expect(await idsOf('user-1234')).toContain('acc_00001234');
    expect(await unsearchable(db)).toBe(0);
  }, 1_800_000);
});

type Node = {
  'Node Type': string;
  'Index Name'?: string;
  Plans?: Node[];
  'Actual Rows': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
};

describe(`R25: a search over ${PEOPLE.toLocaleString('en')} people reads a bounded part of them`, () => {
  const explained = async (statement: RawBuilder<unknown>): Promise<{ nodes: Node[]; blocks: number }> => {
    const { rows } = await sql<{
      'QUERY PLAN': [{ Plan: Node }];
    }>`explain (analyze, buffers, format json) ${statement}`.execute(world.database.db);
    const top = rows[0]?.['QUERY PLAN'][0].Plan;
    const all = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(all)];
    return {
      nodes: top ? all(top) : [],
      blocks: (top?.['Shared Hit Blocks'] ?? 0) + (top?.['Shared Read Blocks'] ?? 0),
    };
  };

  it('what few have is found by pairs of letters: the table is never read as a whole', async () => {
    for (const text of ['zzqq', '見本商事1234', 'user-1234', 'tanaka.123', 'kaisha777']) {
      const { nodes, blocks } = await explained(searchStatements([text], {}, 51).index);
      expect(
        nodes.map((node) => node['Index Name']),
        text,
      ).toContain('account_search_grams');
      expect(
        nodes.map((node) => node['Node Type']),
        text,
      ).not.toContain('Seq Scan');
      process.stdout.write(`index, “${text}”: ${blocks} blocks\n`);
    }
  });

  it('what many have is found by a walk that ends', async () => {
    for (const text of ['見本', '@', 'co.jp', 'zzqq']) {
      const { nodes, blocks } = await explained(searchStatements([text], {}, 51).walk);
      expect(
        nodes.map((node) => node['Node Type']),
        text,
      ).not.toContain('Seq Scan');
      expect(Math.max(...nodes.map((node) => node['Actual Rows'])), text).toBeLessThanOrEqual(10_000);
      process.stdout.write(`walk, “${text}”: ${blocks} blocks\n`);
      expect(blocks, text).toBeLessThan(1_000);
    }
  });

  it('who is not active is found by an index of their own', async () => {
    const { nodes } = await explained(searchStatements([], { state: 'suspended' }, 51).walk);
    expect(nodes.map((node) => node['Index Name'])).toContain('account_search_inactive');
  });

  it('how long it takes, for the report', async () => {
    const times: number[] = [];
    for (let round = 0; round < 3; round++)
      for (const text of [
        '田中',
        '佐藤 太郎',
        '長谷川翔',
        '見本商事1',
        '見本商事1234',
        'kaisha77',
        'example',
        'tanaka.123',
        'user-1234',
        'zzqq',
        '林',
        'X-4711',
        'm-20000',
        'co',
        '123',
      ]) {
        const began = performance.now();
        await search(text);
        times.push(performance.now() - began);
      }
    times.sort((a, b) => a - b);
    const at = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? 0);
    process.stdout.write(
      `search of ${PEOPLE.toLocaleString('en')} people: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms\n`,
    );
    expect(at(0.5)).toBeLessThan(2_000);
  });
});
