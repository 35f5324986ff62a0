import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { planCommand } from '#app/cli/commands/plan.ts';
import { planHistory } from '#domain/migration/history.ts';
import { tellNewcomers } from '#domain/migration/newcomers.ts';
import { announce, closePlan, planOf, rollBack, setCutOver } from '#domain/migration/plans.ts';
import { createOperatorToken } from '#domain/operators/tokens.ts';
import { after, DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { consoleWithPeople, giveVerdicts, japan, monthLater, settle } from './migration.ts';
import { MASTER_SECRET, openWorld, type World } from './world.ts';

/** The full run, for the night or by hand: HITOKAGI_FULL_CAMPAIGN=1. */
const FULL = process.env.HITOKAGI_FULL_CAMPAIGN === '1';
const RACES = FULL ? 1_000 : 30;
const SEQUENCES = FULL ? 1_000 : 40;

let world: World;
let node: LoginApp;
let authorization: string;
beforeAll(async () => {
  world = await openWorld({ work: false });
  node = await buildLogin(world.config, world.database, world.databaseUrl, MASTER_SECRET, () => world.now);
  const { token } = await createOperatorToken(
    world.database.db,
    { name: 'race', role: 'administrator' },
    { actor: 'operator:cli', now: world.now },
  );
  authorization = `Bearer ${token}`;
});
afterAll(async () => {
  await node.close();
  await world.close();
});

const by = (actor = 'operator:cli') => ({ actor, now: world.now });
const db = () => world.database.db;

/** The ways to set a date: by each of two nodes over the API, by the command line, and by the domain. */
const WAYS = {
  api: (clientId: string, cutOverAt: Date) => byApi(world.app, clientId, cutOverAt),
  'api of another node': (clientId: string, cutOverAt: Date) => byApi(node, clientId, cutOverAt),
  'command line': async (clientId: string, cutOverAt: Date) => {
    const deps = { openDatabase: async () => world.database, clock: () => world.now, locale: 'en' as const };
    const command = planCommand(deps);
    await command.parseAsync(['cut-over', clientId, cutOverAt.toISOString(), '--json'], { from: 'user' });
  },
};

async function byApi(app: LoginApp, clientId: string, cutOverAt: Date): Promise<void> {
  await app.server.inject({
    method: 'POST',
    url: `/api/operator/v1/consoles/${clientId}/plan/cut-over`,
    headers: { host: 'login.example.co.jp', authorization, 'if-match': '*' },
    payload: { cutOverAt: cutOverAt.toISOString() },
  });
}

/** Plans that were judged already give the recurring work nothing to do. */
async function forgetEarlierPlans(): Promise<void> {
  await db()
    .updateTable('migration_plan')
    .set({ announce_at: null })
    .where('announce_at', 'is not', null)
    .execute();
}

/** What the command line prints is not the matter here. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const [out, err] = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)];
  process.stdout.write = () => true;
  process.stderr.write = () => true;
  try {
    return await work();
  } finally {
    process.stdout.write = out;
    process.stderr.write = err;
    process.exitCode = 0;
  }
}

/**
 * R14 by the record alone: each date that was set or brought forward had an announcement, after everything that was said of another date, of this date or an earlier one, and came
 * a calendar month after the last of its mails was accepted. Returns how many dates it judged.
 */
async function expectDutyKept(consoleId: string): Promise<number> {
  const history = (await planHistory(db(), consoleId)).toReversed();
  expect(history.map((change) => change.revision)).toEqual(history.map((_, at) => at + 2));
  let judged = 0;
  for (const [at, change] of history.entries()) {
    const before = history[at - 1]?.cutOverAt ?? null;
    if (change.action === 'postponed')
      expect(change.cutOverAt?.getTime()).toBeGreaterThanOrEqual(before?.getTime() ?? Infinity);
    if (change.action !== 'cut-over-set') continue;
    const announced = history
      .slice(0, at)
      .findLast((one) => ['announced', 'cut-over-set', 'postponed', 'rolled-back'].includes(one.action));
    expect(announced?.action).toBe('announced');
    const notice = await db()
      .selectFrom('notice')
      .select('cut_over_at')
      .where('id', '=', announced?.noticeId ?? '')
      .executeTakeFirstOrThrow();
    const { last } = await db()
      .selectFrom('notice_recipient')
      .select((eb) => eb.fn.max('verdict_at').as('last'))
      .where('notice_id', '=', announced?.noticeId ?? '')
      .where('state', '=', 'accepted')
      // Whoever came after the date was set is told too, but not a month before.
      .where('verdict_at', '<=', change.at)
      .executeTakeFirstOrThrow();
    const told = new Date(last ?? 0);
    expect(change.cutOverAt?.getTime()).toBeGreaterThanOrEqual(notice.cut_over_at?.getTime() ?? Infinity);
    if (last) expect(change.cutOverAt?.getTime()).toBeGreaterThanOrEqual(monthLater(told).getTime());
    judged += 1;
  }
  const plan = await planOf(db(), consoleId);
  expect(plan.revision).toBe(history.at(-1)?.revision ?? 1);
  expect(plan.cutOverAt).toEqual(history.at(-1)?.cutOverAt ?? null);
  return judged;
}

describe('M6, R14: nobody gets round the month', () => {
  it.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('by the %s', async (way) => {
    world.now = japan('2027-01-31 10:00');
    const { consoleId, clientId } = await consoleWithPeople(world);
    const set = (cutOverAt: Date) => quietly(() => WAYS[way](clientId, cutOverAt));
    await set(japan('2027-06-01 10:00'));
    const told = await announce(db(), consoleId, { cutOverAt: japan('2027-02-28 10:00') }, by());
    await set(japan('2027-02-28 10:00'));
    expect(await planOf(db(), consoleId)).toMatchObject({ cutOverAt: null });
    world.pass(5 * MINUTE);
    await giveVerdicts(world, told.ok ? told.noticeId : '', { at: world.now });
    await set(japan('2027-02-28 10:00'));
    await set(japan('2027-02-28 10:04'));
    expect(await planOf(db(), consoleId)).toMatchObject({ cutOverAt: null });
    await set(japan('2027-02-28 10:05'));
    expect(await planOf(db(), consoleId)).toMatchObject({ cutOverAt: japan('2027-02-28 10:05') });
    expect(await expectDutyKept(consoleId)).toBe(1);
  });

  it(
    `two operators at once, while the last mail is accepted, people come, and dates are announced and taken back (${RACES} races)`,
    { timeout: 30_000 + RACES * 1_000 },
    async () => {
      let judged = 0;
      const changes: Record<string, number> = {};
      for (let race = 0; race < RACES; race++) {
        world.now = after(japan('2027-01-31 10:00'), race * HOUR);
        await forgetEarlierPlans();
        const { consoleId, clientId, accounts } = await consoleWithPeople(world, 2);
        const planned = monthLater(world.now);
        const told = await announce(db(), consoleId, { cutOverAt: planned }, by());
        const noticeId = told.ok ? told.noticeId : '';
        const prepared = race % 4;
        if (prepared > 0)
          await giveVerdicts(world, noticeId, { at: world.now, account: accounts[0] as string });
        if (prepared > 1) await giveVerdicts(world, noticeId, { at: world.now });
        const accepted = after(world.now, (race % 5) * MINUTE);
        world.now = after(accepted, 1 * MINUTE);
        const dates = [
          planned,
          monthLater(accepted),
          after(monthLater(accepted), 3 * DAY),
          after(planned, -1 * DAY),
        ];
        const attempts = [
          ...dates.flatMap((date, i) => [
            () => byApi(i % 2 ? node : world.app, clientId, date),
            () => WAYS['command line'](clientId, date),
          ]),
          () => giveVerdicts(world, noticeId, { at: accepted }),
          ...(race % 3 === 0
            ? [
                () =>
                  announce(
                    db(),
                    consoleId,
                    { cutOverAt: after(monthLater(world.now), 1 * DAY) },
                    by('operator:other'),
                  ),
              ]
            : []),
          ...(race % 4 === 0
            ? [() => rollBack(db(), consoleId, { correction: race % 8 === 0 }, by('operator:other'))]
            : []),
          ...(race % 7 === 0
            ? [
                () => world.addPerson(`late@${clientId}.example.co.jp`, { [clientId]: 'late' }),
                () => tellNewcomers(db(), world.now),
              ]
            : []),
        ];
        const order = attempts.toSorted(() => Math.random() - 0.5);
        await quietly(() => Promise.all(order.map((attempt) => attempt())));
        judged += await expectDutyKept(consoleId);
        for (const { action } of await planHistory(db(), consoleId))
          changes[action] = (changes[action] ?? 0) + 1;
      }
      console.log(`${RACES} races: ${judged} dates set, ${JSON.stringify(changes)}; 0 earlier than a month`);
      expect(judged).toBeGreaterThan(RACES / 5);
    },
  );

  it(
    `no sequence of acts leads round it (${SEQUENCES} sequences)`,
    { timeout: 60_000 + SEQUENCES * 2_000 },
    async () => {
      let judged = 0;
      const days = fc.integer({ min: -5, max: 70 });
      const act = fc.oneof(
        { weight: 3, arbitrary: fc.record({ act: fc.constant('announce' as const), days }) },
        { weight: 4, arbitrary: fc.record({ act: fc.constant('set' as const), days }) },
        { weight: 4, arbitrary: fc.record({ act: fc.constant('set-earliest' as const) }) },
        { weight: 2, arbitrary: fc.record({ act: fc.constant('tell' as const), days }) },
        { weight: 4, arbitrary: fc.record({ act: fc.constant('verdicts' as const), refuse: fc.boolean() }) },
        { weight: 2, arbitrary: fc.record({ act: fc.constant('settle' as const) }) },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('newcomer' as const) }) },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('tell-newcomers' as const) }) },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('roll-back' as const) }) },
        { weight: 1, arbitrary: fc.record({ act: fc.constant('close' as const) }) },
        {
          weight: 3,
          arbitrary: fc.record({
            act: fc.constant('pass' as const),
            hours: fc.integer({ min: 1, max: 900 }),
          }),
        },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 25 }), async (acts) => {
          world.now = japan('2027-01-10 10:00');
          await forgetEarlierPlans();
          const { consoleId, clientId } = await consoleWithPeople(world, 2);
          let people = 0;
          for (const one of acts) {
            world.pass(1 * MINUTE);
            const notices = await db()
              .selectFrom('notice')
              .select('id')
              .where('console_id', '=', consoleId)
              .execute();
            switch (one.act) {
              case 'announce':
                await announce(db(), consoleId, { cutOverAt: after(world.now, one.days * DAY) }, by());
                break;
              case 'tell': {
                const told = await announce(
                  db(),
                  consoleId,
                  { cutOverAt: after(world.now, one.days * DAY) },
                  by(),
                );
                world.pass(1 * HOUR);
                if (told.ok) await giveVerdicts(world, told.noticeId, { at: world.now });
                break;
              }
              case 'set':
                await setCutOver(db(), consoleId, { cutOverAt: after(world.now, one.days * DAY) }, by());
                break;
              case 'set-earliest': {
                const refused = await setCutOver(db(), consoleId, { cutOverAt: world.now }, by());
                if ('earliestCutOverAt' in refused && refused.earliestCutOverAt)
                  await setCutOver(db(), consoleId, { cutOverAt: refused.earliestCutOverAt }, by());
                break;
              }
              case 'verdicts':
                for (const { id } of notices)
                  await giveVerdicts(world, id, {
                    at: world.now,
                    state: one.refuse ? 'refused' : 'accepted',
                  });
                break;
              case 'settle':
                for (const { id } of notices) await settle(world, id, world.now);
                break;
              case 'newcomer':
                people += 1;
                await world.addPerson(`late${people}@${clientId}.example.co.jp`, {
                  [clientId]: `late-${people}`,
                });
                break;
              case 'tell-newcomers':
                await tellNewcomers(db(), world.now);
                break;
              case 'roll-back':
                await rollBack(db(), consoleId, { correction: true }, by());
                break;
              case 'close':
                await closePlan(db(), consoleId, {}, by());
                break;
              case 'pass':
                world.pass(one.hours * HOUR);
                break;
            }
          }
          judged += await expectDutyKept(consoleId);
        }),
        { numRuns: SEQUENCES, interruptAfterTimeLimit: 55_000 + SEQUENCES * 1_900 },
      );
      console.log(`${SEQUENCES} sequences: ${judged} dates set; 0 earlier than a month`);
      expect(judged).toBeGreaterThan(0);
    },
  );
});
