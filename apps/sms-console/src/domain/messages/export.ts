import type { Db } from '#support/db/database.ts';
import { MESSAGE_COLUMNS, type Message } from './accept-messages.ts';
import { filtered, type MessageFilter } from './read-messages.ts';

const BATCH = 2_000;

/** All messages that a filter leaves, oldest first, 2,000 at a time as they are asked for: memory does not grow with their number. */
export async function* messagesInBatches(
  db: Db,
  companyId: string,
  filter: MessageFilter,
): AsyncGenerator<readonly Message[]> {
  let last = '';
  for (;;) {
    const batch = await filtered(db, companyId, filter)
      .where('id', '>', last)
      .select(MESSAGE_COLUMNS)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH) return;
    last = batch.at(-1)?.id ?? '';
  }
}
