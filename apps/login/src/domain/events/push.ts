import { sql } from 'kysely';
import { z } from 'zod';
import { isEventAddress } from '#domain/consoles/event-stream.ts';
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
import type { StreamStatus } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import type { SigningKeys } from '#support/keys/signing-keys.ts';
import { after, HOUR } from '#support/primitives/durations.ts';
import type { Outbound, OutboundTokenResult } from '#support/primitives/outbound.ts';
import type { Places } from '#support/primitives/places.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import { EVENTS } from './channel.ts';
import { FIRST_IN_LINE, pushFirstInLine } from './order.ts';
import { authorizationOf } from './streams.ts';
import { signedToken, type Told } from './token.ts';

export type EventSender = {
  db: Db;
  jobs: Jobs;
  keys: SigningKeys;
  issuer: string;
  outbound: Outbound;
  /** This node's places at each console. */
  places: Places;
  /** Opens what `event_stream.sealed_authorization` holds. */
  secrets: SecretKeys;
};

type Claimed = Told & {
  claim: number;
  console_id: string;
  tries: number;
  give_up_at: Date | null;
  event_uri: string | null;
  /** Null when the stream was deleted. */
  method: 'push' | 'poll' | null;
  status: StreamStatus | null;
  endpoint_url: string | null;
  sealed_authorization: string | null;
  /** Another delivery to the same console waits longer than this one. */
  behind: boolean;
} & Health;

/**
 * Pushes one event to one console once (RFC 8935): 202 is success; 400 with an error in the form of §2.3 is the console's last word; anything else is tried again with growing pauses (Retry-After is
 * obeyed) and after a day listed as failed. Then the account's next event goes out.
 *
 * Tries are claimed, and consoles that do not answer spared, as logout deliveries are (see domain/delivery).
 * @param options.probe a try beside the timetable, to find out whether the console is back
 */
export async function pushEvent(
  sender: EventSender,
  deliveryId: string,
  now: Date,
  options: { probe?: boolean } = {},
): Promise<void> {
  const row = await sender.db
    .selectFrom('event_delivery')
    .select('console_id')
    .where('id', '=', deliveryId)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  if (!row) return;
  const release = await sender.places.take(row.console_id, PATIENCE);
  if (!release)
    return sender.jobs.enqueue(
      sender.db,
      'event.deliver',
      { deliveryId, ...(options.probe ? { probe: true } : {}) },
      { delay: PUT_OFF },
    );
  try {
    await tryOnce(sender, deliveryId, options.probe === true, now);
  } finally {
    release();
  }
}

async function tryOnce(sender: EventSender, deliveryId: string, probe: boolean, now: Date): Promise<void> {
  const delivery = await claim(sender.db, deliveryId, now);
  if (!delivery) return;
  const { endpoint_url: address, status } = delivery;
  if (status === null)
    return conclude(sender, delivery, { state: 'failed', error: 'the stream was deleted' }, now);
  if (status === 'disabled' && delivery.account_id !== null)
    return conclude(sender, delivery, { state: 'failed', error: 'the stream is disabled' }, now);
  // What a stream says of itself goes out before it rests.
  if (address === null || (status !== 'enabled' && delivery.account_id !== null))
    return rest(sender, delivery);
  if (!isEventAddress(delivery.event_uri, address))
    return conclude(sender, delivery, { state: 'failed', error: 'the address is not registered' }, now);
  const giveUpAt = delivery.give_up_at ?? after(delivery.created_at, GIVE_UP_AFTER);
  if (isOpen(delivery) && delivery.behind && !probe && now < giveUpAt)
    return tryLater(
      sender,
      delivery,
      undefined,
      new Date(Math.min(after(now, 1 * HOUR).getTime(), giveUpAt.getTime())),
      now,
    );

  const authorization = await authorizationOf(sender.secrets, delivery);
  const begun = performance.now();
  const answer = await sender.outbound.postToken(
    address,
    await signedToken(sender.keys, sender.issuer, delivery),
    {
      timeout: TRY_TIMEOUT,
      ...(authorization === null ? {} : { authorization }),
    },
  );
  const verdict = verdictOf(answer);
  const asked = answer.ok ? retryAfter(answer.retryAfter, now) : 0;
  const attempt: Attempt = {
    kind: probe ? 'probe' : 'timetable',
    status: verdict.status,
    error: verdict.error,
    took: Math.round(performance.now() - begun),
    present: isPresent(verdict.status),
    spare: asked,
  };
  if (verdict.ends !== undefined)
    return conclude(sender, delivery, { state: verdict.ends, attempt, error: verdict.error }, now);
  if (now >= giveUpAt)
    return conclude(sender, delivery, { state: 'failed', attempt, error: verdict.error }, now);
  return tryLater(sender, delivery, attempt, nextTry(delivery.tries, asked, giveUpAt, now), now);
}

/** RFC 8935 §2.3; longer texts are cut. */
const REFUSAL = z.object({ err: z.string().min(1), description: z.string().optional() });

type Verdict = { status: number | null; error: string | null; ends?: 'delivered' | 'failed' };

function verdictOf(answer: OutboundTokenResult): Verdict {
  if (!answer.ok) return { status: null, error: `${answer.reason}: ${answer.detail}` };
  const { status } = answer;
  if (status === 202) return { status, error: null, ends: 'delivered' };
  const refusal = status === 400 ? REFUSAL.safeParse(answer.json) : undefined;
  // A 400 that says nothing in this form came from something else on the way.
  if (!refusal?.success) return { status, error: `answered ${status}` };
  return { status, error: refusalText(refusal.data), ends: 'failed' };
}

