import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { newId } from '#support/primitives/ids.ts';

/** In bytes; more than a million people need. */
export const LARGEST_FILE = 200 * 1024 * 1024;

/** What is kept in memory of a file, and in one row. */
const PIECE = 256 * 1024;
const LONGEST_NAME = 200;

export type ReceiveResult =
  | { ok: true; id: string }
  | { ok: false; reason: 'file-empty' }
  | { ok: false; reason: 'file-too-large'; limit: number };

/**
 * Takes a file of people in piece by piece and has it checked: nothing is imported before somebody starts it. Of a file that is too large, empty or was cut off on its way
 * nothing is kept.
 * @param file read to its end in any case, so that whoever sends it hears the answer
 * @throws whatever `file` throws
 */
export async function receiveFile(
  db: Db,
  jobs: Pick<Jobs, 'enqueue'>,
  of: { consoleId: string; fileName: string; actor: string; clock: () => Date; largest?: number },
  file: AsyncIterable<Buffer>,
): Promise<ReceiveResult> {
  const now = of.clock();
  const id = newId('imp', now);
  const fileName = nameOf(of.fileName);
  const limit = of.largest ?? LARGEST_FILE;
  await db
    .insertInto('import_upload')
    .values({
      id,
      console_id: of.consoleId,
      file_name: fileName,
      actor: of.actor,
      state: 'receiving',
      created_at: now,
    })
    .execute();
  try {
    const size = await storePieces(db, id, file, limit);
    if (size > 0 && size <= limit) {
      await db.transaction().execute(async (trx) => {
        await trx
          .updateTable('import_upload')
          .set({ state: 'checking', size: String(size) })
          .where('id', '=', id)
          .execute();
        await recordEvent(trx, {
          at: of.clock(),
          action: 'import.uploaded',
          actor: of.actor,
          consoleId: of.consoleId,
          detail: { importId: id, fileName, size },
        });
        await jobs.enqueue(trx, 'import.run', { importId: id });
      });
      return { ok: true, id };
    }
    await forget();
    return size === 0 ? { ok: false, reason: 'file-empty' } : { ok: false, reason: 'file-too-large', limit };
  } catch (error) {
    await forget().catch(() => undefined);
    throw error;
  }

  async function forget(): Promise<void> {
    await db.deleteFrom('import_upload').where('id', '=', id).execute();
  }
}

/** Returns how long the file is; what is over the limit is read and not kept. */
async function storePieces(db: Db, id: string, file: AsyncIterable<Buffer>, limit: number): Promise<number> {
  let size = 0;
  let number = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const store = async (): Promise<void> => {
    const bytes = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    await db.insertInto('import_piece').values({ upload_id: id, number: number++, bytes }).execute();
  };
  for await (const chunk of file) {
    size += chunk.length;
    if (size > limit) continue;
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes >= PIECE) await store();
  }
  if (heldBytes > 0 && size <= limit) await store();
  return size;
}

/** The name alone, without folders and without what cannot be shown or stored. */
function nameOf(text: string): string {
  const name = (text.split(/[/\\]/).at(-1) ?? '').replaceAll(/\p{C}/gu, '').trim().toWellFormed();
  return [...name].slice(0, LONGEST_NAME).join('') || 'people.csv';
}
