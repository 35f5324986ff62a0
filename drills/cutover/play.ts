import { grouped, type Report } from '../report.ts';
import { samplePeople, type DrillPerson } from '../people.ts';
import { startMachine } from '../machine.ts';
import { openWorld, type Databases } from '../world.ts';
import { japan, type CutoverDrill } from './drill.ts';
import { findings } from './findings.ts';
import { playMigration } from './steps.ts';

/** As fast as the setting allows: the drill waits for it in real time. */
const NOTICES_PER_SECOND = 1_000;

/**
 * Plays a whole migration, from the first import to the closing of the plan, on the running system: compressed time, real mails by SMTP, both logins in use
 * over HTTP, and a customer's program that uses the machine API all the while.
 */
export async function drillCutover(
  databases: Databases,
  {
    people: count,
    byCode,
    rollback,
    tell,
  }: { people: number; byCode: number; rollback: boolean; tell: (line: string) => void },
): Promise<Report> {
  const begun = performance.now();
  const world = await openWorld(databases, japan('2026-11-16 09:00'), NOTICES_PER_SECOND);
  try {
    const people = samplePeople(count);
    const every = (pace: number, first: number): DrillPerson[] =>
      people.filter((_, index) => index % pace === first);
    const refused = every(Math.min(333, Math.ceil(count / 4)), 3);
    const bounced = every(Math.min(500, Math.ceil(count / 3)), 7);
    for (const { emailAddress } of refused) world.mail.refused.add(emailAddress);
    const drill: CutoverDrill = {
      world,
      people,
      byCode,
      tell,
      tally: {
        legacySignIns: 0,
        firstSignIns: 0,
        unifiedSignIns: 0,
        legacyRefused: 0,
        wrongLegacy: [],
        broken: [],
        lostSessions: [],
        sessionsWatched: 0,
        wrongDecisions: [],
      },
      diary: [],
      moved: new Set(),
      late: new Set(every(Math.min(100, Math.ceil(count / 5)), 11)),
      unreachable: new Set([...refused, ...bounced]),
      apiOnly: new Set(),
      unified: [],
      accountIds: new Map(),
    };
    const staff = samplePeople(1).map((one) => ({
      ...one,
      emailAddress: 'staff@example.co.jp',
      name: '見本 システム担当',
      company: '見本運輸 株式会社',
    }));
    await world.console.addPeople(staff);
    const machine = startMachine(world.console.url, await world.console.apiKey(staff[0] as DrillPerson));
    try {
      await playMigration(drill, { rollback, bounced });
    } finally {
      await machine.stop();
    }
    return {
      title: `Drill: a whole migration${rollback ? ' with a rollback' : ''}`,
      lead: [
        `${grouped(count)} sample people, login server and SMS console on real PostgreSQL, mails by SMTP into a receiving server, people over HTTP with forms,`,
        `cookies and redirects. Time is compressed: the clock of the programs jumps from step to step and runs in real time at each moment of a change.`,
        `Of the first sign-ins up to ${grouped(byCode)} before the cut-over, and all after it, went the whole way with a mailed code and a password of their own;`,
        'the others found a password in place, as if they had set it before, and signed in with it.',
      ],
      ...(await findings(drill, machine)),
      seconds: (performance.now() - begun) / 1_000,
    };
  } finally {
    await world.close();
  }
}
