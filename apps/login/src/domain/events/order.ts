import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

/** SQL: no earlier event of the same account waits for the same console. What is told of the stream itself stands in no row. `d` is the delivery. */
export const FIRST_IN_LINE = sql`not exists (select 1 from event_delivery o
  where o.console_id = d.console_id and o.account_id = d.account_id and o.state = 'waiting' and o.number < d.number)`;

/**
 * Has pushed whatever is first in line and was not, because an earlier event has ended or the stream goes on. Of one console, or of all; of one account, or of all.
 * Safe to call at any time.
 */
export async function pushFirstInLine(
  trx: Db,
  jobs: Jobs,
  of: { consoleId?: string; accountId?: string },
  now: Date,
): Promise<void> {
  const ofConsole = of.consoleId === undefined ? sql`` : sql`and s.console_id = ${of.consoleId}`;
  const ofAccount = of.accountId === undefined ? sql`` : sql`and d.account_id = ${of.accountId}`;
  // Stream by stream: what waits for consoles that poll is not even read.
  const { rows } = await sql<{ id: string }>`
    update event_delivery t set next_try_at = ${now}
    from (select w.id from event_stream s cross join lateral (
        select d.id from event_delivery d
        where d.console_id = s.console_id and d.stream_id = s.id and d.state = 'waiting' and d.next_try_at is null
          and (s.status = 'enabled' or d.account_id is null) and ${FIRST_IN_LINE} ${ofAccount}
        order by d.number limit 500 for update of d skip locked
      ) w where s.method = 'push' ${ofConsole}) due
    where t.id = due.id and t.next_try_at is null and t.state = 'waiting'
    returning t.id`.execute(trx);
  await jobs.enqueueAll(
    trx,
    'event.deliver',
    rows.map(({ id }) => ({ deliveryId: id })),
  );
}
