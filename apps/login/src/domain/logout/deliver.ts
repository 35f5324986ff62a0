import { sql } from 'kysely';
import { isOpen, noteAnswered, noteUnanswered, type Health } from '#domain/delivery/health.ts';
import {
  GIVE_UP_AFTER,
  isPresent,
  LEASE,
  nextTry,
  PATIENCE,
  PUT_OFF,
  retryAfter,
  TRY_TIMEOUT,
} from '#domain/delivery/timetable.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { signJwt, type SigningKeys } from '#support/keys/signing-keys.ts';
import { after, HOUR, SECOND } from '#support/primitives/durations.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import type { Outbound } from '#support/primitives/outbound.ts';
import type { Places } from '#support/primitives/places.ts';
import { LOGOUT } from './health.ts';

export type LogoutSender = {
  db: Db;
  jobs: Jobs;
  keys: SigningKeys;
  issuer: string;
  outbound: Outbound;
  /** This node's places at each console. */
  places: Places;
};

const TOKEN_LIFE = 120 * SECOND;

type Claimed = {
  id: string;
  claim: number;
  console_id: string;
  account_id: string;
  sid: string | null;
  tries: number;
  created_at: Date;
  give_up_at: Date | null;
  client_id: string;
  backchannel_logout_uri: string | null;
  id_token_alg: 'RS256' | 'ES256';
  /** Another delivery to the same console waits longer than this one. */
  behind: boolean;
} & Health;

/**
 * Tells one console once that a session has ended (OpenID Connect Back-Channel Logout 1.0 §2.5), with a fresh token and `jti`. 200 and 204 are success;
 * anything else is tried again with growing pauses (a console's Retry-After is obeyed) and after a day listed as failed.
 *
 * A try is claimed for a while; a worker that comes back later than that has been overtaken and writes nothing. While a console does not answer, only the delivery
 * that waits longest follows its timetable; the others wait until the console is back (see health.ts).
 * @param options.probe a try beside the timetable, to find out whether the console is back
 */
export async function deliverLogout(
  sender: LogoutSender,
  deliveryId: string,
  now: Date,
  options: { probe?: boolean } = {},
): Promise<void> {
  const consoleId = await consoleOf(sender.db, deliveryId);
  if (consoleId === undefined) return;
  // A console that hangs must not occupy every worker.
  const release = await sender.places.take(consoleId, PATIENCE);
  if (!release)
    return sender.jobs.enqueue(
      sender.db,
      'logout.deliver',
      { deliveryId, ...(options.probe ? { probe: true } : {}) },
      { delay: PUT_OFF },
    );
  try {
    await tryOnce(sender, deliveryId, options.probe === true, now);
  } finally {
    release();
  }
}

async function tryOnce(sender: LogoutSender, deliveryId: string, probe: boolean, now: Date): Promise<void> {
  const delivery = await claim(sender.db, deliveryId, now);
  if (!delivery) return;
  if (delivery.backchannel_logout_uri === null)
    return conclude(sender, delivery, { state: 'failed', error: 'no logout address is registered' }, now);
  const giveUpAt = delivery.give_up_at ?? after(delivery.created_at, GIVE_UP_AFTER);
  if (isOpen(delivery) && delivery.behind && !probe && now < giveUpAt)
    return waitForConsole(sender, delivery, giveUpAt, now);

  const begun = performance.now();
  const answer = await sender.outbound.postForm(
    delivery.backchannel_logout_uri,
    { logout_token: await logoutToken(sender, delivery, now) },
    { timeout: TRY_TIMEOUT },
  );
  const status = answer.ok ? answer.status : null;
  const arrived = status === 200 || status === 204;
  const error = arrived
    ? null
    : answer.ok
      ? `answered ${answer.status}`
      : `${answer.reason}: ${answer.detail}`;
  const asked = answer.ok ? retryAfter(answer.retryAfter, now) : 0;
  const attempt: Attempt = {
    kind: probe ? 'probe' : 'timetable',
    status,
    error,
    took: Math.round(performance.now() - begun),
    present: isPresent(status),
    spare: asked,
  };
  if (arrived) return conclude(sender, delivery, { state: 'delivered', attempt }, now);
  if (now >= giveUpAt) return conclude(sender, delivery, { state: 'failed', attempt, error }, now);
  return tryLater(sender, delivery, attempt, nextTry(delivery.tries, asked, giveUpAt, now), now);
}

type Attempt = {
  kind: 'timetable' | 'probe';
  status: number | null;
  error: string | null;
  /** Milliseconds. */
  took: number;
  /** The console is there and did not like this delivery. */
  present: boolean;
  /** Milliseconds for which the console asked to be left alone. */
  spare: number;
};

async function consoleOf(db: Db, deliveryId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('logout_delivery')
    .select('console_id')
    .where('id', '=', deliveryId)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  return row?.console_id;
}

