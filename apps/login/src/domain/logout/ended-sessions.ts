import { sql } from 'kysely';
import { SESSION_KEPT } from '#domain/sessions/sessions.ts';
import type { Db } from '#support/db/database.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { endedBy } from './deliver.ts';

/** Sessions of a console that have ended, as the console asks for them. */
export type EndedSessions = {
  sessions: readonly { sid: string; endedAt: Date }[];
  /** Where the next question goes on. */
  next: string;
  /** There is more to be had at once. */
  more: boolean;
};

/** Sessions told at once. */
const PAGE = 500;
/** Rows that get their places at once. */
const LISTED_AT_ONCE = 5_000;
/** What a console is told that has no cursor: longer ago than this nobody is told by push either. */
const WITHOUT_CURSOR = 1 * DAY;
/** How exactly it is noted when a console last asked. */
const ASKED_STEP = 5 * MINUTE;
/** A console that has asked within this time asks again soon. */
const ASKS = 15 * MINUTE;

/**
 * Tells a console which of its sessions have ended since it last asked: the second line where its logout address cannot be reached (R9). Costs one statement when there is nothing
 * new, whatever the number of sessions.
 *
 * The cursor is a place in a list of this console's own, and places are given here, under a lock, to rows that are committed, not when the rows are written: a transaction
 * that commits late gets its place late, behind every cursor that was given out before. So none is lost, without waiting for anybody else's transactions (as a comparison with the oldest running one
 * would) and without the rows' writers waiting for one another (as a counter in their transactions would).
 *
 * Who asks from a place on has taken what stands before it: those deliveries count as told. Their claims grow, so a push that is under way meanwhile writes nothing.
 * @param cursor `next` of an earlier answer; one that was never given out counts as none, which begins a day back
 */
export async function endedSessionsSince(
  db: Db,
  consoleId: string,
  cursor: string | undefined,
  now: Date,
): Promise<EndedSessions> {
  const given = cursor === undefined ? undefined : Number(cursor);
  const standing = await standingOf(db, consoleId, given ?? 0, now);
  if (standing.askedAt === null || standing.askedAt <= after(now, -ASKED_STEP))
    await noteAsked(db, consoleId, now);
  const { last, more } = standing.unlisted
    ? await list(db, consoleId, now)
    : { last: standing.last, more: false };
  const known = given !== undefined && given <= last;
  if (known && standing.untold) await noteTold(db, consoleId, given, now);
  const from = known ? given : await dayBack(db, consoleId, last, now);
  if (from === last) return { sessions: [], next: String(last), more };

  const rows = await db
    .selectFrom('logout_delivery')
    .select(['sid', 'created_at', 'list_number'])
    .where('console_id', '=', consoleId)
    .where('list_number', '>', String(from))
    .orderBy('list_number')
    .limit(PAGE)
    .execute();
  return {
    sessions: rows.flatMap(({ sid, created_at: at }) => (sid ? [{ sid, endedAt: endedBy(at) }] : [])),
    next: rows.at(-1)?.list_number ?? String(last),
    more: more || rows.length === PAGE,
  };
}

/** The consoles among these that ask by themselves. */
export async function consolesThatAsk(
  db: Db,
  consoleIds: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (consoleIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('ended_session_list')
    .select('console_id')
    .where('console_id', 'in', [...consoleIds])
    .where('asked_at', '>', after(now, -ASKS))
    .execute();
  return new Set(rows.map((row) => row.console_id));
}

type Standing = { last: number; askedAt: Date | null; unlisted: boolean; untold: boolean };

async function standingOf(db: Db, consoleId: string, given: number, now: Date): Promise<Standing> {
  const { rows } = await sql<{ last: string; asked_at: Date | null; unlisted: boolean; untold: boolean }>`
    select coalesce(l.last_number, 0) as last, l.asked_at,
      exists (select 1 from logout_delivery d
        where d.console_id = ${consoleId} and d.list_number is null and d.created_at > ${after(now, -SESSION_KEPT)}) as unlisted,
      exists (select 1 from logout_delivery d
        where d.console_id = ${consoleId} and d.list_number <= ${given} and d.state <> 'delivered') as untold
    from (select 1) one left join ended_session_list l on l.console_id = ${consoleId}`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('A select without a condition has a row.');
  return { ...row, last: Number(row.last), askedAt: row.asked_at };
}

async function noteAsked(db: Db, consoleId: string, now: Date): Promise<void> {
  await sql`
    insert into ended_session_list (console_id, asked_at) values (${consoleId}, ${now})
    on conflict (console_id) do update set asked_at = ${now}`.execute(db);
}

/** Gives places to what has none yet, one caller at a time. */
async function list(db: Db, consoleId: string, now: Date): Promise<{ last: number; more: boolean }> {
  return db.transaction().execute(async (trx) => {
    const { last_number: before } = await trx
      .selectFrom('ended_session_list')
      .select('last_number')
      .where('console_id', '=', consoleId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    // What another transaction is at this moment changing gets its place the next time.
    const { rows } = await sql<{ list_number: string }>`
      update logout_delivery d set list_number = ${before}::bigint + numbered.place
      from (
        select id, row_number() over (order by created_at, id) as place
        from (
          select id, created_at from logout_delivery
          where console_id = ${consoleId} and list_number is null and created_at > ${after(now, -SESSION_KEPT)}
          order by created_at, id limit ${LISTED_AT_ONCE} for update skip locked
        ) unlisted
      ) numbered
      where d.id = numbered.id
      returning d.list_number`.execute(trx);
    const last = Number(before) + rows.length;
    await trx
      .updateTable('ended_session_list')
      .set({ last_number: String(last) })
      .where('console_id', '=', consoleId)
      .execute();
    return { last, more: rows.length === LISTED_AT_ONCE };
  });
}

/** Everything up to this place is known to the console, also what was given up. */
async function noteTold(db: Db, consoleId: string, upTo: number, now: Date): Promise<void> {
  await sql`
    update logout_delivery d
    set state = 'delivered', told_by = 'pull', ended_at = ${now}, next_try_at = null, last_error = null, claim = d.claim + 1, claimed_until = null
    from (
      select id from logout_delivery
      where console_id = ${consoleId} and list_number <= ${upTo} and state <> 'delivered'
      order by list_number for update skip locked
    ) untold
    where d.id = untold.id`.execute(db);
}

/** The place before the first that a console without a cursor is told. */
async function dayBack(db: Db, consoleId: string, last: number, now: Date): Promise<number> {
  const first = await db
    .selectFrom('logout_delivery')
    .select((eb) => eb.fn.min('list_number').as('place'))
    .where('console_id', '=', consoleId)
    .where('created_at', '>', after(now, -WITHOUT_CURSOR))
    .executeTakeFirst();
  return first?.place ? Number(first.place) - 1 : last;
}
