import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { changeMessages } from './message-states.ts';
import type { Decision } from './decide.ts';
import { settleByParts } from './record-receipts.ts';

/**
 * Stores what became of messages that this worker had claimed, with all their parts, in one statement. Messages that it has lost meanwhile
 * (its sign of life came too late) are left alone.
 */
export async function recordDecisions(
  db: Db,
  workerId: string,
  decisions: readonly Decision[],
  now: Date,
): Promise<void> {
  const parts = decisions.flatMap((one) => one.parts.map((part) => ({ ...part, messageId: one.messageId })));
  // What no gateway has is planned anew, perhaps cut otherwise for another gateway.
  const kept = parts.filter((part) => part.state !== 'waiting');
  const update = sql`
    update message m set state = d.state, gateway = d.gateway, due_at = coalesce(d.due_at, m.due_at), tries = d.tries, doubts = d.doubts,
      fault = d.fault, claimed_by = null,
      submitted_at = case when d.state = 'sent' then coalesce(m.submitted_at, ${now}::timestamptz) else m.submitted_at end,
      settled_at = case when d.settled then ${now}::timestamptz end
    from unnest(${decisions.map((one) => one.messageId)}::text[], ${decisions.map((one) => one.state)}::text[],
      ${decisions.map((one) => one.gateway)}::text[], ${decisions.map((one) => one.dueAt)}::timestamptz[],
      ${decisions.map((one) => one.tries)}::int[], ${decisions.map((one) => one.doubts)}::int[],
      ${decisions.map((one) => one.fault)}::text[], ${decisions.map((one) => one.settled)}::bool[])
      as d (id, state, gateway, due_at, tries, doubts, fault, settled)
    where m.id = d.id and m.claimed_by = ${workerId} and m.state = 'sending'
    returning m.id, m.company_id, m.state, m.fault`;
  const answered = sql`, answered as (
    update message_part p set state = a.state, carrier_id = a.carrier_id, fault = a.fault, answered_at = ${now}
    from unnest(${parts.map((part) => part.messageId)}::text[], ${parts.map((part) => part.number)}::int[],
      ${parts.map((part) => part.state)}::text[], ${parts.map((part) => part.carrierId)}::text[],
      ${parts.map((part) => part.fault)}::text[]) as a (message_id, number, state, carrier_id, fault)
    join changed on changed.id = a.message_id
    where p.message_id = a.message_id and p.number = a.number and a.state <> 'waiting' and p.state in ('waiting', 'writing')),
  again as (
    delete from message_part p using changed
    where changed.state = 'queued' and p.message_id = changed.id and p.state in ('waiting', 'writing')
      and (p.message_id, p.number) not in (select id, number from unnest(
        ${kept.map((part) => part.messageId)}::text[], ${kept.map((part) => part.number)}::int[]) as k (id, number)))`;
  // The first part of a long message may have its receipt before the last one has its answer.
  const long = decisions.filter((one) => one.state === 'sent' && one.parts.length > 1);
  if (long.length === 0) return void (await changeMessages(db, update, now, answered));
  await db.transaction().execute(async (trx) => {
    await changeMessages(trx, update, now, answered);
    await settleByParts(
      trx,
      long.map((one) => one.messageId),
      now,
    );
  });
}
