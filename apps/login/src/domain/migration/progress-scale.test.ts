import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from '#test/world.ts';
import { foreseeAct, type ActName } from './acts.ts';
import { forecastOf } from './forecast.ts';
import { planStanding, planStandingLately } from './plan-standing.ts';
import { allProgressPeople, progressPeople } from './progress-people.ts';
import { progressOf } from './progress.ts';
import { refusedAnyway } from './refused-anyway.ts';
import { rehearsalFindings, rehearse } from './rehearse.ts';
import { progressSeries } from './series.ts';
import { refreshStanding } from './standing.ts';
import { progressSummary, refreshSummaries } from './summary.ts';

/** People of the console; each has signed in on some of the last 60 days, eight in the mean. The full size with HITOKAGI_FULL_CAMPAIGN. */
const LINKS = process.env.HITOKAGI_FULL_CAMPAIGN ? 100_000 : 10_000;

let world: World;
let consoleId: string;
beforeAll(async () => {
  world = await openWorld({ work: false, now: new Date('2027-02-01T03:00:00Z') });
  consoleId = await world.addConsole('sms');
  const { db } = world.database;
  await db
    .updateTable('migration_plan')
    .set({ link_at: new Date('2026-11-21T13:00:00Z'), cut_over_at: new Date('2027-03-31T13:00:00Z') })
    .execute();
  await sql`
    insert into account (id, email_address, email_key, name, company, created_at, updated_at, code_sent_at)
    select 'acc_' || i, 'person' || i || '@example.co.jp', 'person' || i || '@example.co.jp', '見本 ' || i, '見本商事 ' || i % 500,
      ${world.now}, ${world.now}, case when i % 3 = 0 then ${world.now}::timestamptz end
    from generate_series(1, ${LINKS}::int) i`.execute(db);
  await sql`
    insert into console_link (console_id, console_user_id, account_id, created_at, api_only)
    select ${consoleId}, 'user-' || i, 'acc_' || i, ${world.now}, i % 100 = 0 from generate_series(1, ${LINKS}::int) i`.execute(
    db,
  );
  await sql`
    insert into password_credential (account_id, password_hash, set_at, first_set_at)
    select 'acc_' || i, 'x', ${world.now}, ${world.now}::timestamptz - i % 60 * interval '1 day' from generate_series(1, ${LINKS}::int) i where i % 2 = 0`.execute(
    db,
  );
  await sql`
    insert into sign_in_day (console_id, account_id, kind, day, first_at, last_at)
    select ${consoleId}, 'acc_' || i, k, (at at time zone 'Asia/Tokyo')::date, at, at
    from generate_series(1, ${LINKS}::int) i, generate_series(0, 59) d, unnest(array['legacy', 'unified']) k,
      lateral (select ${world.now}::timestamptz - d * interval '1 day') t (at)
    where (i * 7 + d) % 5 = 0 and (k = 'unified') = (i % 4 = 0 and d < 40) and (i + d) % 3 <> 0`.execute(db);
  await sql`
    insert into notice (id, console_id, kind, cut_over_at, send_at, created_at, created_by)
    values ('ntc_1', ${consoleId}, 'announcement', '2027-03-31T13:00:00Z', ${world.now}, ${world.now}, 'operator:cli')`.execute(
    db,
  );
  await sql`
    insert into notice_recipient (notice_id, account_id, recipient, state, verdict_at)
    select 'ntc_1', 'acc_' || i, 'person' || i || '@example.co.jp', case when i % 50 = 1 then 'refused' else 'accepted' end, ${world.now}
    from generate_series(1, ${LINKS}::int) i where i % 100 <> 0`.execute(db);
  await sql`analyze`.execute(db);
}, 180_000);
afterAll(() => world.close());

async function timed<T>(name: string, act: () => Promise<T>): Promise<T> {
  await act();
  const began = performance.now();
  const result = await act();
  const took = performance.now() - began;
  process.stdout.write(`progress of ${LINKS.toLocaleString('en')} links: ${name} ${Math.round(took)} ms\n`);
  expect(took, name).toBeLessThan(15_000);
  return result;
}

