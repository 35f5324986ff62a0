import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, isNumberTaken, processIdentity } from './processes.ts';

/** What a living server says about itself in its cluster's postmaster.pid. */
export type LiveServer = {
  pid: number;
  socketFolder: string;
  status: 'starting' | 'stopping' | 'ready' | 'standby' | '';
};

/**
 * The server that lives on this cluster, or `null`: also when the file names a process that died, or a foreign one that
 * got its number. The lines of the file are described in PostgreSQL's src/include/utils/pidfile.h.
 */
export async function findLiveServer(cluster: string): Promise<LiveServer | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!pid || !isServerOn(cluster, pid)) return null;
  return { pid, socketFolder: lines[4] ?? '', status: (lines[7] ?? '') as LiveServer['status'] };
}

/**
 * The server that holds the socket while its cluster no longer knows it, or `null`. There is one when its data folder was
 * removed under it and nobody stopped it.
 */
export async function findStraySocketServer(socketFolder: string): Promise<number | null> {
  const text = await readFile(join(socketFolder, '.s.PGSQL.5432.lock'), 'utf8').catch(() => '');
  const [pid, cluster] = text.split('\n');
  return pid && cluster && isServerOn(cluster.trim(), Number(pid)) ? Number(pid) : null;
}

/**
 * Removes pid files whose number is taken, though not by a server on this cluster: by a foreign process that has got it, or
 * by the dead server itself where process 1 does not collect the dead, as in many containers. PostgreSQL would take either for
 * a running server and refuse to start. Files whose number is free stay: PostgreSQL uses them to look for processes that the
 * dead server left.
 */
export async function removeMisleadingPidFiles(cluster: string, socketFolder: string): Promise<void> {
  for (const file of [join(cluster, 'postmaster.pid'), join(socketFolder, '.s.PGSQL.5432.lock')]) {
    const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (pid && isNumberTaken(pid) && !isServerOn(cluster, pid)) await rm(file, { force: true });
  }
}

function isServerOn(cluster: string, pid: number): boolean {
  const line = commandLine(pid);
  return processIdentity(pid) !== null && (line[0] ?? '').endsWith('postgres') && line.includes(cluster);
}
