import type { Caller } from '#domain/api-keys/use-key.ts';
import type { Db } from '#support/db/database.ts';
import type { MessageState } from '#support/db/schema.ts';
import { isId, newId } from '#support/primitives/ids.ts';
import { readMobileNumber } from './phone-number.ts';

/** One short message to one number (E.164). */
export type Message = {
  readonly id: string;
  readonly to: string;
  readonly text: string;
  readonly state: MessageState;
  readonly acceptedAt: Date;
  readonly cancelledAt: Date | null;
};

export type NewMessage = { to: string; text: string; idempotencyKey: string | null };
export type MessageFault =
  | 'number-malformed'
  | 'number-not-mobile'
  | 'text-empty'
  | 'text-too-long'
  | 'text-unreadable'
  | 'idempotency-key-reused';
export type AcceptedMessage = { ok: true; message: Message } | { ok: false; reason: MessageFault };

/** In UTF-16 units, as carriers count them; the longest that the Japanese carriers take from each other. */
export const LONGEST_TEXT = 660;

/**
 * Stores a message to be sent. A request that is repeated with the same idempotency key of the company gets the message of
 * the first one as it stands now; another message under that key is refused.
 */
export async function acceptMessage(
  db: Db,
  caller: Caller,
  { to, text, idempotencyKey }: NewMessage,
  now: Date,
): Promise<AcceptedMessage> {
  const read = readMobileNumber(to);
  if (!read.ok) return read;
  const fault = textFault(text);
  if (fault !== null) return { ok: false, reason: fault };
  const inserted = await db
    .insertInto('message')
    .values({
      id: newId('msg', now),
      company_id: caller.companyId,
      api_key_id: caller.keyId,
      idempotency_key: idempotencyKey,
      recipient: read.number,
      body: text,
      state: 'queued',
      due_at: now,
      accepted_at: now,
    })
    .onConflict((conflict) => conflict.columns(['company_id', 'idempotency_key']).doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
  if (inserted) return { ok: true, message: inserted };
  const first = await messages(db, caller)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirstOrThrow();
  if (first.to !== read.number || first.text !== text) return { ok: false, reason: 'idempotency-key-reused' };
  return { ok: true, message: first };
}

/** A message of the caller's company; null for any other id. */
export async function findMessage(db: Db, caller: Caller, id: string): Promise<Message | null> {
  if (!isId('msg', id)) return null;
  return (await messages(db, caller).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Cancels a message of the caller's company that is not sent yet; one that is cancelled stays so. Null for any other id. */
export async function cancelMessage(db: Db, caller: Caller, id: string, now: Date): Promise<Message | null> {
  if (!isId('msg', id)) return null;
  const cancelled = await db
    .updateTable('message')
    .set({ state: 'cancelled', cancelled_at: now })
    .where('id', '=', id)
    .where('company_id', '=', caller.companyId)
    .where('state', '=', 'queued')
    .returning(COLUMNS)
    .executeTakeFirst();
  return cancelled ?? findMessage(db, caller, id);
}

const COLUMNS = [
  'id',
  'recipient as to',
  'body as text',
  'state',
  'accepted_at as acceptedAt',
  'cancelled_at as cancelledAt',
] as const;

function messages(db: Db, { companyId }: Caller) {
  return db.selectFrom('message').where('company_id', '=', companyId).select(COLUMNS);
}

/** PostgreSQL takes no NUL, carriers no other control characters but the line break, and half a character is none. */
function textFault(text: string): 'text-empty' | 'text-too-long' | 'text-unreadable' | null {
  if (text.trim() === '') return 'text-empty';
  if (text.length > LONGEST_TEXT) return 'text-too-long';
  if (!text.isWellFormed() || /[\p{Cc}]/u.test(text.replace(/\r?\n/g, ''))) return 'text-unreadable';
  return null;
}
