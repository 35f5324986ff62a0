import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { ImportUploadRow } from '#support/db/schema.ts';
import type { Encoding } from './encoding.ts';
import type { Separator } from './header.ts';
import type { ImportResult } from './import-people.ts';
import type { ColumnName } from './refusals.ts';
import type { Counts } from './run.ts';

/** Why an uploaded file was not taken at all. */
export type UploadRefusal = Exclude<
  Extract<ImportResult, { ok: false }>,
  { reason: 'already-running' | 'cancelled' }
>;

/** What the columns of a file were taken for. */
export type UploadLayout = {
  encoding: Encoding;
  separator: Separator;
  columns: Partial<Record<ColumnName, number>>;
  names: readonly string[];
};

/** `replaced`: a run of the command line that was cut off, and whose file was uploaded afterwards. */
export type ImportState = Exclude<ImportUploadRow['state'], 'receiving'> | 'replaced';

/** One file of people and what became of it, whether it was uploaded or given to the command line. */
export type ImportEntry = {
  id: string;
  consoleId: string;
  fileName: string;
  /** Who handed it in; null for what an earlier release ran. */
  actor: string | null;
  at: Date;
  state: ImportState;
  /** Given to the command line: nobody here can start, watch or cancel it. */
  byCommand: boolean;
  startedAt: Date | null;
  startedBy: string | null;
  endedAt: Date | null;
  /** Bytes of the file; null of what the command line read. */
  size: number | null;
  stage: 'checking' | 'importing';
  bytesRead: number;
  /** What the dry run found. */
  foreseen: Counts | null;
  /** What was really done. */
  done: Counts | null;
  layout: UploadLayout | null;
  refusal: UploadRefusal | null;
};

export type ImportPage = { entries: readonly ImportEntry[]; next: string | null };

const UPLOADED = sql`
  select u.id, u.console_id, u.file_name, u.actor, u.created_at as at, u.state, false as by_command, u.started_at, u.started_by, u.ended_at,
    u.size, u.stage, u.bytes_read, u.counts, u.layout, u.refusal
  from import_upload u where u.state <> 'receiving'`;
const BY_COMMAND = sql`
  select r.id, r.console_id, r.file_name, r.actor, r.started_at as at,
    coalesce(r.outcome, case when r.ended_at is null then 'importing' else 'imported' end) as state, true as by_command, r.started_at,
    r.actor as started_by, r.ended_at, null::bigint as size, 'importing' as stage, 0::bigint as bytes_read, null::jsonb as counts,
    null::jsonb as layout, null::jsonb as refusal
  from import_run r where not r.uploaded`;

/**
 * All imports, the newest first.
 * @param page.after the `next` of the page before
 */
export async function importHistory(
  db: Db,
  filter: { consoleId?: string | undefined },
  page: { after?: string | undefined; limit: number },
): Promise<ImportPage> {
  const [at = '', id = ''] = page.after?.split(' ') ?? [];
  const place = page.after !== undefined && !Number.isNaN(Date.parse(at)) ? new Date(at) : undefined;
  const part = (select: typeof UPLOADED, table: 'u' | 'r', moment: 'created_at' | 'started_at') => sql`
    (${select}
      ${filter.consoleId === undefined ? sql`` : sql`and ${sql.ref(`${table}.console_id`)} = ${filter.consoleId}`}
      ${place === undefined ? sql`` : sql`and (${sql.ref(`${table}.${moment}`)}, ${sql.ref(`${table}.id`)}) < (${place}, ${id})`}
      order by ${sql.ref(`${table}.${moment}`)} desc, ${sql.ref(`${table}.id`)} desc limit ${page.limit + 1})`;
  const rows = await read(
    db,
    sql`select * from (${part(UPLOADED, 'u', 'created_at')} union all ${part(BY_COMMAND, 'r', 'started_at')}) one
      order by at desc, id desc limit ${page.limit + 1}`,
  );
  const entries = rows.slice(0, page.limit);
  const last = entries.at(-1);
  return {
    entries,
    next: rows.length > page.limit && last ? `${last.at.toISOString()} ${last.id}` : null,
  };
}

/** One import; undefined when there is none. */
export async function importEntry(db: Db, importId: string): Promise<ImportEntry | undefined> {
  const [entry] = await read(
    db,
    sql`select * from (${UPLOADED} and u.id = ${importId} union all ${BY_COMMAND} and r.id = ${importId}) one`,
  );
  return entry;
}

type Row = Omit<ImportUploadRow, 'state' | 'created_at'> & {
  at: Date;
  state: ImportState;
  by_command: boolean;
  done: Counts | null;
};

async function read(db: Db, entries: ReturnType<typeof sql>): Promise<ImportEntry[]> {
  const { rows } = await sql<Row>`
    select e.*, case when r.id is null then null else jsonb_build_object('rowsRead', r.rows_read, 'created', r.created, 'linked', r.linked,
      'filled', r.filled, 'unchanged', r.unchanged, 'refused', r.refused, 'legacyPasswords', r.legacy_passwords,
      'legacyPasswordsRefused', r.legacy_passwords_refused) end as done
    from (${entries}) e left join import_run r on r.id = e.id
    order by e.at desc, e.id desc`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    consoleId: row.console_id,
    fileName: row.file_name,
    actor: row.actor,
    at: row.at,
    state: row.state,
    byCommand: row.by_command,
    startedAt: row.started_at,
    startedBy: row.started_by,
    endedAt: row.ended_at,
    size: row.size === null ? null : Number(row.size),
    stage: row.stage,
    bytesRead: Number(row.bytes_read),
    // These three were written from values of these types by `upload-work.ts`.
    foreseen: row.counts as Counts | null,
    done: row.done,
    layout: row.layout as UploadLayout | null,
    refusal: row.refusal as UploadRefusal | null,
  }));
}
