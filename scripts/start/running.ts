import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStillAlive, processIdentity, signal } from '@hitokagi/embedded-database/processes';
import { complaint, StartError } from './texts.ts';

const SECOND = 1000;

type Running = { start: string; programs: string[] };

/**
 * Makes sure that nothing of an earlier start lives: if that start itself lives, throws StartError; if it was killed, its
 * programs are stopped, so that they do not hold the ports.
 */
export async function endLeftPrograms(dataFolder: string): Promise<void> {
  const left = await read(dataFolder);
  if (isStillAlive(left.start)) {
    throw new StartError(complaint('alreadyRunning', dataFolder, left.start.split('@')[0] ?? ''));
  }
  await Promise.all(left.programs.map(end));
}

/** Writes down that this process and its programs run, for the start after one that is killed. */
export function keepRunningNote(dataFolder: string): { add: (pid: number) => void; remove: () => void } {
  const running: Running = { start: identityOf(process.pid), programs: [] };
  const write = () => writeFileSync(fileOf(dataFolder), JSON.stringify(running));
  write();
  return {
    add(pid) {
      running.programs.push(identityOf(pid));
      write();
    },
    remove: () => rmSync(fileOf(dataFolder), { force: true }),
  };
}

async function read(dataFolder: string): Promise<Running> {
  try {
    return JSON.parse(await readFile(fileOf(dataFolder), 'utf8')) as Running;
  } catch {
    return { start: '', programs: [] };
  }
}

async function end(identity: string): Promise<void> {
  const pid = Number.parseInt(identity, 10);
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = performance.now() + 10 * SECOND;
    if (!isStillAlive(identity)) return;
    signal(pid, name);
    while (isStillAlive(identity) && performance.now() < deadline) await sleep(50);
  }
}

function identityOf(pid: number): string {
  return processIdentity(pid) ?? '';
}

function fileOf(dataFolder: string): string {
  return join(dataFolder, 'running.json');
}
