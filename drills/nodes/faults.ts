import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { brokenInvariants } from '../invariants.ts';
import { chanceOf, type Chance } from '../login-id/chance.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import type { Report } from '../report.ts';
import { fillDisk } from './disk-full.ts';
import { FAULTS, type Fault } from './kinds.ts';
import { newLedger } from './ledger.ts';
import { startLives, untilTold } from './lives.ts';
import { promoteReplica } from './promote.ts';
import { LONGEST_RECOVERY, untilWell, type Recovery } from './recovery.ts';
import { reportOf } from './faults-report.ts';
import { secretsFound } from './secrets-search.ts';
import { startWatch } from './watch.ts';
import { openNodes } from './world.ts';

const CROWD = 41;

/**
 * S1, S2, J1, L2, O1: people sign in, set passwords by code and leave at two nodes, while nodes are killed -9 at named steps and at any moment, PostgreSQL is cut, killed, stopped, frozen, exhausted, promoted
 * and cannot write, mail server and console misbehave, and crowds and slow clients come. What people were answered is kept apart and compared at the end; then the invariants of the database are read
 * and everything that was written is searched for secrets.
 * @param of.faults how many things break, of all kinds in turn; @param of.kinds only those whose names hold one of these texts
 */
export async function drillFaults(of: {
  faults: number;
  seed: number;
  kinds?: readonly string[];
  /** Whether the campaigns that need a PostgreSQL of their own are played: the full disk and the promoted replica; true by default. */
  apart?: boolean;
  tell(line: string): void;
}): Promise<Report> {
  const begun = performance.now();
  const stepFile = join(process.env.TMPDIR ?? '/tmp', `hitokagi-drill-step-${process.pid}`);
  const preload = join(import.meta.dirname, 'kill-at.ts');
  const people = 400 + of.faults * 40;
  const world = await openNodes({
    nodes: 2,
    people: people + CROWD,
    environment: {
      DRILL_STEP_FILE: stepFile,
      // Node strips the types itself: a loader would give the bundle a source map, and the first stack that is printed would stand still over reading it.
      NODE_OPTIONS: `--import ${preload}`,
      HITOKAGI_DRAIN_SECONDS: '0',
      HITOKAGI_LOG_LEVEL: 'info',
    },
  });
  const ledger = newLedger();
  const seen = new Map<string, Recovery[]>();
  const stuck: string[] = [];
  const skipped = new Map<string, string>();
  const chance = chanceOf(of.seed);
  const scene = { world, chance, stepFile, crowd: world.people.slice(people) };
  let now = 'nothing';
  try {
    const load = startLives(world, ledger, { people, seed: of.seed });
    const watch = startWatch(world, () => now);
    for (const [number, fault] of inTurn(of, chance).entries()) {
      of.tell(`${number + 1} of ${of.faults}: ${fault.name} …`);
      now = fault.name;
      const said = await fault.play(scene).catch((error: Error) => error);
      if (said instanceof Error) stuck.push(`${fault.name}: ${said.message}`);
      if (typeof said === 'string') skipped.set(fault.name, said);
      const recovered = await untilWell(world);
      seen.set(fault.name, [...(seen.get(fault.name) ?? []), recovered]);
      if (Number.isNaN(recovered.signIn))
        stuck.push(`${fault.name}: nobody could sign in within ${LONGEST_RECOVERY / 1_000} s`);
      await pause(chance.below(1_500));
    }
    now = 'nothing';
    of.tell('Everything is left in peace …');
    await load.stop();
    await watch.stop();
    const untold = await untilTold(world);
    const secrets = await secretsFound(world, ledger.secrets);
    const broken = await brokenInvariants(world.database, { masterSecret: MASTER_SECRET, now: new Date() });
    const apart =
      of.apart === false || (of.kinds ?? []).length > 0
        ? []
        : [await fillDisk(of.tell), await promoteReplica(of.tell, of.seed)];
    return reportOf(of, {
      ...{ ledger, seen, stuck, skipped, watch, untold, world },
      more: [...broken, secrets.zero, ...apart.flatMap(({ zeros }) => zeros)],
      said: [secrets.said, ...apart.flatMap(({ said }) => said)],
      seconds: (performance.now() - begun) / 1_000,
    });
  } finally {
    await world.close();
  }
}

/** Each kind once, in an order of the seed's, before one comes again. */
function inTurn(
  { faults, kinds = [] }: { faults: number; kinds?: readonly string[] },
  chance: Chance,
): readonly Fault[] {
  const all = FAULTS.filter(({ name }) => kinds.length === 0 || kinds.some((one) => name.includes(one)));
  if (all.length === 0)
    throw new Error(`No fault is called like that. There are: ${FAULTS.map(({ name }) => name).join('; ')}.`);
  const order: Fault[] = [];
  for (let rest: Fault[] = []; order.length < faults;) {
    if (rest.length === 0) rest = [...all];
    const next = chance.pick(rest);
    rest = rest.filter((one) => one !== next);
    order.push(next);
  }
  return order;
}
