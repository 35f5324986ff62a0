import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { OVERDUE } from './timetable.ts';

/**
 * Deliveries of one kind. Both tables have the columns that are used here: `console_id`, `state`, `next_try_at` (null: not to be tried by itself), `claim`, `claimed_until`,
 * `created_at`; the health table those of `console_delivery_health`.
 */
export type Channel = {
  deliveries: 'logout_delivery' | 'event_delivery';
  health: 'console_delivery_health' | 'event_delivery_health';
  job: 'logout.deliver' | 'event.deliver';
};

/** How a console has answered lately. */
export type Health = { failures: number; last_success_at: Date | null };

/** After so many tries in a row without an answer a console is spared: only its oldest delivery follows the timetable. */
const OPEN_AFTER = 3;
/** How often a console that does not answer is asked whether it is back: everything is delivered within a minute of that. */
const PROBE_EVERY = 30 * SECOND;
/** How exactly the last success is kept: a row that every delivery wrote would have them wait for one another. */
const SUCCESS_STEP = 10 * SECOND;

/** Whether the console is spared at present. */
export function isOpen({ failures }: Health): boolean {
  return failures >= OPEN_AFTER;
}

/**
 * A try has arrived. Whatever waits for a console that had not answered is tried at once; so is everything when this very delivery had failed before, because whatever
 * had kept it away may have kept the others away too.
 * @param before.retried the delivery had failed before
 */
export async function noteAnswered(
  trx: Db,
  jobs: Jobs,
  channel: Channel,
  consoleId: string,
  before: Health & { retried: boolean },
  now: Date,
): Promise<void> {
  const known = before.last_success_at;
  const recovered = before.failures > 0 || before.retried;
  if (!recovered && known && known > after(now, -SUCCESS_STEP)) return;
  // Who holds the health row waits for no delivery: one that another holds is being tried, ended or told in a new way.
  // Asking goes on until nothing waits any more: a delivery that the console refused may be waiting still.
  await sql`
    insert into ${sql.table(channel.health)} (console_id, last_success_at) values (${consoleId}, ${now})
    on conflict (console_id) do update set failures = 0, failing_since = null, last_success_at = ${now}`.execute(
    trx,
  );
  if (!recovered) return;
  const { rows } = await sql<{ id: string }>`
    update ${sql.table(channel.deliveries)} set next_try_at = ${now}
    where id in (select id from ${sql.table(channel.deliveries)}
      where console_id = ${consoleId} and state = 'waiting' and next_try_at is not null and (claimed_until is null or claimed_until <= ${now})
      for update skip locked)
    returning id`.execute(trx);
  await jobs.enqueueAll(
    trx,
    channel.job,
    rows.map(({ id }) => ({ deliveryId: id })),
  );
}

/**
 * A try did not arrive: the console is asked again soon whether it takes this now, beside the timetable (L2: whatever the reason was, all is delivered within a minute of its end).
 * @param trouble.present the console is there and refused this delivery: no reason to keep others from it
 * @param trouble.spare milliseconds for which the console asked to be left alone
 */
export async function noteUnanswered(
  trx: Db,
  channel: Channel,
  consoleId: string,
  { error, present, spare }: { error: string | null; present: boolean; spare: number },
  now: Date,
): Promise<void> {
  const probeAt = after(now, Math.max(PROBE_EVERY, spare));
  if (present) {
    await sql`
      insert into ${sql.table(channel.health)} as h (console_id, next_probe_at) values (${consoleId}, ${probeAt})
      on conflict (console_id) do update set next_probe_at = coalesce(h.next_probe_at, ${probeAt})`.execute(
      trx,
    );
    return;
  }
  await sql`
    insert into ${sql.table(channel.health)} as h (console_id, failures, failing_since, next_probe_at, last_error, last_failure_at)
    values (${consoleId}, 1, ${now}, ${probeAt}, ${error}, ${now})
    on conflict (console_id) do update set
      failures = h.failures + 1, failing_since = coalesce(h.failing_since, ${now}), next_probe_at = ${probeAt},
      last_error = ${error}, last_failure_at = ${now}`.execute(trx);
}

