import type { Db } from '#support/db/database.ts';

export type WebhookDelivery = {
  readonly id: string;
  readonly endpointId: string;
  readonly url: string;
  readonly messageId: string;
  readonly kind: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly tries: number;
  /** A status, or why there was no answer; null before the first try. */
  readonly lastAnswer: string | null;
  readonly lastTryAt: Date | null;
  readonly nextTryAt: Date;
};

/** Deliveries to one endpoint, newest first, after the one with the id `after`; those that did not arrive only, if asked for. */
export async function listDeliveries(
  db: Db,
  endpointId: string,
  { after, failedOnly }: { after: string | null; failedOnly: boolean },
  limit: number,
): Promise<{ deliveries: readonly WebhookDelivery[]; more: boolean }> {
  const rows = await db
    .selectFrom('webhook_delivery')
    .innerJoin('webhook_endpoint', 'webhook_endpoint.id', 'webhook_delivery.endpoint_id')
    .where('endpoint_id', '=', endpointId)
    .$if(after !== null, (query) => query.where('webhook_delivery.id', '<', after ?? ''))
    .$if(failedOnly, (query) => query.where('webhook_delivery.state', '=', 'failed'))
    .orderBy('webhook_delivery.id', 'desc')
    .limit(limit + 1)
    .select([
      'webhook_delivery.id as id',
      'endpoint_id as endpointId',
      'url',
      'message_id as messageId',
      'kind',
      'state',
      'tries',
      'last_answer as lastAnswer',
      'last_try_at as lastTryAt',
      'next_try_at as nextTryAt',
    ])
    .execute();
  return { deliveries: rows.slice(0, limit), more: rows.length > limit };
}