describe(`R15: progress of ${LINKS.toLocaleString('en')} people`, () => {
  it('totals, pages, series and forecast agree, and none takes long', async () => {
    const { db } = world.database;
    const progress = await timed('totals', () => progressOf(db, consoleId, world.now));
    expect(Object.values(progress.states).reduce((a, b) => a + b)).toBe(progress.people);
    expect(progress.people + progress.apart.apiOnly + progress.apart.inactive).toBe(LINKS);
    const series = await timed('series of 90 days', () => progressSeries(db, consoleId, {}, world.now));
    expect(series).toHaveLength(90);
    expect(series.at(-1)?.moved).toBe(progress.states['signed-in-unified']);
    const forecast = await timed('forecast', () => forecastOf(db, consoleId, world.now));
    expect(forecast).toMatchObject({ ok: true, movedNow: progress.states['signed-in-unified'] });
    await timed('first page of 50', () => progressPeople(db, consoleId, { limit: 50 }, world.now));
    await timed('page of a search', () =>
      progressPeople(db, consoleId, { search: '見本商事 77', limit: 50 }, world.now),
    );
    await timed('page of a state that nobody is in', () =>
      progressPeople(db, consoleId, { state: 'inactive', limit: 50 }, world.now),
    );
    let n = 0;
    await timed('all people, a thousand at a time', async () => {
      n = 0;
      for await (const _ of allProgressPeople(db, consoleId, { state: 'unreachable' }, world.now)) n++;
    });
    expect(n).toBe(progress.states.unreachable);
    await timed('where everybody stands, brought up to date', () =>
      db.transaction().execute((trx) => refreshStanding(trx, consoleId, world.now)),
    );
    const at = new Date('2027-03-31T13:00:00Z');
    const figures = await timed('rehearsal, figures', () => rehearse(db, consoleId, at, world.now));
    expect(figures).toMatchObject({ people: LINKS, lockedOut: progress.states.unreachable });
    const page = await timed('rehearsal, first page of 50', () =>
      rehearsalFindings(db, consoleId, at, { limit: 50 }, world.now),
    );
    expect(page.findings.map((one) => one.class)).toEqual(Array(50).fill('mail-unreachable'));
  }, 240_000);

  it('pages show what was counted a moment ago; what stands against an act is counted then', async () => {
    const { db } = world.database;
    await sql`
      insert into plan_change (console_id, revision, at, actor, action, notice_id)
      values (${consoleId}, 1, ${world.now}, 'operator:cli', 'announced', 'ntc_1')`.execute(db);
    await db.updateTable('migration_plan').set({ cut_over_at: null }).execute();
    await db.deleteFrom('progress_summary').execute();
    await refreshSummaries(db, world.now);
    const summary = await progressSummary(db, consoleId, world.now);
    const cutOverAt = new Date('2027-03-31T13:00:00Z');
    expect(summary.many?.rehearsal).toEqual(await rehearse(db, consoleId, cutOverAt, world.now));
    const exact = await planStanding(db, consoleId, world.now);
    expect(exact.announcement?.unsettled).toBe(LINKS / 50);
    expect(await planStandingLately(db, summary, world.now)).toEqual(exact);

    const setting = () => foreseeAct(db, consoleId, { act: 'cut-over', cutOverAt, texts: {} }, world.now);
    expect(await setting()).toMatchObject({ ok: false, reason: 'unsettled' });
    await sql`update notice_recipient set settlement = 'told-otherwise', settled_at = ${world.now} where state = 'refused'`.execute(
      db,
    );
    expect((await planStandingLately(db, summary, world.now)).announcement?.unsettled).toBe(LINKS / 50);
    expect(await setting()).toMatchObject({ ok: true, standing: { announcement: { unsettled: 0 } } });

    // Unsettled by the summary, settled by now: a form is offered. What stands in the plan is said, and nobody is counted for it.
    const lately = await planStandingLately(db, summary, world.now);
    const refusedNow = (act: ActName) => refusedAnyway(db, summary, lately, act, world.now);
    expect(await refusedNow('cut-over')).toBeUndefined();
    const sent = world.database.statements();
    expect(await refusedNow('close')).toMatchObject({ reason: 'not-unified' });
    expect(world.database.statements()).toBe(sent);

    await db.updateTable('migration_plan').set({ revision: 7 }).execute();
    const changed = await progressSummary(db, consoleId, world.now);
    expect(changed).toEqual({ ...summary, many: { ...summary.many, duty: null } });
    expect((await planStandingLately(db, changed, world.now)).announcement?.unsettled).toBe(0);
    await refreshSummaries(db, world.now);
    const anew = await progressSummary(db, consoleId, world.now);
    expect(anew.many?.duty?.announcement?.unsettled).toBe(0);
  });
});
