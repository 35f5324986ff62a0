import { sql } from 'kysely';
import { announcementStanding, type AnnouncementStanding } from '#domain/notices/standing.ts';
import type { Db } from '#support/db/database.ts';
import type { StoredPlan } from './change.ts';

/** What people have been told of a console's cut-over: all that the one-month rule (R14) is decided on. */
export type Duty = {
  /** How many people there are to tell: linked, active, not only by API. */
  audience: number;
  /** The announcement that a date can be set by: the latest, if no date was set, postponed or taken back after it. */
  announcement: AnnouncementStanding | null;
  /** What people were told last, by announcement or correction; null: nothing, or it was taken back. */
  told: { noticeId: string; cutOverAt: Date } | null;
};

/** Why a cut-over cannot be set for a moment. */
export type CutOverRefusal = {
  reason:
    | 'closed'
    | 'in-the-past'
    /** Before the link appears, or no link time is set. */
    | 'before-link-time'
    /** This is the date already, and the one that people know. */
    | 'unchanged'
    /** Nothing was announced, or a date was set, postponed or taken back since: another announcement first. */
    | 'not-announced'
    /** Mails of the announcement have no verdict yet. */
    | 'under-way'
    /** People have come since who are not told yet; that happens by itself. */
    | 'untold'
    /** The mail did not reach people whom nobody has settled. */
    | 'unsettled'
    | 'earlier-than-announced'
    /** Less than a calendar month after the last mail was accepted. */
    | 'too-soon';
  /** The earliest moment that would be taken now; null while something else has to happen before any is. */
  earliestCutOverAt: Date | null;
  duty: Duty;
};

/** Reads what people have been told. Whoever decides on it has locked the plan (`changingPlan`). */
export async function dutyOf(db: Db, { consoleId }: Pick<StoredPlan, 'consoleId'>): Promise<Duty> {
  const standing = await announcementStanding(db, consoleId);
  const { rows } = await sql<{
    audience: number;
    open_id: string | null;
    told_id: string | null;
    told_at: Date | null;
  }>`
    with change as (select revision, action, notice_id from plan_change where console_id = ${consoleId}),
    told as (
      select n.id, n.cut_over_at from change join notice n on n.id = change.notice_id
      where n.cancelled_at is null and n.cut_over_at is not null and change.action <> 'closed'
        and revision > (select coalesce(max(revision), 0) from change where action = 'rolled-back')
      order by revision desc limit 1
    )
    select
      (select count(*)::int from console_link l join account a on a.id = l.account_id and a.state = 'active'
        where l.console_id = ${consoleId} and not l.api_only) as audience,
      (select notice_id from change where action = 'announced'
        and revision > (select coalesce(max(revision), 0) from change where action in ('cut-over-set', 'postponed', 'rolled-back'))
        order by revision desc limit 1) as open_id,
      (select id from told) as told_id,
      (select cut_over_at from told) as told_at`.execute(db);
  const row = rows[0];
  if (!row) throw new Error('A query without a condition has one row.');
  return {
    audience: row.audience,
    announcement: standing && standing.noticeId === row.open_id ? standing : null,
    told: row.told_id && row.told_at ? { noticeId: row.told_id, cutOverAt: row.told_at } : null,
  };
}

/**
 * R14, in the one place that decides it: whether the cut-over may be set for `wanted`. Postponing always may; where there is nobody to tell the date is free; anything else
 * needs an announcement that names this date or an earlier one, that everybody has got or was settled for, and a calendar month since its last mail was accepted.
 */
export function decideCutOver(
  plan: StoredPlan,
  duty: Duty,
  wanted: Date,
  now: Date,
): CutOverRefusal | undefined {
  const reason = reasonAgainst(plan, duty, wanted, now);
  return reason && { reason, earliestCutOverAt: earliestCutOver(plan, duty, now), duty };
}

/** What has to happen before any cut-over can be set; undefined where some date would be taken. */
export function whatIsMissing(plan: StoredPlan, duty: Duty, now: Date): CutOverRefusal | undefined {
  return decideCutOver(plan, duty, NEVER, now);
}

/** Later than any date that somebody could mean. */
const NEVER = new Date('9999-12-31T00:00:00Z');

/** The earliest moment that `decideCutOver` takes now; null while something has to happen before it takes any. */
export function earliestCutOver(plan: StoredPlan, duty: Duty, now: Date): Date | null {
  if (plan.closedAt || !plan.linkAt) return null;
  const floors = [now, plan.linkAt];
  const { announcement } = duty;
  if (duty.audience > 0) {
    if (announcement && !obstacleOf(announcement)) {
      floors.push(
        ...[announcement.announcedCutOverAt, announcement.earliestCutOverAt].filter((at) => at !== null),
      );
    } else if (plan.cutOverAt) floors.push(plan.cutOverAt);
    else return null;
  }
  const earliest = latest(floors);
  if (!plan.cutOverAt) return earliest;
  // Later than the present date nothing more is asked.
  const postponed = latest([now, plan.cutOverAt]);
  return postponed < earliest ? postponed : earliest;
}

/** One calendar month (Asia/Tokyo) after a moment, by PostgreSQL: at the same time of day, or on the last day of a shorter month. */
export async function monthAfter(db: Db, moment: Date): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    select ((${moment}::timestamptz at time zone 'Asia/Tokyo') + interval '1 month') at time zone 'Asia/Tokyo' as at`.execute(
    db,
  );
  return (rows[0] as { at: Date }).at;
}

function reasonAgainst(
  plan: StoredPlan,
  { audience, announcement, told }: Duty,
  wanted: Date,
  now: Date,
): CutOverRefusal['reason'] | undefined {
  if (plan.closedAt) return 'closed';
  if (wanted <= now) return 'in-the-past';
  if (!plan.linkAt || wanted < plan.linkAt) return 'before-link-time';
  if (plan.cutOverAt && wanted >= plan.cutOverAt) {
    const same = wanted.getTime() === plan.cutOverAt.getTime();
    const known = told === null || told.cutOverAt.getTime() === wanted.getTime();
    return same && known ? 'unchanged' : undefined;
  }
  if (audience === 0) return undefined;
  if (!announcement) return 'not-announced';
  const obstacle = obstacleOf(announcement);
  if (obstacle) return obstacle;
  const { announcedCutOverAt, earliestCutOverAt } = announcement;
  if (!announcedCutOverAt || wanted < announcedCutOverAt) return 'earlier-than-announced';
  if (!earliestCutOverAt || wanted < earliestCutOverAt) return 'too-soon';
  return undefined;
}

function obstacleOf(announcement: AnnouncementStanding): 'under-way' | 'untold' | 'unsettled' | undefined {
  if (announcement.underWay > 0) return 'under-way';
  if (announcement.untold > 0) return 'untold';
  if (announcement.unsettled > 0) return 'unsettled';
  return undefined;
}

function latest(moments: readonly Date[]): Date {
  return new Date(Math.max(...moments.map((moment) => moment.getTime())));
}
