import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Binaries } from './binaries.ts';
import { EmbeddedDatabaseError } from './errors.ts';
import type { Place } from './place.ts';
import { requireUserName } from './server-user.ts';

/** The name of the database superuser, the only one there is. */
export const superuser = 'hitokagi';

/**
 * Makes the cluster if it is not there yet; says whether it did. UTF-8, with PostgreSQL's own C.UTF-8 (code point order,
 * full Unicode case mapping), so that no locale of the machine has a say in indexes. `durable: false` skips syncing.
 * Throws `cluster-version`, `user-without-name`, `disk-full`, `start-failed`.
 */
export async function ensureCluster(place: Place, binaries: Binaries, durable: boolean): Promise<boolean> {
  const made = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  if (made === null) {
    await makeCluster(place, binaries, durable);
    return true;
  }
  const [has, needs] = [made.trim(), binaries.version.split('.')[0]];
  if (has !== needs)
    throw new EmbeddedDatabaseError('cluster-version', `${place.cluster}: ${has}, not ${needs}`);
  return false;
}

// initdb works beside the final place and the cluster appears by one rename: one that is there is whole, whenever we are killed.
async function makeCluster({ cluster, user }: Place, binaries: Binaries, durable: boolean): Promise<void> {
  requireUserName(user);
  await removeUnfinished(cluster);
  const unfinished = `${cluster}.unfinished-${process.pid}`;
  await mkdir(unfinished, { mode: 0o700 });
  if (user.switches) await chown(unfinished, user.uid, user.gid);
  await chmod(unfinished, 0o700);
  await runInitdb(unfinished, binaries, user, durable);
  await rename(unfinished, cluster);
}

async function removeUnfinished(cluster: string): Promise<void> {
  const folder = dirname(cluster);
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${basename(cluster)}.unfinished-`));
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}

async function runInitdb(
  folder: string,
  binaries: Binaries,
  user: Place['user'],
  durable: boolean,
): Promise<void> {
  const identity = user.switches ? { uid: user.uid, gid: user.gid } : {};
  const child = spawn(
    join(binaries.folder, 'bin', 'initdb'),
    [
      ...[
        '--pgdata',
        folder,
        '--username',
        superuser,
        '--auth',
        'trust',
        '--encoding',
        'UTF8',
        '--no-instructions',
      ],
      ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
      ...(durable ? [] : ['--no-sync']),
    ],
    // Detached: a Ctrl-C in the terminal is the owner's to answer, after what it has begun.
    { cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { LC_ALL: 'C' }, ...identity },
  );
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const [exitCode, complaints] = await Promise.all([ended, text(child.stderr)]);
  if (exitCode === 0) return;
  await rm(folder, { recursive: true, force: true });
  const reason =
    complaints.split('\n').find((line) => /error|FATAL|PANIC/.test(line)) ?? `initdb ended with ${exitCode}`;
  if (/No space left|quota/i.test(complaints)) throw new EmbeddedDatabaseError('disk-full', folder);
  throw new EmbeddedDatabaseError('start-failed', reason.trim());
}
