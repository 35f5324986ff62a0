import { findEncoding, type ForeignFormat } from '#support/csv/encoding.ts';
import { readHead } from '#support/csv/records.ts';
import type { Db } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';
import { openPieces } from './pieces.ts';

/** In bytes; a million rows have less. */
export const LARGEST_CSV = 50 * 1024 * 1024;
export const MOST_COLUMNS = 50;

/** What is kept in memory of a file, and in one row. */
const PIECE = 256 * 1024;
const ROWS_SHOWN = 5;
const LONGEST_CELL = 200;

export type ReceivedCsv =
  | { ok: true; id: string }
  | { ok: false; reason: 'file-empty' | 'file-too-large' | 'text-undecodable' | 'too-many-columns' }
  | { ok: false; reason: 'format-foreign'; found: ForeignFormat };

/**
 * Takes a file of recipients in piece by piece and finds how it is to be read. The pieces lie in the database, so that any node can read it
 * on, also after a restart. Of a file that cannot be read nothing is kept.
 * @param file read to its end in any case, so that whoever sends it hears the answer
 */
export async function receiveCsv(
  db: Db,
  of: { companyId: string; personId: string; fileName: string },
  file: AsyncIterable<Buffer>,
  now: Date,
): Promise<ReceivedCsv> {
  const id = newId('csv', now);
  await db
    .insertInto('csv_sending')
    .values({
      id,
      company_id: of.companyId,
      person_id: of.personId,
      file_name: nameOf(of.fileName),
      state: 'receiving',
      created_at: now,
    })
    .execute();
  const result = await storeAndLook(db, id, file).catch(async (error: unknown) => {
    await db.deleteFrom('csv_sending').where('id', '=', id).execute();
    throw error;
  });
  if (!result.ok) {
    await db.deleteFrom('csv_sending').where('id', '=', id).execute();
    return result;
  }
  await db
    .updateTable('csv_sending')
    .set({ state: 'mapping', size: String(result.size), layout: JSON.stringify(result.layout) })
    .where('id', '=', id)
    .execute();
  return { ok: true, id };
}

async function storeAndLook(db: Db, id: string, file: AsyncIterable<Buffer>) {
  const size = await storePieces(db, id, file);
  if (size === 0) return { ok: false, reason: 'file-empty' } as const;
  if (size > LARGEST_CSV) return { ok: false, reason: 'file-too-large' } as const;
  const open = () => openPieces(db, id);
  const found = await findEncoding(open);
  if (!found.ok) return found;
  const head = await readHead(open, found.encoding, ROWS_SHOWN);
  if (head === null) return { ok: false, reason: 'file-empty' } as const;
  if (head.layout.names.length > MOST_COLUMNS) return { ok: false, reason: 'too-many-columns' } as const;
  const short = (text: string): string => text.replaceAll('\0', '').slice(0, LONGEST_CELL).toWellFormed();
  const layout = {
    ...head.layout,
    names: head.layout.names.map(short),
    first: head.first.map((row) => row.map(short)),
  };
  return { ok: true, size, layout } as const;
}

/** Returns how long the file is; what is over the limit is read and not kept. */
async function storePieces(db: Db, id: string, file: AsyncIterable<Buffer>): Promise<number> {
  let size = 0;
  let number = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  const store = async (): Promise<void> => {
    const bytes = Buffer.concat(held);
    held = [];
    heldBytes = 0;
    await db.insertInto('csv_piece').values({ csv_id: id, number: number++, bytes }).execute();
  };
  for await (const chunk of file) {
    size += chunk.length;
    if (size > LARGEST_CSV) continue;
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes >= PIECE) await store();
  }
  if (heldBytes > 0 && size <= LARGEST_CSV) await store();
  return size;
}

/** The name alone, without folders and without what cannot be shown or stored. */
function nameOf(text: string): string {
  const name = (text.split(/[/\\]/).at(-1) ?? '').replaceAll(/\p{C}/gu, '').trim().toWellFormed();
  return [...name].slice(0, 120).join('') || 'recipients.csv';
}
