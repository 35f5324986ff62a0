import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { AUDIT_ACTIONS, resultOf, type AuditResult } from './events.ts';

/** What is asked for; every condition that is given must hold. */
export type AuditFilter = {
  /** One of these did it: an account id, `operator:…`, `console:…`, `system`, `anonymous`, `undo-link`. */
  actors?: readonly string[];
  /** Of this account. */
  accountId?: string;
  consoleId?: string;
  /** One of these events. */
  actions?: readonly string[];
  result?: AuditResult;
  /** From this moment on. */
  since?: Date;
  /** Before this moment. */
  until?: Date;
};

export type AuditEntry = {
  id: string;
  at: Date;
  action: string;
  result: AuditResult;
  actor: string;
  accountId: string | null;
  consoleId: string | null;
  clientIp: string | null;
  userAgent: string | null;
  reason: string | null;
  requestId: string | null;
  /** The rest of what was recorded. */
  detail: Readonly<Record<string, unknown>>;
  /** The link of the chain that it is sealed in; null in its first seconds. */
  batch: string | null;
  /** Its personal parts were erased. */
  erased: boolean;
};

/**
 * Events, the newest first: by moment, then by id.
 * @param page.after `next` of the page before; anything else leads to the first page
 */
export async function searchAudit(
  db: Db,
  filter: AuditFilter,
  page: { after?: string | undefined; limit: number },
): Promise<{ entries: readonly AuditEntry[]; next: string | null }> {
  const rows = await entries(db, filter, page.after, page.limit + 1);
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return { entries: shown.map(entryOf), next: last ? `${last.micros}.${last.id}` : null };
}

/** All that is asked for, page by page: never more than a page of them in memory. */
export async function* allAudit(db: Db, filter: AuditFilter): AsyncGenerator<AuditEntry> {
  let after: string | undefined;
  do {
    const page = await searchAudit(db, filter, { after, limit: 1_000 });
    yield* page.entries;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** One event. */
export async function auditEntry(db: Db, id: string): Promise<AuditEntry | undefined> {
  if (!/^\d{1,18}$/.test(id)) return undefined;
  const { rows } = await sql<Row>`
    select ${COLUMNS} from audit_event e left join audit_seal s on s.event_id = e.id where e.id = ${id}`.execute(
    db,
  );
  return rows[0] && entryOf(rows[0]);
}

const COLUMNS = sql`e.id::text, e.at, (extract(epoch from e.at) * 1000000)::bigint::text as micros, e.action, e.actor, e.account_id, e.console_id,
  e.client_ip, e.request_id, e.detail, s.batch::text, s.erased is not null as erased`;

type Row = {
  id: string;
  at: Date;
  micros: string;
  action: string;
  actor: string;
  account_id: string | null;
  console_id: string | null;
  client_ip: string | null;
  request_id: string | null;
  detail: unknown;
  batch: string | null;
  erased: boolean;
};

/**
 * Of each event and actor that is asked for its own newest ones, and of those the newest: each is one short walk in an index, so what is rare is found as fast as what is frequent.
 */
async function entries(
  db: Db,
  filter: AuditFilter,
  cursor: string | undefined,
  limit: number,
): Promise<Row[]> {
  const wanted = [...conditions(filter), ...placeAfter(cursor)];
  const order = sql`order by e.at desc, e.id desc limit ${limit}`;
  const actions = actionsOf(filter);
  // What is about one person is little: it is found by the person, and looked through for who did it.
  const actors = filter.accountId === undefined ? filter.actors : undefined;
  const isNarrow = filter.actors ?? filter.accountId ?? filter.consoleId ?? actions;
  const found = isNarrow
    ? sql`
      select e.* from unnest(${actions ?? AUDIT_ACTIONS}::text[]) wanted_action (action)
        cross join unnest(${actors ?? ['']}::text[]) wanted_actor (actor)
        cross join lateral (
          select e.id, e.at from audit_event e
          where ${sql.join([sql`e.action = wanted_action.action`, ...(actors ? [sql`e.actor = wanted_actor.actor`] : []), ...wanted], sql` and `)} ${order}
        ) e`
    : sql`select e.id, e.at from audit_event e ${wanted.length > 0 ? sql`where ${sql.join(wanted, sql` and `)}` : sql``}`;
  const { rows } = await sql<Row>`
    with page as materialized (select e.id, e.at from (${found}) e ${order})
    select ${COLUMNS} from page join audit_event e on e.id = page.id left join audit_seal s on s.event_id = page.id
    order by e.at desc, e.id desc`.execute(db);
  return rows;
}

/** The events that are asked for by name or by how they ended; undefined for all. */
function actionsOf({ actions, result }: AuditFilter): readonly string[] | undefined {
  if (result === undefined) return actions;
  return (actions ?? AUDIT_ACTIONS).filter((action) => resultOf(action) === result);
}

function conditions({ accountId, actors, consoleId, since, until }: AuditFilter): RawBuilder<unknown>[] {
  const isAboutOne = accountId !== undefined;
  return [
    ...(isAboutOne ? [sql`e.account_id = ${accountId}`] : []),
    // Joined with nothing, so that no index of many is taken for it.
    ...(isAboutOne && actors ? [sql`e.actor || '' = any(${[...actors]}::text[])`] : []),
    ...(consoleId === undefined
      ? []
      : [isAboutOne ? sql`e.console_id || '' = ${consoleId}` : sql`e.console_id = ${consoleId}`]),
    ...(since === undefined ? [] : [sql`e.at >= ${since}`]),
    ...(until === undefined ? [] : [sql`e.at < ${until}`]),
  ];
}

/** A place is a moment in microseconds and an id. */
function placeAfter(cursor: string | undefined): RawBuilder<unknown>[] {
  const [, micros, id] = /^(\d{1,17})\.(\d{1,18})$/.exec(cursor ?? '') ?? [];
  if (micros === undefined || id === undefined) return [];
  return [
    sql`(e.at, e.id) < ('epoch'::timestamptz + ${micros}::bigint * interval '1 microsecond', ${id}::bigint)`,
  ];
}

function entryOf(row: Row): AuditEntry {
  const isObject = typeof row.detail === 'object' && row.detail !== null && !Array.isArray(row.detail);
  const { userAgent, reason, ...detail } = (isObject ? row.detail : { value: row.detail }) as Record<
    string,
    unknown
  >;
  return {
    id: row.id,
    at: row.at,
    action: row.action,
    result: resultOf(row.action),
    actor: row.actor,
    accountId: row.account_id,
    consoleId: row.console_id,
    clientIp: row.client_ip,
    userAgent: typeof userAgent === 'string' ? userAgent : null,
    reason: typeof reason === 'string' ? reason : null,
    requestId: row.request_id,
    detail,
    batch: row.batch,
    erased: row.erased,
  };
}
