import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import type { Outbound, OutboundResult } from '#support/primitives/outbound.ts';
import type { Sealer } from '#support/primitives/sealed-text.ts';

/** Pauses before the second try and each that follows, as Standard Webhooks recommends; after the last the delivery is given up and listed. */
export const PAUSES = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
const TIMEOUT = 10 * SECOND;
/** A try that did not end (the program died) is made again after this. */
const LEASE = MINUTE;
const BATCH = 100;
/** At once to one endpoint, so that one that hangs does not hold up the others. */
const AT_ONCE = 10;

type Due = {
  id: string;
  endpoint_id: string;
  payload: string;
  tries: number;
  url: string;
  /** Sealed, as is the one before. */
  secret: string;
  previous_secret: string | null;
  previous_secret_ends_at: Date | null;
};

type Result = OutboundResult | { ok: false; reason: 'secret-unreadable' };

/** Sends what is due, once; how many that were. Each try is claimed by one statement, so nodes do not send the same try twice; a crash may, and receivers know it by the id. */
export async function deliverDue(
  db: Db,
  { outbound, sealer }: { outbound: Outbound; sealer: Sealer },
  clock: () => Date,
): Promise<number> {
  const due = await claim(db, clock());
  await Promise.all(
    due.map(async (one) => {
      const at = clock();
      const headers = signatureHeaders(one, sealer, at);
      const result: Result =
        headers === null
          ? { ok: false, reason: 'secret-unreadable' }
          : await outbound(one.url, one.payload, { timeout: TIMEOUT, headers });
      await settle(db, one, result, clock());
    }),
  );
  return due.length;
}

/**
 * The headers of Standard Webhooks: `webhook-signature` has one signature for each secret that is valid at `at`. Null when the console's keys
 * do not open the secret: then nothing is sent rather than something that nobody can check.
 */
function signatureHeaders(due: Due, sealer: Sealer, at: Date): Record<string, string> | null {
  const timestamp = Math.floor(at.getTime() / SECOND);
  const previous =
    due.previous_secret !== null && due.previous_secret_ends_at !== null && at < due.previous_secret_ends_at
      ? [due.previous_secret]
      : [];
  const secrets = [due.secret, ...previous].map((stored) => sealer.open(stored, due.endpoint_id));
  if (secrets[0] === null) return null;
  const sign = (secret: string) =>
    `v1,${createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${due.id}.${timestamp}.${due.payload}`)
      .digest('base64')}`;
  return {
    'webhook-id': due.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets
      .filter((secret) => secret !== null)
      .map(sign)
      .join(' '),
    'user-agent': 'ZettaiReach-SMS',
  };
}

/** Has a delivery that was given up, or that waits, tried at once. False when this company has no such delivery, or it has arrived. */
export async function tryAgain(db: Db, companyId: string, id: string, now: Date): Promise<boolean> {
  const result = await db
    .updateTable('webhook_delivery')
    .set({ state: 'waiting', next_try_at: now, settled_at: null, tries: 0 })
    .where('id', '=', id)
    .where('state', '<>', 'delivered')
    .where('endpoint_id', 'in', (eb) =>
      eb
        .selectFrom('webhook_endpoint')
        .select('webhook_endpoint.id')
        .where('company_id', '=', companyId)
        .where('removed_at', 'is', null),
    )
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

async function claim(db: Db, now: Date): Promise<readonly Due[]> {
  const { rows } = await sql<Due>`
    with due as (
      select id from webhook_delivery where state = 'waiting' and next_try_at <= ${now}
      order by next_try_at, id limit ${BATCH * 4} for update skip locked
    ), ranked as (
      select due.id, row_number() over (partition by endpoint_id order by next_try_at, due.id) as place
      from due join webhook_delivery using (id)
    ), claimed as (
      update webhook_delivery as delivery
      set tries = tries + 1, next_try_at = ${after(now, LEASE)}, last_try_at = ${now}
      from (select id from ranked where place <= ${AT_ONCE} limit ${BATCH}) as mine
      where delivery.id = mine.id
      returning delivery.id, delivery.payload, delivery.tries, delivery.endpoint_id
    )
    select claimed.id, claimed.endpoint_id, claimed.payload, claimed.tries, url, secret, previous_secret, previous_secret_ends_at
    from claimed join webhook_endpoint on webhook_endpoint.id = claimed.endpoint_id`.execute(db);
  return rows;
}

async function settle(db: Db, { id, tries }: Due, result: Result, now: Date): Promise<void> {
  const arrived = result.ok && result.status >= 200 && result.status < 300;
  const pause = PAUSES[tries - 1];
  const asked = result.ok ? retryAfter(result.retryAfter) : 0;
  const given = !arrived && pause === undefined;
  await db
    .updateTable('webhook_delivery')
    .set({
      state: arrived ? 'delivered' : given ? 'failed' : 'waiting',
      settled_at: arrived || given ? now : null,
      last_answer: result.ok ? String(result.status) : result.reason,
      ...(arrived || pause === undefined ? {} : { next_try_at: after(now, Math.max(pause, asked)) }),
    })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .execute();
}

/** What the receiver asked for, in milliseconds, a day at most; dates are not obeyed. */
function retryAfter(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? '') ? Math.min(Number(text) * SECOND, 24 * HOUR) : 0;
}
