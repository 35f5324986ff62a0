import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/**
 * The time by which a server works: the database's, carried on from one comparison to the next by the time that has passed (a clock that nobody sets). What is done to the clock of the machine
 * has no effect, and all servers have one time.
 */
export type DatabaseClock = {
  now(): Date;
  /** Milliseconds that the machine's clock is ahead of the database's at this moment; null before the first comparison. */
  ahead(): number | null;
  /** Asks the database for the time. Returns by how many milliseconds `now` was set forward (back: negative), 0 for what may be the way of the answer. */
  compare(): Promise<number>;
};

/** So far apart two clocks may be without anybody noticing; less is not worth a step. */
const NEAR = 100;

/** The best of so many answers counts: the one that was under way for the shortest time. */
const ASKS = 3;
const SWIFT = 5;

/**
 * @param wall the clock of the machine, in milliseconds since 1970
 * @param elapsed milliseconds since some moment, which no setting of the clock changes
 */
export function databaseClock(db: Db, wall: () => number, elapsed: () => number): DatabaseClock {
  let base = wall() - elapsed();
  let isCompared = false;
  return {
    now: () => new Date(base + elapsed()),
    ahead: () => (isCompared ? Math.round(wall() - elapsed() - base) : null),
    async compare() {
      const { difference, within } = await best(db, elapsed);
      const step = difference - base;
      isCompared = true;
      if (Math.abs(step) <= within + NEAR) return 0;
      base = difference;
      return Math.round(step);
    },
  };
}

/** So far off a machine's clock may be, in milliseconds, before an operator should look after it. */
export const CLOCK_OFF = 5_000;

/** Returns what compares the time with the database's, now and then, and logs what an operator should know of it. */
export function timeFollower(
  clock: DatabaseClock,
  log: { warn(detail: object, text: string): void },
): () => Promise<void> {
  let said = 0;
  return async () => {
    const stepMilliseconds = await clock.compare();
    if (stepMilliseconds !== 0)
      log.warn({ stepMilliseconds }, 'the time of the database made a step, and this server followed it');
    const aheadMilliseconds = clock.ahead() ?? 0;
    if (Math.abs(aheadMilliseconds - said) <= CLOCK_OFF) return;
    said = aheadMilliseconds;
    log.warn(
      { aheadMilliseconds },
      Math.abs(said) > CLOCK_OFF
        ? 'the clock of this machine is not the one of the database, by which this server works: look after the time service of both'
        : 'the clock of this machine is the one of the database again',
    );
  };
}

/** The database's time less the time that has passed here, and by how much it may be wrong. */
async function best(db: Db, elapsed: () => number): Promise<{ difference: number; within: number }> {
  let found: { difference: number; within: number } | undefined;
  for (let asked = 0; asked < ASKS; asked += 1) {
    const from = elapsed();
    const { rows } = await sql<{ at: string }>`
      select (extract(epoch from clock_timestamp()) * 1000)::text as at`.execute(db);
    const until = elapsed();
    const within = (until - from) / 2;
    if (!found || within < found.within)
      found = { difference: Number(rows[0]?.at) - (from + until) / 2, within };
    if (within < SWIFT) break;
  }
  if (!found) throw new Error('The database was asked.');
  return found;
}
