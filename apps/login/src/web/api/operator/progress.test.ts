import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { HOUR } from '#support/primitives/durations.ts';
import { Browser } from '#test/browser.ts';
import { expectProblem } from '#test/console-api.ts';
import { enter, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
const tokens = {} as Record<OperatorRole, string>;
beforeAll(async () => {
  world = await openWorld({ now: new Date('2027-02-01T03:00:00Z'), work: false });
  const consoleId = await world.addConsole('sms');
  for (const role of ['viewer', 'support', 'administrator'] as const)
    tokens[role] = (
      await createOperatorToken(
        world.database.db,
        { name: role, role },
        { actor: 'operator:cli', now: world.now },
      )
    ).token;
  await world.addPerson('moved@example.co.jp', { sms: 'u-1' }, { password: PASSWORD });
  await enter(world, new Browser(world), 'sms', { address: 'moved@example.co.jp' });
  for (let i = 0; i < 5; i++) await world.addPerson(`p${i}@example.co.jp`, { sms: `p-${i}` });
  await world.addPerson(
    'formula@example.co.jp',
    { sms: '=1+1' },
    { name: '=HYPERLINK("http://evil.example")' },
  );
  await world.addPerson('quoted@example.co.jp', { sms: '-2' }, { name: '見本, "太郎"\n二行目' });
  await world.database.db
    .insertInto('unknown_console_user')
    .values({ console_id: consoleId, console_user_id: '@unknown', first_at: world.now, last_at: world.now })
    .execute();
});
afterAll(() => world.close());

function get(path: string, role: OperatorRole = 'support') {
  return world.app.server.inject({
    url: `/api/operator/v1/consoles/${path}`,
    headers: { host: 'login.example.co.jp', authorization: `Bearer ${tokens[role]}` },
  });
}

const FIGURES = [
  'sms/progress',
  'sms/progress/series',
  'sms/progress/series.csv',
  'sms/progress/forecast',
  'sms/rehearsal',
];
const PEOPLE = [
  'sms/progress/people',
  'sms/progress/people.csv',
  'sms/rehearsal/findings',
  'sms/rehearsal/findings.csv',
];

describe('A1, R15: who may see a console’s progress', () => {
  it.each(FIGURES)('%s: figures are for every operator', async (path) => {
    expect((await get(path, 'viewer')).statusCode).toBe(200);
  });

  it.each(PEOPLE)('%s: lists with addresses are for support', async (path) => {
    expectProblem(await get(path, 'viewer'), 403, 'role-missing');
    for (const role of ['support', 'administrator'] as const)
      expect((await get(path, role)).statusCode).toBe(200);
  });

  it('an unknown console, and parameters that are none, are refused', async () => {
    for (const path of [...FIGURES, ...PEOPLE]) {
      expectProblem(await get(path.replace('sms', 'nobody')), 404, 'console-unknown');
      expectProblem(await get(`${path}?unasked=1`), 422, 'malformed');
    }
  });
});

describe('R15: progress by the operator API', () => {
  it('totals, series and forecast', async () => {
    expect((await get('sms/progress', 'viewer')).json()).toMatchObject({
      people: 8,
      states: { 'signed-in-unified': 1, 'never-seen': 7 },
      unknownUsers: 1,
      stillLegacy: { all: 0, lastAt: null },
    });
    const days = (await get('sms/progress/series?from=2027-01-31', 'viewer')).json<{ items: object[] }>()
      .items;
    expect(days).toEqual([
      { day: '2027-01-31', newlyMoved: 0, moved: 0, passwordsSet: 0, usedLegacy: 0, usedUnified: 0 },
      { day: '2027-02-01', newlyMoved: 1, moved: 1, passwordsSet: 1, usedLegacy: 0, usedUnified: 1 },
    ]);
    expect((await get('sms/progress/forecast', 'viewer')).json()).toEqual({
      possible: false,
      reason: 'no-cut-over',
    });
    expect(
      (await get('sms/progress/forecast?cutOverAt=2027-03-31T22:00:00%2B09:00', 'viewer')).json(),
    ).toEqual({ possible: false, reason: 'not-enough-days', fullDays: 0, needed: 14 });
  });

  it('people page by page; a cursor tells no address, and any text is one', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = (await get(`sms/progress/people?state=never-seen&limit=3${cursor}`)).json<{
        items: { emailAddress: string }[];
        next: string | null;
      }>();
      seen.push(...page.items.map((one) => one.emailAddress));
      expect(page.next ?? '').not.toContain('@');
      cursor = page.next === null ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toHaveLength(7);
    for (const odd of ['%00', 'AA', '%F0%9F', "'", 'x'.repeat(900)])
      expect([200, 400]).toContain((await get(`sms/progress/people?cursor=${odd}`)).statusCode);
  });

  it('parameters of another form are refused, not guessed at', async () => {
    for (const query of [
      'progress/people?state=gone',
      'progress/people?limit=0',
      'progress/people?limit=100000',
      'progress/people?search=a&search=b',
      'progress/series?from=2027-02-30',
      'progress/series?from=yesterday',
      'progress/forecast?cutOverAt=2027-03-31',
      'rehearsal?at=soon',
      'rehearsal/findings?group=everybody',
      'progress/people.csv?locale=fr',
    ])
      expectProblem(await get(`sms/${query}`), 422, 'malformed');
  });

  it('a rehearsal: figures, and who, why and what to do', async () => {
    const figures = (await get('sms/rehearsal?at=2027-03-31T13:00:00Z', 'viewer')).json();
    expect(figures).toMatchObject({
      at: '2027-03-31T13:00:00.000Z',
      people: 9,
      lockedOut: 1,
      toldLate: 8,
      classes: { 'unknown-user': 1, 'not-told': 8 },
    });
    const { items: findings } = (await get('sms/rehearsal/findings?group=locked-out&locale=en')).json<{
      items: object[];
    }>();
    expect(findings).toEqual([
      {
        group: 'locked-out',
        class: 'unknown-user',
        why: 'Uses the legacy login, and has not been imported into the unified login. Last sign-in at the legacy login: Mon 1 Feb 2027, 12:00 (Japan time).',
        next: 'Import a file that has this user (hitokagi import).',
        consoleUserId: '@unknown',
        accountId: null,
        emailAddress: null,
        name: null,
        company: null,
        lastLegacyAt: world.now.toISOString(),
        toldAt: null,
        refusal: null,
      },
    ]);
  });
});

