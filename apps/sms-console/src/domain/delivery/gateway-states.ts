import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { GatewayState } from './gateway.ts';

/** How a gateway stands, by the last word of each program that is bound to it. */
export type GatewayStanding = {
  readonly gateway: string;
  readonly state: GatewayState['state'];
  readonly since: Date;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly inFlight: number;
  readonly perSecond: number;
  /** Messages that it took within the last minute. */
  readonly lastMinute: number;
};

/** What waits and what went wrong, of one company. */
export type QueueStanding = {
  /** Due and not yet with a gateway, by lane. */
  readonly waiting: { readonly codes: number; readonly single: number; readonly campaigns: number };
  /** Of the last seven days. */
  readonly inDoubt: number;
  readonly withoutReceipt: number;
};

/** Writes this worker's word on its gateways. */
export async function writeGatewayStates(
  db: Db,
  workerId: string,
  states: readonly GatewayState[],
  now: Date,
): Promise<void> {
  await db
    .insertInto('gateway_state')
    .values(
      states.map((one) => ({
        gateway: one.gateway,
        worker_id: workerId,
        state: one.state,
        since: one.since,
        last_error: one.lastError,
        last_error_at: one.lastErrorAt,
        in_flight: one.inFlight,
        per_second: one.perSecond,
        seen_at: now,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['gateway', 'worker_id']).doUpdateSet((row) => ({
        state: row.ref('excluded.state'),
        since: row.ref('excluded.since'),
        last_error: row.ref('excluded.last_error'),
        last_error_at: row.ref('excluded.last_error_at'),
        in_flight: row.ref('excluded.in_flight'),
        per_second: row.ref('excluded.per_second'),
        seen_at: row.ref('excluded.seen_at'),
      })),
    )
    .execute();
}

/** How the gateways stand; with several programs bound to one, the best of them, all that is under way and the last error. A word of a minute ago is none. */
export async function gatewayStandings(db: Db, now: Date): Promise<readonly GatewayStanding[]> {
  const { rows } = await sql<GatewayStanding>`
    select s.gateway, (array_agg(s.state order by array_position(array['bound', 'resting', 'connecting', 'away'], s.state), s.since))[1] as state,
      (array_agg(s.since order by array_position(array['bound', 'resting', 'connecting', 'away'], s.state), s.since))[1] as since,
      (array_agg(s.last_error order by s.last_error_at desc nulls last))[1] as "lastError", max(s.last_error_at) as "lastErrorAt",
      sum(s.in_flight)::int as "inFlight", sum(s.per_second)::float8 as "perSecond",
      (select count(*)::int from message_event e join message m on m.id = e.message_id
        where e.at > ${now}::timestamptz - interval '1 minute' and e.state = 'sent' and m.gateway = s.gateway) as "lastMinute"
    from gateway_state s where s.seen_at > ${now}::timestamptz - interval '1 minute'
    group by s.gateway order by s.gateway`.execute(db);
  return rows;
}

/** What of a company's messages waits, and what nobody knows the end of. */
export async function queueStanding(db: Db, companyId: string, now: Date): Promise<QueueStanding> {
  const { rows } = await sql<QueueStanding['waiting'] & { inDoubt: number; withoutReceipt: number }>`
    select
      (select count(*)::int from message where state = 'queued' and lane = 0 and company_id = ${companyId} and due_at <= ${now}) as codes,
      (select count(*)::int from message where state = 'queued' and lane = 1 and company_id = ${companyId} and due_at <= ${now}) as single,
      (select count(*)::int from message where state = 'queued' and lane = 2 and company_id = ${companyId} and due_at <= ${now}) as campaigns,
      (select count(distinct message_id)::int from message_event
        where company_id = ${companyId} and fault = 'in-doubt') as "inDoubt",
      (select count(distinct message_id)::int from message_event
        where company_id = ${companyId} and fault = 'no-receipt') as "withoutReceipt"`.execute(db);
  const { codes = 0, single = 0, campaigns = 0, inDoubt = 0, withoutReceipt = 0 } = rows[0] ?? {};
  return { waiting: { codes, single, campaigns }, inDoubt, withoutReceipt };
}
