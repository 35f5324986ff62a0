import { join } from 'node:path';
import {
  type EmbeddedDatabase,
  EmbeddedDatabaseError,
  openEmbeddedDatabase,
} from '@hitokagi/embedded-database';
import {
  type Program,
  runCommand,
  type RunningProgram,
  startProgram,
  StoppedEarly,
  type Surroundings,
} from './children.ts';
import type { Config } from './config.ts';
import { emptyDataFolder, logFolderOf, prepareDataFolder } from './data-folder.ts';
import type { Plan } from './plan.ts';
import { type Ports, requireFreePorts } from './ports.ts';
import { endLeftPrograms, keepRunningNote } from './running.ts';
import { type StopSignals, whenAborted } from './stop-signals.ts';
import { complaint, StartError } from './texts.ts';

/** What differs between the real start and a stand-in for it. */
export type Undertaking = {
  ports: Ports;
  plan: (databaseUrl: (name: string) => string) => Promise<Plan>;
  /** Called once the preparation is done. */
  prepared: () => Promise<void>;
  /** Printed when all programs are ready. */
  welcome: () => Promise<string>;
};

/** Where lines for people go. */
export type Terminal = { say: (line: string) => void; complain: (line: string) => void };

/**
 * Starts everything, keeps it until it is asked to stop or something ends by itself, and stops everything in order:
 * consoles, login, mailbox, carrier, database. Resolves with the exit code, when no process is left.
 */
export async function supervise(
  config: Config,
  undertaking: Undertaking,
  signals: StopSignals,
  terminal: Terminal,
): Promise<number> {
  let database: EmbeddedDatabase | null = null;
  let atTheEnd = () => {};
  const groups: RunningProgram[][] = [];
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined); // heard below, if at all
  try {
    await endLeftPrograms(config.dataFolder);
    await requireFreePorts(undertaking.ports);
    if (config.fresh) await emptyDataFolder(config.dataFolder);
    await prepareDataFolder(config.dataFolder);
    const note = keepRunningNote(config.dataFolder);
    atTheEnd = note.remove;

    const say = (line: string) => terminal.say(`  ${line}`);
    database = await openEmbeddedDatabase({ dataFolder: config.dataFolder, log: say, onLost: lost.reject });
    // It would go when its owner ends.
    if (!database.owned) throw new StartError(complaint('databaseInUse', config.dataFolder));
    const plan = await undertaking.plan(database.url);
    for (const name of plan.databases) await database.createDatabase(name);
    const around = surroundings(config, signals, note.add);
    await prepare(plan, around, say);
    await undertaking.prepared();

    await startAll(plan, around, groups, say);
    const running = groups.flat();
    terminal.say(await undertaking.welcome());
    await Promise.race([whenAborted(signals.asked), lost.promise, firstDeath(running)]);
    return 0;
  } catch (error) {
    return explain(error, terminal);
  } finally {
    await stopAll(groups, database, signals, terminal);
    atTheEnd();
  }
}

function surroundings(config: Config, signals: StopSignals, noteLaunch: (pid: number) => void): Surroundings {
  const { projectFolder, environment } = config;
  const logFolder = logFolderOf(config.dataFolder);
  return { projectFolder, environment, logFolder, noteLaunch, stopAsked: signals.asked };
}

async function prepare(plan: Plan, around: Surroundings, say: (line: string) => void): Promise<void> {
  for (const group of plan.preparation) {
    const begun = performance.now();
    const results = await Promise.allSettled(group.map((command) => runCommand(command, around)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    say(`${group.map((command) => command.name).join(', ')}: ${seconds(begun)}`);
    for (const command of group)
      if (command.hasReport) say(`  → ${join(around.logFolder, `${command.name}.log`)}`);
  }
}

/** Fills `groups` also when it rejects, so that what did start can be stopped. */
async function startAll(
  plan: Plan,
  around: Surroundings,
  groups: RunningProgram[][],
  say: (line: string) => void,
): Promise<void> {
  const startGroup = async (group: readonly Program[], index: number): Promise<void> => {
    const results = await Promise.allSettled(group.map((program) => startProgram(program, around)));
    groups[index] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
  const begun = performance.now();
  groups.push(...plan.programs.map(() => []));
  const [first = [], ...others] = plan.programs;
  const results = await Promise.allSettled(others.map((group, index) => startGroup(group, index + 1)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  await startGroup(first, 0);
  say(
    `${plan.programs
      .flat()
      .map((program) => program.name)
      .join(', ')}: ${seconds(begun)}`,
  );
}

async function firstDeath(running: readonly RunningProgram[]): Promise<never> {
  throw await Promise.race(running.map((program) => program.died));
}

async function stopAll(
  groups: RunningProgram[][],
  database: EmbeddedDatabase | null,
  signals: StopSignals,
  terminal: Terminal,
): Promise<void> {
  if (!database) return;
  const begun = performance.now();
  for (const group of groups) await Promise.all(group.map((program) => program.stop(signals.forced)));
  await database.stop();
  terminal.say(`終了しました。 / Everything is stopped (${seconds(begun)}).`);
}

function explain(error: unknown, terminal: Terminal): number {
  if (error instanceof StoppedEarly) return 0;
  if (error instanceof StartError) tell(error.complaint.ja, error.complaint.en, terminal);
  else if (error instanceof EmbeddedDatabaseError) tell(error.messageJa, error.message, terminal);
  else throw error;
  return 1;
}

function tell(ja: string, en: string, terminal: Terminal): void {
  terminal.complain(ja);
  terminal.complain(en);
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
