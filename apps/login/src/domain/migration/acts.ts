import { sql } from 'kysely';
import { lastCheck } from '#domain/consoles/check.ts';
import type { MoveNoticeKind, NoticeKind, NoticeTexts } from '#domain/notices/kinds.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { ABOUT_THE_DATE } from './cancel-unfinished.ts';
import type { By } from './change.ts';
import { refuseByCheck } from './check-stands.ts';
import {
  isKnown,
  postpones,
  refuseAnnouncement,
  refuseClosing,
  refuseCutOver,
  refuseLinkTime,
  refuseRollBack,
} from './decide.ts';
import { monthAfter } from './duty.ts';
import { phaseAt, type Phase } from './phase.ts';
import { planStanding, planStandingLately, type PlanStanding } from './plan-standing.ts';
import { announce, closePlan, rollBack, setCutOver, setLinkTime } from './plans.ts';
import { unreachableOf } from './progress-people.ts';
import type { PlanRefusal } from './refusal-sentence.ts';
import { progressSummary } from './summary.ts';

/** What an operator wants done to a plan, with all that is needed for it. */
export type PlanAct =
  | { act: 'link-time'; linkAt: Date | null }
  /** `sendAt` null: at once. */
  | { act: 'announce'; cutOverAt: Date; sendAt: Date | null; texts: NoticeTexts }
  | { act: 'cut-over'; cutOverAt: Date; texts: NoticeTexts }
  | { act: 'roll-back'; correction: boolean; texts: NoticeTexts }
  | { act: 'close'; texts: NoticeTexts };
export type ActName = PlanAct['act'];
export const ACTS: readonly ActName[] = ['link-time', 'announce', 'cut-over', 'roll-back', 'close'];

/** The mail that an act sends to everybody. */
export type ForeseenMail = { kind: MoveNoticeKind; cutOverAt: Date | null; sendAt: Date };

/** What an act would do if it were done now. */
export type Foreseen = {
  standing: PlanStanding;
  /** null: nobody gets a mail. */
  mail: ForeseenMail | null;
  /** People of the audience whose mailbox the last mail did not reach. */
  unreachable: number;
  /** Mails about an older date that have not gone out yet and never will. */
  stopped: number;
  phaseAfter: Phase;
  /** Of an announcement: before this moment its cut-over cannot be set, however soon the mails are accepted. */
  notBefore: Date | null;
  /** Of a cut-over: the date is a later one than the one that stands. */
  postpones: boolean;
  /** How the console's last check stands; null: it was never checked, or nobody has asked. */
  check: { at: Date; required: number } | null;
  /** Cannot be taken back, or leaves no time for it: the console's name is to be typed. */
  grave: boolean;
};

/** A cut-over that comes sooner than this leaves hardly a working day to take it back. */
const SOON = 3 * DAY;

/**
 * What an act would do, to how many people, by what mail; or what stands against it. Changes nothing. With many people the figures are those of the summary; what stands
 * against it is never said from them alone.
 */
export async function foreseeAct(
  db: Db,
  consoleId: string,
  wanted: PlanAct,
  now: Date,
  by: Pick<By, 'overrideCheck'> = {},
): Promise<({ ok: true } & Foreseen) | PlanRefusal> {
  const summary = await progressSummary(db, consoleId, now);
  let standing = await planStandingLately(db, summary, now);
  let refusal = await refusalOf(db, standing, wanted, now);
  if (refusal && summary.many) {
    standing = await planStanding(db, consoleId, now);
    refusal = await refusalOf(db, standing, wanted, now);
  }
  refusal ??= await refusedByCheck(db, standing, wanted, by);
  if (refusal) return refusal;
  const mail = mailOf(standing, wanted, now);
  const { unreachable, stopped } = await mailFigures(db, consoleId, wanted);
  return {
    ok: true,
    standing,
    mail,
    unreachable,
    stopped,
    phaseAfter: phaseAfter(standing, wanted, now),
    notBefore: wanted.act === 'announce' ? await monthAfter(db, wanted.sendAt ?? now) : null,
    postpones: wanted.act === 'cut-over' && postpones(standing, wanted.cutOverAt),
    check: (await lastCheck(db, consoleId)) ?? null,
    grave: isGrave(wanted, now),
  };
}

