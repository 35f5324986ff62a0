import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announce } from '#domain/notices/test-world.ts';
import { DAY, HOUR } from '#support/primitives/durations.ts';
import { apiSteps } from '#test/console-api.ts';
import { Browser } from '#test/browser.ts';
import { enter, PASSWORD } from '#test/steps.ts';
import { openWorld, type World } from '#test/world.ts';
import { forecastOf } from './forecast.ts';
import { allProgressPeople, progressPeople, type PeopleFilter } from './progress-people.ts';
import { progressOf } from './progress.ts';
import { progressSeries } from './series.ts';

const NOW = new Date('2027-02-01T03:00:00Z'); // noon in Japan

let world: World;
let consoleId: string;
const { call } = apiSteps(() => world);
beforeAll(async () => {
  world = await openWorld({ now: new Date('2026-12-01T03:00:00Z') });
  consoleId = await world.addConsole('sms');
  await world.addConsole('mail');
});
afterAll(() => world.close());

const db = () => world.database.db;
let people = 0;
async function person(name: string, options: { password?: string } = {}): Promise<string> {
  const id = await world.addPerson(
    `${name}@example.co.jp`,
    { sms: `user-${++people}`, mail: `m-${people}` },
    { name, ...options },
  );
  ids.set(name, { id, userId: `user-${people}` });
  return id;
}
const ids = new Map<string, { id: string; userId: string }>();
const idOf = (name: string) => (ids.get(name) as { id: string }).id;

async function legacy(name: string, at: Date): Promise<void> {
  const { userId } = ids.get(name) as { userId: string };
  await call('POST', '/legacy-sign-ins', {
    signIns: [{ id: `${name}-${at.getTime()}`, consoleUserId: userId, at: at.toISOString() }],
  });
}
async function names(state?: PeopleFilter, search?: string): Promise<string[]> {
  const found = [];
  for await (const one of allProgressPeople(db(), consoleId, { state, search }, world.now))
    found.push(one.name);
  return found.sort();
}
async function verdict(noticeId: string, name: string, set: object): Promise<void> {
  await db()
    .updateTable('notice_recipient')
    .set({ recipient: `${name}@example.co.jp`, verdict_at: world.now, ...set })
    .where('notice_id', '=', noticeId)
    .where('account_id', '=', idOf(name))
    .execute();
}

