import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { adoptLinkedUsers, forgetOldLegacySignIns } from '#domain/migration/usage.ts';
import { DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { apiSteps, expectProblem } from '#test/console-api.ts';
import { openWorld, type World } from '#test/world.ts';

let world: World;
let accountId: string;
const { call } = apiSteps(() => world);
beforeAll(async () => {
  world = await openWorld({ work: false });
  await world.addConsole('sms');
  await world.addConsole('mail');
  accountId = await world.addPerson('taro@example.co.jp', { sms: '1', mail: '900' });
});
beforeEach(async () => {
  for (const table of ['sign_in_day', 'legacy_sign_in', 'unknown_console_user'] as const)
    await world.database.db.deleteFrom(table).execute();
});
afterAll(() => world.close());

const ago = (duration: number) => new Date(world.now.getTime() - duration).toISOString();
const report = (signIns: unknown) => call('POST', '/legacy-sign-ins', { signIns });

async function days() {
  const { rows } = await sql<{ account: string; kind: string; day: string; first: Date; last: Date }>`
    select account_id as account, kind, day::text, first_at as first, last_at as last
    from sign_in_day order by account_id, day`.execute(world.database.db);
  return rows.map((row) => ({ ...row, first: row.first.toISOString(), last: row.last.toISOString() }));
}

async function unknown() {
  const rows = await world.database.db
    .selectFrom('unknown_console_user')
    .selectAll()
    .orderBy('console_user_id')
    .execute();
  return rows.map((row) => [row.console_user_id, row.first_at.toISOString(), row.last_at.toISOString()]);
}

describe('R15: a console reports the sign-ins at its legacy login', () => {
  it('those of linked people count by person and day in Japan, with the last time; the others as unknown users', async () => {
    const answer = await report([
      { id: 'e1', consoleUserId: '1', at: '2026-11-21T14:30:00Z' }, // 23:30 in Japan
      { id: 'e2', consoleUserId: '1', at: '2026-11-22T00:30:00+09:00' }, // 0:30 of the next day there
      { id: 'e3', consoleUserId: '1', at: '2026-11-21T23:00:00Z' },
      { id: 'e4', consoleUserId: 'x7', at: '2026-11-21T10:00:00Z' },
      { id: 'e5', consoleUserId: 'x7', at: '2026-11-21T09:00:00Z' },
      { id: 'e6', consoleUserId: '900', at: '2026-11-21T09:00:00Z' }, // another console's id of Tarō
    ]);
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { taken: ['e1', 'e2', 'e3', 'e4', 'e5', 'e6'], refused: [] },
    ]);
    expect(await days()).toEqual([
      {
        account: accountId,
        kind: 'legacy',
        day: '2026-11-21',
        first: '2026-11-21T14:30:00.000Z',
        last: '2026-11-21T14:30:00.000Z',
      },
      {
        account: accountId,
        kind: 'legacy',
        day: '2026-11-22',
        first: '2026-11-21T15:30:00.000Z',
        last: '2026-11-21T23:00:00.000Z',
      },
    ]);
    expect(await unknown()).toEqual([
      ['900', '2026-11-21T09:00:00.000Z', '2026-11-21T09:00:00.000Z'],
      ['x7', '2026-11-21T09:00:00.000Z', '2026-11-21T10:00:00.000Z'],
    ]);
  });

  it('a late report never moves a last time back', async () => {
    await report([{ id: 'n1', consoleUserId: '1', at: ago(1 * MINUTE) }]);
    await report([{ id: 'n0', consoleUserId: '1', at: ago(20 * MINUTE) }]);
    expect(await days()).toMatchObject([{ first: ago(20 * MINUTE), last: ago(1 * MINUTE) }]);
  });

  it('a batch whose answer was lost, and nodes that report the same one at once, count once', async () => {
    const batch = Array.from({ length: 500 }, (_, i) => ({
      id: `b${i}`,
      consoleUserId: i % 2 === 0 ? '1' : `u${i % 20}`,
      at: ago((i % 30) * DAY),
    }));
    const answers = await Promise.all([
      report(batch),
      report([...batch].reverse()),
      report(batch.slice(200)),
      report(batch.slice(0, 300).reverse()),
    ]);
    for (const answer of answers) expect(answer.statusCode, answer.body).toBe(200);
    expect((await report(batch)).json<{ taken: string[] }>().taken).toHaveLength(500);
    const { n } = await world.database.db
      .selectFrom('legacy_sign_in')
      .select((eb) => eb.fn.countAll<string>().as('n'))
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(500);
    expect((await days()).length).toBeLessThanOrEqual(30);
    expect(await unknown()).toHaveLength(10);
  });

  it('rows that will never be taken are named one by one, and do not hold up the others', async () => {
    const answer = await report([
      { id: 'ok', consoleUserId: '1', at: ago(1 * HOUR) },
      { id: 'future', consoleUserId: '1', at: ago(-11 * MINUTE) },
      { id: 'old', consoleUserId: '1', at: ago(40 * DAY) },
      { id: 'just', consoleUserId: '1', at: ago(40 * DAY - 1 * MINUTE) },
      { id: 'no-time', consoleUserId: '1', at: 'yesterday' },
      { id: 'no-such-day', consoleUserId: '1', at: '2026-02-30T00:00:00Z' },
      { id: 'no-offset', consoleUserId: '1', at: '2026-11-21T09:00:00' },
      { id: 'number', consoleUserId: 1, at: ago(1 * HOUR) },
      { id: 'empty', consoleUserId: '', at: ago(1 * HOUR) },
      { id: 'nul', consoleUserId: 'a\u0000b', at: ago(1 * HOUR) },
      { id: 'half', consoleUserId: '\ud800', at: ago(1 * HOUR) },
      { id: 'long', consoleUserId: 'x'.repeat(201), at: ago(1 * HOUR) },
      { id: 'more', consoleUserId: '1', at: ago(1 * HOUR), accountId },
      { id: '\ud800', consoleUserId: '1', at: ago(1 * HOUR) },
      { consoleUserId: '1', at: ago(1 * HOUR) },
      null,
      'text',
      [],
    ]);
    expect(answer.statusCode, answer.body).toBe(200);
    const { taken, refused } = answer.json<{
      taken: string[];
      refused: { index: number; id: string | null; reason: string }[];
    }>();
    expect(taken).toEqual(['ok', 'just']);
    expect(refused.map((one) => [one.index, one.id, one.reason])).toEqual([
      [1, 'future', 'in-the-future'],
      [2, 'old', 'too-old'],
      [4, 'no-time', 'malformed'],
      [5, 'no-such-day', 'malformed'],
      [6, 'no-offset', 'malformed'],
      [7, 'number', 'malformed'],
      [8, 'empty', 'malformed'],
      [9, 'nul', 'malformed'],
      [10, 'half', 'malformed'],
      [11, 'long', 'malformed'],
      [12, 'more', 'malformed'],
      [13, '\ufffd', 'malformed'],
      [14, null, 'malformed'],
      [15, null, 'malformed'],
      [16, null, 'malformed'],
      [17, null, 'malformed'],
    ]);
    expect((await days()).length).toBe(2);
  });

  it('asks for the console’s credentials, and for the documented form', async () => {
    const refused = await call('POST', '/legacy-sign-ins', { signIns: [] }, { authorization: '' });
    expectProblem(refused, 401, 'unauthenticated');
    for (const body of [
      {},
      [],
      { signIns: {} },
      { signIns: [], more: 1 },
      { signIns: Array(501).fill(null) },
    ])
      expectProblem(await call('POST', '/legacy-sign-ins', body), 422, 'malformed');
    expect((await report([])).json()).toEqual({ taken: [], refused: [] });
  });

  it('500 rows with long ids fit', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => ({
      id: `${'i'.repeat(96)}${i}`.slice(-100),
      consoleUserId: `${'見'.repeat(196)}${i}`,
      at: ago(1 * HOUR),
    }));
    const answer = await report(rows);
    expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200);
    expect(await unknown()).toHaveLength(500);
  });

  it('one console’s events are not another’s', async () => {
    await report([{ id: 'same', consoleUserId: '1', at: ago(1 * HOUR) }]);
    const { basic } = await import('#test/steps.ts');
    await call(
      'POST',
      '/legacy-sign-ins',
      { signIns: [{ id: 'same', consoleUserId: '900', at: ago(2 * HOUR) }] },
      { authorization: basic('mail') },
    );
    expect(await days()).toHaveLength(2);
  });
});

