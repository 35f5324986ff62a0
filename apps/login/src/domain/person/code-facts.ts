import { sql } from 'kysely';
import { TRIES_PER_CODE } from '#domain/verification/codes.ts';
import { codeLimits, nextSendAt } from '#domain/verification/limits.ts';
import { REQUEST_LIFE } from '#domain/verification/requests.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { after, DAY } from '#support/primitives/durations.ts';

/** What a person asked for to set a password. Only the code itself is nowhere. */
export type CodeFacts = {
  /** How many codes were asked for within a day. */
  asked: number;
  /** When the next one may be sent; null: at once. */
  nextSendAt: Date | null;
  /** Wrong codes typed within a day; at the limit none is taken until some are a day old. */
  guesses: number;
  guessesEndAt: Date | null;
  /** The last request; those of two days are kept. */
  last: {
    requestId: string;
    at: Date;
    lastSentAt: Date;
    /** A password was set with it, or it was ended otherwise. */
    endedAt: Date | null;
    /** Its page still takes a code. */
    open: boolean;
    triesUsedUp: boolean;
    /** The mail with the newest code; null: none was made yet. */
    mail: {
      fate: 'waiting' | 'deferred' | 'accepted' | 'refused' | 'dropped';
      response: string | null;
      at: Date;
    } | null;
    /** Until when the newest code is taken; null: there is none. */
    codeUntil: Date | null;
  } | null;
};

/** How far a person has come with codes to set a password. */
export async function codeFacts(
  db: Db,
  account: Pick<AccountRow, 'id' | 'email_key'>,
  now: Date,
): Promise<CodeFacts> {
  const { id, email_key: emailKey } = account;
  const { rows } = await sql<Row>`
    select q.id, q.created_at, coalesce(q.last_sent_at, q.created_at) as last_sent_at, q.ended_at, q.failed_tries, c.expires_at, c.consumed_at,
      m.state as mail_state, m.tries as mail_tries, m.smtp_response, m.created_at as mail_at
    from (select * from verification_request where email_key = ${emailKey} and purpose = 'set-password'
      order by coalesce(last_sent_at, created_at) desc limit 1) q
    left join lateral (select * from verification_code where request_id = q.id order by issued_at desc, id desc limit 1) c on true
    left join message m on m.id = c.message_id`.execute(db);
  const limits = await codeLimits(db);
  const [counted, sendAt] = await Promise.all([
    attemptsOfDay(db, id, emailKey, now),
    nextSendAt(db, emailKey, limits, now),
  ]);
  const row = rows[0];
  return {
    asked: counted.asked,
    nextSendAt: sendAt,
    guesses: counted.guesses,
    guessesEndAt:
      counted.guesses >= limits.guessesPerDay && counted.oldest ? after(counted.oldest, DAY) : null,
    last: row ? lastOf(row, now) : null,
  };
}

function lastOf(row: Row, now: Date): CodeFacts['last'] {
  return {
    requestId: row.id,
    at: row.created_at,
    lastSentAt: row.last_sent_at,
    endedAt: row.ended_at,
    open: !row.ended_at && row.created_at > after(now, -REQUEST_LIFE),
    triesUsedUp: row.failed_tries >= TRIES_PER_CODE,
    mail:
      row.mail_state && row.mail_at
        ? {
            fate: row.mail_state === 'queued' ? (row.mail_tries ? 'deferred' : 'waiting') : row.mail_state,
            response: row.smtp_response,
            at: row.mail_at,
          }
        : null,
    codeUntil: row.consumed_at ? null : row.expires_at,
  };
}

async function attemptsOfDay(db: Db, accountId: string, emailKey: string, now: Date) {
  const { rows } = await sql<{ asked: number; guesses: number; oldest: Date | null }>`
    select
      (select count(*)::int from verification_attempt where kind = 'send' and email_key = ${emailKey} and at > ${after(now, -DAY)}) as asked,
      g.guesses, g.oldest
    from (select count(*)::int as guesses, min(at) as oldest from verification_attempt
      where kind = 'guess' and (email_key = ${emailKey} or client_network = ${`account:${accountId}`}) and at > ${after(now, -DAY)}) g`.execute(
    db,
  );
  return rows[0] ?? { asked: 0, guesses: 0, oldest: null };
}

type Row = {
  id: string;
  created_at: Date;
  last_sent_at: Date;
  ended_at: Date | null;
  failed_tries: number;
  expires_at: Date | null;
  consumed_at: Date | null;
  mail_state: 'queued' | 'accepted' | 'refused' | 'dropped' | null;
  mail_tries: number | null;
  smtp_response: string | null;
  mail_at: Date | null;
};
