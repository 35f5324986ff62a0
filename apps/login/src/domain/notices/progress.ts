import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { NoticeRow } from '#support/db/schema.ts';
import { after, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { inAudience, UNREACHED } from './unreached.ts';

export const NOTICE_STATES = ['planned', 'sending', 'ended', 'cancelled'] as const;
export type NoticeState = (typeof NOTICE_STATES)[number];

export type NoticeProgress = {
  id: string;
  consoleId: string;
  clientId: string;
  kind: NoticeRow['kind'];
  daysBefore: number | null;
  cutOverAt: Date | null;
  texts: Record<string, unknown>;
  state: NoticeState;
  sendAt: Date;
  createdAt: Date;
  createdBy: string;
  endedAt: Date | null;
  cancelledAt: Date | null;
  total: number;
  waiting: number;
  /** Under way; of these `deferred` were tried and are tried again. */
  queued: number;
  deferred: number;
  accepted: number;
  refused: number;
  bounced: number;
  dropped: number;
  /** Not reached and not settled by anybody. Of more than `EXACT_UP_TO`, those who have left the audience since are still in it. */
  unreached: number;
  /** Verdicts of the last minute. */
  perMinute: number;
  /** At that rate; null while nobody can tell. */
  estimatedEndAt: Date | null;
};

/** Up to so many of the unreached it is looked at who still belongs to the audience. */
export const EXACT_UP_TO = 500;

/** How a notice stands now; undefined when there is none. */
export async function noticeProgress(
  db: Db,
  noticeId: string,
  now: Date,
): Promise<NoticeProgress | undefined> {
  return (await progressOf(db, progressStatement(sql`n.id = ${noticeId}`, 1, now), now))[0];
}

export type WantedNotices = {
  consoleId?: string | undefined;
  state?: NoticeState | undefined;
  /** The id of the last one of the page before. */
  before?: string | undefined;
  limit?: number | undefined;
};

/** The notices of a console or of all, of one state or of any, the newest first. */
export async function listNotices(db: Db, wanted: WantedNotices, now: Date): Promise<NoticeProgress[]> {
  return progressOf(db, listStatement(wanted, now), now);
}

/** What a list of notices reads: a page of notices, their figures, and of those that are being sent the verdicts of the last minute; never all recipients. */
export function listStatement(
  { consoleId, state, before, limit = 50 }: WantedNotices,
  now: Date,
): RawBuilder<Row> {
  const where = [
    consoleId === undefined ? sql`true` : sql`n.console_id = ${consoleId}`,
    before === undefined ? sql`true` : sql`n.id < ${before}`,
    inState(state, now),
  ];
  return progressStatement(sql.join(where, sql` and `), limit, now);
}

function inState(state: NoticeState | undefined, now: Date): RawBuilder<unknown> {
  switch (state) {
    case undefined:
      return sql`true`;
    case 'cancelled':
      return sql`n.cancelled_at is not null`;
    case 'ended':
      return sql`n.cancelled_at is null and n.ended_at is not null`;
    case 'planned':
      return sql`n.cancelled_at is null and n.ended_at is null and n.send_at > ${now}`;
    case 'sending':
      return sql`n.cancelled_at is null and n.ended_at is null and n.send_at <= ${now}`;
  }
}

const FIGURES = ['waiting', 'queued', 'deferred', 'accepted', 'refused', 'bounced', 'dropped'] as const;

type Row = NoticeRow & { client_id: string } & Record<
    (typeof FIGURES)[number] | 'unreached' | 'recent',
    number
  >;

function progressStatement(where: RawBuilder<unknown>, limit: number, now: Date): RawBuilder<Row> {
  const figure = (part: string) =>
    sql`coalesce(sum(n) filter (where part = ${sql.lit(part)}), 0)::int as ${sql.ref(part)}`;
  return sql<Row>`
    with page as (
      select n.*, c.client_id from notice n join console c on c.id = n.console_id
      where ${where} order by n.id desc limit ${limit}
    )
    select p.*, figures.*,
      case
        when p.cancelled_at is not null or p.ended_at is not null or p.send_at > ${now} then 0
        else (select count(*)::int from notice_recipient r
          where r.notice_id = p.id and r.state in ('accepted', 'refused') and r.verdict_at > ${after(now, -MINUTE)})
      end as recent,
      case
        when unsettled not between 1 and ${EXACT_UP_TO} then unsettled
        else (select count(*)::int from notice_recipient r where r.notice_id = p.id and ${UNREACHED} and ${inAudience(sql`p.console_id`)})
      end as unreached
    from page p, lateral (
      select ${sql.join([...FIGURES, 'unsettled'].map(figure))} from notice_tally where notice_id = p.id
    ) figures
    order by p.id desc`;
}

async function progressOf(db: Db, statement: RawBuilder<Row>, now: Date): Promise<NoticeProgress[]> {
  const { rows } = await statement.execute(db);
  return rows.map((row) => {
    const sending = Math.min(MINUTE, now.getTime() - row.send_at.getTime());
    const perSecond = sending > 0 ? row.recent / (sending / SECOND) : 0;
    const { waiting, queued, deferred, accepted, refused, bounced, dropped, unreached } = row;
    const remaining = waiting + queued;
    return {
      id: row.id,
      consoleId: row.console_id,
      clientId: row.client_id,
      kind: row.kind,
      daysBefore: row.days_before,
      cutOverAt: row.cut_over_at,
      texts: row.texts,
      state: stateOf(row, now),
      sendAt: row.send_at,
      createdAt: row.created_at,
      createdBy: row.created_by,
      endedAt: row.ended_at,
      cancelledAt: row.cancelled_at,
      total: remaining + accepted + refused + bounced + dropped,
      waiting,
      queued,
      deferred,
      accepted,
      refused,
      bounced,
      dropped,
      unreached,
      perMinute: Math.round(perSecond * 60),
      estimatedEndAt:
        remaining > 0 && perSecond > 0 ? after(now, Math.ceil(remaining / perSecond) * SECOND) : null,
    };
  });
}

function stateOf(row: NoticeRow, now: Date): NoticeState {
  if (row.cancelled_at) return 'cancelled';
  if (row.ended_at) return 'ended';
  return row.send_at > now ? 'planned' : 'sending';
}
