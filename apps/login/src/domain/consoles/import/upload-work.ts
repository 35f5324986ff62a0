import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ImportUploadRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { importPeople, type ImportProgress, type ImportResult } from './import-people.ts';
import { FileGone, openPieces } from './pieces.ts';
import { storeRefusals } from './refusal-store.ts';
import type { Refusal } from './refusals.ts';
import type { HashJudge } from './rows.ts';
import { breakOffRun } from './run.ts';

export type ImportWork = {
  db: Db;
  jobs: Pick<Jobs, 'enqueue'>;
  judgeHash: HashJudge;
  clock: () => Date;
  /** Whether this node stops: the work is let go between two pieces, and another node goes on. */
  isStopping: () => boolean;
};

/** A file whose work was begun so often and never ended stands in everybody's way. */
const MOST_STARTS = 30;
const WAIT_FOR_OTHERS = 5 * SECOND;

/**
 * Does what is to be done with an uploaded file: checks it, or imports it. Safe to be begun again at any moment on any node: a check begins anew, an import goes on after
 * its last settled batch.
 * @throws whatever broke it; the queue tries it again
 */
export async function workOnUpload(work: ImportWork, importId: string): Promise<void> {
  const upload = await work.db
    .updateTable('import_upload')
    .set((eb) => ({ starts: eb('starts', '+', 1) }))
    .where('id', '=', importId)
    .where('state', 'in', ['checking', 'importing'])
    .returningAll()
    .executeTakeFirst();
  if (!upload) return;
  if (upload.starts > MOST_STARTS) return giveUp(work, upload);
  try {
    await (upload.state === 'checking' ? check(work, upload) : take(work, upload));
  } catch (error) {
    // Whoever cancelled it has taken the file away.
    if (error instanceof FileGone && !(await isWanted(work.db, upload))) return;
    throw error;
  }
}

async function check(work: ImportWork, upload: ImportUploadRow): Promise<void> {
  const { db } = work;
  await db.deleteFrom('import_check_refusal').where('upload_id', '=', upload.id).execute();
  const { result, told } = await run(work, upload, (refusals) =>
    storeRefusals(db, 'check', upload.id, refusals),
  );
  if (!result.ok) return refuseOrWait(work, upload, result);
  const { encoding, separator, header, ...rest } = result.report;
  const { runId: _, resumedAfterLine: __, ...counts } = rest;
  const layout = { encoding, separator, columns: header.columns, names: header.names };
  await told;
  await db
    .updateTable('import_upload')
    .set({
      state: 'checked',
      layout: JSON.stringify(layout),
      counts: JSON.stringify(counts),
      bytes_read: upload.size ?? '0',
    })
    .where('id', '=', upload.id)
    .where('state', '=', 'checking')
    .execute();
}

async function take(work: ImportWork, upload: ImportUploadRow): Promise<void> {
  const { result } = await run(work, upload);
  if (!result.ok && result.reason !== 'cancelled') await refuseOrWait(work, upload, result);
}

async function run(
  work: ImportWork,
  upload: ImportUploadRow,
  onRefusals?: (refusals: readonly Refusal[]) => Promise<void>,
): Promise<{ result: ImportResult; told: Promise<void> }> {
  const { db, judgeHash, clock, isStopping } = work;
  const dryRun = upload.state === 'checking';
  const { tell, told } = teller(db, upload);
  const result = await importPeople(db, {
    consoleId: upload.console_id,
    file: () => openPieces(db, { id: upload.id, size: Number(upload.size) }, isStopping),
    fileName: upload.file_name,
    dryRun,
    actor: upload.started_by ?? upload.actor,
    judgeHash,
    clock,
    onProgress: tell,
    ...(dryRun ? {} : { upload: upload.id }),
    ...(onRefusals ? { onRefusals } : {}),
  });
  return { result, told: told() };
}

/** What cannot be read is not kept; who must wait for another import of the console comes again. */
async function refuseOrWait(
  work: ImportWork,
  upload: ImportUploadRow,
  result: Extract<ImportResult, { ok: false }>,
): Promise<void> {
  if (result.reason === 'already-running') {
    await work.db
      .updateTable('import_upload')
      .set((eb) => ({ starts: eb('starts', '-', 1) }))
      .where('id', '=', upload.id)
      .execute();
    return work.jobs.enqueue(work.db, 'import.run', { importId: upload.id }, { delay: WAIT_FOR_OTHERS });
  }
  const { ok: _, ...refusal } = result;
  await work.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('import_upload')
      .set({ state: 'unusable', refusal: JSON.stringify(refusal), counts: null, ended_at: work.clock() })
      .where('id', '=', upload.id)
      .where('state', '=', upload.state)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await breakOffRun(trx, upload.id, 'failed', work.clock());
    await trx.deleteFrom('import_piece').where('upload_id', '=', upload.id).execute();
  });
}

async function giveUp({ db, clock }: ImportWork, upload: ImportUploadRow): Promise<void> {
  const now = clock();
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('import_upload')
      .set({ state: 'failed', ended_at: now })
      .where('id', '=', upload.id)
      .execute();
    const counts = await breakOffRun(trx, upload.id, 'failed', now);
    await trx.deleteFrom('import_piece').where('upload_id', '=', upload.id).execute();
    await recordEvent(trx, {
      at: now,
      action: 'import.failed',
      actor: 'system',
      consoleId: upload.console_id,
      detail: { importId: upload.id, fileName: upload.file_name, ...counts },
    });
  });
}

/** Notes how far the work has come, for those who watch; never more than one note at a time, the newest first. */
function teller(
  db: Db,
  upload: ImportUploadRow,
): { tell: (progress: ImportProgress) => void; told: () => Promise<void> } {
  let writing: Promise<void> | undefined;
  let latest: ImportProgress | undefined;
  const write = async (): Promise<void> => {
    while (latest) {
      const { stage, bytes, counts } = latest;
      latest = undefined;
      await db
        .updateTable('import_upload')
        .set({
          stage,
          bytes_read: String(bytes),
          ...(upload.state === 'checking' ? { counts: JSON.stringify(counts) } : {}),
        })
        .where('id', '=', upload.id)
        .where('state', '=', upload.state)
        .execute()
        // Whoever watches sees the next one; what is settled does not depend on it.
        .catch(() => undefined);
    }
    writing = undefined;
  };
  return {
    tell(progress) {
      latest = progress;
      writing ??= write();
    },
    told: async () => writing,
  };
}

async function isWanted(db: Db, upload: ImportUploadRow): Promise<boolean> {
  const now = await db
    .selectFrom('import_upload')
    .select('state')
    .where('id', '=', upload.id)
    .executeTakeFirst();
  return now?.state === upload.state;
}