describe('R15: where a console’s people stand', () => {
  beforeAll(async () => {
    for (const name of [
      'never',
      'told',
      'bounced',
      'bounced-once',
      'other-address',
      'api',
      'api-signs-in',
      'gone',
    ])
      await person(name);
    for (const name of ['set', 'moved', 'moved-and-back', 'moved-elsewhere', 'bounced-with-password'])
      await person(name, { password: PASSWORD });
    await person('code');
    await person('code-then-bounced');
    for (const name of ['moved', 'moved-and-back'])
      await enter(world, new Browser(world), 'sms', { address: `${name}@example.co.jp` });
    await enter(world, new Browser(world), 'mail', { address: 'moved-elsewhere@example.co.jp' });
    for (const name of ['code', 'code-then-bounced']) {
      await new Browser(world).request('POST', '/reset', { email_address: `${name}@example.co.jp` });
      await world.nextMail(`${name}@example.co.jp`);
    }
    await db()
      .updateTable('console_link')
      .set({ api_only: true })
      .where('account_id', 'in', [idOf('api'), idOf('api-signs-in')])
      .where('console_id', '=', consoleId)
      .execute();
    await db().updateTable('account').set({ state: 'suspended' }).where('id', '=', idOf('gone')).execute();

    const first = await announce(db(), consoleId, world.now);
    for (const name of ['bounced', 'bounced-once', 'bounced-with-password', 'code-then-bounced'])
      await verdict(first, name, { state: 'refused', smtp_response: '550 no' });
    await verdict(first, 'other-address', { state: 'bounced', recipient: 'former@example.co.jp' });
    world.now = new Date(world.now.getTime() + 1 * DAY);
    const second = await announce(db(), consoleId, world.now);
    await verdict(second, 'bounced-once', { state: 'accepted' });
    await verdict(second, 'told', { state: 'accepted' });

    world.now = NOW;
    await legacy('never', new Date(NOW.getTime() - 1 * HOUR));
    await legacy('moved-and-back', new Date(NOW.getTime() - 29 * DAY));
    await legacy('set', new Date(NOW.getTime() - 31 * DAY));
    await legacy('api-signs-in', new Date(NOW.getTime() - 2 * DAY));
    await call('POST', '/legacy-sign-ins', {
      signIns: [{ id: 'x', consoleUserId: 'nobody', at: NOW.toISOString() }],
    });
  });

  it('everybody is in exactly one state', async () => {
    expect(await names('never-seen')).toEqual(['bounced-once', 'never', 'other-address', 'told']);
    expect(await names('code-requested')).toEqual(['code']);
    expect(await names('unreachable')).toEqual(['bounced', 'code-then-bounced']);
    expect(await names('password-set')).toEqual(['bounced-with-password', 'moved-elsewhere', 'set']);
    expect(await names('signed-in-unified')).toEqual(['moved', 'moved-and-back']);
    expect(await names('api-only')).toEqual(['api', 'api-signs-in']);
    expect(await names('inactive')).toEqual(['gone']);
    expect(await names()).toEqual([...ids.keys()].sort());
  });

  it('who still uses the legacy login is a question of its own, whatever the state', async () => {
    expect(await names('still-legacy')).toEqual(['api-signs-in', 'moved-and-back', 'never']);
  });

  it('the totals agree with the lists', async () => {
    expect(await progressOf(db(), consoleId, world.now)).toEqual({
      people: 12,
      states: {
        'never-seen': 4,
        'code-requested': 1,
        unreachable: 2,
        'password-set': 3,
        'signed-in-unified': 2,
      },
      apart: { apiOnly: 2, inactive: 1 },
      withPassword: 5,
      mailUnreachable: 3,
      stillLegacy: { all: 2, moved: 1, lastAt: new Date(NOW.getTime() - 1 * HOUR) },
      unknownUsers: 1,
    });
  });

  it('a person’s times are those of this console', async () => {
    const [moved] = (await progressPeople(db(), consoleId, { search: 'moved-and-back', limit: 5 }, world.now))
      .people;
    expect(moved).toMatchObject({
      emailAddress: 'moved-and-back@example.co.jp',
      company: '見本商事',
      consoleUserId: ids.get('moved-and-back')?.userId,
      movedAt: new Date('2026-12-01T03:00:00Z'),
      lastUnifiedDay: '2026-12-01',
      passwordSetAt: new Date('2026-12-01T03:00:00Z'),
      lastLegacyAt: new Date(NOW.getTime() - 29 * DAY),
      lastSeenAt: new Date(NOW.getTime() - 29 * DAY),
      stillLegacy: true,
    });
    const [elsewhere] = (
      await progressPeople(db(), consoleId, { search: 'moved-elsewhere', limit: 5 }, world.now)
    ).people;
    expect(elsewhere).toMatchObject({ movedAt: null, lastUnifiedDay: null });
  });

  it('is searched by parts of address, name, company and the console’s user id in any order; a wildcard is a letter', async () => {
    expect(await names(undefined, 'MOVED')).toEqual(['moved', 'moved-and-back', 'moved-elsewhere']);
    expect(await names(undefined, ids.get('code')?.userId)).toEqual(['code']);
    expect(await names(undefined, ' 見本商 ')).toHaveLength(ids.size);
    expect(await names(undefined, '見本商 ＭＯＶＥＤ-ａｎｄ')).toEqual(['moved-and-back']);
    for (const nothing of ['%', '_', '\\', "' or true --", 'user-x'])
      expect(await names(undefined, nothing), nothing).toEqual([]);
  });

  it('comes page by page, each person once', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await progressPeople(db(), consoleId, { cursor, limit: 4 }, world.now);
      expect(page.people.length).toBeLessThanOrEqual(4);
      seen.push(...page.people.map((one) => one.name));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([...ids.keys()].sort((a, b) => (`${a}@` < `${b}@` ? -1 : 1)));
  });

  it('of a console without people is empty', async () => {
    const empty = await world.addConsole('empty');
    expect(await progressOf(db(), empty, world.now)).toMatchObject({
      people: 0,
      unknownUsers: 0,
      stillLegacy: { lastAt: null },
    });
    expect((await progressSeries(db(), empty, {}, world.now)).every((day) => day.moved === 0)).toBe(true);
    expect(await forecastOf(db(), empty, world.now, new Date(NOW.getTime() + 9 * DAY))).toMatchObject({
      ok: false,
    });
  });
});

