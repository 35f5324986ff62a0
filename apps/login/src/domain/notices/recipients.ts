import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { NoticeRecipientRow } from '#support/db/schema.ts';
import { inAudience, UNREACHED } from './unreached.ts';

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

export const RECIPIENT_FILTERS = [
  'waiting',
  'queued',
  'deferred',
  'accepted',
  'refused',
  'bounced',
  'dropped',
  'unreached',
] as const;
export type RecipientFilter = (typeof RECIPIENT_FILTERS)[number];

export type WantedRecipients = {
  state?: RecipientFilter | undefined;
  /** The account of the page before's last one. */
  after?: string | undefined;
  /** Of these accounts only. */
  among?: readonly string[] | undefined;
  limit?: number | undefined;
};

/** One person of a notice; undefined when there is no such one. */
export async function recipientOf(
  db: Db,
  noticeId: string,
  accountId: string,
): Promise<Recipient | undefined> {
  return (await listRecipients(db, noticeId, { among: [accountId] })).recipients[0];
}

/** The people of a notice in a stable order, a page at a time. */
export async function listRecipients(
  db: Db,
  noticeId: string,
  wanted: WantedRecipients,
): Promise<{ recipients: Recipient[]; next: string | null }> {
  const limit = wanted.limit ?? RECIPIENTS_A_PAGE;
  const { rows } = await recipientsStatement(noticeId, wanted, limit + 1).execute(db);
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

type Row = NoticeRecipientRow & {
  console_user_id: string | null;
  name: string;
  company: string;
  email_address: string;
  tries: number | null;
  last_response: string | null;
};

/** What a page of recipients reads: an index finds those of a verdict, however many others there are. */
export function recipientsStatement(
  noticeId: string,
  wanted: Pick<WantedRecipients, 'state' | 'after' | 'among'>,
  limit: number,
): RawBuilder<Row> {
  return sql<Row>`
    select r.*, l.console_user_id, a.name, a.company, a.email_address, m.tries, m.smtp_response as last_response
    from notice n
      join notice_recipient r on r.notice_id = n.id
      join account a on a.id = r.account_id
      left join console_link l on l.account_id = r.account_id and l.console_id = n.console_id
      left join message m on m.id = r.message_id
    where n.id = ${noticeId} and r.notice_id = ${noticeId} and r.account_id > ${wanted.after ?? ''} and ${inState(wanted.state)}
      ${wanted.among === undefined ? sql`` : sql`and r.account_id = any(${[...wanted.among]}::text[])`}
    order by r.account_id limit ${limit}`;
}

function inState(state: RecipientFilter | undefined): RawBuilder<unknown> {
  if (state === undefined) return sql`true`;
  if (state === 'deferred') return sql`r.state = 'queued' and m.tries > 0`;
  if (state === 'unreached') return sql`${UNREACHED} and ${inAudience(sql`n.console_id`)}`;
  return sql`r.state = ${state}`;
}
