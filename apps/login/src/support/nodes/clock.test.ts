import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';
import { databaseClock, timeFollower, type DatabaseClock } from './clock.ts';

let database: Database;
let clock: DatabaseClock;
/** How far the machine's clock is off, and how much time the machine did not notice, as while it is suspended. */
let off = 0;
let unnoticed = 0;

beforeAll(async () => {
  database = openDatabase((await freshDatabase()).url, { connections: 2 });
});
afterAll(() => database.close());
beforeEach(async () => {
  off = unnoticed = 0;
  clock = databaseClock(
    database.db,
    () => Date.now() + off,
    () => performance.now() - unnoticed,
  );
  await clock.compare();
});

const isRight = (): void => expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1 * SECOND);

describe('the time by which a server works', () => {
  it('is the database’s, whatever the machine’s clock said when it started', async () => {
    off = -5 * MINUTE;
    const late = databaseClock(
      database.db,
      () => Date.now() + off,
      () => performance.now(),
    );
    expect(Math.abs(late.now().getTime() - Date.now())).toBeGreaterThan(4 * MINUTE);
    expect(late.ahead()).toBeNull();
    expect(await late.compare()).toBeGreaterThan(4 * MINUTE);
    expect(Math.abs(late.now().getTime() - Date.now())).toBeLessThan(1 * SECOND);
    expect(Math.abs((late.ahead() ?? 0) + 5 * MINUTE)).toBeLessThan(1 * SECOND);
  });

  it.each([HOUR, -HOUR])(
    'stays right where that one is set by %i ms, and says by how much it is off',
    async (step) => {
      off = step;
      isRight();
      expect(Math.abs((clock.ahead() ?? 0) - step)).toBeLessThan(1 * SECOND);
      expect(await clock.compare()).toBe(0);
      isRight();
    },
  );

  it('does not jump about between two comparisons', async () => {
    for (let i = 0; i < 20; i++) expect(await clock.compare()).toBe(0);
  });

  it('is right again after the next comparison where the machine was suspended, or the database’s clock was set', async () => {
    unnoticed = HOUR;
    expect(Math.abs(clock.now().getTime() - Date.now() + HOUR)).toBeLessThan(1 * SECOND);
    expect(Math.abs((await clock.compare()) - HOUR)).toBeLessThan(1 * SECOND);
    isRight();
  });

  it('operators are told once of a clock that is off, and once that it is right again', async () => {
    const lines: string[] = [];
    const follow = timeFollower(clock, { warn: (detail, text) => lines.push(JSON.stringify(detail) + text) });
    await follow();
    expect(lines).toEqual([]);
    off = 30 * SECOND;
    for (let i = 0; i < 3; i++) await follow();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/"aheadMilliseconds":(29|30)\d{3}.*look after the time service/);
    off = 0;
    for (let i = 0; i < 3; i++) await follow();
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('again');
    unnoticed = HOUR;
    await follow();
    expect(lines[2]).toContain('made a step');
  });
});
