import type { Db } from '#support/db/database.ts';

/** Reads a file that was taken in from its beginning, piece by piece. Ends early when the file is set aside meanwhile. */
export async function* openPieces(db: Db, csvId: string): AsyncGenerator<Buffer> {
  for (let number = 0; ; number++) {
    const piece = await db
      .selectFrom('csv_piece')
      .select('bytes')
      .where('csv_id', '=', csvId)
      .where('number', '=', number)
      .executeTakeFirst();
    if (!piece) return;
    yield piece.bytes;
  }
}
