import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parentOf } from '../../bench/processes.ts';

/** Programs of the machine that the drill cannot do without, and the Debian package of each. */
const NEEDED: readonly (readonly [program: string, debianPackage: string])[] = [
  ['patroni', 'patroni'],
  ['etcd', 'etcd-server'],
  ['haproxy', 'haproxy'],
  ['psql', 'postgresql'],
];

/** What is missing on this machine, as a sentence that says what to do; undefined when the drill can run. */
export function whatIsMissing(): string | undefined {
  const missing = NEEDED.filter(([program]) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length > 0)
    return `This drill needs ${missing.map(([program]) => program).join(', ')} (Debian: apt-get install ${missing.map(([, name]) => name).join(' ')}).`;
  if (serverPrograms() === undefined)
    return 'This drill needs the server programs of PostgreSQL in /usr/lib/postgresql (Debian: apt-get install postgresql).';
  if (process.getuid?.() === 0 && postgresUser() === undefined)
    return 'PostgreSQL refuses to run as root, and there is no user "postgres" here.';
  return undefined;
}

/** The folder with the programs of the newest PostgreSQL that is installed. */
export function serverPrograms(): string | undefined {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return versions[0] === undefined ? undefined : `/usr/lib/postgresql/${versions[0]}/bin`;
  } catch {
    return undefined;
  }
}

/** Whom root's databases run as. */
export function postgresUser(): { uid: number; gid: number } | undefined {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'postgres');
  return fields ? { uid: Number(fields[2]), gid: Number(fields[3]) } : undefined;
}

/** A program of the machine, with what it says in a file of the folder. As root it runs as the user `postgres`. */
export class MachineProgram {
  readonly child: ChildProcess;

  constructor(folder: string, name: string, command: string, args: readonly string[]) {
    const log = openSync(join(folder, `${name}.log`), 'a', 0o644);
    const user = process.getuid?.() === 0 ? postgresUser() : undefined;
    this.child = spawn(command, [...args], {
      cwd: folder,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', log, log],
      ...user,
    });
    closeSync(log);
    // These stand for machines of their own, whose processors nobody else uses.
    if (user && this.child.pid !== undefined) setPriority(this.child.pid, -5);
  }

  /** Ends it by force, if it has not ended. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** A process and everything below it, itself first. */
export function familyOf(pid: number): number[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const parents = new Map(all.map((one) => [one, parentOf(one)]));
  const family = [pid];
  for (const member of family) family.push(...all.filter((one) => parents.get(one) === member));
  return family;
}

/** Ends all of them with -9, at once. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}
