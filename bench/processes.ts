import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICK = 10;

export type Program = { pid: number; child: ChildProcess; stop(): Promise<void> };

/** Starts a program of the project, `node FILE` or `node --import tsx FILE.ts`, with what it says on stderr shown here. Its environment is only what is given. */
export function startProgram(
  file: string,
  environment: Record<string, string>,
  nodeOptions: readonly string[] = [],
): Program {
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, ...nodeOptions, file], {
    cwd: PROJECT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Waits for the line `ready …` of a program. */
export async function untilReady({ child }: Program): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => text.toString().startsWith('ready') && resolve());
    child.once('exit', (code) =>
      reject(new Error(`${child.spawnargs.at(-1)} ended with ${code} before it was ready.`)),
    );
  });
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Processor time that a process has used, in milliseconds. */
export function processorTime(pid: number): number {
  const [, , user = 0, system = 0] = statOf(pid);
  return (user + system) * TICK;
}

/** Processor time of a process and all its children, those that have ended included, in milliseconds. */
export function processorTimeOfFamily(pid: number): number {
  const [, , user = 0, system = 0, endedUser = 0, endedSystem = 0] = statOf(pid);
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid,
  );
  const living = children.reduce((sum, child) => sum + quietly(() => processorTime(Number(child)), 0), 0);
  return (user + system + endedUser + endedSystem) * TICK + living;
}

export function parentOf(pid: number): number {
  return quietly(() => statOf(pid)[1] ?? 0, 0);
}

/** Resident memory now and at its highest, in MiB. */
export function memoryOf(pid: number): { now: number; highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_024;
  return { now: mebibytes('VmRSS'), highest: mebibytes('VmHWM') };
}

/** pid, parent, user time, system time, and both times of ended children, in ticks (proc(5)). */
function statOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return [pid, ...[1, 11, 12, 13, 14].map((at) => Number(fields[at]))];
}

/** A process may end while it is looked at. */
function quietly<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
