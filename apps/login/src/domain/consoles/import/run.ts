import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Refusal } from './refusals.ts';

/** What became of the rows read so far; every row is in exactly one of the five after the first. */
export type Counts = {
  rowsRead: number;
  /** A new account with its link. */
  created: number;
  /** An account that another console had brought got a link to this one. */
  linked: number;
  /** Known already; a name, company or language that was empty was filled in. */
  filled: number;
  unchanged: number;
  refused: number;
  /** Hashes of legacy passwords that were kept (R21), and those that could not be: their people count above as ever. */
  legacyPasswords: number;
  legacyPasswordsRefused: number;
};

export const NOTHING_YET: Counts = {
  rowsRead: 0,
  created: 0,
  linked: 0,
  filled: 0,
  unchanged: 0,
  refused: 0,
  legacyPasswords: 0,
  legacyPasswordsRefused: 0,
};

export type Run = { id: string; lastLine: number; counts: Counts };

/** The run of this file that was cut off, if there is one. */
export async function unfinishedRun(db: Db, consoleId: string, fileHash: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('import_run')
    .selectAll()
    .where('console_id', '=', consoleId)
    .where('file_hash', '=', fileHash)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  const { created, linked, filled, unchanged, refused } = row;
  return {
    id: row.id,
    lastLine: row.last_line,
    counts: {
      rowsRead: row.rows_read,
      created,
      linked,
      filled,
      unchanged,
      refused,
      legacyPasswords: row.legacy_passwords,
      legacyPasswordsRefused: row.legacy_passwords_refused,
    },
  };
}

export async function beginRun(
  db: Db,
  of: { consoleId: string; fileName: string; fileHash: string; now: Date },
): Promise<Run> {
  const id = newId('imp', of.now);
  await db
    .insertInto('import_run')
    .values({
      id,
      console_id: of.consoleId,
      file_name: of.fileName,
      file_hash: of.fileHash,
      started_at: of.now,
      ended_at: null,
    })
    .execute();
  return { id, lastLine: 0, counts: NOTHING_YET };
}

/** Notes how far a run has come; in the transaction of the batch, so that what is written and what is settled are always the same. */
export async function saveProgress(trx: Trx, run: Run, refusals: readonly Refusal[]): Promise<void> {
  const { rowsRead, legacyPasswords, legacyPasswordsRefused, ...counts } = run.counts;
  await trx
    .updateTable('import_run')
    .set({
      last_line: run.lastLine,
      rows_read: rowsRead,
      legacy_passwords: legacyPasswords,
      legacy_passwords_refused: legacyPasswordsRefused,
      ...counts,
    })
    .where('id', '=', run.id)
    .execute();
  if (refusals.length === 0) return;
  const rows = refusals.map(({ line, lastLine, reason, ...detail }) => ({
    line,
    last_line: lastLine,
    reason,
    detail,
  }));
  await sql`
    insert into import_refusal (run_id, line, reason, last_line, detail)
    select ${run.id}, line, reason, last_line, detail
    from json_to_recordset(${JSON.stringify(rows)}::json) as new (line integer, reason text, last_line integer, detail jsonb)`.execute(
    trx,
  );
}

/** Ends a run and records it in the audit log, together. */
export async function endRun(
  db: Db,
  run: Run,
  of: { consoleId: string; fileName: string; fileHash: string; actor: string; now: Date },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.updateTable('import_run').set({ ended_at: of.now }).where('id', '=', run.id).execute();
    await recordEvent(trx, {
      at: of.now,
      action: 'people.imported',
      actor: of.actor,
      consoleId: of.consoleId,
      detail: { runId: run.id, fileName: of.fileName, fileHash: of.fileHash, ...run.counts },
    });
  });
}

/**
 * The refused rows of a run in the order of the file, at most `limit` of them.
 * @param after the last refusal of the page before; rows may have several
 */
export async function importRefusals(
  db: Db,
  runId: string,
  page: { after?: Pick<Refusal, 'line' | 'reason'> | undefined; limit: number },
): Promise<Refusal[]> {
  const { after, limit } = page;
  const rows = await db
    .selectFrom('import_refusal')
    .select(['line', 'reason', 'last_line', 'detail'])
    .where('run_id', '=', runId)
    .$if(after !== undefined, (query) =>
      query.where((row) =>
        row(row.refTuple('line', 'reason'), '>', row.tuple(after?.line ?? 0, after?.reason ?? '')),
      ),
    )
    .orderBy('line')
    .orderBy('reason')
    .limit(limit)
    .execute();
  // The detail was written from a Refusal by this file, so it has the fields of its reason.
  return rows.map(
    (row) => ({ line: row.line, lastLine: row.last_line, reason: row.reason, ...row.detail }) as Refusal,
  );
}