/**
 * Asks consoles that did not take a delivery whether they take it now, each with the delivery that was tried least, so that one which the console chokes on holds up nothing
 * (L2: delivered within a minute of its return). Safe to run on many nodes: one of them gets a console's turn.
 */
export async function probeSilent(db: Db, jobs: Jobs, channel: Channel, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ delivery_id: string | null }>`
      with due as (
        select console_id from ${sql.table(channel.health)} where next_probe_at <= ${now} for update skip locked
      ), probed as (
        select due.console_id, (select d.id from ${sql.table(channel.deliveries)} d
          where d.console_id = due.console_id and d.state = 'waiting' and d.next_try_at is not null
          order by d.claim, d.created_at, d.id limit 1) as delivery_id
        from due
      )
      update ${sql.table(channel.health)} h
      set next_probe_at = case when p.delivery_id is null then null else ${after(now, PROBE_EVERY)}::timestamptz end
      from probed p where h.console_id = p.console_id
      returning p.delivery_id`.execute(trx);
    for (const { delivery_id: deliveryId } of rows)
      if (deliveryId !== null) await jobs.enqueue(trx, channel.job, { deliveryId, probe: true });
  });
}

/** Queues deliveries anew whose time has long passed: their job was lost with a killed worker or used up. Safe to run on many nodes. */
export async function requeueOverdue(db: Db, jobs: Jobs, channel: Channel, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string }>`
      update ${sql.table(channel.deliveries)} d set next_try_at = ${now}
      from (
        select id from ${sql.table(channel.deliveries)}
        where state = 'waiting' and next_try_at < ${after(now, -OVERDUE)} and (claimed_until is null or claimed_until <= ${now})
        order by next_try_at limit 500 for update skip locked
      ) overdue
      where d.id = overdue.id
      returning d.id`.execute(trx);
    for (const { id } of rows) await jobs.enqueue(trx, channel.job, { deliveryId: id });
  });
}

export type DeliveryHealth = {
  consoleId: string;
  clientId: string;
  /** `spared`: only its oldest delivery is tried until it answers. */
  state: 'answering' | 'failing' | 'spared';
  failures: number;
  failingSince: Date | null;
  lastError: string | null;
  lastSuccessAt: Date | null;
  waiting: number;
  failed: number;
  oldestWaitingSince: Date | null;
};

/**
 * How each console takes its deliveries, those in trouble first.
 * @param reachable ids of the consoles that are shown also when nothing was ever sent to them
 */
export async function healthOf(
  db: Db,
  channel: Channel,
  reachable: readonly string[],
): Promise<readonly DeliveryHealth[]> {
  const { rows } = await sql<{
    id: string;
    client_id: string;
    failures: number;
    failing_since: Date | null;
    last_error: string | null;
    last_success_at: Date | null;
    waiting: number;
    failed: number;
    oldest: Date | null;
  }>`
    select c.id, c.client_id, coalesce(h.failures, 0) as failures, h.failing_since, h.last_error, h.last_success_at,
      coalesce(w.number, 0)::int as waiting, coalesce(f.number, 0)::int as failed, w.oldest
    from console c
    left join ${sql.table(channel.health)} h on h.console_id = c.id
    left join (
      select console_id, count(*) as number, min(created_at) as oldest
      from ${sql.table(channel.deliveries)} where state = 'waiting' group by console_id
    ) w on w.console_id = c.id
    left join (
      select console_id, count(*) as number
      from ${sql.table(channel.deliveries)} where state = 'failed' group by console_id
    ) f on f.console_id = c.id
    where c.id = any(${[...reachable]}::text[]) or w.console_id is not null or f.console_id is not null
    order by coalesce(h.failures, 0) desc, c.client_id`.execute(db);
  return rows.map((row) => ({
    consoleId: row.id,
    clientId: row.client_id,
    state: isOpen(row) ? 'spared' : row.failures > 0 ? 'failing' : 'answering',
    failures: row.failures,
    failingSince: row.failing_since,
    lastError: row.failures > 0 ? row.last_error : null,
    lastSuccessAt: row.last_success_at,
    waiting: row.waiting,
    failed: row.failed,
    oldestWaitingSince: row.oldest,
  }));
}
