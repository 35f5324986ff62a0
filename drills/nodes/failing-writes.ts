import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { familyOf } from '../failover/processes.ts';
import type { Scene } from './scene.ts';

const FAILS_FOR = 2_000;

/** Every flush of PostgreSQL is answered with EIO for two seconds, by strace; PostgreSQL must take none of it for written. */
export async function failWrites({ world }: Scene): Promise<string | undefined> {
  const allowed = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']);
  if (allowed.status !== 0) return 'there is no strace here, or it may not look at other processes';
  const strace = spawn(
    'strace',
    [
      ...['-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync'],
      ...['-e', 'inject=fdatasync,fsync:error=EIO'],
      ...familyOf(await world.postmaster()).flatMap((pid) => ['-p', String(pid)]),
    ],
    { stdio: 'ignore' },
  );
  const ended = once(strace, 'exit');
  await pause(FAILS_FOR);
  strace.kill('SIGTERM');
  await ended;
  return undefined;
}
