import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refreshSummaries } from '#domain/migration/summary.ts';
import { addOperator } from '#domain/operators/operators.ts';
import { MINUTE } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { PASSWORD, signIn } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

/** People of the console. The full size with HITOKAGI_FULL_CAMPAIGN. */
const PEOPLE = process.env.HITOKAGI_FULL_CAMPAIGN ? 100_000 : 2_000;
/** What a page may take on the server at the full size; a small one on a machine that does other things says little. */
const LIMIT = process.env.HITOKAGI_FULL_CAMPAIGN ? 200 : 2_000;

let world: World;
let browser: Browser;
beforeAll(async () => {
  world = await openWorld({ work: false, now: new Date('2027-02-01T03:00:00Z') });
  const { db } = world.database;
  const consoleId = await world.addConsole('sms');
  await world.addConsole('mail');
  await db
    .updateTable('migration_plan')
    .set({ link_at: new Date('2026-11-21T13:00:00Z'), cut_over_at: new Date('2027-03-31T13:00:00Z') })
    .where('console_id', '=', consoleId)
    .execute();
  await sql`
    insert into account (id, email_address, email_key, name, company, created_at, updated_at)
    select 'acc_' || i, 'person' || i || '@example.co.jp', 'person' || i || '@example.co.jp', '見本 ' || i, '見本商事 ' || i % 500,
      ${world.now}, ${world.now} from generate_series(1, ${PEOPLE}::int) i`.execute(db);
  await sql`
    insert into console_link (console_id, console_user_id, account_id, created_at)
    select ${consoleId}, 'user-' || i, 'acc_' || i, ${world.now} from generate_series(1, ${PEOPLE}::int) i`.execute(
    db,
  );
  await sql`
    insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
    select ${consoleId}, 'acc_' || i, k, (at at time zone 'Asia/Tokyo')::date, at, at
    from generate_series(1, ${PEOPLE}::int) i, generate_series(0, 59) d, unnest(array['legacy', 'unified']) k,
      lateral (select ${world.now}::timestamptz - d * interval '1 day') t (at)
    where (i * 7 + d) % 5 = 0 and (k = 'unified') = (i % 4 = 0 and d < 40) and (i + d) % 3 <> 0`.execute(db);
  await sql`
    insert into audit_event (at, action, actor, account_id, detail)
    select ${world.now}::timestamptz - (i % 1440) * interval '1 minute', case when i % 9 = 0 then 'account.sign-in-refused' else 'account.signed-in' end,
      'acc_' || i, 'acc_' || i, '{}' from generate_series(1, ${PEOPLE}::int) i`.execute(db);
  await sql`
    insert into notice (id, console_id, kind, cut_over_at, send_at, created_at, created_by)
    values ('ntc_1', ${consoleId}, 'announcement', '2027-03-31T13:00:00Z', ${world.now}, ${world.now}, 'operator:cli')`.execute(
    db,
  );
  await sql`
    insert into notice_recipient (notice_id, account_id, recipient, state, verdict_at)
    select 'ntc_1', 'acc_' || i, 'person' || i || '@example.co.jp', case when i % 50 = 1 then 'refused' else 'accepted' end, ${world.now}
    from generate_series(1, ${PEOPLE}::int) i`.execute(db);
  await sql`analyze`.execute(db);
  await world.addPerson('support@example.co.jp', {}, { password: PASSWORD });
  await addOperator(
    db,
    { emailAddress: 'support@example.co.jp', role: 'support' },
    { actor: 'operator:cli', now: world.now },
  );
  browser = new Browser(world);
  await signIn(browser, '/sign-in', 'support@example.co.jp');
  await refreshSummaries(db, world.now);
}, 180_000);
afterAll(() => world.close());

const PAGES = [
  ['/operator', '概況', 'Overview'],
  ['/operator/migration', '移行', 'Migration'],
  ['/operator/migration/sms', '管理画面sms の移行', 'Move of Console sms'],
  [
    '/operator/migration/sms/status',
    '管理画面sms 統合認証への移行状況',
    'Console sms: move to the unified login',
  ],
  ['/operator/migration/sms/people?state=not-moved', '移行の対象者', 'People to move'],
] as const;

