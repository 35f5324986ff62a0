import { setTimeout as pause } from 'node:timers/promises';
import {
  announce,
  closePlan,
  planOf,
  rollBack,
  setCutOver,
  setLinkTime,
} from '../../apps/login/src/domain/migration/plans.ts';
import { remindOfCutOver } from '../../apps/login/src/domain/migration/reminders.ts';
import { importAll } from '../import.ts';
import type { DrillPerson } from '../people.ts';
import { latecomersMove, workingDay } from './crowd.ts';
import { by, expectDecision, japan, japanText, step, type CutoverDrill } from './drill.ts';
import { underLoad } from './moments.ts';
import { bounce, settleEverybody, untilSent } from './notices.ts';
import { rehearsal } from './rehearsal.ts';

const LINK = japan('2026-11-21 22:00');
const CUT_OVER = japan('2027-01-12 10:00');
const SECOND_CUT_OVER = japan('2027-02-17 10:00');
const MINUTE = 60_000;

/** The whole migration, step by step, in the order of docs/operators/migration.md. */
export async function playMigration(
  drill: CutoverDrill,
  { rollback, bounced }: { rollback: boolean; bounced: readonly DrillPerson[] },
): Promise<void> {
  const on = (at: string, what: string, act: () => Promise<string>) => step(drill, japan(at), what, act);
  const share = rollback ? 0.6 : 1;

  await on('2026-11-16 10:00', 'import', () => importPeople(drill));
  await on('2026-11-16 11:00', 'link time set', () => setLink(drill));
  await on('2026-11-21 21:58', 'link time passes, under load', () => underLoad(drill, LINK));
  await on('2026-11-24 09:00', 'announcement', () =>
    announceCutOver(drill, { tooSoon: japan('2026-12-20 10:00'), at: CUT_OVER }),
  );
  await on('2026-11-24 13:00', 'people move', () => workingDay(drill, share * 0.1));
  await on('2026-11-25 09:00', 'mails come back', () => bounce(drill, bounced, 'bounces'));
  await on('2026-11-25 09:30', 'date set too early', () => tryTooEarly(drill, CUT_OVER, 'unsettled'));
  await on('2026-11-25 10:00', 'unreached people settled', () => settleAnnouncement(drill));
  await on('2026-11-26 09:00', 'date set too early', () =>
    tryTooEarly(drill, japan('2026-12-24 10:00'), 'earlier-than-announced'),
  );
  await on('2026-11-26 10:00', 'cut-over set', () => setDate(drill, CUT_OVER));
  await on('2026-11-27 10:00', 'people move', () => workingDay(drill, share * 0.25));
  await on('2026-12-04 10:00', 'people move', () => workingDay(drill, share * 0.4));
  await on('2026-12-13 10:01', 'reminder, 30 days', () => remind(drill, 30));
  await on('2026-12-14 10:00', 'people move', () => workingDay(drill, share * 0.6));
  await on('2026-12-22 10:00', 'people move', () => workingDay(drill, share * 0.75));
  await on('2027-01-05 10:01', 'reminder, 7 days', () => remind(drill, 7));
  await on('2027-01-06 10:00', 'people move', () => workingDay(drill, share * 0.9));
  await on('2027-01-11 10:01', 'reminder, 1 day', () => remind(drill, 1));
  await on('2027-01-11 13:00', 'people move', () => workingDay(drill, share));
  await on('2027-01-11 17:00', 'rehearsal', () => rehearsal(drill));
  await on('2027-01-12 09:58', 'cut-over, under load', () => cutOver(drill, CUT_OVER));
  await on('2027-01-12 11:00', 'latecomers', () => latecomersMove(drill, 100));
  if (rollback) await playRollback(drill);
  const end = rollback ? '2027-02-24 10:00' : '2027-01-19 10:00';
  await on(end, 'plan closed', () => close(drill));
}

/** From taking the cut-over back to the second one. */
async function playRollback(drill: CutoverDrill): Promise<void> {
  const on = (at: string, what: string, act: () => Promise<string>) => step(drill, japan(at), what, act);
  await on('2027-01-12 14:00', 'cut-over taken back, under load', () => takeBack(drill));
  await on('2027-01-12 16:00', 'people go on', () => workingDay(drill, 0.65));
  await on('2027-01-13 09:00', 'date without a new announcement', () =>
    tryTooEarly(drill, SECOND_CUT_OVER, 'not-announced'),
  );
  await on('2027-01-14 09:00', 'second announcement', () =>
    announceCutOver(drill, { tooSoon: japan('2027-02-10 10:00'), at: SECOND_CUT_OVER }),
  );
  await on('2027-01-14 13:00', 'unreached people settled', () => settleAnnouncement(drill));
  await on('2027-01-15 10:00', 'second cut-over set', () => setDate(drill, SECOND_CUT_OVER));
  await on('2027-01-18 10:01', 'reminder, 30 days', () => remind(drill, 30));
  await on('2027-01-25 10:00', 'people move', () => workingDay(drill, 0.8));
  await on('2027-02-10 10:01', 'reminder, 7 days', () => remind(drill, 7));
  await on('2027-02-12 10:00', 'people move', () => workingDay(drill, 0.95));
  await on('2027-02-16 10:01', 'reminder, 1 day', () => remind(drill, 1));
  await on('2027-02-16 13:00', 'people move', () => workingDay(drill, 1));
  await on('2027-02-16 17:00', 'rehearsal', () => rehearsal(drill));
  await on('2027-02-17 09:58', 'second cut-over, under load', () => cutOver(drill, SECOND_CUT_OVER));
  await on('2027-02-17 11:00', 'latecomers', () => latecomersMove(drill, 100));
}

