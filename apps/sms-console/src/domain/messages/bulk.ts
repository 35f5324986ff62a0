import { createHash } from 'node:crypto';
import type { Caller } from '#domain/api-keys/use-key.ts';
import { inTransaction, type Db } from '#support/db/database.ts';
import type { CampaignState, MessageState } from '#support/db/schema.ts';
import { isId, newId } from '#support/primitives/ids.ts';
import { acceptMessages, type MessageFault } from './accept-messages.ts';
import { countsOfCampaign } from './counts.ts';
import { cancelAll } from './read-messages.ts';

export const MOST_MESSAGES = 1_000;
export const LONGEST_NAME = 100;

/** Many messages that a program handed over at once; to people it shows as a campaign. */
export type Bulk = {
  readonly id: string;
  readonly name: string;
  readonly state: CampaignState;
  readonly createdAt: Date;
  readonly counts: Readonly<Partial<Record<MessageState, number>>>;
  readonly parts: number;
};

export type BulkWish = {
  readonly name: string;
  readonly messages: readonly { to: string; text: string }[];
  readonly sendAt: Date | null;
  readonly expiresAt: Date | null;
  readonly idempotencyKey: string | null;
};

/** What became of one message of a bulk, in the order of the request. */
export type BulkResult = { ok: true; id: string } | { ok: false; code: MessageFault };
export type AcceptedBulk =
  | { ok: true; bulk: Bulk; results: readonly BulkResult[] }
  | { ok: false; reason: 'idempotency-key-reused' | 'quota-exceeded' };

/**
 * Takes what can be sent and says of each message what became of it. All in one transaction: a repeated request with the same key gets the
 * first one's results, also when both came at once; another request under that key is refused. Over the limit of the month nothing is taken.
 */
export async function acceptBulk(
  db: Db,
  { companyId, keyId }: Caller,
  wish: BulkWish,
  now: Date,
): Promise<AcceptedBulk> {
  const requestHash = hashOf(wish);
  const id = newId('cmp', now);
  const first = wish.messages[0];
  const taken = await inTransaction(db, async (trx) => {
    await trx
      .insertInto('campaign')
      .values({
        id,
        company_id: companyId,
        created_by: null,
        name: wish.name,
        kind: 'api',
        state: wish.sendAt && wish.sendAt > now ? 'scheduled' : 'sending',
        body: first?.text ?? '',
        send_at: wish.sendAt,
        created_at: now,
        confirmed_at: now,
      })
      .execute();
    const ours = await trx
      .insertInto('bulk_request')
      .values({
        campaign_id: id,
        company_id: companyId,
        api_key_id: keyId,
        idempotency_key: wish.idempotencyKey,
        request_hash: requestHash,
        results: '[]',
      })
      .onConflict((conflict) => conflict.columns(['company_id', 'idempotency_key']).doNothing())
      .returning('campaign_id')
      .executeTakeFirst();
    if (!ours) {
      await trx.deleteFrom('campaign').where('id', '=', id).execute();
      return null;
    }
    const accepted = await acceptMessages(
      trx,
      { companyId, keyId, campaignId: id, lane: 1 },
      wish.messages.map((message) => ({ ...message, sendAt: wish.sendAt, expiresAt: wish.expiresAt })),
      now,
    );
    const results = accepted.map((one) => (one.ok ? one.message.id : one.reason));
    if (results.includes('quota-exceeded')) {
      await trx.deleteFrom('bulk_request').where('campaign_id', '=', id).execute();
      await trx.deleteFrom('campaign').where('id', '=', id).execute();
      return 'quota-exceeded';
    }
    await trx
      .updateTable('bulk_request')
      .set({ results: JSON.stringify(results) })
      .where('campaign_id', '=', id)
      .execute();
    return results;
  });
  if (taken === 'quota-exceeded') return { ok: false, reason: taken };
  if (taken) return answer(db, companyId, id, taken);
  const earlier = await db
    .selectFrom('bulk_request')
    .select(['campaign_id', 'request_hash', 'results'])
    .where('company_id', '=', companyId)
    .where('idempotency_key', '=', wish.idempotencyKey)
    .executeTakeFirstOrThrow();
  if (earlier.request_hash !== requestHash) return { ok: false, reason: 'idempotency-key-reused' };
  return answer(db, companyId, earlier.campaign_id, earlier.results);
}

/** A bulk of this company as it stands; null for any other id. */
export async function findBulk(db: Db, companyId: string, id: string): Promise<Bulk | null> {
  if (!isId('cmp', id)) return null;
  const row = await db
    .selectFrom('campaign')
    .select(['id', 'name', 'state', 'created_at as createdAt'])
    .where('id', '=', id)
    .where('company_id', '=', companyId)
    .where('kind', '=', 'api')
    .executeTakeFirst();
  if (!row) return null;
  return { ...row, ...(await countsOfCampaign(db, id)) };
}

/** Cancels all of a bulk that is not on its way yet. Null for an id that is not this company's. */
export async function cancelBulk(db: Db, companyId: string, id: string, now: Date): Promise<Bulk | null> {
  if ((await findBulk(db, companyId, id)) === null) return null;
  await db.transaction().execute(async (trx) => {
    const cancelled = await cancelAll(
      trx,
      (eb) => eb.and([eb('campaign_id', '=', id), eb('company_id', '=', companyId)]),
      now,
    );
    if (cancelled > 0)
      await trx
        .updateTable('campaign')
        .set({ state: 'cancelled', finished_at: now })
        .where('id', '=', id)
        .where('state', 'in', ['scheduled', 'sending', 'paused', 'held'])
        .execute();
  });
  return findBulk(db, companyId, id);
}

async function answer(
  db: Db,
  companyId: string,
  id: string,
  results: readonly string[],
): Promise<AcceptedBulk> {
  const bulk = await findBulk(db, companyId, id);
  if (!bulk) throw new Error('a bulk that was just taken is not there');
  return {
    ok: true,
    bulk,
    results: results.map((one) =>
      isId('msg', one) ? { ok: true, id: one } : { ok: false, code: one as MessageFault },
    ),
  };
}

function hashOf({ name, messages, sendAt, expiresAt }: BulkWish): string {
  const said = [
    name,
    sendAt?.toISOString(),
    expiresAt?.toISOString(),
    messages.map(({ to, text }) => [to, text]),
  ];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
