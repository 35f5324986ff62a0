import { randomBytes } from 'node:crypto';
import type { Db } from '#support/db/database.ts';
import { after, DAY } from '#support/primitives/durations.ts';
import { isId, newId } from '#support/primitives/ids.ts';
import { outboundRefusal, type OutboundRefusal } from '#support/primitives/outbound.ts';
import type { Sealer } from '#support/primitives/sealed-text.ts';

/** An address of a company that is told what became of its messages. */
export type WebhookEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly createdAt: Date;
  /** Until then requests are signed with the secret before too; null: there is one secret only. */
  readonly previousSecretEndsAt: Date | null;
};

export const MOST_ENDPOINTS = 5;
const LONGEST_URL = 500;
/** How long two secrets are valid after one was changed. */
export const OVERLAP = DAY;

export type AddedEndpoint =
  | { ok: true; id: string; url: string; secret: string }
  | { ok: false; reason: OutboundRefusal | 'address-taken' | 'too-many-endpoints' };

/** Registers an address. The secret is in the answer and shown once; stored it is sealed. Two who do so at once do so one after the other. */
export async function addEndpoint(
  db: Db,
  sealer: Sealer,
  who: { companyId: string; personId: string; url: string; allowedHosts: readonly string[] },
  now: Date,
): Promise<AddedEndpoint> {
  const url = who.url.trim();
  const refusal = url.length > LONGEST_URL ? 'address-malformed' : outboundRefusal(url, who.allowedHosts);
  if (refusal !== undefined) return { ok: false, reason: refusal };
  return db.transaction().execute(async (trx): Promise<AddedEndpoint> => {
    await trx
      .selectFrom('company')
      .select('id')
      .where('id', '=', who.companyId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const there = await endpoints(trx, who.companyId).execute();
    if (there.some((one) => one.url === url)) return { ok: false, reason: 'address-taken' };
    if (there.length >= MOST_ENDPOINTS) return { ok: false, reason: 'too-many-endpoints' };
    const id = newId('whe', now);
    const secret = newSecret();
    await trx
      .insertInto('webhook_endpoint')
      .values({
        id,
        company_id: who.companyId,
        url,
        secret: sealer.seal(secret, id),
        previous_secret: null,
        created_by: who.personId,
        created_at: now,
      })
      .execute();
    return { ok: true, id, url, secret };
  });
}

/** The endpoints of a company, oldest first. */
export async function listEndpoints(db: Db, companyId: string): Promise<readonly WebhookEndpoint[]> {
  return endpoints(db, companyId).orderBy('id').execute();
}

/** One endpoint of a company; null for any other id. */
export async function findEndpoint(db: Db, companyId: string, id: string): Promise<WebhookEndpoint | null> {
  if (!isId('whe', id)) return null;
  return (await endpoints(db, companyId).where('id', '=', id).executeTakeFirst()) ?? null;
}

/**
 * A new secret for an endpoint; the one before stays valid for a day beside it. Null when the company has no such endpoint, or while two
 * secrets are valid already: then a third would end one that may be in use.
 */
export async function changeSecret(
  db: Db,
  sealer: Sealer,
  companyId: string,
  id: string,
  now: Date,
): Promise<{ secret: string; previousEndsAt: Date } | null> {
  const secret = newSecret();
  const previousEndsAt = after(now, OVERLAP);
  const changed = await db
    .updateTable('webhook_endpoint')
    .set((eb) => ({
      previous_secret: eb.ref('secret'),
      previous_secret_ends_at: previousEndsAt,
      secret: sealer.seal(secret, id),
    }))
    .where('id', '=', id)
    .where('company_id', '=', companyId)
    .where('removed_at', 'is', null)
    .where((eb) =>
      eb.or([eb('previous_secret_ends_at', 'is', null), eb('previous_secret_ends_at', '<=', now)]),
    )
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n ? { secret, previousEndsAt } : null;
}

/** Nothing more is sent there; what waits is given up. False when the company has no such endpoint. */
export async function removeEndpoint(db: Db, companyId: string, id: string, now: Date): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const removed = await trx
      .updateTable('webhook_endpoint')
      .set({ removed_at: now, secret: '', previous_secret: null })
      .where('id', '=', id)
      .where('company_id', '=', companyId)
      .where('removed_at', 'is', null)
      .executeTakeFirst();
    if (removed.numUpdatedRows === 0n) return false;
    await trx
      .updateTable('webhook_delivery')
      .set({ state: 'failed', settled_at: now, last_answer: 'removed' })
      .where('endpoint_id', '=', id)
      .where('state', '=', 'waiting')
      .execute();
    return true;
  });
}

function endpoints(db: Db, companyId: string) {
  return db
    .selectFrom('webhook_endpoint')
    .where('company_id', '=', companyId)
    .where('removed_at', 'is', null)
    .select(['id', 'url', 'created_at as createdAt', 'previous_secret_ends_at as previousSecretEndsAt']);
}

/** In the form of Standard Webhooks: 192 random bits. */
function newSecret(): string {
  return `whsec_${randomBytes(24).toString('base64')}`;
}
