import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { superuser } from './cluster.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import type { Place } from './place.ts';
import { findLiveServer } from './postmaster-file.ts';
import { commandLine, isStillAlive, processIdentity, signal } from './processes.ts';

const SECOND = 1000;
const MEGABYTE = 1024 * 1024;

/** One running postmaster, started by us or found. `ended` resolves when the process is gone. */
export type Server = { pid: number; ended: Promise<void> };

/** Safe for data, small in memory, quiet in the log. Callers may override any of it. */
export const defaultSettings: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '128MB',
  max_connections: '200',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_checkpoints: 'off',
  jit: 'off', // its library is not among the binaries
  cluster_name: superuser,
};

/** The whole command line of the server, program first. Nobody but processes that may enter the socket folder reach it. */
export function serverCommand(place: Place, binaries: Binaries, settings: Record<string, string>): string[] {
  const fixed = {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: place.socketFolder,
    unix_socket_permissions: '0700',
  };
  const all = Object.entries({ ...defaultSettings, ...settings, ...fixed });
  return [
    join(binaries.folder, 'bin', 'postgres'),
    '-D',
    place.cluster,
    ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/**
 * Starts the server and resolves when it takes connections, after crash recovery if there is any to do.
 * Throws `start-failed` with PostgreSQL's own reason, `disk-full`, `binaries-unusable`.
 */
export async function startServer(place: Place, command: string[]): Promise<Server> {
  const logStart = await keepLogSmall(place.logFile);
  const log = await open(place.logFile, 'a', 0o600);
  const child = launch(command, place, log.fd);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => resolve()).once('error', () => resolve()),
  );
  const failure = new Promise<Error>((resolve) => child.once('error', resolve));
  await log.close();
  if (!child.pid) {
    throw new EmbeddedDatabaseError('binaries-unusable', (await failure).message);
  }
  const server = { pid: child.pid, ended };
  if (await becomesReady(server, place.cluster)) return server;
  throw await startFailure(place, logStart);
}

/** A server that somebody else started, seen as ours from now on. */
export function adoptServer(pid: number): Server {
  return { pid, ended: waitForEnd(pid, { every: 250, ref: false }) };
}

/** Whether a running server was started with exactly this command, and so by these binaries and with these settings. */
export function runsWith(command: string[], pid: number): boolean {
  return commandLine(pid).join('\0') === command.join('\0');
}

/** Ends a server and resolves when it is gone: sessions are cut and data written (fast), failing that without (immediate). */
export async function stopServer(pid: number): Promise<void> {
  const ended = waitForEnd(pid, { every: 20, ref: true });
  const patience: [NodeJS.Signals, number][] = [
    ['SIGINT', 30 * SECOND],
    ['SIGQUIT', 10 * SECOND],
    ['SIGKILL', 10 * SECOND],
  ];
  for (const [name, time] of patience) {
    if (!signal(pid, name)) return;
    const limit = new AbortController();
    const isGone = await Promise.race([
      ended.then(() => true),
      sleep(time, false, { signal: limit.signal }).catch(() => false),
    ]);
    limit.abort();
    if (isGone) return;
  }
}

function launch([program = '', ...args]: string[], { user }: Place, log: number): ChildProcess {
  const identity = user.switches ? { uid: user.uid, gid: user.gid } : {};
  // Detached, in a session of its own: Ctrl-C reaches all processes of a terminal at once, but the database must be last.
  const child = spawn(program, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: { LC_ALL: 'C' },
    ...identity,
  });
  child.unref();
  return child;
}

async function becomesReady(server: Server, cluster: string): Promise<boolean> {
  let hasEnded = false;
  void server.ended.then(() => (hasEnded = true));
  while (!hasEnded) {
    const live = await findLiveServer(cluster);
    if (live?.pid === server.pid && live.status === 'ready') return true;
    await sleep(20);
  }
  return false;
}

// `ref: false` does not keep this program running for the sake of looking.
async function waitForEnd(pid: number, { every, ref }: { every: number; ref: boolean }): Promise<void> {
  const identity = processIdentity(pid);
  while (identity && isStillAlive(identity)) await sleep(every, undefined, { ref });
}

async function keepLogSmall(file: string): Promise<number> {
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size < 10 * MEGABYTE) return size;
  await rename(file, `${file}.1`);
  return 0;
}

// What PostgreSQL wrote about it, from this byte of its log on.
async function startFailure(place: Place, logStart: number): Promise<EmbeddedDatabaseError> {
  const said = (await readFile(place.logFile).catch(() => Buffer.alloc(0))).subarray(logStart).toString();
  if (/No space left on device|Disk quota exceeded/.test(said))
    return new EmbeddedDatabaseError('disk-full', place.cluster);
  const lines = said.split('\n').filter((line) => line.trim());
  const reason =
    lines.findLast((line) => /FATAL|PANIC|could not/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
  return new EmbeddedDatabaseError(
    'start-failed',
    `${reason.replace(/^.*?(FATAL|PANIC|LOG):\s*/, '')}; ${place.logFile}`,
  );
}
