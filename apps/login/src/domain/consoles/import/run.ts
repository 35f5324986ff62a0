import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { ImportRunRow } from '#support/db/schema.ts';
import { newId } from '#support/primitives/ids.ts';
import { storedRefusals, storeRefusals, type RefusalPage } from './refusal-store.ts';
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

/** Somebody ended the run while a batch of it was under way; the batch must be rolled back. */
export class RunEnded extends Error {}

/** The run of this file that was cut off or is being worked on, if there is one. `uploaded`: it takes in an uploaded file, which goes on by itself. */
export async function unfinishedRun(
  db: Db,
  consoleId: string,
  fileHash: string,
): Promise<(Run & { uploaded: boolean }) | undefined> {
  const row = await db
    .selectFrom('import_run')
    .selectAll()
    .where('console_id', '=', consoleId)
    .where('file_hash', '=', fileHash)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  return { id: row.id, lastLine: row.last_line, counts: countsOf(row), uploaded: row.uploaded };
}

/** The figures of a run as they are stored. */
export function countsOf(row: ImportRunRow): Counts {
  const { created, linked, filled, unchanged, refused } = row;
  return {
    rowsRead: row.rows_read,
    created,
    linked,
    filled,
    unchanged,
    refused,
    legacyPasswords: row.legacy_passwords,
    legacyPasswordsRefused: row.legacy_passwords_refused,
  };
}

/**
 * @param of.upload the uploaded file that it takes in, which gives the run its id
 * @throws RunEnded if the upload was cancelled meanwhile
 */
export async function beginRun(
  db: Db,
  of: {
    consoleId: string;
    fileName: string;
    fileHash: string;
    actor: string;
    upload: string | undefined;
    now: Date;
  },
): Promise<Run> {
  const id = of.upload ?? newId('imp', of.now);
  await db.transaction().execute(async (trx) => {
    if (of.upload !== undefined) await wantedStill(trx, of.upload);
    await trx
      .insertInto('import_run')
      .values({
        id,
        console_id: of.consoleId,
        file_name: of.fileName,
        file_hash: of.fileHash,
        started_at: of.now,
        ended_at: null,
        actor: of.actor,
        uploaded: of.upload !== undefined,
      })
      .execute();
  });
  return { id, lastLine: 0, counts: NOTHING_YET };
}

/** Ends a run before the end of its file; what it has taken in stays. */
export async function breakOffRun(
  db: Db,
  runId: string,
  outcome: 'cancelled' | 'failed' | 'replaced',
  now: Date,
): Promise<Counts | undefined> {
  const row = await db
    .updateTable('import_run')
    .set({ ended_at: now, outcome })
    .where('id', '=', runId)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row && countsOf(row);
}

/**
 * Notes how far a run has come; in the transaction of the batch, so that what is written and what is settled are always the same.
 * @throws RunEnded if it was ended meanwhile
 */
export async function saveProgress(trx: Trx, run: Run, refusals: readonly Refusal[]): Promise<void> {
  const { rowsRead, legacyPasswords, legacyPasswordsRefused, ...counts } = run.counts;
  const { numUpdatedRows } = await trx
    .updateTable('import_run')
    .set({
      last_line: run.lastLine,
      rows_read: rowsRead,
      legacy_passwords: legacyPasswords,
      legacy_passwords_refused: legacyPasswordsRefused,
      ...counts,
    })
    .where('id', '=', run.id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new RunEnded();
  await storeRefusals(trx, 'import', run.id, refusals);
}

/** Ends a run that came to the end of its file, with the upload that it took in, and records it in the audit log, together. */
export async function endRun(
  db: Db,
  run: Run,
  of: {
    consoleId: string;
    fileName: string;
    fileHash: string;
    actor: string;
    upload: string | undefined;
    now: Date;
  },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (of.upload !== undefined) await wantedStill(trx, of.upload);
    await trx.updateTable('import_run').set({ ended_at: of.now }).where('id', '=', run.id).execute();
    if (of.upload !== undefined) {
      await trx
        .updateTable('import_upload')
        .set((eb) => ({
          state: 'imported',
          ended_at: of.now,
          bytes_read: eb.fn.coalesce('size', 'bytes_read'),
        }))
        .where('id', '=', of.upload)
        .execute();
      await trx.deleteFrom('import_piece').where('upload_id', '=', of.upload).execute();
    }
    await recordEvent(trx, {
      at: of.now,
      action: 'people.imported',
      actor: of.actor,
      consoleId: of.consoleId,
      detail: { runId: run.id, fileName: of.fileName, fileHash: of.fileHash, ...run.counts },
    });
  });
}

/** The refused rows of a run in the order of the file, page by page. */
export function importRefusals(db: Db, runId: string, page: RefusalPage): Promise<Refusal[]> {
  return storedRefusals(db, 'import', runId, page);
}

async function wantedStill(trx: Trx, uploadId: string): Promise<void> {
  const upload = await trx
    .selectFrom('import_upload')
    .select('state')
    .where('id', '=', uploadId)
    .forUpdate()
    .executeTakeFirst();
  if (upload?.state !== 'importing') throw new RunEnded();
}