describe('R15: day by day, and what is to be expected', () => {
  let series: string;
  beforeAll(async () => {
    series = await world.addConsole('series');
    await db()
      .updateTable('migration_plan')
      .set({ link_at: new Date('2027-01-10T13:00:00Z') })
      .where('console_id', '=', series)
      .execute();
    // On each of the last 14 full days as many people move as stands here; the last one is yesterday.
    for (const [i, count] of [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 8, 9].entries())
      for (let n = 0; n < count; n++) await moves(`s${i}-${n}`, 14 - i);
    for (let n = 0; n < 30; n++) await world.addPerson(`waiting-${n}@example.co.jp`, { series: `w-${n}` });
    await moves('today', 0);
  });
  async function moves(name: string, daysAgo: number): Promise<void> {
    const id = await world.addPerson(`${name}@example.co.jp`, { series: name });
    const at = new Date(NOW.getTime() - daysAgo * DAY);
    const days = [at, ...(daysAgo > 0 ? [NOW] : [])];
    await db()
      .insertInto('sign_in_day')
      .values(
        days.map((one) => ({
          console_id: series,
          account_id: id,
          kind: 'unified' as const,
          day: one.toISOString().slice(0, 10),
          first_at: one,
          last_at: one,
        })),
      )
      .execute();
    await db()
      .insertInto('password_credential')
      .values({ account_id: id, password_hash: 'x', set_at: NOW, first_set_at: at })
      .execute();
  }

  it('the series has no gaps, ends today in Japan, and its total is that of the states', async () => {
    const days = await progressSeries(db(), series, {}, NOW);
    expect(days).toHaveLength(90);
    expect([days[0]?.day, days.at(-1)?.day]).toEqual(['2026-11-04', '2027-02-01']);
    expect(days.slice(-15).map((day) => day.newlyMoved)).toEqual([
      0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 8, 9, 1,
    ]);
    expect(days.slice(-15).map((day) => day.passwordsSet)).toEqual([
      0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 8, 9, 1,
    ]);
    expect(days.at(-1)).toMatchObject({ moved: 43, usedUnified: 43, usedLegacy: 0 });
    expect((await progressOf(db(), series, NOW)).states['signed-in-unified']).toBe(43);
  });

  it('a range begins with who had moved before it; days to come are not given', async () => {
    const days = await progressSeries(db(), series, { from: '2027-01-30', to: '2027-03-01' }, NOW);
    expect(days.map((day) => [day.day, day.newlyMoved, day.moved])).toEqual([
      ['2027-01-30', 8, 33],
      ['2027-01-31', 9, 42],
      ['2027-02-01', 1, 43],
    ]);
    expect(await progressSeries(db(), series, { from: '2027-03-01' }, NOW)).toEqual([]);
    expect((await progressSeries(db(), series, { from: '1990-01-01' }, NOW)).length).toBe(800);
  });

  it('a day is a day in Japan', async () => {
    const days = await progressSeries(db(), series, {}, new Date('2027-01-31T14:59:59Z'));
    expect(days.at(-1)?.day).toBe('2027-01-31');
    expect((await progressSeries(db(), series, {}, new Date('2027-01-31T15:00:00Z'))).at(-1)?.day).toBe(
      '2027-02-01',
    );
  });

  it('the forecast is today’s figure plus days left times the quartiles of the last 14 full days', async () => {
    const forecast = await forecastOf(db(), series, NOW, new Date('2027-02-08T13:00:00Z'));
    expect(forecast).toMatchObject({
      ok: true,
      daysLeft: 7,
      people: 73,
      movedNow: 43,
      rate: { low: 1.25, middle: 2, high: 3.75 },
      moved: { low: 52, middle: 57, high: 69 },
    });
  });

  it('never says more than there are people, nor fewer than today', async () => {
    expect(await forecastOf(db(), series, NOW, new Date('2028-02-08T13:00:00Z'))).toMatchObject({
      moved: { low: 73, middle: 73, high: 73 },
    });
    expect(await forecastOf(db(), series, NOW, new Date(NOW.getTime() + 1))).toMatchObject({
      daysLeft: 0,
      moved: { low: 43, middle: 43, high: 43 },
    });
  });

  it('says so when there are not enough days, no date, or a date that is past', async () => {
    expect(await forecastOf(db(), series, NOW)).toEqual({ ok: false, reason: 'no-cut-over' });
    expect(await forecastOf(db(), series, NOW, NOW)).toEqual({ ok: false, reason: 'cut-over-past' });
    const later = new Date('2027-03-31T13:00:00Z');
    // The link appeared on 10 January in the evening: the 11th is the first full day, the 24th the last of fourteen.
    expect(await forecastOf(db(), series, new Date('2027-01-24T14:59:59Z'), later)).toEqual({
      ok: false,
      reason: 'not-enough-days',
      fullDays: 13,
      needed: 14,
    });
    expect(await forecastOf(db(), series, new Date('2027-01-24T15:00:00Z'), later)).toMatchObject({
      ok: true,
    });
  });

  it('a password that is changed later counts on the day of the first', async () => {
    const id = await world.addPerson('again@example.co.jp', { series: 'again' }, { password: PASSWORD });
    const { storePassword } = await import('#domain/credentials/passwords.ts');
    await storePassword(db(), id, 'y', new Date(NOW.getTime() + 3 * DAY));
    const row = await db()
      .selectFrom('password_credential')
      .selectAll()
      .where('account_id', '=', id)
      .executeTakeFirstOrThrow();
    expect([row.first_set_at, row.set_at]).toEqual([world.now, new Date(NOW.getTime() + 3 * DAY)]);
  });
});
