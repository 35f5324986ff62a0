import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DAY } from '#support/primitives/durations.ts';
import { consoleWithPeople, giveVerdicts, japan, monthLater } from '#test/migration.ts';
import { openWorld, type World } from '#test/world.ts';
import { decideCutOver, earliestCutOver, monthAfter, type Duty } from './duty.ts';
import type { StoredPlan } from './change.ts';
import { announce, setCutOver } from './plans.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ work: false });
});
afterAll(() => world.close());

const CALENDAR: readonly [from: string, to: string, what: string][] = [
  ['2027-01-31 22:00', '2027-02-28 22:00', '31 January of a common year'],
  ['2027-01-30 22:00', '2027-02-28 22:00', '30 January'],
  ['2027-01-29 00:00', '2027-02-28 00:00', '29 January of a common year'],
  ['2028-01-31 22:00', '2028-02-29 22:00', '31 January of a leap year'],
  ['2028-01-30 22:00', '2028-02-29 22:00', '30 January of a leap year'],
  ['2028-02-29 08:15', '2028-03-29 08:15', 'the leap day itself'],
  ['2100-01-31 12:00', '2100-02-28 12:00', 'a century that is no leap year'],
  ['2027-02-28 23:59', '2027-03-28 23:59', 'the last of February is not the last of March'],
  ['2027-11-30 09:00', '2027-12-30 09:00', '30 November'],
  ['2027-03-31 09:00', '2027-04-30 09:00', '31 March'],
  ['2027-12-31 23:59', '2028-01-31 23:59', 'the end of the year'],
  ['2027-12-15 00:00', '2028-01-15 00:00', 'across the new year'],
  ['2027-01-31 00:30', '2027-02-28 00:30', 'Japan’s 31st that is the 30th in UTC'],
  ['2027-02-01 00:30', '2027-03-01 00:30', 'Japan’s 1st that is the 31st in UTC'],
  ['2027-02-14 15:00', '2027-03-14 15:00', 'over the change to summer time in New York'],
  ['2027-10-15 15:00', '2027-11-15 15:00', 'and back'],
  ['2027-03-01 02:30', '2027-04-01 02:30', 'over the change to summer time in Berlin'],
];

