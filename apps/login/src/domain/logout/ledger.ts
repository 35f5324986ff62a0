import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** One console told (or not yet told) of one ended session. */
export type LedgerEntry = {
  deliveryId: string;
  singleLogoutId: string;
  accountId: string;
  clientId: string;
  cause: string;
  /** When the session ended. */
  at: Date;
  state: 'waiting' | 'delivered' | 'failed';
  tries: number;
  nextTryAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  /** Who brought it: the login server's own try, or the console's question; null until then, and for what was told by an earlier release. */
  toldBy: 'push' | 'pull' | null;
  /** When the console had confirmed, or the delivery was given up. */
  endedAt: Date | null;
};

export type LedgerFilter = {
  accountId?: string;
  consoleId?: string;
  state?: LedgerEntry['state'];
  /** Goes on after this delivery. */
  after?: string;
  limit: number;
};

type Row = {
  id: string;
  single_logout_id: string;
  account_id: string;
  client_id: string;
  cause: string;
  created_at: Date;
  state: LedgerEntry['state'];
  tries: number;
  next_try_at: Date | null;
  last_status: number | null;
  last_error: string | null;
  told_by: LedgerEntry['toldBy'];
  ended_at: Date | null;
};

/** Who was told when, the newest first. Ids begin with their time, so that the id is the place in the list. */
export async function logoutLedger(db: Db, filter: LedgerFilter): Promise<readonly LedgerEntry[]> {
  const conditions = [
    sql`true`,
    ...(filter.accountId === undefined ? [] : [sql`d.account_id = ${filter.accountId}`]),
    ...(filter.consoleId === undefined ? [] : [sql`d.console_id = ${filter.consoleId}`]),
    ...(filter.state === undefined ? [] : [sql`d.state = ${filter.state}`]),
    ...(filter.after === undefined
      ? []
      : [
          sql`(d.created_at, d.id) < (select created_at, id from logout_delivery where id = ${filter.after})`,
        ]),
  ];
  const wanted = sql`from logout_delivery d where ${sql.join(conditions, sql` and `)}`;
  const newest = sql`order by d.created_at desc, d.id desc limit ${filter.limit}`;
  // Of all consoles: the newest of each by its index, rather than all of the table.
  const found =
    filter.consoleId === undefined && filter.accountId === undefined
      ? sql`select n.* from console k cross join lateral (select d.* ${wanted} and d.console_id = k.id ${newest}) n`
      : sql`select d.* ${wanted} ${newest}`;
  const { rows } = await sql<Row>`
    select d.id, d.single_logout_id, d.account_id, c.client_id, s.cause, d.created_at, d.state, d.tries, d.next_try_at,
      d.last_status, d.last_error, d.told_by, d.ended_at
    from (${found}) d join single_logout s on s.id = d.single_logout_id join console c on c.id = d.console_id
    order by d.created_at desc, d.id desc limit ${filter.limit}`.execute(db);
  return rows.map(entryOf);
}

export type DeliveryTry = {
  number: number;
  at: Date;
  kind: 'timetable' | 'probe';
  status: number | null;
  error: string | null;
  tookMs: number;
};

/** One delivery with every try and what the console answered; undefined when there is none. */
export async function ledgerEntry(
  db: Db,
  deliveryId: string,
): Promise<(LedgerEntry & { attempts: readonly DeliveryTry[] }) | undefined> {
  const { rows } = await sql<Row>`
    select d.id, d.single_logout_id, d.account_id, c.client_id, s.cause, d.created_at, d.state, d.tries, d.next_try_at,
      d.last_status, d.last_error, d.told_by, d.ended_at
    from logout_delivery d join single_logout s on s.id = d.single_logout_id join console c on c.id = d.console_id
    where d.id = ${deliveryId}`.execute(db);
  const [row] = rows;
  if (!row) return undefined;
  const attempts = await db
    .selectFrom('logout_try')
    .select(['number', 'at', 'kind', 'status', 'error', 'took_ms as tookMs'])
    .where('delivery_id', '=', deliveryId)
    .orderBy('number')
    .execute();
  return { ...entryOf(row), attempts };
}

function entryOf(row: Row): LedgerEntry {
  return {
    deliveryId: row.id,
    singleLogoutId: row.single_logout_id,
    accountId: row.account_id,
    clientId: row.client_id,
    cause: row.cause,
    at: row.created_at,
    state: row.state,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    toldBy: row.told_by,
    endedAt: row.ended_at,
  };
}
