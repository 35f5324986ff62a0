import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely';
import { inTransaction, type Db } from '#support/db/database.ts';
import type { MessageState, Tables } from '#support/db/schema.ts';
import { firstId, isId } from '#support/primitives/ids.ts';
import { MESSAGE_COLUMNS, type Message } from './accept-messages.ts';

/** A message of this company; null for any other id. */
export async function findMessage(db: Db, companyId: string, id: string): Promise<Message | null> {
  if (!isId('msg', id)) return null;
  return (
    (await db
      .selectFrom('message')
      .select(MESSAGE_COLUMNS)
      .where('company_id', '=', companyId)
      .where('id', '=', id)
      .executeTakeFirst()) ?? null
  );
}

/** Cancels a message of this company that is not on its way yet; any other stays as it is. Null for an id that is not theirs. */
export async function cancelMessage(
  db: Db,
  companyId: string,
  id: string,
  now: Date,
): Promise<Message | null> {
  if (!isId('msg', id)) return null;
  await inTransaction(db, (trx) =>
    cancelAll(trx, (eb) => eb.and([eb('id', '=', id), eb('company_id', '=', companyId)]), now),
  );
  return findMessage(db, companyId, id);
}

/** Cancels what is not on its way yet of the messages that `which` says, with the events of it; give it a transaction. Returns how many. */
export async function cancelAll(
  trx: Db,
  which: (eb: ExpressionBuilder<Tables, 'message'>) => ExpressionWrapper<Tables, 'message', SqlBool>,
  now: Date,
): Promise<number> {
  const cancelled = await trx
    .with('gone', (cte) =>
      cte
        .updateTable('message')
        .set({ state: 'cancelled', cancelled_at: now, settled_at: now })
        .where(which)
        .where('state', 'in', ['queued', 'held'])
        .returning(['id', 'company_id']),
    )
    .insertInto('message_event')
    .columns(['message_id', 'company_id', 'state', 'fault', 'at'])
    .expression((eb) =>
      eb
        .selectFrom('gone')
        .select((one) => [
          'gone.id',
          'gone.company_id',
          one.cast<MessageState>(one.val('cancelled'), 'text').as('state'),
          one.cast<string | null>(one.val(null), 'text').as('fault'),
          one.cast<Date>(one.val(now), 'timestamptz').as('at'),
        ]),
    )
    .executeTakeFirst();
  return Number(cancelled.numInsertedOrUpdatedRows ?? 0n);
}

export type MessageFilter = {
  readonly state?: MessageState | undefined;
  /** E.164. */
  readonly number?: string | undefined;
  readonly campaignId?: string | undefined;
  /** Accepted at or after. */
  readonly from?: Date | undefined;
  /** Accepted before. */
  readonly until?: Date | undefined;
  /** The last message of the page before. */
  readonly after?: string | undefined;
};

/** Messages of a company, newest first, at most `limit` of them, and whether there are more. Ids carry their time, so every filter is served by an index in this order. */
export async function listMessages(
  db: Db,
  companyId: string,
  filter: MessageFilter,
  limit: number,
): Promise<{ messages: readonly Message[]; more: boolean }> {
  const rows = await filtered(db, companyId, filter)
    .select(MESSAGE_COLUMNS)
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return { messages: rows.slice(0, limit), more: rows.length > limit };
}

/** The messages of a company that a filter leaves, in no order. */
export function filtered(db: Db, companyId: string, filter: MessageFilter) {
  const { state, number, campaignId, from, until, after } = filter;
  return db
    .selectFrom('message')
    .where('company_id', '=', companyId)
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'queued'))
    .$if(number !== undefined, (query) => query.where('recipient', '=', number ?? ''))
    .$if(campaignId !== undefined, (query) => query.where('campaign_id', '=', campaignId ?? ''))
    .$if(from !== undefined, (query) => query.where('id', '>=', from ? firstId('msg', from) : ''))
    .$if(until !== undefined, (query) => query.where('id', '<', until ? firstId('msg', until) : ''))
    .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''));
}