describe(`R25: the operator pages over ${PEOPLE.toLocaleString('en')} people`, () => {
  it.each(PAGES)('%s answers in both languages, each at once', async (path, ja, en) => {
    await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
    expect((await browser.open(path)).body).toContain(`<h1 class="ui-heading ui-heading-1">${ja}</h1>`);
    await browser.request('POST', '/language', { lang: 'en', return_path: '/' });
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const began = performance.now();
      const page = await browser.open(path);
      times.push(performance.now() - began);
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain(`<h1 class="ui-heading ui-heading-1">${en}</h1>`);
      expect(page.body.replaceAll(/見本[^<]*|日本語/g, '')).not.toMatch(/[ぁ-んァ-ヶ]/);
    }
    const middle = times.sort((a, b) => a - b)[2] ?? 0;
    process.stdout.write(`${path} of ${PEOPLE.toLocaleString('en')} people: ${Math.round(middle)} ms\n`);
    expect(middle).toBeLessThan(LIMIT);
  });

  it('the overview says what needs somebody, and its figures agree with the lists behind them', async () => {
    await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
    const page = await browser.open('/operator');
    const unreached = Math.ceil((PEOPLE - 1) / 50).toLocaleString('en');
    expect(page.body).toContain(`管理画面sms：お知らせが届いていない人が${unreached}人います`);
    expect(page.body).toContain('切替：2027年3月31日(水) 22:00（あと58日）');
    const [{ n = 0 } = {}] = (
      await sql<{ n: number }>`
        select count(*)::int as n from console_link l where not exists (
          select 1 from sign_in_day d where d.console_id = l.console_id and d.account_id = l.account_id and d.kind = 'unified')`.execute(
        world.database.db,
      )
    ).rows;
    expect(page.body).toContain(`${n.toLocaleString('en')}人</a>`);
  });

  it('R25: the status for management says where it stands, what could stop it, the dates and who decides', async () => {
    await browser.request('POST', '/language', { lang: 'ja', return_path: '/' });
    const { body } = await browser.open('/operator/migration/sms/status');
    const unreached = Math.ceil((PEOPLE - 1) / 50).toLocaleString('en');
    for (const words of [
      '移行期間中です。',
      `${unreached}人は、メールが届かず、パスワードもありません。`,
      '2027年3月31日(水) 22:00（あと58日）',
      '2027年3月1日(月)、2027年3月24日(水)、2027年3月30日(火)',
      '管理者が登録されていません。',
    ])
      expect(body).toContain(words);
  });

  it('R15: the list narrows by address, turns its pages by the URL and is saved as CSV, which is recorded', async () => {
    const first = await browser.open('/operator/migration/sms/people?state=not-moved');
    const next = /rel="next" href="([^"]+)"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await browser.open(next);
    const addresses = (body: string) =>
      [...body.matchAll(/person\d+@example\.co\.jp/g)].map(([text]) => text);
    expect(new Set([...addresses(first.body), ...addresses(second.body)]).size).toBe(100);
    const one = await browser.open('/operator/migration/sms/people?q=person77%40');
    expect(addresses(one.body)).toEqual(['person77@example.co.jp']);
    const company = await browser.open('/operator/migration/sms/people?company=見本商事77&seen=never');
    expect(company.body).toContain('一度もない');
    for (const address of addresses(company.body)) expect(Number(/\d+/.exec(address)?.[0]) % 500).toBe(77);
    expect((await browser.open('/operator/migration/sms/people?seen=0&state=nonsense')).statusCode).toBe(200);
    const csv = await browser.request('GET', '/operator/migration/sms/people.csv?q=person77%40');
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.body.trim().split('\r\n')).toHaveLength(2);
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['actor', 'detail'])
      .where('action', '=', 'people.exported')
      .execute();
    expect(events).toEqual([
      {
        actor: expect.stringContaining('operator:acc_') as string,
        detail: { list: 'people', search: 'person77@' },
      },
    ]);
    expect((await browser.open('/operator/migration/none/people')).statusCode).toBe(404);
  });

  it('R15: the rehearsal says how many would be in trouble, why, and what to do', async () => {
    const page = await browser.open('/operator/migration/sms/rehearsal');
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('メールが届かず、パスワードもまだないため、検証コードを受け取れません。');
  });

  it('what is typed into a search stays text', async () => {
    const page = await browser.open(
      `/operator/migration/sms/people?q=${encodeURIComponent('"><script>alert(1)</script>')}`,
    );
    expect(page.body).not.toContain('<script>alert');
    expect(page.body).toContain('条件に合う人はいません');
  });

  it('figures are counted anew after some minutes, and at once when the plan changes', async () => {
    const { db } = world.database;
    await db
      .updateTable('progress_summary')
      .set({ figures: sql`figures || '{"revision": 0}'` })
      .execute();
    expect((await browser.open('/operator/migration/sms')).body).toContain(
      '2027年2月1日(月) 12:00 の集計です',
    );
    world.pass(30 * MINUTE);
    expect((await browser.open('/operator/migration/sms')).body).toContain(
      '2027年2月1日(月) 12:30 の集計です',
    );
  });
});