/** What a console said of an event that it does not take, in one line. */
export function refusalText({
  err,
  description = '',
}: {
  err: string;
  description?: string | undefined;
}): string {
  const line = `refused: ${err}${description === '' ? '' : ` (${description})`}`;

  return line
    .toWellFormed()
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .slice(0, 300);
}

/** Takes the delivery for this worker; undefined when it has ended, another one is at it or an earlier event of the account waits. */
async function claim(db: Db, deliveryId: string, now: Date): Promise<Claimed | undefined> {
  const { rows } = await sql<Claimed>`
    with claimed as (
      update event_delivery d set claim = claim + 1, claimed_until = ${after(now, LEASE)}
      where id = ${deliveryId} and state = 'waiting' and next_try_at is not null
        and (claimed_until is null or claimed_until <= ${now}) and ${FIRST_IN_LINE}
      returning id, claim, console_id, stream_id, event_id, account_id, type, event, tries, created_at, give_up_at
    )
    select d.*, c.client_id, c.event_uri, c.id_token_alg, s.method, s.status, s.endpoint_url, s.sealed_authorization,
      coalesce(h.failures, 0) as failures, h.last_success_at,
      exists (select 1 from event_delivery o where o.console_id = d.console_id and o.state = 'waiting'
        and o.next_try_at is not null and (o.created_at, o.id) < (d.created_at, d.id)) as behind
    from claimed d join console c on c.id = d.console_id
      left join event_stream s on s.id = d.stream_id left join event_delivery_health h on h.console_id = d.console_id`.execute(
    db,
  );
  return rows[0];
}

type Attempt = {
  kind: 'timetable' | 'probe';
  status: number | null;
  error: string | null;
  /** Milliseconds. */
  took: number;
  present: boolean;
  spare: number;
};

async function conclude(
  { db, jobs }: EventSender,
  delivery: Claimed,
  end: { state: 'delivered' | 'failed'; attempt?: Attempt; error: string | null },
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Who queues an event of this account at this moment sees either that this one waits still, or that it does not.
    if (delivery.account_id !== null)
      await sql`select 1 from account where id = ${delivery.account_id} for share`.execute(trx);
    const written = await write(trx, delivery, {
      state: end.state,
      tries: delivery.tries + 1,
      next_try_at: null,
      last_status: end.attempt?.status ?? null,
      last_error: end.error,
      ended_at: now,
    });
    if (!written) return;
    await noteAttempt(trx, delivery, end.attempt, now);
    // A console that refuses by the book has answered, and takes the next one.
    const answered = end.state === 'delivered' || end.attempt?.status === 400;
    if (answered)
      await noteAnswered(
        trx,
        jobs,
        EVENTS,
        delivery.console_id,
        { ...delivery, retried: delivery.claim > 1 },
        now,
      );
    else if (end.attempt) await noteUnanswered(trx, EVENTS, delivery.console_id, end.attempt, now);
    if (delivery.account_id !== null)
      await pushFirstInLine(
        trx,
        jobs,
        { consoleId: delivery.console_id, accountId: delivery.account_id },
        now,
      );
  });
}

/** @param attempt undefined when it was not sent, because the console does not answer another delivery: that counts no try */
async function tryLater(
  { db, jobs }: EventSender,
  delivery: Claimed,
  attempt: Attempt | undefined,
  nextTryAt: Date,
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // After a probe the next try of the timetable stands as it was.
    const timely = attempt?.kind !== 'probe';
    const written = await write(trx, delivery, {
      ...(timely ? { next_try_at: nextTryAt } : {}),
      ...(attempt && timely ? { tries: delivery.tries + 1 } : {}),
      ...(attempt
        ? { last_status: attempt.status, last_error: attempt.error }
        : { last_error: 'waits: the console does not answer another delivery' }),
    });
    if (!written) return;
    await noteAttempt(trx, delivery, attempt, now);
    if (attempt) await noteUnanswered(trx, EVENTS, delivery.console_id, attempt, now);
    if (timely)
      await jobs.enqueue(
        trx,
        'event.deliver',
        { deliveryId: delivery.id },
        { delay: nextTryAt.getTime() - now.getTime() },
      );
  });
}

/** The stream pushes nothing at present: the delivery waits until it does, or is fetched. */
async function rest({ db }: EventSender, delivery: Claimed): Promise<void> {
  await write(db, delivery, { next_try_at: null });
}

type DeliveryChange = {
  state?: 'delivered' | 'failed';
  tries?: number;
  next_try_at?: Date | null;
  last_status?: number | null;
  last_error?: string | null;
  ended_at?: Date;
};

/** Writes what became of a try and gives the delivery free, unless this worker was overtaken. */
async function write(trx: Db, delivery: Claimed, values: DeliveryChange): Promise<boolean> {
  const result = await trx
    .updateTable('event_delivery')
    .set({ ...values, claimed_until: null })
    .where('id', '=', delivery.id)
    .where('state', '=', 'waiting')
    .where('claim', '=', delivery.claim)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

async function noteAttempt(
  trx: Db,
  delivery: Claimed,
  attempt: Attempt | undefined,
  now: Date,
): Promise<void> {
  if (!attempt) return;
  const { kind, status, error, took } = attempt;
  await trx
    .insertInto('event_try')
    .values({ delivery_id: delivery.id, number: delivery.claim, at: now, kind, status, error, took_ms: took })
    .execute();
}
