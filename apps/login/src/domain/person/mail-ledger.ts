import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, HOUR } from '#support/primitives/durations.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { PersonMail } from './mails.ts';

/** One mail and its fate; what it says, a code or a link among it, is not told. */
export type MailEntry = PersonMail & {
  accountId: string | null;
  locale: Locale;
  bulk: boolean;
  /** Being handed over to the mail server at this moment. */
  underWay: boolean;
  /** How often nobody knows whether the mail server took it. */
  unconfirmed: number;
};

export type MailFate = PersonMail['fate'];

/** `waiting` includes those that are tried again; `deferred` are only those. */
export type MailFilter = {
  recipient?: string | undefined;
  template?: string | undefined;
  fate?: MailFate | undefined;
};

export type MailPage = { entries: readonly MailEntry[]; next: string | null };

const ENTRY = sql`
  select m.id, m.template, m.recipient, m.locale, m.bulk, m.account_id as "accountId", m.tries, m.unconfirmed, m.created_at as "createdAt",
    m.handed_over_at is not null as "underWay",
    case when r.state = 'bounced' then 'bounced' when m.state = 'queued' then case when m.tries > 0 then 'deferred' else 'waiting' end else m.state end as fate,
    case when r.state = 'bounced' then r.smtp_response else m.smtp_response end as response,
    case when r.state = 'bounced' then r.verdict_at else m.ended_at end as "endedAt"`;

/**
 * Mails of 90 days, the newest first, by an index whatever is asked for.
 * @param filter.recipient a whole address, in any case
 * @param page.after the `next` of the page before
 */
export async function mailLedger(
  db: Db,
  filter: MailFilter,
  page: { after?: string | undefined; limit: number },
): Promise<MailPage> {
  const { rows } = await mailStatement(filter, page).execute(db);
  const entries = rows.slice(0, page.limit);
  const last = entries.at(-1);
  return {
    entries,
    next: rows.length > page.limit && last ? `${last.createdAt.toISOString()} ${last.id}` : null,
  };
}

/** Reads a page and one mail more. */
export function mailStatement(
  filter: MailFilter,
  page: { after?: string | undefined; limit: number },
): RawBuilder<MailEntry> {
  const [moment = '', id = ''] = page.after?.split(' ') ?? [];
  const at = Date.parse(moment);
  const conditions = [
    sql`true`,
    ...(filter.recipient === undefined ? [] : [sql`lower(m.recipient) = lower(${filter.recipient})`]),
    ...(filter.template === undefined ? [] : [sql`m.template = ${filter.template}`]),
    ...(filter.fate === undefined ? [] : [fateIs(filter.fate)]),
    ...(Number.isNaN(at) ? [] : [sql`(m.created_at, m.id) < (${new Date(at)}, ${id})`]),
  ];
  return sql<MailEntry>`
    ${ENTRY} from message m ${filter.fate === 'bounced' ? sql`join` : sql`left join`} notice_recipient r on r.message_id = m.id
    where ${sql.join(conditions, sql` and `)}
    order by m.created_at desc, m.id desc limit ${page.limit + 1}`;
}

/** One mail; undefined when there is none, or it is older than 90 days. */
export async function mailEntry(db: Db, id: string): Promise<MailEntry | undefined> {
  const { rows } = await sql<MailEntry>`
    ${ENTRY} from message m left join notice_recipient r on r.message_id = m.id where m.id = ${id}`.execute(
    db,
  );
  return rows[0];
}

function fateIs(fate: MailFate) {
  switch (fate) {
    case 'waiting':
      return sql`m.state = 'queued'`;
    case 'deferred':
      return sql`m.state = 'queued' and m.tries > 0`;
    case 'bounced':
      return sql`r.state = 'bounced'`;
    case 'accepted':
      return sql`m.state = 'accepted' and r.state is distinct from 'bounced'`;
    case 'refused':
    case 'dropped':
      return sql`m.state = ${sql.lit(fate)}`;
  }
}

/** What the mail server said to the mails of one hour. */
export type MailHour = { at: Date; accepted: number; refused: number; dropped: number };

const HOURS = 24;

/** The last 24 hours, this one included, the oldest first. */
export async function mailHours(db: Db, now: Date): Promise<MailHour[]> {
  const thisHour = Math.floor(now.getTime() / HOUR) * HOUR;
  const first = new Date(thisHour - (HOURS - 1) * HOUR);
  const { rows } = await sql<{ at: Date; state: string; mails: number }>`
    select date_trunc('hour', ended_at) as at, state, count(*)::int as mails
    from message where ended_at >= ${first} group by 1, 2`.execute(db);
  return Array.from({ length: HOURS }, (_, index) => {
    const at = after(first, index * HOUR);
    const count = (state: string): number =>
      rows.find((row) => row.at.getTime() === at.getTime() && row.state === state)?.mails ?? 0;
    return { at, accepted: count('accepted'), refused: count('refused'), dropped: count('dropped') };
  });
}

/** How the mail server has answered lately. */
export type SenderHealth = {
  lastAcceptedAt: Date | null;
  /** What it last said to a mail that is tried again. */
  lastDeferral: string | null;
};

export async function senderHealth(db: Db): Promise<SenderHealth> {
  const { rows } = await sql<SenderHealth>`
    select (select ended_at from message where ended_at is not null and state = 'accepted' order by ended_at desc limit 1) as "lastAcceptedAt",
      (select smtp_response from message where state = 'queued' and tries > 0 order by id desc limit 1) as "lastDeferral"`.execute(
    db,
  );
  return rows[0] ?? { lastAcceptedAt: null, lastDeferral: null };
}
