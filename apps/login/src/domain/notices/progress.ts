import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { NoticeRecipientRow, NoticeRow } from '#support/db/schema.ts';
import { after, MINUTE, SECOND } from '#support/primitives/durations.ts';

export type NoticeState = 'planned' | 'sending' | 'ended' | 'cancelled';

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
  /** Not reached and not settled by anybody. */
  unreached: number;
  /** Verdicts of the last minute. */
  perMinute: number;
  /** At that rate; null while nobody can tell. */
  estimatedEndAt: Date | null;
};

/** How a notice stands now; undefined when there is none. */
export async function noticeProgress(
  db: Db,
  noticeId: string,
  now: Date,
): Promise<NoticeProgress | undefined> {
  return (await progressOf(db, sql`n.id = ${noticeId}`, 1, now))[0];
}

/** The notices of a console, or of all, the newest first; `before` is the id of the last one of the page before. */
export async function listNotices(
  db: Db,
  wanted: { consoleId?: string; before?: string; limit?: number },
  now: Date,
): Promise<NoticeProgress[]> {
  const console = wanted.consoleId === undefined ? sql`true` : sql`n.console_id = ${wanted.consoleId}`;
  const before = wanted.before === undefined ? sql`true` : sql`n.id < ${wanted.before}`;
  return progressOf(db, sql`${console} and ${before}`, wanted.limit ?? 50, now);
}

async function progressOf(
  db: Db,
  where: ReturnType<typeof sql>,
  limit: number,
  now: Date,
): Promise<NoticeProgress[]> {
  type Row = NoticeRow & { client_id: string } & Record<
      | 'total'
      | 'waiting'
      | 'queued'
      | 'deferred'
      | 'accepted'
      | 'refused'
      | 'bounced'
      | 'dropped'
      | 'unreached'
      | 'recent',
      number
    >;
  const { rows } = await sql<Row>`
    select n.*, c.client_id, counts.* from notice n join console c on c.id = n.console_id,
      lateral (
        select count(*)::int as total,
          count(*) filter (where r.state = 'waiting')::int as waiting,
          count(*) filter (where r.state = 'queued')::int as queued,
          count(*) filter (where r.state = 'queued' and exists (
            select 1 from message m where m.id = r.message_id and m.tries > 0))::int as deferred,
          count(*) filter (where r.state = 'accepted')::int as accepted,
          count(*) filter (where r.state = 'refused')::int as refused,
          count(*) filter (where r.state = 'bounced')::int as bounced,
          count(*) filter (where r.state = 'dropped')::int as dropped,
          count(*) filter (where ${UNREACHED} and ${inAudience(sql`n.console_id`)})::int as unreached,
          count(*) filter (where r.state in ('accepted', 'refused') and r.verdict_at > ${after(now, -MINUTE)})::int as recent
        from notice_recipient r where r.notice_id = n.id
      ) counts
    where ${where} order by n.id desc limit ${limit}`.execute(db);
  return rows.map((row) => {
    const sending = Math.min(MINUTE, now.getTime() - row.send_at.getTime());
    const perSecond = sending > 0 ? row.recent / (sending / SECOND) : 0;
    const remaining = row.waiting + row.queued;
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
      total: row.total,
      waiting: row.waiting,
      queued: row.queued,
      deferred: row.deferred,
      accepted: row.accepted,
      refused: row.refused,
      bounced: row.bounced,
      dropped: row.dropped,
      unreached: row.unreached,
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

export type Recipient = {
  accountId: string;
  consoleUserId: string | null;
  name: string;
  company: string;
  /** The login ID of now; `recipient` is where the mail went. */
  emailAddress: string;
  recipient: string | null;
  state: NoticeRecipientRow['state'];
  dropReason: NoticeRecipientRow['drop_reason'];
  response: string | null;
  tries: number;
  verdictAt: Date | null;
  delayedAt: Date | null;
  settlement: NoticeRecipientRow['settlement'];
  settlementNote: string | null;
  settledAt: Date | null;
  settledBy: string | null;
};

export const RECIPIENTS_A_PAGE = 50;

/** The people of a notice in a stable order, a page at a time; `after` is the account of the page before's last one. */
export async function listRecipients(
  db: Db,
  noticeId: string,
  wanted: { state?: Recipient['state'] | 'deferred' | 'unreached'; after?: string; limit?: number },
): Promise<{ recipients: Recipient[]; next: string | null }> {
  const limit = wanted.limit ?? RECIPIENTS_A_PAGE;
  const filter =
    wanted.state === undefined
      ? sql`true`
      : wanted.state === 'deferred'
        ? sql`r.state = 'queued' and m.tries > 0`
        : wanted.state === 'unreached'
          ? sql`${UNREACHED} and ${inAudience(sql`n.console_id`)}`
          : sql`r.state = ${wanted.state}`;
  type Row = NoticeRecipientRow & {
    console_user_id: string | null;
    name: string;
    company: string;
    email_address: string;
    tries: number | null;
    last_response: string | null;
  };
  const { rows } = await sql<Row>`
    select r.*, l.console_user_id, a.name, a.company, a.email_address, m.tries, m.smtp_response as last_response
    from notice n
      join notice_recipient r on r.notice_id = n.id
      join account a on a.id = r.account_id
      left join console_link l on l.account_id = r.account_id and l.console_id = n.console_id
      left join message m on m.id = r.message_id
    where n.id = ${noticeId} and r.account_id > ${wanted.after ?? ''} and ${filter}
    order by r.account_id limit ${limit + 1}`.execute(db);
  const page = rows.slice(0, limit);
  return {
    recipients: page.map((row) => ({
      accountId: row.account_id,
      consoleUserId: row.console_user_id,
      name: row.name,
      company: row.company,
      emailAddress: row.email_address,
      recipient: row.recipient,
      state: row.state,
      dropReason: row.drop_reason,
      response: row.smtp_response ?? row.last_response,
      tries: row.tries ?? 0,
      verdictAt: row.verdict_at,
      delayedAt: row.delayed_at,
      settlement: row.settlement,
      settlementNote: row.settlement_note,
      settledAt: row.settled_at,
      settledBy: row.settled_by,
    })),
    next: rows.length > limit ? (page.at(-1)?.account_id ?? null) : null,
  };
}

/** Not reached and not settled; people who left the audience for good are not in it. The same that `announcementStanding` counts. */
const UNREACHED = sql`r.settled_at is null and (r.state in ('refused', 'bounced') or r.state = 'dropped' and r.drop_reason = 'left-audience')`;

function inAudience(consoleId: ReturnType<typeof sql>) {
  return sql`exists (
    select 1 from console_link x join account y on y.id = x.account_id and y.state = 'active'
    where x.console_id = ${consoleId} and x.account_id = r.account_id and not x.api_only)`;
}