/** Takes the delivery for this worker; undefined when it has ended or another one is at it. */
async function claim(db: Db, deliveryId: string, now: Date): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`
    with claimed as (
      update logout_delivery set claim = claim + 1, claimed_until = ${after(now, LEASE)}
      where id = ${deliveryId} and state = 'waiting' and (claimed_until is null or claimed_until <= ${now})
      returning id, claim, console_id, account_id, sid, tries, created_at, give_up_at
    )
    select d.*, c.client_id, c.backchannel_logout_uri, c.id_token_alg,
      coalesce(h.failures, 0) as failures, h.last_success_at,
      exists (select 1 from logout_delivery o
        where o.console_id = d.console_id and o.state = 'waiting' and (o.created_at, o.id) < (d.created_at, d.id)) as behind
    from claimed d join console c on c.id = d.console_id left join console_delivery_health h on h.console_id = d.console_id`.execute(
    db,
  );
  return rows[0];
}

function logoutToken(sender: LogoutSender, delivery: Claimed, now: Date): Promise<string> {
  const seconds = Math.floor(now.getTime() / SECOND);
  return signJwt(sender.keys, delivery.id_token_alg, 'logout+jwt', {
    iss: sender.issuer,
    aud: delivery.client_id,
    sub: delivery.account_id,
    ...(delivery.sid ? { sid: delivery.sid } : {}),
    iat: seconds,
    exp: seconds + TOKEN_LIFE / SECOND,
    jti: newSecret(),
    // By when the session had ended (RFC 8417 §2.2): a token that is tried again hours later must not end a session that began since.
    toe: endedBy(delivery.created_at).getTime() / SECOND,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
}

/** The whole second by which the session had ended; rounded up, because a sign-in that was being finished may bear that second. */
export function endedBy(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / SECOND) * SECOND);
}

async function conclude(
  { db, jobs }: LogoutSender,
  delivery: Claimed,
  end: { state: 'delivered' | 'failed'; attempt?: Attempt; error?: string | null },
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const written = await write(trx, delivery, {
      state: end.state,
      ...(end.state === 'delivered' ? { told_by: 'push' } : {}),
      tries: delivery.tries + 1,
      next_try_at: null,
      last_status: end.attempt?.status ?? null,
      last_error: end.error ?? null,
      ended_at: now,
    });
    if (!written) return;
    await noteAttempt(trx, delivery, end.attempt, now);
    if (end.state === 'delivered')
      await noteAnswered(
        trx,
        jobs,
        LOGOUT,
        delivery.console_id,
        { ...delivery, retried: delivery.claim > 1 },
        now,
      );
    else if (end.attempt) await noteUnanswered(trx, LOGOUT, delivery.console_id, end.attempt, now);
  });
}

async function tryLater(
  { db, jobs }: LogoutSender,
  delivery: Claimed,
  attempt: Attempt,
  nextTryAt: Date,
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const timely = attempt.kind === 'timetable';
    const written = await write(trx, delivery, {
      ...(timely ? { tries: delivery.tries + 1, next_try_at: nextTryAt } : {}),
      last_status: attempt.status,
      last_error: attempt.error,
    });
    if (!written) return;
    await noteAttempt(trx, delivery, attempt, now);
    await noteUnanswered(trx, LOGOUT, delivery.console_id, attempt, now);
    // After a probe the next try of the timetable stands as it was.
    if (timely) await plan(trx, jobs, delivery, nextTryAt, now);
  });
}

/** The console does not answer another delivery: this one is not sent, and counts no try. */
async function waitForConsole(
  { db, jobs }: LogoutSender,
  delivery: Claimed,
  giveUpAt: Date,
  now: Date,
): Promise<void> {
  const nextTryAt = new Date(Math.min(after(now, 1 * HOUR).getTime(), giveUpAt.getTime()));
  await db.transaction().execute(async (trx) => {
    const written = await write(trx, delivery, {
      next_try_at: nextTryAt,
      last_error: 'waits: the console does not answer another delivery',
    });
    if (written) await plan(trx, jobs, delivery, nextTryAt, now);
  });
}

/** Writes what became of a try and gives the delivery free, unless this worker was overtaken. */
async function write(trx: Db, delivery: Claimed, values: DeliveryChange): Promise<boolean> {
  const result = await trx
    .updateTable('logout_delivery')
    .set({ ...values, claimed_until: null })
    .where('id', '=', delivery.id)
    .where('state', '=', 'waiting')
    .where('claim', '=', delivery.claim)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

type DeliveryChange = {
  state?: 'delivered' | 'failed';
  told_by?: 'push';
  tries?: number;
  next_try_at?: Date | null;
  last_status?: number | null;
  last_error: string | null;
  ended_at?: Date;
};

async function noteAttempt(
  trx: Db,
  delivery: Claimed,
  attempt: Attempt | undefined,
  now: Date,
): Promise<void> {
  if (!attempt) return;
  const { kind, status, error, took } = attempt;
  await trx
    .insertInto('logout_try')
    .values({ delivery_id: delivery.id, number: delivery.claim, at: now, kind, status, error, took_ms: took })
    .execute();
}

function plan(trx: Db, jobs: Jobs, delivery: Claimed, at: Date, now: Date): Promise<void> {
  return jobs.enqueue(
    trx,
    'logout.deliver',
    { deliveryId: delivery.id },
    { delay: at.getTime() - now.getTime() },
  );
}
