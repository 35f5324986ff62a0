import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** A server that runs. */
export type NodeFacts = {
  id: string;
  /** Host and port. */
  name: string;
  /** Fingerprints of the master keys that it was given, the one that it prefers first. */
  masterKeys: readonly string[];
  /** How far the clock of its machine is ahead of the database's, in milliseconds; null: not compared. */
  clockAhead: number | null;
  startedAt: Date;
  seenAt: Date;
};

/** How often a server says that it runs, in seconds, and after how many of silence nobody believes it any more. */
export const SAYS_EVERY = 5;
const BELIEVED_FOR = 30;
const FORGOTTEN_AFTER = 24 * 3_600;

/** Says that this server runs, by the database's clock. */
export async function sayNode(
  db: Db,
  node: Pick<NodeFacts, 'id' | 'name' | 'masterKeys' | 'clockAhead'>,
): Promise<void> {
  await sql`
    with gone as (delete from node where seen_at < clock_timestamp() - ${FORGOTTEN_AFTER} * interval '1 second')
    insert into node (id, name, master_keys, clock_ahead_ms, started_at, seen_at)
    values (${node.id}, ${node.name}, ${[...node.masterKeys]}::text[], ${node.clockAhead}, clock_timestamp(), clock_timestamp())
    on conflict (id) do update set clock_ahead_ms = excluded.clock_ahead_ms, seen_at = excluded.seen_at`.execute(
    db,
  );
}

/** Says that this server has stopped. */
export async function unsayNode(db: Db, id: string): Promise<void> {
  await db.deleteFrom('node').where('id', '=', id).execute();
}

/** The servers that run, by name; one that was killed is among them for half a minute. */
export async function runningNodes(db: Db): Promise<readonly NodeFacts[]> {
  const rows = await db
    .selectFrom('node')
    .selectAll()
    .where('seen_at', '>', sql<Date>`clock_timestamp() - ${BELIEVED_FOR} * interval '1 second'`)
    .orderBy('name')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    masterKeys: row.master_keys,
    clockAhead: row.clock_ahead_ms,
    startedAt: row.started_at,
    seenAt: row.seen_at,
  }));
}
