import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { CONSOLES_CHANGED } from './consoles.ts';

/** What the login server saw of a sign-in, in the words of the protocol. */
export type TraceStep =
  /** The console's request came, and a code was given without asking. */
  | 'code-issued'
  /** The console's request came, and the sign-in page (or another question) was shown. */
  | 'person-asked'
  | 'request-refused'
  | 'code-redeemed'
  | 'token-refused';

export type Trace = {
  id: string;
  startedAt: Date;
  /** Nothing is written down any more. */
  ended: boolean;
  steps: readonly { step: TraceStep; at: Date; detail: Readonly<Record<string, unknown>> }[];
};

/** So long a test sign-in is followed. */
export const TRACED_FOR = 10 * MINUTE;
/** And so long one can read what happened. */
const KEPT = 1 * DAY;
/** More steps than this no sign-in has; whoever reloads for ten minutes fills no table. */
const MOST_STEPS = 50;

/** Begins to write down the sign-ins of one operator at one console, for ten minutes, on every node. */
export async function startTrace(
  db: Db,
  console: ConsoleRow,
  accountId: string,
  by: { actor: string; now: Date },
): Promise<string> {
  const id = newId('ctr', by.now);
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('console_trace')
      .values({ id, console_id: console.id, account_id: accountId, started_at: by.now })
      .execute();
    await trx
      .updateTable('console')
      .set({ traced_until: after(by.now, TRACED_FOR) })
      .where('id', '=', console.id)
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: 'console.test-started',
      actor: by.actor,
      consoleId: console.id,
    });
    await sql`select pg_notify(${CONSOLES_CHANGED}, '')`.execute(trx);
  });
  return id;
}

/** Whether sign-ins of a console are written down at present: known without asking the database. */
export function isTraced(console: Pick<ConsoleRow, 'traced_until'>, now: Date): boolean {
  return console.traced_until !== null && console.traced_until > now;
}

/**
 * Writes down a step of the sign-in that is being followed, if one is.
 * @param accountId whose sign-in it is; null where the request did not say: then it goes to whoever tests this console
 */
export async function noteStep(
  db: Db,
  consoleId: string,
  accountId: string | null,
  { step, detail }: { step: TraceStep; detail: Readonly<Record<string, unknown>> },
  now: Date,
): Promise<void> {
  await sql`
    insert into console_trace_step (trace_id, at, step, detail)
    select t.id, ${now}, ${step}, ${JSON.stringify(detail)}::jsonb
    from console_trace t
    where t.console_id = ${consoleId} and t.started_at > ${after(now, -TRACED_FOR)} and t.started_at <= ${now}
      and (${accountId}::text is null or t.account_id = ${accountId})
      and not exists (select from console_trace n where n.console_id = t.console_id and n.account_id = t.account_id and n.started_at > t.started_at)
      and (select count(*) from console_trace_step s where s.trace_id = t.id) < ${MOST_STEPS}`.execute(db);
}

/** The last test sign-in of an operator at a console, of the last day. */
export async function lastTrace(
  db: Db,
  consoleId: string,
  accountId: string,
  now: Date,
): Promise<Trace | undefined> {
  const trace = await db
    .selectFrom('console_trace')
    .select(['id', 'started_at'])
    .where('console_id', '=', consoleId)
    .where('account_id', '=', accountId)
    .where('started_at', '>', after(now, -KEPT))
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!trace) return undefined;
  const steps = await db
    .selectFrom('console_trace_step')
    .select(['step', 'at', 'detail'])
    .where('trace_id', '=', trace.id)
    .orderBy('id')
    .execute();
  return {
    id: trace.id,
    startedAt: trace.started_at,
    ended: trace.started_at <= after(now, -TRACED_FOR),
    steps: steps.map(({ step, at, detail }) => ({ step: step as TraceStep, at, detail })),
  };
}

/** Removes test sign-ins that are older than a day. */
export async function forgetOldTraces(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('console_trace').where('started_at', '<=', after(now, -KEPT)).execute();
}