describe('R14, M2: one calendar month is one in Japan’s calendar', () => {
  it.each(CALENDAR)('from %s to %s: %s', async (from, to) => {
    expect(await monthAfter(world.database.db, japan(from))).toEqual(japan(to));
    expect(monthLater(japan(from))).toEqual(japan(to));
  });

  it('at any moment, by a second reckoning', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.date({ min: new Date('2026-01-01'), max: new Date('2110-01-01'), noInvalidDate: true }),
        async (moment) => {
          expect(await monthAfter(world.database.db, moment)).toEqual(monthLater(moment));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe.each(['America/New_York', 'Europe/Berlin', 'Pacific/Kiritimati', 'UTC'])(
  'R14, M2: a server whose own time zone is %s',
  (zone) => {
    const own = process.env.TZ;
    afterEach(async () => {
      if (own === undefined) delete process.env.TZ;
      else process.env.TZ = own;
      await world.database.pool.query('reset timezone');
    });

    it('sets the same dates', async () => {
      process.env.TZ = zone;
      expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);
      for (let i = 0; i < 16; i++) await world.database.pool.query(`set timezone to '${zone}'`);
      for (const [from, to] of CALENDAR) {
        world.now = japan(from);
        const { consoleId } = await consoleWithPeople(world, 1);
        const by = () => ({ actor: 'operator:cli', now: world.now });
        const told = await announce(world.database.db, consoleId, { cutOverAt: japan(to) }, by());
        if (!told.ok) throw new Error(told.reason);
        await giveVerdicts(world, told.noticeId, { at: japan(from) });
        const early = { cutOverAt: new Date(japan(to).getTime() - 1) };
        // The announced date is the earliest one here too.
        expect(await setCutOver(world.database.db, consoleId, early, by())).toMatchObject({
          ok: false,
          earliestCutOverAt: japan(to),
        });
        expect(await setCutOver(world.database.db, consoleId, { cutOverAt: japan(to) }, by())).toMatchObject({
          ok: true,
        });
      }
    });
  },
);

describe('R14: the decision', () => {
  const moment = fc.integer({ min: 0, max: 400 }).map((days) => new Date(Date.UTC(2027, 0, 1) + days * DAY));
  const maybe = fc.option(moment);
  const few = fc.integer({ min: 0, max: 2 });
  const announcements = fc.option(
    fc.record({
      noticeId: fc.constant('ntc_1'),
      announcedCutOverAt: moment,
      createdAt: moment,
      lastAcceptedAt: moment,
      accepted: fc.constant(1),
      underWay: few,
      unsettled: few,
      untold: few,
    }),
  );
  const plans: fc.Arbitrary<StoredPlan> = fc
    .record({ linkAt: maybe, cutOverAt: maybe, closedAt: fc.option(moment, { freq: 1 }) })
    .filter(({ linkAt, cutOverAt }) => !cutOverAt || (linkAt !== null && linkAt <= cutOverAt))
    .map((plan) => ({ ...plan, consoleId: 'con_1', revision: 1, announceAt: null, cutOverSetAt: null }));
  const duties: fc.Arbitrary<Duty> = fc
    .record({ audience: few, announcement: announcements, told: maybe })
    .map(({ audience, announcement, told }) => ({
      audience,
      told: told && { noticeId: 'ntc_1', cutOverAt: told },
      announcement: announcement && {
        ...announcement,
        earliestCutOverAt: monthLater(announcement.lastAcceptedAt),
      },
    }));

  it('never lets a date come closer than announced, nor than a month after the last mail, whatever stands', () => {
    fc.assert(
      fc.property(plans, duties, moment, moment, (plan, duty, wanted, now) => {
        if (decideCutOver(plan, duty, wanted, now)) return;
        expect(plan.closedAt).toBeNull();
        expect(wanted.getTime()).toBeGreaterThan(now.getTime());
        expect(wanted.getTime()).toBeGreaterThanOrEqual(plan.linkAt?.getTime() ?? Infinity);
        if (duty.audience === 0 || (plan.cutOverAt && wanted >= plan.cutOverAt)) return;
        const { announcement } = duty;
        expect([announcement?.underWay, announcement?.untold, announcement?.unsettled]).toEqual([0, 0, 0]);
        expect(wanted.getTime()).toBeGreaterThanOrEqual(
          announcement?.announcedCutOverAt?.getTime() ?? Infinity,
        );
        expect(wanted.getTime()).toBeGreaterThanOrEqual(
          announcement?.earliestCutOverAt?.getTime() ?? Infinity,
        );
      }),
      { numRuns: 5_000 },
    );
  });

  it('what it calls the earliest moment is that: the next one is taken, and nothing before it', () => {
    fc.assert(
      fc.property(plans, duties, moment, fc.integer({ min: 1, max: 300 }), (plan, duty, now, days) => {
        const earliest = earliestCutOver(plan, duty, now);
        const taken = (wanted: Date): boolean => decideCutOver(plan, duty, wanted, now) === undefined;
        if (earliest === null) {
          expect(taken(new Date(now.getTime() + days * DAY))).toBe(false);
          return;
        }
        expect(taken(new Date(earliest.getTime() - days * DAY))).toBe(false);
        expect(taken(new Date(earliest.getTime() - 1))).toBe(false);
        expect(taken(new Date(earliest.getTime() + 1))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('postponing is never refused', () => {
    fc.assert(
      fc.property(plans, duties, moment, fc.integer({ min: 1, max: 300 }), (plan, duty, now, days) => {
        fc.pre(plan.cutOverAt !== null && plan.closedAt === null);
        const later = new Date(Math.max(plan.cutOverAt?.getTime() ?? 0, now.getTime()) + days * DAY);
        expect(decideCutOver(plan, duty, later, now)).toBeUndefined();
      }),
    );
  });
});
