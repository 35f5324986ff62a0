import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

const MOST_MAILS = 20;

/** A mail to a person and what became of it. */
export type PersonMail = {
  id: string;
  template: string;
  /** The notice that it is of. */
  noticeId: string | null;
  recipient: string;
  /** `deferred`: tried, not taken, and tried again; `bounced`: taken and come back. */
  fate: 'waiting' | 'deferred' | 'accepted' | 'refused' | 'bounced' | 'dropped';
  /** What the mail server said last. */
  response: string | null;
  tries: number;
  createdAt: Date;
  /** When the verdict came. */
  endedAt: Date | null;
};

/** The mails of the last 90 days, the newest first. Mails to an address that somebody typed count from the moment they were made. */
export async function mailsOfPerson(db: Db, accountId: string): Promise<PersonMail[]> {
  const { rows } = await sql<PersonMail>`
    select m.id, m.template, r.notice_id as "noticeId", m.recipient, m.tries, m.created_at as "createdAt",
      case when r.state = 'bounced' then 'bounced' when m.state = 'queued' then case when m.tries > 0 then 'deferred' else 'waiting' end else m.state end as fate,
      case when r.state = 'bounced' then r.smtp_response else m.smtp_response end as response,
      case when r.state = 'bounced' then r.verdict_at else m.ended_at end as "endedAt"
    from message m left join notice_recipient r on r.message_id = m.id
    where m.account_id = ${accountId} order by m.created_at desc, m.id desc limit ${MOST_MAILS}`.execute(db);
  return rows;
}
