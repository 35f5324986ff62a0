import { duration, grouped, type Report, type Table } from '../report.ts';
import type { Chaos } from './chaos.ts';
import type { findingsOf } from './findings.ts';
import type { Tally } from './person.ts';
import { CONSOLE_IDS, type LoginIdWorld } from './world.ts';

/** What people did, what broke and what came of it. */
export function reportOf(
  world: LoginIdWorld,
  { people, deeds, seed }: { people: number; deeds: number; seed: number },
  {
    tally,
    chaos,
    found,
    rest,
    setBack,
    seconds,
  }: {
    tally: Tally;
    chaos: Chaos;
    found: Awaited<ReturnType<typeof findingsOf>>;
    rest: number;
    setBack: number;
    seconds: number;
  },
): Report {
  const rows = (counts: Iterable<[string, number]>): Table['rows'] =>
    [...counts]
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([what, count]) => [what, grouped(count)]);
  return {
    title: 'Drill: the login ID follows the console (R18)',
    lead: [
      `${grouped(people)} people in two consoles did ${deeds} things each with their addresses, over HTTP with real pages, mails, databases and processes, while things broke.`,
      `Seed ${seed}: it repeats what people do and what is chosen to break, not the moments. Settled ${duration(rest)} after the last outage.`,
    ],
    tables: [
      { title: 'What people did', head: ['deed', 'count'], rows: rows(Object.entries(tally.deeds)) },
      {
        title: 'How it ended for them',
        head: ['ending', 'count'],
        rows: rows(Object.entries(tally.endings)),
      },
      {
        title: 'How it ended for those who took it up again in peace',
        head: ['ending', 'count'],
        rows: rows(Object.entries(tally.endingsInPeace)),
      },
      { title: 'What broke', head: ['what', 'count'], rows: rows(chaos.counts) },
      {
        title: 'What came of it',
        head: ['figure', 'count'],
        rows: [
          ['changes confirmed', grouped(found.changes)],
          ['of them undone', grouped(found.undone)],
          ['addresses taken over by consoles', grouped(found.takenOver)],
          ['versions that a newer one overtook in a console', grouped(found.overtaken)],
          ['records put back by hand and found by the comparison', grouped(setBack)],
          [
            'kills',
            grouped(
              world.login.program.kills +
                CONSOLE_IDS.reduce((sum, id) => sum + world.consoles[id].program.kills, 0),
            ),
          ],
          ['HTTP requests of people', grouped(world.traffic.requests)],
          ['of them without an answer, during outages', grouped(world.traffic.failed)],
        ],
      },
    ],
    zeros: [
      ...found.zeros,
      // A drill in which nothing happened shows nothing.
      { what: 'drills without a confirmed change', count: found.changes === 0 ? 1 : 0 },
    ],
    seconds,
  };
}
