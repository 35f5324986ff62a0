import { sql } from 'kysely';
import { lockAccount } from '#domain/accounts/accounts.ts';
import { stillUnproved } from '#domain/consoles/links.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { newId } from '#support/primitives/ids.ts';
import { EVENT_TYPES, eventBody, type AccountEvent } from './event.ts';
import { EVENTS_WAITING } from './poll-watch.ts';

export type { AccountEvent } from './event.ts';

/**
 * Notes the event and one delivery for every console to which the account is linked and that wants it, in the caller's transaction: after the commit each of them
 * will be told, whatever happens to this process. Events of one account are told in the order in which they were queued.
 */
export async function queueAccountEvent(trx: Db, jobs: Jobs, event: AccountEvent, now: Date): Promise<void> {
  // Two events of one account have one order, which is the one in which their transactions commit.
  await lockAccount(trx, event.accountId);
  const type = EVENT_TYPES[event.kind];
  const { id, number } = await trx
    .insertInto('account_event')
    .values({
      id: newId('evt', now),
      kind: event.kind,
      account_id: event.accountId,
      from_console_id: event.fromConsoleId ?? null,
      detail: JSON.stringify(event.detail ?? {}),
      at: now,
    })
    .returning(['id', 'number'])
    .executeTakeFirstOrThrow();
  const consoles = await toldConsoles(trx, event, type);
  if (consoles.length === 0) return;
  const deliveries = consoles.map((console) => ({
    id: newId('set', now),
    console_id: console.console_id,
    stream_id: console.stream_id,
    event_id: id,
    account_id: event.accountId,
    type,
    event: JSON.stringify(
      eventBody(event, { consoleUserId: console.console_user_id, sequence: Number(number), at: now }),
    ),
    next_try_at: console.pushed && !console.busy ? now : null,
    created_at: now,
  }));
  await trx.insertInto('event_delivery').values(deliveries).execute();
  await jobs.enqueueAll(
    trx,
    'event.deliver',
    deliveries.filter((one) => one.next_try_at !== null).map((one) => ({ deliveryId: one.id })),
  );
  for (const console of consoles)
    if (console.polled) await sql`select pg_notify(${EVENTS_WAITING}, ${console.console_id})`.execute(trx);
}

type Told = {
  console_id: string;
  stream_id: string;
  console_user_id: string;
  pushed: boolean;
  polled: boolean;
  /** An earlier event of the account waits there. */
  busy: boolean;
};

async function toldConsoles(trx: Db, event: AccountEvent, type: string): Promise<readonly Told[]> {
  const { rows } = await sql<Told>`
    select s.console_id, s.id as stream_id, l.console_user_id,
      s.method = 'push' and s.status = 'enabled' as pushed, s.method = 'poll' as polled,
      exists (select 1 from event_delivery d
        where d.console_id = s.console_id and d.account_id = l.account_id and d.state = 'waiting') as busy
    from event_stream s join console_link l on l.console_id = s.console_id
    where l.account_id = ${event.accountId} and s.status <> 'disabled'
      and s.console_id is distinct from ${event.fromConsoleId ?? null}
      and s.console_id = coalesce(${event.onlyConsoleId ?? null}, s.console_id)
      and (${event.onlyConsoleId !== undefined} or not exists (select from provisioned_user p
        where p.console_id = l.console_id and p.console_user_id = l.console_user_id and ${stillUnproved}))
      and (s.events_requested is null or ${type} = any(s.events_requested))
      and not exists (select 1 from event_unwanted u where u.stream_id = s.id and u.account_id = l.account_id)
    order by s.console_id`.execute(trx);
  return rows;
}
