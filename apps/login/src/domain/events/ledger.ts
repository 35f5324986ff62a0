import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import { after, DAY } from '#support/primitives/durations.ts';

/** One console told (or not yet told) of one event. */
export type EventEntry = {
  /** Also the `jti` of its token. */
  deliveryId: string;
  /** Null for what is told of the stream itself. */
  eventId: string | null;
  accountId: string | null;
  clientId: string;
  /** URI of the event type. */
  type: string;
  at: Date;
  state: 'waiting' | 'delivered' | 'failed';
  tries: number;
  /** Null also while an earlier event of the account waits, the stream rests, or the console polls. */
  nextTryAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  /** When the console had taken it, or it was given up. */
  endedAt: Date | null;
};

export type EventFilter = {
  accountId?: string;
  consoleId?: string;
  state?: EventEntry['state'];
  /** Goes on after this delivery. */
  after?: string;
  limit: number;
};

export type EventAttempt = {
  number: number;
  at: Date;
  kind: 'timetable' | 'probe' | 'poll';
  status: number | null;
  error: string | null;
  tookMs: number;
};

const COLUMNS = sql`d.id as "deliveryId", d.event_id as "eventId", d.account_id as "accountId", c.client_id as "clientId", d.type,
  d.created_at as at, d.state, d.tries, d.next_try_at as "nextTryAt", d.last_status as "lastStatus", d.last_error as "lastError",
  d.ended_at as "endedAt"`;

/** Who was told of what and when, the newest first. What was told itself is not shown: it holds addresses. */
export async function eventLedger(db: Db, filter: EventFilter): Promise<readonly EventEntry[]> {
  const conditions = [
    sql`true`,
    ...(filter.accountId === undefined ? [] : [sql`d.account_id = ${filter.accountId}`]),
    ...(filter.consoleId === undefined ? [] : [sql`d.console_id = ${filter.consoleId}`]),
    ...(filter.state === undefined ? [] : [sql`d.state = ${filter.state}`]),
    ...(filter.after === undefined
      ? []
      : [sql`(d.created_at, d.id) < (select created_at, id from event_delivery where id = ${filter.after})`]),
  ];
  const wanted = sql`from event_delivery d where ${sql.join(conditions, sql` and `)}`;
  const newest = sql`order by d.created_at desc, d.id desc limit ${filter.limit}`;
  // Of all consoles: the newest of each by its index, rather than all of the table.
  const found =
    filter.consoleId === undefined && filter.accountId === undefined
      ? sql`select n.* from console k cross join lateral (select d.* ${wanted} and d.console_id = k.id ${newest}) n`
      : sql`select d.* ${wanted} ${newest}`;
  const { rows } = await sql<EventEntry>`
    select ${COLUMNS} from (${found}) d join console c on c.id = d.console_id
    order by d.created_at desc, d.id desc limit ${filter.limit}`.execute(db);
  return rows;
}

/** One delivery with every try and what the console answered; undefined when there is none. */
export async function eventEntry(
  db: Db,
  deliveryId: string,
): Promise<(EventEntry & { attempts: readonly EventAttempt[] }) | undefined> {
  const { rows } = await sql<EventEntry>`
    select ${COLUMNS} from event_delivery d join console c on c.id = d.console_id where d.id = ${deliveryId}`.execute(
    db,
  );
  const [entry] = rows;
  if (!entry) return undefined;
  const attempts = await db
    .selectFrom('event_try')
    .select(['number', 'at', 'kind', 'status', 'error', 'took_ms as tookMs'])
    .where('delivery_id', '=', deliveryId)
    .orderBy('number')
    .execute();
  return { ...entry, attempts };
}

/** What nobody fetches for so long is given up. */
const UNFETCHED = 30 * DAY;

/** Gives up what a console that polls never fetched, and forgets events and their deliveries after so many days. */
export async function forgetOldEvents(db: Db, keepDays: number, now: Date): Promise<void> {
  await sql`
    update event_delivery d set state = 'failed', ended_at = ${now}, last_error = 'was not fetched for 30 days'
    from event_stream s
    where s.id = d.stream_id and s.method = 'poll' and d.state = 'waiting' and d.created_at < ${after(now, -UNFETCHED)}`.execute(
    db,
  );
  const old = after(now, -keepDays * DAY);
  await deleteInBatches(db, 'event_delivery', sql`created_at < ${old}`);
  await deleteInBatches(
    db,
    'account_event',
    sql`at < ${old} and not exists (select from event_delivery d where d.event_id = account_event.id)`,
  );
}
