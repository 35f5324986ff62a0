import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import { forecastOf, type Forecast } from './forecast.ts';
import { planOf } from './plans.ts';
import { progressOf, type Progress } from './progress.ts';
import { refreshStanding } from './standing.ts';
import { progressSeries, type ProgressDay } from './series.ts';

/** How a console's move stood a moment ago: what a page can show at once, whatever the number of people. */
export type ProgressSummary = {
  consoleId: string;
  /** When it was counted. */
  at: Date;
  progress: Progress;
  /** The last 90 days. */
  days: readonly ProgressDay[];
  forecast: Forecast;
};

/** A summary is counted anew when it is older than this … */
const LIFE = 60 * SECOND;
/** … or, where counting takes long, than so many times as long as it took: never more than a fiftieth of the database's time goes into it. */
const REST = 50;
/** Readers count by themselves only when nobody has for this much longer: the schedule stands still, or the plan has changed since. */
const PATIENCE = 3;

/** How a console's move stands, at most some minutes old. Counted on the spot where there is no summary, or one of another plan. */
export async function progressSummary(db: Db, consoleId: string, now: Date): Promise<ProgressSummary> {
  const [row, plan] = await Promise.all([
    db.selectFrom('progress_summary').selectAll().where('console_id', '=', consoleId).executeTakeFirst(),
    planOf(db, consoleId),
  ]);
  if (!row || isOld(row, now, PATIENCE)) return count(db, consoleId, now);
  const figures = row.figures as Stored;
  return figures.revision === plan.revision ? read(consoleId, row.at, figures) : count(db, consoleId, now);
}

/** Counts anew what is old. One node at a time, so that several do not do the same work. */
export async function refreshSummaries(db: Db, now: Date): Promise<void> {
  const consoles = await db
    .selectFrom('console')
    .leftJoin('progress_summary as s', 's.console_id', 'console.id')
    .select(['console.id', 's.at', 's.took_ms'])
    .orderBy('s.at', (order) => order.asc().nullsFirst())
    .execute();
  for (const { id, at, took_ms } of consoles) {
    if (at && took_ms !== null && !isOld({ at, took_ms }, now, 1)) continue;
    await db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ mine: boolean }>`
        select pg_try_advisory_xact_lock(hashtext('progress_summary'), hashtext(${id})) as mine`.execute(trx);
      if (!rows[0]?.mine) return;
      const began = performance.now();
      const people = await refreshStanding(trx, id, now);
      await count(trx, id, now, began);
      await trx
        .updateTable('progress_summary')
        .set({ standing_at: now, standing_people: people })
        .where('console_id', '=', id)
        .execute();
    });
  }
}

/** How many rows of `move_standing` a console has, where they are recent enough to be read; undefined where they are not. */
export async function recentStanding(
  db: Db,
  consoleId: string,
  now: Date,
): Promise<{ at: Date; people: number } | undefined> {
  const row = await db
    .selectFrom('progress_summary')
    .select(['standing_at', 'standing_people', 'took_ms'])
    .where('console_id', '=', consoleId)
    .executeTakeFirst();
  const at = row?.standing_at;
  if (!row || !at || row.standing_people === null || isOld({ at, took_ms: row.took_ms }, now, PATIENCE))
    return undefined;
  return { at, people: row.standing_people };
}

function isOld({ at, took_ms: took }: { at: Date; took_ms: number }, now: Date, patience: number): boolean {
  return at > now || at < after(now, -Math.max(LIFE, REST * took) * patience);
}

async function count(
  db: Db,
  consoleId: string,
  now: Date,
  began = performance.now(),
): Promise<ProgressSummary> {
  const { revision } = await planOf(db, consoleId);
  const progress = await progressOf(db, consoleId, now);
  const days = await progressSeries(db, consoleId, {}, now);
  const forecast = await forecastOf(db, consoleId, now);
  const figures = { revision, progress, days, forecast };
  const row = {
    at: now,
    took_ms: Math.round(performance.now() - began),
    figures: JSON.stringify(figures),
  };
  await db
    .insertInto('progress_summary')
    .values({ console_id: consoleId, ...row })
    .onConflict((conflict) => conflict.column('console_id').doUpdateSet(row))
    .execute();
  return { consoleId, at: now, progress, days, forecast };
}

type Stored = { revision: number; progress: Progress; days: ProgressDay[]; forecast: Forecast };

/** Moments come out of jsonb as texts. */
function read(consoleId: string, at: Date, { progress, days, forecast }: Stored): ProgressSummary {
  const { lastAt } = progress.stillLegacy;
  return {
    consoleId,
    at,
    progress: { ...progress, stillLegacy: { ...progress.stillLegacy, lastAt: lastAt && new Date(lastAt) } },
    days,
    forecast: forecast.ok ? { ...forecast, cutOverAt: new Date(forecast.cutOverAt) } : forecast,
  };
}
