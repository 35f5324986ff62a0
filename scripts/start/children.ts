import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { copyToLog, lastLines, openLog, type ProgramLog } from './program-log.ts';
import { type Complaint, complaint, StartError } from './texts.ts';

const SECOND = 1000;

/** A program of ours: `args` for Node, and what is added to the environment. Its name is also that of its log. */
export type Program = {
  name: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Whether people should look at what it said even if all went well. */
  hasReport?: boolean;
};

/** What all programs share. */
export type Surroundings = {
  projectFolder: string;
  logFolder: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Told of every process that is started. */
  noteLaunch: (pid: number) => void;
  /** When it is aborted, what is starting or preparing is ended, and its promise rejects with StoppedEarly. */
  stopAsked: AbortSignal;
};

/** A program that said it is ready. `died` resolves with the complaint about it if it ends without being told to. */
export type RunningProgram = {
  name: string;
  pid: number;
  died: Promise<StartError>;
  /** Asks it to end and resolves when it has; ends it by force after `patience` milliseconds, or at once when `force` is aborted. */
  stop: (force: AbortSignal, patience?: number) => Promise<void>;
};

/** Why a step did not finish: somebody asked everything to stop. */
export class StoppedEarly extends Error {}

/** Runs a program that does one thing and ends. Rejects with StartError and the end of its log if it fails. */
export async function runCommand(command: Program, around: Surroundings): Promise<void> {
  const { child, log } = await launch(command, around);
  const stop = () => child.kill('SIGTERM');
  around.stopAsked.addEventListener('abort', stop);
  if (around.stopAsked.aborted) stop();
  const [code] = await ended(child);
  around.stopAsked.removeEventListener('abort', stop);
  if (around.stopAsked.aborted) throw new StoppedEarly();
  if (code !== 0) throw await failure(complaint('commandFailed', command.name, log.file), log);
}

/**
 * Starts a program and resolves when it has printed its line `ready …`. Rejects with StartError and the end of its log if it
 * ends before that or takes longer than `patience` milliseconds.
 */
export async function startProgram(
  program: Program,
  around: Surroundings,
  patience = 60 * SECOND,
): Promise<RunningProgram> {
  const { child, log } = await launch(program, around);
  const end = ended(child);
  let isToldToEnd = false;
  const died = end.then(([code, signal]) =>
    isToldToEnd
      ? new Promise<never>(() => undefined)
      : failure(complaint('programDied', program.name, signal ?? `exit code ${code}`, log.file), log),
  );
  const running: RunningProgram = {
    name: program.name,
    pid: child.pid ?? 0,
    died,
    async stop(force, limit = 10 * SECOND) {
      isToldToEnd = true;
      const kill = () => child.kill('SIGKILL');
      const timer = setTimeout(kill, limit);
      force.addEventListener('abort', kill);
      if (force.aborted) kill();
      else child.kill('SIGTERM');
      await end;
      clearTimeout(timer);
      force.removeEventListener('abort', kill);
    },
  };
  try {
    await becomesReady(child, died, around.stopAsked, patience, () =>
      failure(complaint('programNotReady', program.name, patience / SECOND, log.file), log),
    );
    return running;
  } catch (error) {
    await running.stop(AbortSignal.abort());
    throw error;
  }
}

async function becomesReady(
  child: ChildProcess,
  died: Promise<StartError>,
  stopAsked: AbortSignal,
  patience: number,
  tooSlow: () => Promise<StartError>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const stdout = child.stdout;
  if (!stdout) throw new Error('a program needs a pipe for its ready line');
  try {
    await new Promise<void>((resolve, reject) => {
      createInterface(stdout).on('line', (line) => line.startsWith('ready ') && resolve());
      void died.then(reject);
      timer = setTimeout(() => void tooSlow().then(reject), patience);
      stopAsked.addEventListener('abort', () => reject(new StoppedEarly()), { once: true });
      if (stopAsked.aborted) reject(new StoppedEarly());
    });
  } finally {
    clearTimeout(timer);
  }
}

async function launch(
  program: Program,
  around: Surroundings,
): Promise<{ child: ChildProcess; log: ProgramLog }> {
  const { log, handle } = await openLog(around.logFolder, program.name);
  // Detached: a Ctrl-C in the terminal reaches all processes of a group at once, but ours end in an order. Their standard
  // error goes straight to the log, so that a program can outlive us without writing into a broken pipe.
  const child = spawn(process.execPath, [...program.args], {
    cwd: around.projectFolder,
    env: { ...around.environment, ...program.environment },
    detached: true,
    stdio: ['ignore', 'pipe', handle.fd],
  });
  if (child.stdout) copyToLog(child.stdout, log);
  if (child.pid) around.noteLaunch(child.pid);
  endWithUs(child);
  await handle.close();
  return { child, log };
}

// For an end that nobody planned, such as an exception; the planned one waits for each.
function endWithUs(child: ChildProcess): void {
  const kill = () => child.kill('SIGTERM');
  process.on('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}

async function ended(child: ChildProcess): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
}

async function failure(what: Complaint, log: ProgramLog): Promise<StartError> {
  const lines = (await lastLines(log)).map((line) => `\n  | ${line}`).join('');
  return new StartError({ ja: what.ja, en: what.en + lines });
}
