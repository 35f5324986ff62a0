import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { signJwt, type SigningKeys } from '#support/keys/signing-keys.ts';
import { after, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import type { Outbound } from '#support/primitives/outbound.ts';

export type LogoutSender = { db: Db; jobs: Jobs; keys: SigningKeys; issuer: string; outbound: Outbound };

/** Pauses before the 2nd, 3rd … try; after these one an hour until a day has passed. */
const PAUSES = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE];
const GIVE_UP_AFTER = 24 * HOUR;
const TOKEN_LIFE = 120 * SECOND;
const TRY_TIMEOUT = 5 * SECOND;
/** Longer than a try and the queue's own recovery take. */
const OVERDUE = 2 * MINUTE;

/**
 * Tells one console once that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.5), with a fresh token and `jti`. 200 and 204 are success;
 * anything else is tried again with growing pauses (a console's Retry-After is obeyed) and after a day listed as failed.
 */
export async function deliverLogout(sender: LogoutSender, deliveryId: string, now: Date): Promise<void> {
  const { db } = sender;
  const delivery = await db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'logout_delivery.console_id')
    .selectAll('logout_delivery')
    .select(['client_id', 'backchannel_logout_uri', 'id_token_alg'])
    .where('logout_delivery.id', '=', deliveryId)
    .where('logout_delivery.state', '=', 'waiting')
    .executeTakeFirst();
  if (!delivery) return;
  if (delivery.backchannel_logout_uri === null)
    return conclude('failed', null, 'no logout address is registered');

  const seconds = Math.floor(now.getTime() / SECOND);
  const token = await signJwt(sender.keys, delivery.id_token_alg, 'logout+jwt', {
    iss: sender.issuer,
    aud: delivery.client_id,
    sub: delivery.account_id,
    ...(delivery.sid ? { sid: delivery.sid } : {}),
    iat: seconds,
    exp: seconds + TOKEN_LIFE / SECOND,
    jti: newSecret(),
    // When the session ended (RFC 8417 §2.2): a token that is tried again hours later must not end a session that began since.
    toe: Math.floor(delivery.created_at.getTime() / SECOND),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  const answer = await sender.outbound.postForm(
    delivery.backchannel_logout_uri,
    { logout_token: token },
    { timeout: TRY_TIMEOUT },
  );
  const status = answer.ok ? answer.status : null;
  if (status === 200 || status === 204) return conclude('delivered', status, null);

  const problem = answer.ok ? `answered ${answer.status}` : `${answer.reason}: ${answer.detail}`;
  const pause = Math.max(
    PAUSES[delivery.tries] ?? 1 * HOUR,
    answer.ok ? retryAfter(answer.retryAfter, now) : 0,
  );
  const lastTryAt = after(delivery.created_at, GIVE_UP_AFTER);
  if (now >= lastTryAt) return conclude('failed', status, problem);
  const nextTryAt = new Date(Math.min(now.getTime() + pause, lastTryAt.getTime()));
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('logout_delivery')
      .set((eb) => ({
        tries: eb('tries', '+', 1),
        next_try_at: nextTryAt,
        last_status: status,
        last_error: problem,
      }))
      .where('id', '=', deliveryId)
      .where('state', '=', 'waiting')
      .execute();
    await sender.jobs.enqueue(
      trx,
      'logout.deliver',
      { deliveryId },
      { delay: nextTryAt.getTime() - now.getTime() },
    );
  });

  async function conclude(
    state: 'delivered' | 'failed',
    lastStatus: number | null,
    lastError: string | null,
  ): Promise<void> {
    await db
      .updateTable('logout_delivery')
      .set((eb) => ({
        state,
        tries: eb('tries', '+', 1),
        next_try_at: null,
        last_status: lastStatus,
        last_error: lastError,
        ended_at: now,
      }))
      .where('id', '=', deliveryId)
      .where('state', '=', 'waiting')
      .execute();
  }
}

/** Queues deliveries anew whose time has long passed: their job was lost with a killed worker or used up. Safe to run on many nodes. */
export async function requeueOverdueDeliveries(db: Db, jobs: Jobs, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const overdue = await trx
      .selectFrom('logout_delivery')
      .select('id')
      .where('state', '=', 'waiting')
      .where('next_try_at', '<', after(now, -OVERDUE))
      .limit(500)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const { id } of overdue) {
      await trx.updateTable('logout_delivery').set({ next_try_at: now }).where('id', '=', id).execute();
      await jobs.enqueue(trx, 'logout.deliver', { deliveryId: id });
    }
  });
}

/** Retry-After in milliseconds (RFC 9110 §10.2.3), at most a day; 0 when absent or unreadable. */
function retryAfter(header: string | undefined, now: Date): number {
  if (!header) return 0;
  const pause = /^\d+$/.test(header) ? Number(header) * SECOND : Date.parse(header) - now.getTime();
  return Number.isFinite(pause) ? Math.min(Math.max(pause, 0), 24 * HOUR) : 0;
}
