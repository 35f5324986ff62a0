import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Refusal } from './refusals.ts';

/** Whose refused rows: those of a dry run, or of an import. */
export type RefusalsOf = 'check' | 'import';

/** At most `limit` of them. `after` is the last refusal of the page before; rows may have several. */
export type RefusalPage = { after?: Pick<Refusal, 'line' | 'reason'> | undefined; limit: number };

const STORES = {
  check: { table: 'import_check_refusal', owner: 'upload_id' },
  import: { table: 'import_refusal', owner: 'run_id' },
} as const;

/** Adds refused rows to those that are stored. */
export async function storeRefusals(
  db: Db,
  of: RefusalsOf,
  id: string,
  refusals: readonly Refusal[],
): Promise<void> {
  if (refusals.length === 0) return;
  const { table, owner } = STORES[of];
  const rows = refusals.map(({ line, lastLine, reason, ...detail }) => ({
    line,
    last_line: lastLine,
    reason,
    detail,
  }));
  await sql`
    insert into ${sql.table(table)} (${sql.ref(owner)}, line, reason, last_line, detail)
    select ${id}, line, reason, last_line, detail
    from json_to_recordset(${JSON.stringify(rows)}::json) as new (line integer, reason text, last_line integer, detail jsonb)`.execute(
    db,
  );
}

/** The refused rows in the order of the file, page by page. */
export async function storedRefusals(
  db: Db,
  of: RefusalsOf,
  id: string,
  { after, limit }: RefusalPage,
): Promise<Refusal[]> {
  const { table, owner } = STORES[of];
  const { rows } = await sql<{ line: number; reason: string; last_line: number; detail: object }>`
    select line, reason, last_line, detail from ${sql.table(table)}
    where ${sql.ref(owner)} = ${id} and (line, reason) > (${after?.line ?? 0}, ${after?.reason ?? ''})
    order by line, reason limit ${limit}`.execute(db);
  // The detail was written from a Refusal by this file, so it has the fields of its reason.
  return rows.map(
    (row) => ({ line: row.line, lastLine: row.last_line, reason: row.reason, ...row.detail }) as Refusal,
  );
}