describe('R15: what was reported too early or long ago', () => {
  it('people who are linked afterwards are unknown no more, and their sign-ins count', async () => {
    await report([
      { id: 'a', consoleUserId: 'new', at: ago(3 * DAY) },
      { id: 'b', consoleUserId: 'new', at: ago(3 * DAY - 1 * MINUTE) },
      { id: 'c', consoleUserId: 'new', at: ago(1 * HOUR) },
      { id: 'd', consoleUserId: 'other', at: ago(1 * HOUR) },
    ]);
    const id = await world.addPerson('new@example.co.jp', { sms: 'new' });
    await Promise.all([adoptLinkedUsers(world.database.db), adoptLinkedUsers(world.database.db)]);
    expect((await unknown()).map(([user]) => user)).toEqual(['other']);
    expect(await days()).toMatchObject([
      { account: id, first: ago(3 * DAY), last: ago(3 * DAY - 1 * MINUTE) },
      { account: id, last: ago(1 * HOUR) },
    ]);
  });

  it('an event is forgotten only when a report of it would be refused, and its day stays', async () => {
    await report([{ id: 'e', consoleUserId: '1', at: ago(0) }]);
    const left = async () =>
      (await world.database.db.selectFrom('legacy_sign_in').select('event_id').execute()).length;
    await forgetOldLegacySignIns(world.database.db, new Date(world.now.getTime() + 40 * DAY));
    expect(await left()).toBe(1);
    await forgetOldLegacySignIns(world.database.db, new Date(world.now.getTime() + 41 * DAY + 1));
    expect(await left()).toBe(0);
    expect(await days()).toHaveLength(1);
  });
});
