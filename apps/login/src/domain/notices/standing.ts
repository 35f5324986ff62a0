import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** How the latest announcement of a console stands; what the one-month rule (R14) is decided on. */
export type AnnouncementStanding = {
  noticeId: string;
  /** The cut-over that people were told. */
  announcedCutOverAt: Date | null;
  createdAt: Date;
  /** When the last mail was accepted; null while none was. */
  lastAcceptedAt: Date | null;
  /**
   * One calendar month (Asia/Tokyo) after that; 31 January becomes 28 or 29 February, at the same time of day. Where no mail was accepted, after the last person
   * was settled.
   */
  earliestCutOverAt: Date | null;
  accepted: number;
  /** Mails that have no verdict yet. */
  underWay: number;
  /** People whom the mail did not reach and whom nobody has settled. */
  unsettled: number;
  /** People of the audience who are not in the announcement: they came afterwards. */
  untold: number;
};

/**
 * The latest announcement that was not cancelled, as it stands now; undefined when there is none. People who have left the audience since (account closed, only the
 * API) count in nothing. Read it in the transaction that decides, after locking the plan.
 */
export async function announcementStanding(
  db: Db,
  consoleId: string,
): Promise<AnnouncementStanding | undefined> {
  const { rows } = await sql<{
    id: string;
    cut_over_at: Date | null;
    created_at: Date;
    last_accepted_at: Date | null;
    earliest: Date | null;
    accepted: number;
    under_way: number;
    unsettled: number;
    untold: number;
  }>`
    with latest as (
      select id, console_id, cut_over_at, created_at from notice
      where console_id = ${consoleId} and kind = 'announcement' and cancelled_at is null
      order by created_at desc, id desc limit 1
    ), audience as (
      select l.account_id from console_link l join account a on a.id = l.account_id and a.state = 'active'
      where l.console_id = ${consoleId} and not l.api_only
    ), told as (
      select
        max(r.verdict_at) filter (where r.state = 'accepted') as last_accepted_at,
        max(r.settled_at) as last_settled_at,
        count(*) filter (where r.state = 'accepted')::int as accepted,
        count(*) filter (where r.state in ('waiting', 'queued'))::int as under_way,
        count(*) filter (where r.state in ('refused', 'bounced', 'dropped') and r.settled_at is null)::int as unsettled,
        count(*)::int as members
      from latest n join notice_recipient r on r.notice_id = n.id
      join audience using (account_id)
    )
    select latest.id, latest.cut_over_at, latest.created_at, told.last_accepted_at,
      ((coalesce(told.last_accepted_at, told.last_settled_at) at time zone 'Asia/Tokyo') + interval '1 month') at time zone 'Asia/Tokyo' as earliest,
      told.accepted, told.under_way, told.unsettled,
      ((select count(*) from audience) - told.members)::int as untold
    from latest, told`.execute(db);
  const row = rows[0];
  return (
    row && {
      noticeId: row.id,
      announcedCutOverAt: row.cut_over_at,
      createdAt: row.created_at,
      lastAcceptedAt: row.last_accepted_at,
      earliestCutOverAt: row.earliest,
      accepted: row.accepted,
      underWay: row.under_way,
      unsettled: row.unsettled,
      untold: row.untold,
    }
  );
}

/** How many people a console's announcement did not reach and nobody has settled. */
export type Unsettled = { noticeId: string; people: number };

/** Whom a console's announcement did not reach and nobody has settled, by console; those of closed plans left out. */
export async function unsettledByConsole(db: Db): Promise<ReadonlyMap<string, Unsettled>> {
  const { rows } = await sql<{ console_id: string; notice_id: string; n: number }>`
    select n.console_id, max(n.id) as notice_id, count(*)::int as n
    from notice_recipient r join notice n on n.id = r.notice_id
    join migration_plan p on p.console_id = n.console_id and p.closed_at is null
    where r.state in ('refused', 'bounced', 'dropped') and r.settled_at is null
      and n.kind = 'announcement' and n.cancelled_at is null
      and n.created_at = (select max(m.created_at) from notice m where m.console_id = n.console_id and m.kind = 'announcement' and m.cancelled_at is null)
    group by n.console_id`.execute(db);
  return new Map(rows.map((row) => [row.console_id, { noticeId: row.notice_id, people: row.n }]));
}
