import type { Db } from '#support/db/database.ts';
import type { MessageState } from '#support/db/schema.ts';

/** One state that a message came to. */
export type WayStep = { readonly state: MessageState; readonly fault: string | null; readonly at: Date };
export type WayPart = { readonly number: number; readonly state: string; readonly fault: string | null };

/** The way of a message: the states that it came to (kept for seven days), the parts in which it was sent, and the gateway. Ask only for a message that the asker may see. */
export async function wayOf(
  db: Db,
  messageId: string,
): Promise<{ steps: readonly WayStep[]; parts: readonly WayPart[]; gateway: string | null }> {
  const steps = await db
    .selectFrom('message_event')
    .select(['state', 'fault', 'at'])
    .where('message_id', '=', messageId)
    .orderBy('id')
    .execute();
  const parts = await db
    .selectFrom('message_part')
    .select(['number', 'state', 'fault'])
    .where('message_id', '=', messageId)
    .orderBy('number')
    .execute();
  const row = await db.selectFrom('message').select('gateway').where('id', '=', messageId).executeTakeFirst();
  return { steps, parts, gateway: row?.gateway ?? null };
}
