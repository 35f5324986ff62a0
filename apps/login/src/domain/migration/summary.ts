import { sql, type Selectable } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { Schema } from '#support/db/schema.ts';
import { after, SECOND } from '#support/primitives/durations.ts';
import type { StoredPlan } from './change.ts';
import { dutyOf, type Duty } from './duty.ts';
import { forecastOf, type Forecast } from './forecast.ts';
import { allPlans, planOf } from './plans.ts';
import { progressOf, type Progress } from './progress.ts';
import { momentToRehearse, rehearse, type Rehearsal } from './rehearse.ts';
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
  /** What takes a pass over everybody and is not read from a list, of a console with `MANY` people; null: it is counted when it is asked for. So is duty after the plan has changed. */
  many: { duty: Duty | null; rehearsal: Rehearsal } | null;
};

/** From so many people on, what operators are shown was counted a moment ago; what they do is decided on what is true then. */
const MANY = 5_000;

/** A summary is counted anew when it is older than this … */
const LIFE = 60 * SECOND;
/** … or, where counting takes long, than so many times as long as it took for all consoles together: never more than a fiftieth of the database's time goes into it. */
const REST = 50;
/** Readers count by themselves only when nobody has for this much longer: the schedule stands still, or the plan has changed since. */
const PATIENCE = 3;

/**
 * How a console's move stands, at most some minutes old. Counted on the spot where there is no summary, or one of another plan; with many people that would take too
 * long, and the schedule counts them next.
 */
export async function progressSummary(db: Db, consoleId: string, now: Date): Promise<ProgressSummary> {
  const [row, plan] = await Promise.all([
    db
      .selectFrom('progress_summary')
      .selectAll()
      .select(ALL_TOOK)
      .where('console_id', '=', consoleId)
      .executeTakeFirst(),
    planOf(db, consoleId),
  ]);
  return summaryFrom(db, plan, row, now);
}

/** The same of every console, with its plan, in two statements whatever their number. */
export async function allProgressSummaries(
  db: Db,
  now: Date,
): Promise<ReadonlyMap<string, { plan: StoredPlan; summary: ProgressSummary }>> {
  const [rows, plans] = await Promise.all([
    db.selectFrom('progress_summary').selectAll().select(ALL_TOOK).execute(),
    allPlans(db),
  ]);
  const stored = new Map(rows.map((row) => [row.console_id, row]));
  const moves = plans.map(async (plan) => {
    const summary = await summaryFrom(db, plan, stored.get(plan.consoleId), now);
    return [plan.consoleId, { plan, summary }] as const;
  });
  return new Map(await Promise.all(moves));
}

async function summaryFrom(
  db: Db,
  { consoleId, revision }: StoredPlan,
  row: SummaryRow | undefined,
  now: Date,
): Promise<ProgressSummary> {
  if (!row || isOld(row, now, PATIENCE)) return count(db, consoleId, now);
  const figures = row.figures as Stored;
  if (figures.revision === revision) return read(consoleId, row.at, figures);
  if (!figures.many) return count(db, consoleId, now);
  return read(consoleId, row.at, { ...figures, many: { ...figures.many, duty: null } });
}

type SummaryRow = Selectable<Schema['progress_summary']> & { all_took_ms: number };

/** Counts anew what is old. One node at a time, so that several do not do the same work. */
export async function refreshSummaries(db: Db, now: Date): Promise<void> {
  const consoles = await db
    .selectFrom('console')
    .leftJoin('progress_summary as s', 's.console_id', 'console.id')
    .innerJoin('migration_plan as p', 'p.console_id', 'console.id')
    .select([
      'console.id',
      's.at',
      ALL_TOOK,
      sql<boolean>`(s.figures ->> 'revision')::int is distinct from p.revision`.as('plan_changed'),
    ])
    .orderBy('s.at', (order) => order.asc().nullsFirst())
    .execute();
  for (const { id, at, all_took_ms, plan_changed: planChanged } of consoles) {
    if (!planChanged && at && !isOld({ at, all_took_ms }, now, 1)) continue;
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
    .select(['standing_at', 'standing_people'])
    .select(ALL_TOOK)
    .where('console_id', '=', consoleId)
    .executeTakeFirst();
  const at = row?.standing_at;
  if (
    !row ||
    !at ||
    row.standing_people === null ||
    isOld({ at, all_took_ms: row.all_took_ms }, now, PATIENCE)
  )
    return undefined;
  return { at, people: row.standing_people };
}

/** What counting took for all consoles together, in milliseconds. */
const ALL_TOOK = sql<number>`(select sum(took_ms)::int from progress_summary)`.as('all_took_ms');

function isOld(
  { at, all_took_ms: allTook }: Pick<SummaryRow, 'at' | 'all_took_ms'>,
  now: Date,
  patience: number,
): boolean {
  return at > now || at < after(now, -Math.max(LIFE, REST * allTook) * patience);
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
  const many = progress.people < MANY ? null : await countMany(db, consoleId, now);
  const figures = { revision, progress, days, forecast, many };
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
  return { consoleId, at: now, progress, days, forecast, many };
}

async function countMany(db: Db, consoleId: string, now: Date): Promise<ProgressSummary['many']> {
  const duty = await dutyOf(db, { consoleId });
  const at = await momentToRehearse(db, consoleId, now);
  return { duty, rehearsal: await rehearse(db, consoleId, at, now) };
}

type Stored = { revision: number; progress: Progress; days: ProgressDay[]; forecast: Forecast } & {
  /** A node of the release before did not write it. */
  many?: ProgressSummary['many'];
};

/** Moments come out of jsonb as texts. */
function read(consoleId: string, at: Date, { progress, days, forecast, many }: Stored): ProgressSummary {
  const { lastAt } = progress.stillLegacy;
  return {
    consoleId,
    at,
    progress: { ...progress, stillLegacy: { ...progress.stillLegacy, lastAt: moment(lastAt) } },
    days,
    forecast: forecast.ok ? { ...forecast, cutOverAt: new Date(forecast.cutOverAt) } : forecast,
    many: many ? { duty: many.duty && readDuty(many.duty), rehearsal: readRehearsal(many.rehearsal) } : null,
  };
}

function readDuty({ audience, announcement, told }: Duty): Duty {
  return {
    audience,
    announcement: announcement && {
      ...announcement,
      announcedCutOverAt: moment(announcement.announcedCutOverAt),
      createdAt: new Date(announcement.createdAt),
      lastAcceptedAt: moment(announcement.lastAcceptedAt),
      earliestCutOverAt: moment(announcement.earliestCutOverAt),
    },
    told: told && { ...told, cutOverAt: new Date(told.cutOverAt) },
  };
}

function readRehearsal(rehearsal: Rehearsal): Rehearsal {
  return { ...rehearsal, at: new Date(rehearsal.at) };
}

function moment(text: Date | null): Date | null {
  return text && new Date(text);
}
