import { setTimeout as pause } from 'node:timers/promises';
import type { PersonsBrowser } from '../browser.ts';
import type { DrillPerson } from '../people.ts';
import { browserOf, isStillIn, legacySignIn, unifiedSignIn } from '../walks.ts';
import { sample, usersOfThePages } from './crowd.ts';
import { guarded, type CutoverDrill } from './drill.ts';

const SECOND = 1_000;
/** Real time before and after the moment during which people keep signing in by both logins. */
const BEFORE = 4 * SECOND;
const AFTER = 6 * SECOND;
const CLIENTS_OF_EACH = 4;
/** How long a change that no clock foretold may take to reach a console (R12, R16). */
const AGREEMENT = 10 * SECOND;

type Witness = { person: DrillPerson; browser: PersonsBrowser; kind: 'legacy' | 'unified' };

/**
 * Lets a moment come by the clock, or has `act` do something at it, while people sign in by both logins all the time. People who were in the
 * console before, by either login, must still be in afterwards. Begins at least a minute before the moment.
 */
export async function underLoad(
  drill: CutoverDrill,
  moment: Date,
  act: () => Promise<void> = async () => undefined,
): Promise<string> {
  const { world, tally } = drill;
  const before = { ...tally, lost: tally.lostSessions.length };
  const witnesses = await letIn(drill);
  world.clock.pass(Math.max(0, moment.getTime() - BEFORE - world.clock.now().getTime()));
  const begun = world.clock.now().getTime();
  const busy = (): boolean => world.clock.now().getTime() < moment.getTime() + AFTER;
  const moved = [...drill.moved];
  const clients = Array.from({ length: CLIENTS_OF_EACH }, (_, client) => [
    legacyClient(drill, client, busy),
    ...(moved.length > 0 ? [unifiedClient(drill, moved, client, busy)] : []),
  ]).flat();
  await pause(Math.max(0, moment.getTime() - world.clock.now().getTime()));
  await act();
  await Promise.all(clients);
  const seconds = (world.clock.now().getTime() - begun) / SECOND;
  await stillIn(drill, witnesses);
  const signIns = tally.legacySignIns + tally.unifiedSignIns - before.legacySignIns - before.unifiedSignIns;
  return `${signIns} sign-ins and ${tally.legacyRefused - before.legacyRefused} legacy ones refused in ${seconds.toFixed(0)} s; of ${witnesses.length} sessions ${tally.lostSessions.length - before.lost} lost`;
}

/** People in the console by each login that works now. */
async function letIn(drill: CutoverDrill): Promise<Witness[]> {
  const { world, tally } = drill;
  const people = usersOfThePages(drill);
  const count = Math.max(5, Math.ceil(people.length / 200));
  const witnesses: Witness[] = [];
  for (const person of sample(people, count, tally.sessionsWatched))
    await guarded(drill, async () => {
      const browser = browserOf(world.place, person);
      if ((await legacySignIn(world.place, browser, person)) === 'led-on') return;
      tally.legacySignIns += 1;
      witnesses.push({ person, browser, kind: 'legacy' });
    });
  for (const person of sample([...drill.moved], count, tally.sessionsWatched))
    await guarded(drill, async () => {
      const browser = browserOf(world.place, person);
      await unifiedSignIn(world.place, browser, person);
      tally.unifiedSignIns += 1;
      witnesses.push({ person, browser, kind: 'unified' });
    });
  tally.sessionsWatched += witnesses.length;
  return witnesses;
}

async function stillIn({ world, tally }: CutoverDrill, witnesses: readonly Witness[]): Promise<void> {
  for (const { person, browser, kind } of witnesses) {
    const still = await isStillIn(world.place, browser, person).catch(() => false);
    if (!still) tally.lostSessions.push(`${kind} session of ${person.emailAddress}`);
  }
}

async function legacyClient(drill: CutoverDrill, client: number, busy: () => boolean): Promise<void> {
  const { world, tally } = drill;
  const people = usersOfThePages(drill);
  for (let turn = client; busy(); turn += CLIENTS_OF_EACH)
    await guarded(drill, async () => {
      const person = people[turn % people.length] as DrillPerson;
      const from = world.clock.now();
      const outcome = await legacySignIn(world.place, browserOf(world.place, person), person);
      judge(drill, person, outcome, from, world.clock.now());
      if (outcome === 'entered') tally.legacySignIns += 1;
      else tally.legacyRefused += 1;
    });
}

async function unifiedClient(
  drill: CutoverDrill,
  moved: readonly DrillPerson[],
  client: number,
  busy: () => boolean,
): Promise<void> {
  for (let turn = client; busy(); turn += CLIENTS_OF_EACH)
    await guarded(drill, async () => {
      const person = moved[turn % moved.length] as DrillPerson;
      await unifiedSignIn(drill.world.place, browserOf(drill.world.place, person), person);
      drill.tally.unifiedSignIns += 1;
    });
}

/** By the clock a cut-over takes effect at once; taken back by hand, the legacy login may stay closed ten seconds longer. */
function judge(
  { unified, tally }: CutoverDrill,
  { emailAddress }: DrillPerson,
  outcome: 'entered' | 'led-on',
  from: Date,
  until: Date,
): void {
  const closed = unified.some((one) => one.from <= from && (one.to === null || until <= one.to));
  const open = unified.every(
    ({ from: begin, to }) => until < begin || (to !== null && from.getTime() > to.getTime() + AGREEMENT),
  );
  const when = from.toISOString();
  if (outcome === 'entered' && closed)
    tally.wrongLegacy.push(`${emailAddress} came in by the legacy login at ${when}, after the cut-over`);
  if (outcome === 'led-on' && open)
    tally.wrongLegacy.push(`${emailAddress} was refused by the legacy login at ${when}, before the cut-over`);
}
