import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { SigningKeys } from '#support/keys/signing-keys.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { FIRST_IN_LINE } from './order.ts';
import { EVENTS_WAITING } from './poll-watch.ts';
import { refusalText } from './push.ts';
import { signedToken, type Told } from './token.ts';

/** How long what was fetched is left to who fetched it; afterwards it is given out again until it is acknowledged. */
const FETCHED_FOR = 30 * SECOND;

type Stream = { id: string; consoleId: string };

/**
 * Takes a console's word for what became of events that it had fetched (RFC 8936 §2.4): `acks` have arrived, `errors` are its last word and listed as failed. Each counts once; names of events that are
 * unknown or have ended are passed over.
 */
export async function endFetched(
  db: Db,
  stream: Stream,
  said: {
    acks: readonly string[];
    errors: ReadonlyMap<string, { err: string; description?: string | undefined }>;
  },
  now: Date,
): Promise<void> {
  if (said.acks.length === 0 && said.errors.size === 0) return;
  await db.transaction().execute(async (trx) => {
    const ids = [...new Set([...said.acks, ...said.errors.keys()])].sort();
    // Who queues an event of one of these accounts at this moment waits until it is known that these have ended.
    await sql`select 1 from account where id in (select account_id from event_delivery where console_id = ${stream.consoleId} and stream_id = ${stream.id} and id = any(${ids}::text[])) order by id for share`.execute(
      trx,
    );
    let ended = 0;
    for (const id of ids) {
      const error = said.errors.get(id);
      const text = error ? refusalText(error) : null;
      const row = await trx
        .updateTable('event_delivery')
        .set((eb) => ({
          state: error ? 'failed' : 'delivered',
          tries: eb('tries', '+', 1),
          next_try_at: null,
          claimed_until: null,
          last_status: null,
          last_error: text,
          ended_at: now,
        }))
        .where('id', '=', id)
        .where('console_id', '=', stream.consoleId)
        .where('stream_id', '=', stream.id)
        .where('state', '=', 'waiting')
        .returning('claim')
        .executeTakeFirst();
      if (!row) continue;
      ended += 1;
      await trx
        .insertInto('event_try')
        .values({
          delivery_id: id,
          number: row.claim,
          at: now,
          kind: 'poll',
          status: null,
          error: text,
          took_ms: 0,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    // The next one of an account may be what somebody else waits for.
    if (ended > 0) await sql`select pg_notify(${EVENTS_WAITING}, ${stream.consoleId})`.execute(trx);
  });
}

export type Fetched = { sets: Readonly<Record<string, string>>; moreAvailable: boolean };

/**
 * Gives out the events that wait, the oldest first, of each account one: the next one comes when that is acknowledged, because members of a JSON object have no order. Two who fetch at once get different ones.
 */
export async function fetchEvents(
  db: Db,
  signer: { keys: SigningKeys; issuer: string },
  stream: Stream,
  limit: number,
  now: Date,
): Promise<Fetched> {
  const available = sql`d.console_id = ${stream.consoleId} and d.stream_id = ${stream.id} and d.state = 'waiting' and s.method = 'poll'
    and (s.status = 'enabled' or d.account_id is null)
    and (d.claimed_until is null or d.claimed_until <= ${now}) and ${FIRST_IN_LINE}`;
  const { rows } = await sql<Told>`
    with due as (
      select d.id from event_delivery d join event_stream s on s.id = d.stream_id
      where ${available} order by d.number limit ${limit} for update of d skip locked
    ), fetched as (
      update event_delivery t set claim = claim + 1, claimed_until = ${after(now, FETCHED_FOR)}
      from due where t.id = due.id
      returning t.id, t.number, t.stream_id, t.console_id, t.event_id, t.account_id, t.type, t.event, t.created_at
    )
    select f.*, c.client_id, c.id_token_alg from fetched f join console c on c.id = f.console_id order by f.number`.execute(
    db,
  );
  const sets: Record<string, string> = {};
  for (const told of rows) sets[told.id] = await signedToken(signer.keys, signer.issuer, told);
  const more =
    rows.length < limit
      ? undefined
      : await sql`select 1 from event_delivery d join event_stream s on s.id = d.stream_id where ${available} limit 1`.execute(
          db,
        );
  return { sets, moreAvailable: (more?.rows.length ?? 0) > 0 };
}
