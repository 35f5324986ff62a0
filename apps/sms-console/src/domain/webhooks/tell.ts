import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { newId } from '#support/primitives/ids.ts';

const BATCH = 500;

/**
 * Makes a delivery for every endpoint of every event that has not been told, and says whether there may be more. Events are marked in the same
 * transaction, and locked ones are somebody else's: several nodes may do so at once. Events from before an endpoint was registered are not told to it.
 */
export async function makeDeliveries(db: Db, now: Date): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { rows: events } = await sql<{
      id: string;
      message_id: string;
      company_id: string;
      state: string;
      fault: string | null;
      at: Date;
    }>`
      update message_event set told_at = ${now}
      where id in (
        select event.id from (select distinct company_id from webhook_endpoint where removed_at is null) as listening
        cross join lateral (
          select id from message_event
          where company_id = listening.company_id and told_at is null
          order by id limit ${BATCH} for update skip locked
        ) as event
        limit ${BATCH}
      )
      returning id, message_id, company_id, state, fault, at`.execute(trx);
    if (events.length === 0) return false;
    const endpoints = await trx
      .selectFrom('webhook_endpoint')
      .select(['id', 'company_id', 'created_at'])
      .where('removed_at', 'is', null)
      .where('company_id', 'in', [...new Set(events.map((event) => event.company_id))])
      .execute();
    const messages = await trx
      .selectFrom('message')
      .select(['id', 'recipient', 'campaign_id'])
      .where(
        'id',
        'in',
        events.map((event) => event.message_id),
      )
      .execute();
    const known = new Map(messages.map((message) => [message.id, message]));
    const deliveries = events
      .sort((a, b) => Number(a.id) - Number(b.id))
      .flatMap((event) =>
        endpoints
          .filter((one) => one.company_id === event.company_id && one.created_at <= event.at)
          .map((endpoint) => {
            const message = known.get(event.message_id);
            const kind = `message.${event.state}`;
            return {
              id: newId('whd', now),
              endpoint_id: endpoint.id,
              message_id: event.message_id,
              kind,
              payload: JSON.stringify({
                type: kind,
                timestamp: event.at.toISOString(),
                data: {
                  id: event.message_id,
                  to: message?.recipient ?? null,
                  state: event.state,
                  fault: event.fault,
                  bulkId: message?.campaign_id ?? null,
                },
              }),
              state: 'waiting' as const,
              next_try_at: now,
              created_at: now,
            };
          }),
      );
    for (let from = 0; from < deliveries.length; from += BATCH)
      await trx
        .insertInto('webhook_delivery')
        .values(deliveries.slice(from, from + BATCH))
        .execute();
    return events.length === BATCH;
  });
}
