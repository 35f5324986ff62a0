import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSchedule } from '#app/schedule.ts';
import { DAY, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { consoleWithPeople, giveVerdicts, japan, noticesOf } from '#test/migration.ts';
import { consoleUses } from '#domain/consoles/uses.ts';
import { secretKeys } from '#support/primitives/secrets.ts';
import { MASTER_SECRET, openWorld, type World } from '#test/world.ts';
import { tellNewcomers } from './newcomers.ts';
import { announce, closePlan, rollBack, setCutOver } from './plans.ts';
import { remindOfCutOver } from './reminders.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());
beforeEach(async () => {
  // Consoles of earlier tests have nothing to be reminded of.
  await world.database.db
    .updateTable('migration_plan')
    .set({ cut_over_at: null, announce_at: null })
    .execute();
  world.now = japan('2027-01-10 10:00');
});

const db = () => world.database.db;
const by = () => ({ actor: 'operator:cli', now: world.now });
const CUT_OVER = japan('2027-03-31 22:00');

async function withCutOver(cutOverAt = CUT_OVER, people = 2) {
  const made = await consoleWithPeople(world, people);
  const told = await announce(db(), made.consoleId, { cutOverAt }, by());
  if (!told.ok) throw new Error(told.reason);
  await giveVerdicts(world, told.noticeId, { at: world.now });
  await db().updateTable('notice').set({ ended_at: world.now }).where('id', '=', told.noticeId).execute();
  const set = await setCutOver(db(), made.consoleId, { cutOverAt }, by());
  if (!set.ok) throw new Error(set.reason);
  return { ...made, noticeId: told.noticeId };
}

const stages = async (consoleId: string) =>
  (await noticesOf(world, consoleId)).filter(({ kind }) => kind === 'reminder').map((one) => one.days_before);

async function recipients(noticeId: string) {
  const rows = await db()
    .selectFrom('notice_recipient')
    .select('account_id')
    .where('notice_id', '=', noticeId)
    .execute();
  return rows.map((row) => row.account_id).sort();
}

describe('R14, M2: reminders', () => {
  it('30, 7 and 1 days before the cut-over, at its time of day, each once', async () => {
    const { consoleId } = await withCutOver();
    const created: string[] = [];
    for (let hours = 0; world.now < CUT_OVER; hours++) {
      for (const noticeId of await remindOfCutOver(db(), world.now))
        created.push(`${noticeId} ${world.now.toISOString()}`);
      world.pass(6 * HOUR);
    }
    expect(created.map((line) => line.split(' ')[1])).toEqual([
      '2027-03-01T13:00:00.000Z',
      '2027-03-24T13:00:00.000Z',
      '2027-03-30T13:00:00.000Z',
    ]);
    expect(await stages(consoleId)).toEqual([30, 7, 1]);
    world.now = CUT_OVER;
    expect(await remindOfCutOver(db(), world.now)).toEqual([]);
  });

  it('go only to people who have not moved yet', async () => {
    const { consoleId, accounts } = await withCutOver(CUT_OVER, 3);
    const [moved = '', ...others] = accounts;
    const day = { day: '2027-02-01', first_at: world.now, last_at: world.now };
    await db()
      .insertInto('sign_in_day')
      .values([
        { console_id: consoleId, account_id: moved, kind: 'unified', ...day },
        { console_id: consoleId, account_id: others[0] as string, kind: 'legacy', ...day },
      ])
      .execute();
    const [noticeId = ''] = await remindOfCutOver(db(), japan('2027-03-01 22:00'));
    expect(await recipients(noticeId)).toEqual(others.sort());
  });

  it('to the minute: not before, and on the day at which the month has no 30th', async () => {
    const cutOver = japan('2027-03-30 09:00');
    await withCutOver(cutOver);
    expect(await remindOfCutOver(db(), japan('2027-02-28 08:59'))).toHaveLength(0);
    expect(await remindOfCutOver(db(), japan('2027-02-28 09:00'))).toHaveLength(1);
  });

  it('after a time in which no node ran only the stage that came last, and none twice', async () => {
    const { consoleId } = await withCutOver();
    await remindOfCutOver(db(), japan('2027-03-30 23:00'));
    await remindOfCutOver(db(), japan('2027-03-30 23:01'));
    expect(await stages(consoleId)).toEqual([1]);
  });

  it('none of a stage that was due before the date was set', async () => {
    world.now = japan('2027-01-10 10:00');
    const { consoleId, noticeId } = await withCutOver(japan('2027-02-12 10:00'));
    await remindOfCutOver(db(), japan('2027-01-13 10:00'));
    expect(await stages(consoleId)).toEqual([30]);
    await db()
      .updateTable('notice_recipient')
      .set({ state: 'accepted' })
      .where('notice_id', '=', noticeId)
      .execute();
    // Postponed by two days a few hours before the seventh day of the new date.
    world.now = japan('2027-02-07 12:00');
    await setCutOver(db(), consoleId, { cutOverAt: japan('2027-02-14 10:00') }, by());
    await remindOfCutOver(db(), japan('2027-02-07 12:01'));
    expect(await stages(consoleId)).toEqual([30]);
    await remindOfCutOver(db(), japan('2027-02-13 10:00'));
    expect(await stages(consoleId)).toEqual([30, 1]);
  });

  it('a clock that is set back repeats none', async () => {
    const { consoleId } = await withCutOver();
    for (const moment of ['2027-03-24 22:00', '2027-03-24 20:00', '2027-03-01 22:30', '2027-03-24 22:00'])
      await remindOfCutOver(db(), japan(moment));
    // The 30th day came only by the step back; it is told once all the same.
    expect((await stages(consoleId)).sort()).toEqual([30, 7]);
  });

  it('two nodes at once create one', async () => {
    const { consoleId } = await withCutOver();
    for (const moment of ['2027-03-01 22:00', '2027-03-24 22:00', '2027-03-30 22:00'])
      await Promise.all(Array.from({ length: 6 }, () => remindOfCutOver(db(), japan(moment))));
    expect(await stages(consoleId)).toEqual([30, 7, 1]);
  });

  it('none after a rollback or closing', async () => {
    const { consoleId } = await withCutOver();
    await rollBack(db(), consoleId, { correction: false }, by());
    expect(await remindOfCutOver(db(), japan('2027-03-24 22:00'))).toEqual([]);
    const closed = await withCutOver();
    world.now = CUT_OVER;
    await closePlan(db(), closed.consoleId, {}, by());
    expect(await remindOfCutOver(db(), japan('2027-03-24 22:00'))).toEqual([]);
  });

  it('a node that starts late catches up within 60 seconds', async () => {
    const { consoleId, clientId } = await withCutOver();
    world.now = japan('2027-03-26 03:00');
    await world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' });
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stop = startSchedule({
      db: db(),
      uses: consoleUses(),
      addresses: world.config,
      jobs: {
        enqueue: async () => undefined,
        enqueueAll: async () => undefined,
        pending: async () => [],
        work: async () => undefined,
        stop: async () => undefined,
      },
      clock: () => world.now,
      log: {
        error: (detail, text) => expect.fail(`${text} ${JSON.stringify(detail)}`),
        info: () => undefined,
      },
      sealKey: Buffer.alloc(32),
      settings: world.app.settings,
      secrets: secretKeys(MASTER_SECRET),
      sayNode: async () => undefined,
      keys: { jwks: { keys: [] }, reload: async () => undefined },
    });
    vi.advanceTimersByTime(60 * SECOND);
    await stop();
    vi.useRealTimers();
    expect(await stages(consoleId)).toEqual([7]);
  });
});

describe('R14: newcomers', () => {
  it('are told by the announcement that stands, once, until the cut-over', async () => {
    const { consoleId, clientId, noticeId, accounts } = await withCutOver();
    expect(await tellNewcomers(db(), world.now)).toBe(0);
    const late = await world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' });
    const program = await world.addPerson(`program@${clientId}.example.co.jp`, { [clientId]: 'program' });
    await db()
      .updateTable('console_link')
      .set({ api_only: true })
      .where('account_id', '=', program)
      .execute();
    const both = await Promise.all([tellNewcomers(db(), world.now), tellNewcomers(db(), world.now)]);
    expect(both.sort()).toEqual([0, 1]);
    expect(await recipients(noticeId)).toEqual([...accounts, late].sort());
    // The notice had gone out to everybody; now it goes on.
    const notice = await db()
      .selectFrom('notice')
      .select('ended_at')
      .where('id', '=', noticeId)
      .executeTakeFirst();
    expect(notice?.ended_at).toBeNull();
    await world.addPerson(`later@${clientId}.example.co.jp`, { [clientId]: 'later' });
    expect(await tellNewcomers(db(), CUT_OVER)).toBe(0);
    expect(consoleId).toBeTruthy();
  });

  it('after a postponement are told the date that holds', async () => {
    const { consoleId, clientId, noticeId } = await withCutOver();
    world.pass(1 * DAY);
    await setCutOver(db(), consoleId, { cutOverAt: japan('2027-04-30 22:00') }, by());
    const late = await world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' });
    expect(await tellNewcomers(db(), world.now)).toBe(1);
    expect(await recipients(noticeId)).not.toContain(late);
    const correction = (await noticesOf(world, consoleId)).find(({ kind }) => kind === 'correction');
    expect(await recipients(correction?.id ?? '')).toContain(late);
  });

  it('are told nothing where nothing was announced, or it was taken back', async () => {
    const { consoleId, clientId } = await withCutOver();
    await rollBack(db(), consoleId, { correction: true }, by());
    await world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' });
    expect(await tellNewcomers(db(), world.now)).toBe(0);
  });

  it('who wait in a notice that was ended at that very moment are not forgotten', async () => {
    const { clientId, noticeId } = await withCutOver();
    await world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' });
    await tellNewcomers(db(), world.now);
    await db().updateTable('notice').set({ ended_at: world.now }).where('id', '=', noticeId).execute();
    world.pass(1 * MINUTE);
    await tellNewcomers(db(), world.now);
    const notice = await db()
      .selectFrom('notice')
      .select('ended_at')
      .where('id', '=', noticeId)
      .executeTakeFirst();
    expect(notice?.ended_at).toBeNull();
  });
});