describe('R15: exports', () => {
  it('are CSV that Excel opens: byte order mark, RFC 4180, Japan time, and no cell that is a formula', async () => {
    const answer = await get('sms/progress/people.csv');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="sms-people.csv"',
      'cache-control': 'no-store',
    });
    expect([...answer.rawPayload.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(answer.body).toContain('\r\n');
    const rows = parse(answer.body, { bom: true, columns: true }) as Record<string, string>[];
    expect(rows).toHaveLength(8);
    expect(rows.find((row) => row['ログインID'] === 'moved@example.co.jp')).toMatchObject({
      状態: '移行済み',
      統合認証に移った日時: '2027-02-01 12:00',
    });
    expect(rows.find((row) => row['ログインID'] === 'formula@example.co.jp')).toMatchObject({
      氏名: `'=HYPERLINK("http://evil.example")`,
      ユーザーID: `'=1+1`,
    });
    expect(rows.find((row) => row['ログインID'] === 'quoted@example.co.jp')).toMatchObject({
      氏名: '見本, "太郎"\n二行目',
      ユーザーID: `'-2`,
    });
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
  });

  it('of the rehearsal and the series too, in English on demand', async () => {
    const findings = parse((await get('sms/rehearsal/findings.csv?locale=en')).body, {
      bom: true,
      columns: true,
    }) as Record<string, string>[];
    expect(findings[0]).toMatchObject({
      List: 'locked out',
      Class: 'unknown-user',
      'Console user ID': `'@unknown`,
    });
    expect(findings).toHaveLength(9);
    const days = parse((await get('sms/progress/series.csv', 'viewer')).body, { bom: true }) as string[][];
    expect([days.length, days[0]?.[0], days.at(-1)]).toEqual([
      91,
      '日',
      ['2027-02-01', '1', '1', '1', '0', '1'],
    ]);
  });

  it('of people are in the audit log with who took them', async () => {
    world.pass(1 * HOUR);
    await get('sms/progress/people.csv?state=never-seen', 'administrator');
    await get('sms/rehearsal/findings.csv?group=locked-out', 'administrator');
    const events = await world.database.db
      .selectFrom('audit_event')
      .select(['action', 'actor', 'detail'])
      .where('at', '=', world.now)
      .orderBy('id')
      .execute();
    expect(events).toMatchObject([
      { action: 'people.exported', detail: { list: 'progress', state: 'never-seen' } },
      { action: 'people.exported', detail: { list: 'rehearsal', group: 'locked-out' } },
    ]);
    expect(events[0]?.actor).toMatch(/^operator:opt_/);
  });
});
