import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { MOST_DOUBTS } from './decide.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import { changeMessages } from './message-states.ts';

/** Says that a worker lives for `lease` milliseconds more. By the database's clock: workers on several machines agree on it. */
export async function signOfLife(db: Db, workerId: string, lease: number): Promise<void> {
  await sql`
    insert into delivery_worker (id, alive_until) values (${workerId}, clock_timestamp() + ${lease} * interval '1 millisecond')
    on conflict (id) do update set alive_until = excluded.alive_until`.execute(db);
}

/** Says that a worker has left with nothing in its hands. */
export async function sayGoodbye(db: Db, workerId: string): Promise<void> {
  await db.deleteFrom('delivery_worker').where('id', '=', workerId).execute();
  await db.deleteFrom('gateway_state').where('worker_id', '=', workerId).execute();
}

/** Messages that this worker has claimed. */
export async function ownedBy(db: Db, workerId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('message')
    .select('id')
    .where('state', '=', 'sending')
    .where('claimed_by', '=', workerId)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Looks after what dead workers had claimed; answers how many messages. What was not written goes again. What was written and not
 * answered is in doubt: sent again, or, where the gateway's setting says so or after the fifth time, taken for sent and listed.
 * `lost`: messages that a living worker has claimed without knowing it.
 */
export async function recoverClaims(
  db: Db,
  gateways: readonly GatewaySettings[],
  now: Date,
  lost: readonly string[] = [],
): Promise<number> {
  const settling = gateways.filter(({ inDoubt }) => inDoubt === 'settle').map(({ name }) => name);
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string }>`
      select id from message m where state = 'sending' and (id = any(${[...lost]}::text[]) or not exists (
        select from delivery_worker w where w.id = m.claimed_by and w.alive_until > clock_timestamp()))
      order by id limit 1000 for update skip locked`.execute(trx);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await sql`
      update message m set doubts = doubts + 1 where id = any(${ids}::text[])
        and exists (select from message_part p where p.message_id = m.id and p.state = 'writing')`.execute(
      trx,
    );
    await sql`
      update message_part p set state = 'unknown', fault = 'in-doubt', answered_at = ${now} from message m
      where m.id = p.message_id and m.id = any(${ids}::text[]) and p.state = 'writing'
        and (p.gateway = any(${settling}::text[]) or m.doubts >= ${MOST_DOUBTS})`.execute(trx);
    await sql`
      update message m set claimed_by = null, gateway = (
          select p.gateway from message_part p where p.message_id = m.id and p.state not in ('waiting', 'writing') limit 1)
      where id = any(${ids}::text[])`.execute(trx);
    // All parts are with the gateway, or may be: nothing is left to send.
    const complete = sql`
      update message m set state = 'sent', submitted_at = coalesce(submitted_at, ${now}), fault = case when p.doubt then 'in-doubt' end
      from (select message_id, bool_or(state = 'unknown') as doubt from message_part where message_id = any(${ids}::text[])
        group by message_id having not bool_or(state in ('waiting', 'writing'))) p
      where m.id = p.message_id and m.state = 'sending'
      returning m.id, m.company_id, m.state, m.fault`;
    await changeMessages(trx, complete, now);
    const again = sql`
      update message m set state = 'queued' where id = any(${ids}::text[]) and state = 'sending'
      returning m.id, m.company_id, m.state, m.fault`;
    const dropped = sql`, dropped as (
      delete from message_part p using changed where p.message_id = changed.id and p.state in ('waiting', 'writing'))`;
    await changeMessages(trx, again, now, dropped);
    return ids.length;
  });
}