/** Does it, in one transaction that decides everything anew. */
export async function performAct(
  db: Db,
  consoleId: string,
  wanted: PlanAct,
  note: string,
  by: By,
): Promise<{ ok: true; revision: number } | PlanRefusal> {
  switch (wanted.act) {
    case 'link-time': {
      const result = await setLinkTime(db, consoleId, wanted.linkAt, by, note);
      return result.ok ? result : { act: wanted.act, ...result };
    }
    case 'announce': {
      const { sendAt, cutOverAt, texts } = wanted;
      const given = { cutOverAt, texts, note, ...(sendAt ? { sendAt } : {}) };
      const result = await announce(db, consoleId, given, by);
      return result.ok ? result : { act: wanted.act, ...result };
    }
    case 'cut-over': {
      const result = await setCutOver(db, consoleId, { ...wanted, note }, by);
      return result.ok ? result : { act: wanted.act, ...result };
    }
    case 'roll-back': {
      const result = await rollBack(db, consoleId, { ...wanted, note }, by);
      return result.ok ? result : { act: wanted.act, ...result };
    }
    case 'close': {
      const result = await closePlan(db, consoleId, { texts: wanted.texts, note }, by);
      return result.ok ? result : { act: wanted.act, ...result };
    }
  }
}

async function refusedByCheck(
  db: Db,
  standing: PlanStanding,
  wanted: PlanAct,
  by: Pick<By, 'overrideCheck'>,
): Promise<PlanRefusal | undefined> {
  if (wanted.act === 'roll-back' || wanted.act === 'close') return undefined;
  const refusal = await refuseByCheck(db, standing, wanted, by);
  return refusal && { act: wanted.act, ...refusal };
}

async function refusalOf(
  db: Db,
  standing: PlanStanding,
  wanted: PlanAct,
  now: Date,
): Promise<PlanRefusal | undefined> {
  switch (wanted.act) {
    case 'link-time': {
      const refusal = refuseLinkTime(standing, wanted.linkAt);
      return refusal && { act: wanted.act, ...refusal };
    }
    case 'announce': {
      const refusal = await refuseAnnouncement(
        db,
        standing,
        { ...wanted, sendAt: wanted.sendAt ?? now },
        now,
      );
      return refusal && { act: wanted.act, ...refusal };
    }
    case 'cut-over': {
      const refusal = refuseCutOver(standing, standing, wanted, now);
      return refusal && { act: wanted.act, ...refusal };
    }
    case 'roll-back': {
      const refusal = refuseRollBack(standing, wanted);
      return refusal && { act: wanted.act, ...refusal };
    }
    case 'close': {
      const refusal = refuseClosing(standing, wanted, now);
      return refusal && { act: wanted.act, ...refusal };
    }
  }
}

function mailOf(standing: PlanStanding, wanted: PlanAct, now: Date): ForeseenMail | null {
  switch (wanted.act) {
    case 'link-time':
      return null;
    case 'announce':
      return { kind: 'announcement', cutOverAt: wanted.cutOverAt, sendAt: wanted.sendAt ?? now };
    case 'cut-over':
      return isKnown(standing, wanted.cutOverAt) || standing.audience === 0
        ? null
        : { kind: 'correction', cutOverAt: wanted.cutOverAt, sendAt: now };
    case 'roll-back':
      return wanted.correction ? { kind: 'correction', cutOverAt: null, sendAt: now } : null;
    case 'close':
      return { kind: 'completion', cutOverAt: standing.cutOverAt, sendAt: now };
  }
}

function phaseAfter(standing: PlanStanding, wanted: PlanAct, now: Date): Phase {
  if (wanted.act === 'link-time') return phaseAt({ ...standing, linkAt: wanted.linkAt }, now);
  if (wanted.act === 'roll-back') return phaseAt({ ...standing, cutOverAt: null }, now);
  return standing.phase;
}

function isGrave(wanted: PlanAct, now: Date): boolean {
  if (wanted.act === 'close' || wanted.act === 'roll-back') return true;
  return wanted.act === 'cut-over' && wanted.cutOverAt < after(now, SOON);
}

/** The kinds of notices that each act makes wrong while they are being sent. */
const STOPS: { readonly [A in ActName]: readonly NoticeKind[] } = {
  'link-time': [],
  announce: ['announcement', 'correction'],
  'cut-over': ABOUT_THE_DATE,
  'roll-back': ABOUT_THE_DATE,
  close: ABOUT_THE_DATE,
};

async function mailFigures(
  db: Db,
  consoleId: string,
  wanted: PlanAct,
): Promise<{ unreachable: number; stopped: number }> {
  const keeps = wanted.act === 'cut-over' ? wanted.cutOverAt : null;
  const { rows } = await sql<{ unreachable: number; stopped: number }>`
    with ${unreachableOf(consoleId)}
    select
      (select count(*)::int from unreachable u join console_link l on l.account_id = u.account_id
        join account a on a.id = l.account_id and a.state = 'active'
        where l.console_id = ${consoleId} and not l.api_only) as unreachable,
      (select count(*)::int from notice n join notice_recipient r on r.notice_id = n.id and r.state in ('waiting', 'queued')
        where n.console_id = ${consoleId} and n.kind = any(${[...STOPS[wanted.act]]}::text[])
          and n.ended_at is null and n.cancelled_at is null
          and n.cut_over_at is distinct from ${keeps}::timestamptz) as stopped`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('A query without a table gives one row.');
  return row;
}
