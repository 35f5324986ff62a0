import { sql } from 'kysely';
import type { Db, Trx } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { queueMails } from '#support/mail/mail.ts';
import { dropUnsent } from './cancel.ts';
import { NOTICE_MAIL } from './mail.ts';

/** How many recipients become messages in one transaction. */
const BATCH = 200;
/** How far ahead of the mail server mails are queued: seconds at full pace. Few, so that cancelling stops nearly all. */
const AHEAD = 20;

/**
 * Turns recipients of notices whose time has come into queued mails, a little ahead of the pace at which they are sent, and ends notices that everybody has a
 * verdict of. Safe on several nodes at once: a notice that one of them works on is skipped by the others.
 */
export async function sendDueNotices(
  db: Db,
  jobs: Jobs,
  perSecond: number,
  now: Date,
): Promise<{ queued: number }> {
  const due = await db
    .selectFrom('notice')
    .select(['id', 'cancelled_at'])
    .where('ended_at', 'is', null)
    .where((eb) => eb.or([eb('send_at', '<=', now), eb('cancelled_at', 'is not', null)]))
    .orderBy('send_at')
    .orderBy('id')
    .execute();
  let room = due.length > 0 ? Math.ceil(perSecond * AHEAD) - (await freshMails(db)) : 0;
  let queued = 0;
  for (const { id, cancelled_at: cancelledAt } of due) {
    // Cancelled with the change of a plan, which leaves the rest to us.
    if (cancelledAt) await db.transaction().execute((trx) => dropUnsent(trx, id, now));
    while (!cancelledAt && room > 0) {
      const batch = await db
        .transaction()
        .execute((trx) => queueBatch(trx, jobs, id, Math.min(room, BATCH), now));
      if (batch.taken === 0) break;
      room -= batch.queued;
      queued += batch.queued;
    }
    await endNotice(db, id, now);
  }
  return { queued };
}

/** Mails of many that no mail server was asked about yet. Deferred ones do not count: they hold nobody up. */
async function freshMails(db: Db): Promise<number> {
  const { n } = await db
    .selectFrom('message')
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .where('state', '=', 'queued')
    .where('bulk', '=', true)
    .where('tries', '=', 0)
    .executeTakeFirstOrThrow();
  return Number(n);
}

async function queueBatch(
  trx: Trx,
  jobs: Jobs,
  noticeId: string,
  limit: number,
  now: Date,
): Promise<{ taken: number; queued: number }> {
  const notice = await trx
    .selectFrom('notice')
    .select(['console_id', 'kind'])
    .where('id', '=', noticeId)
    .where('ended_at', 'is', null)
    .where('cancelled_at', 'is', null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (!notice) return { taken: 0, queued: 0 };
  const { rows } = await sql<{
    account_id: string;
    email_address: string;
    locale: 'ja' | 'en' | null;
    in_audience: boolean;
    moved: boolean;
  }>`
    select r.account_id, a.email_address, a.locale,
      coalesce(a.state = 'active' and not l.api_only, false) as in_audience,
      exists (select 1 from sign_in_day d
        where d.console_id = ${notice.console_id} and d.account_id = r.account_id and d.kind = 'unified') as moved
    from notice_recipient r
      join account a on a.id = r.account_id
      left join console_link l on l.account_id = r.account_id and l.console_id = ${notice.console_id}
    where r.notice_id = ${noticeId} and r.state = 'waiting'
    order by r.account_id limit ${limit}
    for update of r skip locked`.execute(trx);
  const moved = (row: { moved: boolean }): boolean => notice.kind === 'reminder' && row.moved;
  const going = rows.filter((row) => row.in_audience && !moved(row));
  await drop(
    rows.filter((row) => !row.in_audience),
    'left-audience',
  );
  await drop(
    rows.filter((row) => row.in_audience && moved(row)),
    'moved',
  );
  const ids = await queueMails(
    trx,
    jobs,
    going.map((row) => ({
      template: NOTICE_MAIL,
      recipient: row.email_address,
      locale: row.locale ?? 'ja',
      params: { noticeId },
      accountId: row.account_id,
      bulk: true,
    })),
    now,
  );
  await sql`
    update notice_recipient r set state = 'queued', message_id = m.id, recipient = m.recipient
    from unnest(${going.map((row) => row.account_id)}::text[], ${ids}::text[], ${going.map((row) => row.email_address)}::text[])
      as m (account_id, id, recipient)
    where r.notice_id = ${noticeId} and r.account_id = m.account_id and r.state = 'waiting'`.execute(trx);
  return { taken: rows.length, queued: going.length };

  async function drop(
    left: readonly { account_id: string }[],
    reason: 'left-audience' | 'moved',
  ): Promise<void> {
    if (left.length === 0) return;
    await trx
      .updateTable('notice_recipient')
      .set({ state: 'dropped', drop_reason: reason, verdict_at: now })
      .where('notice_id', '=', noticeId)
      .where('state', '=', 'waiting')
      .where(
        'account_id',
        'in',
        left.map((row) => row.account_id),
      )
      .execute();
  }
}

async function endNotice(db: Db, noticeId: string, now: Date): Promise<void> {
  await sql`
    update notice set ended_at = ${now}
    where id = ${noticeId} and ended_at is null
      and not exists (select 1 from notice_recipient r where r.notice_id = ${noticeId} and r.state in ('waiting', 'queued'))`.execute(
    db,
  );
}
