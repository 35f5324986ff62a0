import { Readable } from 'node:stream';
import type { Db } from '#support/db/database.ts';

/** The file is not there (any more), or whoever reads it is to stop: its import ends here. */
export class FileGone extends Error {}

/**
 * Reads an uploaded file from its beginning, piece by piece.
 * @param isStopping whether this node is to let go of its work; another one goes on
 */
export function openPieces(
  db: Db,
  upload: { id: string; size: number },
  isStopping: () => boolean,
): Readable {
  async function* pieces(): AsyncGenerator<Buffer> {
    let read = 0;
    for (let number = 0; read < upload.size; number++) {
      if (isStopping()) throw new FileGone('The node stops.');
      const piece = await db
        .selectFrom('import_piece')
        .select('bytes')
        .where('upload_id', '=', upload.id)
        .where('number', '=', number)
        .executeTakeFirst();
      if (!piece) throw new FileGone('The file is gone.');
      read += piece.bytes.length;
      yield piece.bytes;
    }
  }
  return Readable.from(pieces(), { objectMode: false, highWaterMark: 1 });
}
