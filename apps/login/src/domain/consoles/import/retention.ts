import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';

/** A file that was checked and is not started is kept so long. */
export const UPLOAD_KEPT = 1 * DAY;
/** Refused rows name people; the figures of an import stay. */
export const REFUSALS_KEPT = 90 * DAY;
/** So long nobody sends a file. */
const RECEIVING_AT_MOST = 1 * HOUR;
/** An upload that nobody works on for so long has lost its job. */
const LOST_AFTER = 1 * MINUTE;

/** Takes files away that nobody started or that never arrived whole, and the refused rows of long ago. */
export async function forgetOldUploads(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('import_upload')
    .where('state', '=', 'receiving')
    .where('created_at', '<', after(now, -RECEIVING_AT_MOST))
    .execute();
  await sql`
    with expired as (
      update import_upload set state = 'expired', ended_at = ${now}
      where state = 'checked' and created_at < ${after(now, -UPLOAD_KEPT)} returning id
    )
    delete from import_piece where upload_id in (select id from expired)`.execute(db);
  const old = after(now, -REFUSALS_KEPT);
  await sql`
    delete from import_check_refusal where upload_id in (select id from import_upload where ended_at < ${old})`.execute(
    db,
  );
  await sql`delete from import_refusal where run_id in (select id from import_run where ended_at < ${old})`.execute(
    db,
  );
}

/** Queues imports again whose job was lost, so that none stands still for ever. Safe to run on many nodes. */
export async function requeueLostImports(db: Db, jobs: Jobs, now: Date): Promise<void> {
  const open = await db
    .selectFrom('import_upload')
    .select('id')
    .where('state', 'in', ['checking', 'importing'])
    .where('created_at', '<', after(now, -LOST_AFTER))
    .execute();
  const ids = open.map(({ id }) => id);
  const pending = new Set(await jobs.pending(db, 'import.run', 'importId', ids));
  await jobs.enqueueAll(
    db,
    'import.run',
    ids.filter((id) => !pending.has(id)).map((importId) => ({ importId })),
  );
}
