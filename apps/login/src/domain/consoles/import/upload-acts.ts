import { recordEvent } from '#support/audit/record.ts';
import type { Db, Trx } from '#support/db/database.ts';
import type { ImportUploadRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { breakOffRun } from './run.ts';

export type StartResult =
  | { ok: true }
  /** `import-not-checked`: its dry run has not ended, or it was started, ended or cancelled before. */
  | { ok: false; reason: 'import-unknown' | 'import-not-checked' };

export type CancelResult =
  | { ok: true }
  /** `import-ended`: there is nothing to cancel any more. */
  | { ok: false; reason: 'import-unknown' | 'import-ended' };

/** Has a checked file imported. */
export async function startImport(
  db: Db,
  jobs: Pick<Jobs, 'enqueue'>,
  importId: string,
  by: { actor: string; now: Date },
): Promise<StartResult> {
  return db.transaction().execute(async (trx): Promise<StartResult> => {
    const upload = await lockUpload(trx, importId);
    if (!upload) return { ok: false, reason: 'import-unknown' };
    if (upload.state !== 'checked') return { ok: false, reason: 'import-not-checked' };
    await trx
      .updateTable('import_upload')
      .set({
        state: 'importing',
        stage: 'checking',
        bytes_read: '0',
        starts: 0,
        started_at: by.now,
        started_by: by.actor,
      })
      .where('id', '=', importId)
      .execute();
    await jobs.enqueue(trx, 'import.run', { importId });
    await recordEvent(trx, {
      at: by.now,
      action: 'import.started',
      actor: by.actor,
      consoleId: upload.console_id,
      detail: { importId, fileName: upload.file_name },
    });
    return { ok: true };
  });
}

/** Ends an import that has not ended. Whom it has taken in by then stays; a batch that is under way is taken back. */
export async function cancelImport(
  db: Db,
  importId: string,
  by: { actor: string; now: Date },
): Promise<CancelResult> {
  return db.transaction().execute(async (trx): Promise<CancelResult> => {
    const upload = await lockUpload(trx, importId);
    if (!upload || upload.state === 'receiving') return { ok: false, reason: 'import-unknown' };
    if (!['checking', 'checked', 'importing'].includes(upload.state))
      return { ok: false, reason: 'import-ended' };
    await trx
      .updateTable('import_upload')
      .set({ state: 'cancelled', ended_at: by.now })
      .where('id', '=', importId)
      .execute();
    const counts = await breakOffRun(trx, importId, 'cancelled', by.now);
    await trx.deleteFrom('import_piece').where('upload_id', '=', importId).execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'import.cancelled',
      actor: by.actor,
      consoleId: upload.console_id,
      detail: { importId, fileName: upload.file_name, ...counts },
    });
    return { ok: true };
  });
}

function lockUpload(trx: Trx, importId: string): Promise<ImportUploadRow | undefined> {
  return trx
    .selectFrom('import_upload')
    .selectAll()
    .where('id', '=', importId)
    .forUpdate()
    .executeTakeFirst();
}
