import type { DrillPerson } from '../people.ts';
import type { DrillWorld } from '../world.ts';

/** A day of the drill as its report shows it. */
export type Entry = { at: Date; what: string; found: string; seconds: number };

/** What the simulated people did, and what must not have happened to them. */
export type Tally = {
  legacySignIns: number;
  firstSignIns: number;
  unifiedSignIns: number;
  /** Legacy sign-ins that were refused on the server after a cut-over, and led on. */
  legacyRefused: number;
  /** Legacy sign-ins that were taken after a cut-over, or refused before. */
  wrongLegacy: string[];
  /** Walks that did not end where they should. */
  broken: string[];
  lostSessions: string[];
  sessionsWatched: number;
  /** What operators tried that the system must refuse, and did not; or that it must take, and did not. */
  wrongDecisions: string[];
};

/** A cut-over that is in force from `from`; until `to`, when it was taken back. */
export type Unified = { from: Date; to: Date | null };

export type CutoverDrill = {
  readonly world: DrillWorld;
  readonly people: readonly DrillPerson[];
  /** How many first sign-ins go the whole way with a mailed code; the others find a password in place. */
  readonly byCode: number;
  readonly tally: Tally;
  readonly diary: Entry[];
  readonly moved: Set<DrillPerson>;
  /** Those who will not move before the cut-over, whatever they are told. */
  readonly late: Set<DrillPerson>;
  /** Those whose mailbox takes nothing: no notice reaches them, and no code. */
  readonly unreachable: Set<DrillPerson>;
  readonly apiOnly: Set<DrillPerson>;
  readonly unified: Unified[];
  readonly accountIds: Map<DrillPerson, string>;
  readonly tell: (line: string) => void;
};

/** Who acts, for plan, notices and audit. */
export function by({ world }: CutoverDrill): { actor: string; now: Date } {
  return { actor: 'operator:drill', now: world.clock.now() };
}

/** A moment in Japan time, written as people write it: `2026-11-24 09:00`. */
export function japan(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}+09:00`);
}

/** `2026-11-24 09:00`, in Japan time. */
export function japanText(moment: Date): string {
  return new Date(moment.getTime() + 9 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Lets the time until this moment pass at once; never goes back. */
export function passTo({ world: { clock } }: CutoverDrill, moment: Date): void {
  const ahead = moment.getTime() - clock.now().getTime();
  if (ahead < 0) throw new Error(`The drill is past ${moment.toISOString()} already.`);
  clock.pass(ahead);
}

/** One step: moves the clock there, does it, and notes what it found and how long that took. */
export async function step(
  drill: CutoverDrill,
  at: Date,
  what: string,
  act: () => Promise<string>,
): Promise<void> {
  passTo(drill, at);
  drill.tell(`${japanText(at)} ${what} …`);
  const begun = performance.now();
  const found = await act();
  const seconds = (performance.now() - begun) / 1_000;
  drill.tell(`    ${found} (${seconds.toFixed(1)} s)`);
  drill.diary.push({ at, what, found, seconds });
}

/** Runs one walk; one that breaks is counted, and the drill goes on. */
export async function guarded({ tally }: CutoverDrill, walk: () => Promise<void>): Promise<void> {
  try {
    await walk();
  } catch (error) {
    tally.broken.push((error as Error).message);
  }
}

/** Notes a decision of the system that must be this one. */
export function expectDecision({ tally }: CutoverDrill, what: string, is: string, must: string): void {
  if (is !== must) tally.wrongDecisions.push(`${what}: ${is} instead of ${must}`);
}
