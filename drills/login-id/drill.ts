import { setTimeout as pause } from 'node:timers/promises';
import { PersonsBrowser } from '../browser.ts';
import type { Report } from '../report.ts';
import { inParallel } from '../traffic.ts';
import type { Databases } from '../world.ts';
import { chanceOf } from './chance.ts';
import { startChaos } from './chaos.ts';
import { findingsOf } from './findings.ts';
import {
  askAndLeave,
  change,
  enter,
  takeUpAgain,
  twoTabs,
  undo,
  type Deed,
  type Ending,
  type DrilledPerson,
  type Tally,
} from './person.ts';
import { reportOf } from './report.ts';
import { CONSOLE_IDS, openWorld, type LoginIdWorld } from './world.ts';

export type LoginIdDrill = {
  people: number;
  /** Things that each person does, one after the other. */
  deeds: number;
  seed: number;
  /** Milliseconds between two outages, about. */
  pace: number;
  tell: (line: string) => void;
};

const AT_ONCE = 24;
const LONGEST_REST = 180_000;
/** What a console has not heard by then it learns from the comparison. */
const LONGEST_EVENTS = 15_000;
/** Of this part of the people the console's record is put back by hand, as a restored backup does. */
const SET_BACK = 0.1;
const DEEDS: readonly Deed[] = [
  'change',
  'change',
  'change',
  'both-consoles',
  'both-consoles',
  'two-tabs',
  'cancel',
  'forget',
  'undo',
  'undo',
  'same-address',
  'again-at-once',
];

/**
 * R18: people change their addresses in two consoles, at once and one after the other, take them back and want the same ones, while login server, consoles, databases and
 * the wire between them break at named steps and at any moment. At the end every address is one and the same everywhere.
 */
export async function drillLoginIds(databases: Databases, options: LoginIdDrill): Promise<Report> {
  const begun = performance.now();
  const world = await openWorld(databases);
  try {
    const people = await gather(world, options);
    const tally = emptyTally();
    options.tell(
      `${people.length} people are in both consoles; seed ${options.seed}. Things break from now on …`,
    );
    const chaos = startChaos(world, chanceOf(options.seed), options.pace);
    let finished = 0;
    await inParallel(people, AT_ONCE, async (person) => {
      for (let deed = 0; deed < options.deeds; deed += 1) await act(world, person, people, tally);
      finished += 1;
      if (finished % Math.max(1, Math.ceil(people.length / 10)) === 0)
        options.tell(`${finished} people are done …`);
    });
    options.tell('Everything is left in peace and has to come together …');
    await chaos.stop();
    await inParallel(people, AT_ONCE, (person) => takeUpLeft(world, person, tally));
    const rest = await settled(world);
    const setBack = await setBackAndCompare(world, people);
    const found = await findingsOf(world, people, tally);
    const seconds = (performance.now() - begun) / 1_000;
    return reportOf(world, options, { tally, chaos, found, rest, setBack, seconds });
  } finally {
    await world.close();
  }
}

async function gather(world: LoginIdWorld, { people: count, seed }: LoginIdDrill): Promise<DrilledPerson[]> {
  const people: DrilledPerson[] = [];
  for (let number = 1; number <= count; number += 1) {
    const firstAddress = `drill${String(number).padStart(5, '0')}@example.co.jp`;
    const ids = await world.addPerson(firstAddress, `見本 花子 ${number}`);
    const browser = (): PersonsBrowser =>
      new PersonsBrowser(world.traffic, `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`);
    people.push({
      number,
      firstAddress,
      ids,
      browsers: { sms: browser(), mail: browser() },
      wished: new Set(),
      chance: chanceOf(seed * 1_000_003 + number),
    });
  }
  await inParallel(people, AT_ONCE, (person) => enter(world, person));
  return people;
}