async function importPeople(drill: CutoverDrill): Promise<string> {
  const { world, people, accountIds } = drill;
  await world.console.addPeople(people);
  const report = await importAll(world, people);
  const { rows } = await world.login.database.pool.query<{ account_id: string; console_user_id: string }>(
    'select account_id, console_user_id from console_link where console_id = $1',
    [world.consoleId],
  );
  const byUserId = new Map(rows.map((row) => [row.console_user_id, row.account_id]));
  for (const person of people) accountIds.set(person, byUserId.get(person.userId) ?? '');
  expectDecision(drill, 'people imported', String(rows.length), String(people.length));
  return `${rows.length} people linked, ${report.refused} rows refused`;
}

async function setLink(drill: CutoverDrill): Promise<string> {
  const set = await setLinkTime(drill.world.login.database.db, drill.world.consoleId, LINK, by(drill));
  expectDecision(drill, 'link time', set.ok ? 'ok' : set.reason, 'ok');
  await pause(2_000);
  return `the link appears at ${japanText(LINK)}`;
}

async function announceCutOver(drill: CutoverDrill, date: { tooSoon: Date; at: Date }): Promise<string> {
  const { db } = drill.world.login.database;
  const early = await announce(db, drill.world.consoleId, { cutOverAt: date.tooSoon }, by(drill));
  expectDecision(drill, 'announcing a date within a month', early.ok ? 'ok' : early.reason, 'too-soon');
  const announced = await announce(db, drill.world.consoleId, { cutOverAt: date.at }, by(drill));
  if (!announced.ok) throw new Error(`The announcement was refused: ${announced.reason}`);
  const sent = await untilSent(drill, announced.noticeId);
  return `${japanText(date.tooSoon)} refused as too soon; cut-over announced for ${japanText(date.at)}: ${sent}`;
}

async function tryTooEarly(drill: CutoverDrill, cutOverAt: Date, must: string): Promise<string> {
  const set = await setCutOver(
    drill.world.login.database.db,
    drill.world.consoleId,
    { cutOverAt },
    by(drill),
  );
  expectDecision(drill, `setting ${japanText(cutOverAt)}`, set.ok ? 'ok' : set.reason, must);
  return `${japanText(cutOverAt)} refused: ${set.ok ? 'NOT REFUSED' : set.reason}`;
}

async function settleAnnouncement(drill: CutoverDrill): Promise<string> {
  const noticeId = await latestAnnouncement(drill);
  const first = await settleEverybody(drill, noticeId);
  await untilSent(drill, noticeId);
  return first;
}

async function setDate(drill: CutoverDrill, cutOverAt: Date): Promise<string> {
  const set = await setCutOver(
    drill.world.login.database.db,
    drill.world.consoleId,
    { cutOverAt },
    by(drill),
  );
  if (!set.ok) throw new Error(`The cut-over was refused: ${set.reason}`);
  drill.unified.push({ from: cutOverAt, to: null });
  return `cut-over on ${japanText(cutOverAt)}, ${set.change}`;
}

/** The schedule looks every 30 seconds; here it is asked at once. */
async function remind(drill: CutoverDrill, daysBefore: number): Promise<string> {
  const { db, pool } = drill.world.login.database;
  await remindOfCutOver(db, drill.world.clock.now());
  const { rows } = await pool.query<{ id: string }>(
    `select id from notice where kind = 'reminder' and days_before = $1 and cancelled_at is null order by created_at desc limit 1`,
    [daysBefore],
  );
  expectDecision(drill, `reminders of ${daysBefore} days`, String(rows.length), '1');
  return untilSent(drill, rows[0]?.id ?? '');
}

async function cutOver(drill: CutoverDrill, moment: Date): Promise<string> {
  const plan = await planOf(drill.world.login.database.db, drill.world.consoleId);
  expectDecision(
    drill,
    'the date of the plan',
    plan.cutOverAt?.toISOString() ?? 'none',
    moment.toISOString(),
  );
  return underLoad(drill, moment);
}

async function takeBack(drill: CutoverDrill): Promise<string> {
  const { login, consoleId, clock } = drill.world;
  const last = drill.unified.at(-1);
  let noticeId: string | null = null;
  const moment = new Date(clock.now().getTime() + 2 * MINUTE);
  const load = await underLoad(drill, moment, async () => {
    const taken = await rollBack(login.database.db, consoleId, { correction: true }, by(drill));
    if (last) last.to = clock.now();
    expectDecision(drill, 'taking the cut-over back', taken.ok ? 'ok' : taken.reason, 'ok');
    noticeId = taken.ok ? taken.noticeId : null;
  });
  const told = noticeId === null ? 'no correction' : await untilSent(drill, noticeId);
  return `${load}; correction: ${told}`;
}

async function close(drill: CutoverDrill): Promise<string> {
  const { login, consoleId } = drill.world;
  const closed = await closePlan(login.database.db, consoleId, {}, by(drill));
  if (!closed.ok) throw new Error(`The plan was not closed: ${closed.reason}`);
  const sent = await untilSent(drill, closed.noticeId);
  const again = await rollBack(login.database.db, consoleId, { correction: false }, by(drill));
  expectDecision(drill, 'taking a closed plan back', again.ok ? 'ok' : again.reason, 'closed');
  return `completion: ${sent}; a rollback is refused`;
}

async function latestAnnouncement({ world }: CutoverDrill): Promise<string> {
  const { rows } = await world.login.database.pool.query<{ id: string }>(
    `select id from notice where console_id = $1 and kind = 'announcement' and cancelled_at is null order by created_at desc limit 1`,
    [world.consoleId],
  );
  return rows[0]?.id ?? '';
}
