import type { DrillPerson } from '../people.ts';
import { inParallel } from '../traffic.ts';
import { browserOf, firstSignIn, legacySignIn, unifiedSignIn } from '../walks.ts';
import { guarded, type CutoverDrill } from './drill.ts';

const AT_ONCE = 12;

/**
 * A working day: some people move, some use the legacy login as ever, some of those who have moved come back.
 * @param share of everybody who is willing to move, how many have moved by the end of the day
 */
export async function workingDay(drill: CutoverDrill, share: number): Promise<string> {
  const willing = drill.people.filter(
    (person) => !drill.late.has(person) && !drill.unreachable.has(person) && !drill.apiOnly.has(person),
  );
  const before = drill.moved.size;
  const wanted = Math.ceil(willing.length * share) - before;
  const movers = willing.filter((person) => !drill.moved.has(person)).slice(0, Math.max(0, wanted));
  const some = Math.ceil(drill.people.length / 50);
  const legacy = sample(usersOfThePages(drill), some, before);
  const back = sample([...drill.moved], Math.ceil(some / 2), before);
  await putPasswordsInPlace(drill, movers);
  const walks = [
    ...movers.map((person) => () => move(drill, person)),
    ...legacy.map((person) => () => comeByLegacyLogin(drill, person)),
    ...back.map((person) => () => comeByUnifiedLogin(drill, person)),
  ];
  await inParallel(shuffled(walks), AT_ONCE, (walk) => guarded(drill, walk));
  return `${drill.moved.size - before} moved (${drill.moved.size} in all), ${legacy.length} legacy and ${back.length} further unified sign-ins`;
}

/** After the cut-over: some of those who have not moved try the old login, are led on, and find the way in with a mailed code (R3). */
export async function latecomersMove(drill: CutoverDrill, most: number): Promise<string> {
  const { place } = drill.world;
  const left = drill.people.filter((person) => !drill.moved.has(person) && !drill.apiOnly.has(person));
  const some = left.filter((person) => !drill.unreachable.has(person)).slice(0, most);
  await inParallel(some, AT_ONCE, (person) =>
    guarded(drill, async () => {
      const outcome = await legacySignIn(place, browserOf(place, person), person);
      if (outcome === 'led-on') drill.tally.legacyRefused += 1;
      else
        drill.tally.wrongLegacy.push(`${person.emailAddress} came in by the legacy login after the cut-over`);
      await byMailedCode(drill, person);
    }),
  );
  return `${some.length} of ${left.length} who had not moved tried the old login, were led on, and came in with a mailed code`;
}

async function move(drill: CutoverDrill, person: DrillPerson): Promise<void> {
  if (drill.tally.firstSignIns < drill.byCode) return byMailedCode(drill, person);
  await comeByUnifiedLogin(drill, person);
  drill.moved.add(person);
}

async function byMailedCode(drill: CutoverDrill, person: DrillPerson): Promise<void> {
  drill.tally.firstSignIns += 1;
  await firstSignIn(drill.world.place, browserOf(drill.world.place, person), person);
  drill.moved.add(person);
}

async function comeByLegacyLogin(drill: CutoverDrill, person: DrillPerson): Promise<void> {
  const { place } = drill.world;
  const outcome = await legacySignIn(place, browserOf(place, person), person);
  if (outcome === 'entered') drill.tally.legacySignIns += 1;
  else
    drill.tally.wrongLegacy.push(
      `${person.emailAddress} was refused by the legacy login before the cut-over`,
    );
}

async function comeByUnifiedLogin(drill: CutoverDrill, person: DrillPerson): Promise<void> {
  await unifiedSignIn(drill.world.place, browserOf(drill.world.place, person), person);
  drill.tally.unifiedSignIns += 1;
}

/** For those beyond the share that goes the whole way of the mailed code, and for those who may take their place. */
async function putPasswordsInPlace(drill: CutoverDrill, movers: readonly DrillPerson[]): Promise<void> {
  const codesLeft = Math.max(0, drill.byCode - drill.tally.firstSignIns);
  if (codesLeft >= movers.length) return;
  await drill.world.login.setPasswords(movers.map((person) => drill.accountIds.get(person) ?? ''));
}

/** Everybody but those of whom it turned out that only their programs use the console. */
export function usersOfThePages({ people, apiOnly }: CutoverDrill): DrillPerson[] {
  return people.filter((person) => !apiOnly.has(person));
}

/** Every so many-th, begun at another one each time. */
export function sample<T>(all: readonly T[], count: number, begin: number): T[] {
  if (all.length === 0) return [];
  const pace = Math.max(1, Math.floor(all.length / count));
  return Array.from(
    { length: Math.min(count, all.length) },
    (_, n) => all[(begin + n * pace) % all.length] as T,
  );
}

/** A fixed shuffle, so that a drill is the same each time. */
function shuffled<T>(all: readonly T[]): T[] {
  const mixed = [...all];
  let state = 12_345;
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (last + 1);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
}