async function act(
  world: LoginIdWorld,
  person: DrilledPerson,
  people: readonly DrilledPerson[],
  tally: Tally,
): Promise<void> {
  const { chance } = person;
  const deed = chance.pick(DEEDS);
  const id = chance.pick(CONSOLE_IDS);
  const fresh = (): string => `p${person.number}-${person.wished.size + 1}@example.co.jp`;
  tally.deeds[deed] += 1;
  try {
    switch (deed) {
      case 'change':
        tally.endings[await change(world, person, id, fresh(), tally)] += 1;
        return;
      case 'two-tabs':
        tally.endings[await twoTabs(world, person, id, fresh(), tally)] += 1;
        return;
      case 'both-consoles': {
        const [one, other] = [fresh(), `p${person.number}-other-${person.wished.size + 1}@example.co.jp`];
        for (const ending of await Promise.all([
          change(world, person, 'sms', one, tally),
          change(world, person, 'mail', other, tally),
        ]))
          tally.endings[ending] += 1;
        return;
      }
      case 'again-at-once':
        await askAndLeave(world, person, id, fresh(), tally, { cancel: false });
        tally.endings[await change(world, person, id, fresh(), tally)] += 1;
        return;
      case 'cancel':
      case 'forget':
        return await askAndLeave(world, person, id, fresh(), tally, { cancel: deed === 'cancel' });
      case 'same-address': {
        // Two people who set out at about the same time for one address.
        const pair = Math.ceil(person.number / 2);
        const rivals = people.filter((one) => Math.ceil(one.number / 2) === pair).length;
        const address = `wanted${pair}-${rivals}@example.co.jp`;
        tally.endings[await change(world, person, id, address, tally)] += 1;
        return;
      }
      case 'undo':
        await undo(world, person);
        return;
    }
  } catch (error) {
    tally.stuck.push(`${person.firstAddress}, ${deed}: ${(error as Error).message}`);
  }
}

/** What a person put off during the outages, one after the other. */
async function takeUpLeft(world: LoginIdWorld, person: DrilledPerson, tally: Tally): Promise<void> {
  for (const left of tally.putOff.filter((one) => one.person.number === person.number))
    try {
      tally.endingsInPeace[await takeUpAgain(world, left, tally)] += 1;
    } catch (error) {
      tally.stuck.push(`${person.firstAddress}, in peace: ${(error as Error).message}`);
    }
}

/** Waits until nothing is under way any more, first in the outboxes, then in the login server's deliveries of events. Answers the seconds that it took. */
async function settled(world: LoginIdWorld): Promise<number> {
  const begun = performance.now();
  await until(LONGEST_REST, async () => {
    let open = 0;
    for (const id of CONSOLE_IDS) {
      const { count } = await world.consoles[id].db
        .selectFrom('login_id_outbox')
        .select((eb) => eb.fn.countAll<string>().as('count'))
        .where('state', 'in', ['noted', 'confirming'])
        .executeTakeFirstOrThrow();
      open += Number(count);
    }
    return open === 0;
  });
  await until(LONGEST_EVENTS, async () => {
    const { rows } = await world.login.database.pool.query<{ open: number }>(
      `select count(*)::int as open from event_delivery where state = 'waiting'`,
    );
    return rows[0]?.open === 0;
  });
  return (performance.now() - begun) / 1_000;
}

async function until(longest: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + longest;
  while (performance.now() < end && !(await isSo())) await pause(500);
}

/** Puts records of a console back as a restored backup does, and lets the comparison find them. */
async function setBackAndCompare(world: LoginIdWorld, people: readonly DrilledPerson[]): Promise<number> {
  const { db } = world.consoles.mail;
  let count = 0;
  for (const person of people) {
    if (!person.chance.hits(SET_BACK)) continue;
    const { numUpdatedRows } = await db
      .updateTable('person')
      .set({ email_address: person.firstAddress, login_id_version: null })
      .where('id', '=', person.ids.mail)
      .where('login_id_version', '>', 0)
      .executeTakeFirst();
    if (numUpdatedRows > 0n)
      await db.deleteFrom('login_id_history').where('person_id', '=', person.ids.mail).execute();
    count += Number(numUpdatedRows);
  }
  const before = world.wire.passed.comparison;
  await world.restartConsoles(3_600);
  for (let tries = 0; tries < 120 && world.wire.passed.comparison < before + CONSOLE_IDS.length; tries += 1)
    await pause(500);
  await pause(2_000);
  return count;
}

function emptyTally(): Tally {
  return {
    deeds: {
      change: 0,
      'both-consoles': 0,
      'two-tabs': 0,
      cancel: 0,
      forget: 0,
      undo: 0,
      'same-address': 0,
      'again-at-once': 0,
    },
    endings: noEndings(),
    putOff: [],
    endingsInPeace: noEndings(),
    lostSessions: [],
    stuck: [],
  };
}

function noEndings(): Record<Ending, number> {
  return { done: 0, refused: 0, ended: 0, 'put-off': 0, 'no-code': 0 };
}
