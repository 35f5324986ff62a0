import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, HOUR } from '#support/primitives/durations.ts';

/** A message that this worker may send now, and nobody else. */
export type ClaimedMessage = {
  readonly id: string;
  readonly companyId: string;
  readonly lane: number;
  readonly recipient: string;
  readonly body: string;
  /** The gateway that has some of its parts already; the others must follow them. */
  readonly gateway: string | null;
  readonly tries: number;
  readonly doubts: number;
  readonly expiresAt: Date;
};

export type Claim = {
  readonly workerId: string;
  /** Gateways that can take something: messages whose parts lie at another one wait for it. */
  readonly gateways: readonly string[];
  readonly lane: number;
  readonly limit: number;
  /** The company after which the turn goes on. */
  readonly afterCompany: string;
};

/** For messages that say nothing themselves. */
const LIFE = 48 * HOUR;

/**
 * Claims the messages of a lane that are due, in the order of their time, each company an equal share of the limit and in turn. What opted
 * out since it was accepted fails here. One statement; two workers never get the same message.
 */
export async function claimMessages(
  db: Db,
  { workerId, gateways, lane, limit, afterCompany }: Claim,
  now: Date,
): Promise<readonly ClaimedMessage[]> {
  const update = sql`
    update message m set
      state = case when o.number is null then 'sending' else 'failed' end,
      claimed_by = case when o.number is null then ${workerId}::text end,
      fault = case when o.number is not null then 'opted-out' end,
      settled_at = case when o.number is not null then ${now}::timestamptz end,
      expires_at = coalesce(m.expires_at, ${after(now, LIFE)}::timestamptz)
    from picked left join opt_out o on o.company_id = picked.company_id and o.number = picked.recipient
    where m.id = picked.id
    returning m.id, m.company_id, m.state, m.fault, m.lane, m.recipient, m.body, m.gateway, m.tries, m.doubts, m.expires_at`;
  const { rows } = await sql<ClaimedMessage>`
    with recursive waiting as (
      (select company_id from message where state = 'queued' and lane = ${lane} order by company_id limit 1)
      union all
      select (select m.company_id from message m
        where m.state = 'queued' and m.lane = ${lane} and m.company_id > w.company_id order by m.company_id limit 1)
      from waiting w where w.company_id is not null),
    due as (
      select company_id from waiting w
      where company_id is not null and exists (
        select from message m
        where m.state = 'queued' and m.lane = ${lane} and m.company_id = w.company_id and m.due_at <= ${now})
      order by company_id <= ${afterCompany}::bigint, company_id
      limit ${limit}),
    share as (select ceil(${limit}::numeric / greatest(1, count(*)))::int as size from due),
    picked as (
      select p.* from due cross join share cross join lateral (
        select m.id, m.company_id, m.recipient from message m
        where m.state = 'queued' and m.lane = ${lane} and m.company_id = due.company_id and m.due_at <= ${now}
          and (m.expires_at is null or m.expires_at > ${now})
          and (m.gateway is null or m.gateway = any(${[...gateways]}::text[]))
        order by m.due_at, m.id limit share.size for update skip locked) p
      limit ${limit}),
    changed as (${update}),
    told as (
      insert into message_event (message_id, company_id, state, fault, at)
      select id, company_id, state, fault, ${now} from changed where state = 'failed')
    select id, company_id as "companyId", lane, recipient, body, gateway, tries, doubts, expires_at as "expiresAt"
    from changed where state = 'sending'`.execute(db);
  return rows;
}

/** A part that is about to be sent through a gateway; `writing` when it is written to the socket as soon as this is stored. */
export type PlannedPart = {
  readonly messageId: string;
  readonly number: number;
  readonly gateway: string;
  readonly carrier: string;
  readonly state: 'waiting' | 'writing';
};

/** Parts of these messages that a gateway has, or may have and is not to get again, as `id number`. */
export async function partsThere(db: Db, messageIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (messageIds.length === 0) return new Set();
  const { rows } = await sql<{ part: string }>`
    select message_id || ' ' || number as part from message_part
    where message_id = any(${[...messageIds]}::text[])`.execute(db);
  return new Set(rows.map(({ part }) => part));
}

/** Stores the parts of claimed messages. After its commit they may be written to the socket, and not before. */
export async function planParts(db: Db, parts: readonly PlannedPart[], now: Date): Promise<void> {
  if (parts.length === 0) return;
  await sql`
    insert into message_part (message_id, number, gateway, carrier, state, written_at)
    select p.message_id, p.number, p.gateway, p.carrier, p.state, case when p.state = 'writing' then ${now}::timestamptz end
    from unnest(${parts.map((part) => part.messageId)}::text[], ${parts.map((part) => part.number)}::int[],
      ${parts.map((part) => part.gateway)}::text[], ${parts.map((part) => part.carrier)}::text[],
      ${parts.map((part) => part.state)}::text[]) as p (message_id, number, gateway, carrier, state)`.execute(
    db,
  );
}

/** Says of waiting parts that they are written now. Those whose message this worker has lost meanwhile are not among the answer, as `id number`. */
export async function markWriting(
  db: Db,
  workerId: string,
  parts: readonly { messageId: string; number: number }[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ part: string }>`
    update message_part p set state = 'writing', written_at = ${now}
    from unnest(${parts.map((part) => part.messageId)}::text[], ${parts.map((part) => part.number)}::int[]) as w (message_id, number)
    join (select id from message where id = any(${parts.map((part) => part.messageId)}::text[])
      and claimed_by = ${workerId} and state = 'sending' for share) m on m.id = w.message_id
    where p.message_id = w.message_id and p.number = w.number and p.state = 'waiting'
    returning p.message_id || ' ' || p.number as part`.execute(db);
  return new Set(rows.map(({ part }) => part));
}
