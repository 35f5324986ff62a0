import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A name for one process that no later process gets, even if its number is used again: the number and the time it was
 * started at. `null` when no such process lives; one that has ended but was not yet collected by its parent counts as dead.
 */
export function processIdentity(pid: number): string | null {
  const state = process.platform === 'linux' ? linuxState(pid) : otherState(pid);
  return state && !state.ended ? `${pid}@${state.startedAt}` : null;
}

/** Whether the process that was given this identity still lives. */
export function isStillAlive(identity: string): boolean {
  return processIdentity(Number.parseInt(identity, 10)) === identity;
}

/** The arguments that a living process was started with, program first; empty when it cannot be told. */
export function commandLine(pid: number): string[] {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(' ');
  } catch {
    return [];
  }
}

/** Whether any process has this number, even one that has ended and waits to be collected. */
export function isNumberTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends a signal; `false` when there is nobody to receive it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

type State = { ended: boolean; startedAt: string };

// proc(5): field 3 is the state, field 22 the start in clock ticks since boot. Field 2, the name, may hold spaces and brackets.
function linuxState(pid: number): State | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return { ended: fields[0] === 'Z' || fields[0] === 'X', startedAt: `${bootId}-${fields[19]}` };
  } catch {
    return null;
  }
}

function otherState(pid: number): State | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line ? { ended: line.startsWith('Z'), startedAt: line.slice(line.indexOf(' ')).trim() } : null;
  } catch {
    return null;
  }
}
