import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';
import { chooseServerUser, firstClosedFolder, type ServerUser } from './server-user.ts';

const MEGABYTE = 1024 * 1024;

/** Where everything of one embedded database lies. All paths are absolute and free of links. */
export type Place = {
  dataFolder: string;
  /** The cluster. It may not be there yet; the folder above it is. */
  cluster: string;
  /** Holds the socket only; made anew by `openSocketFolder`. */
  socketFolder: string;
  /** Where copies of the binaries go if the server's user cannot reach those of the npm package. */
  copiesFolder: string;
  user: ServerUser;
  lockFile: string;
  ownerFile: string;
  logFile: string;
};

/** The files beside the cluster: who is opening it, who keeps it, and what the server says. */
export function filesOf(dataFolder: string): { lockFile: string; ownerFile: string; logFile: string } {
  const entry = join(dataFolder, 'postgresql');
  return { lockFile: `${entry}.lock`, ownerFile: `${entry}.owner`, logFile: `${entry}.log` };
}

/** Makes the folder if it is absent and returns its path without links. Throws `data-folder-not-writable`, `disk-full`. */
export async function writableFolder(folder: string): Promise<string> {
  const probe = join(folder, `.write-test-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, 'x');
    await rm(probe);
    return await realpath(folder);
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
    throw new EmbeddedDatabaseError(isFull ? 'disk-full' : 'data-folder-not-writable', folder, {
      cause: error,
    });
  }
}

/**
 * Decides where the database of a data folder lies and creates the folders on the way. It is `<dataFolder>/postgresql`,
 * except when we are root and the server's user cannot enter the data folder: then it lies in
 * `<sharedFolder>/clusters/<hash>` and `<dataFolder>/postgresql` is a link to it. Call it under the lock.
 * Throws `disk-full`, `no-unprivileged-user`, `cluster-of-another-user`, `not-reachable`.
 */
export async function preparePlace(dataFolder: string, sharedFolder: string): Promise<Place> {
  const entry = join(dataFolder, 'postgresql');
  const existing = await existingCluster(entry);
  const user = chooseServerUser(existing);
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12);
  return {
    dataFolder,
    cluster: existing ?? (await newCluster(entry, name, sharedFolder, user)),
    socketFolder: socketFolderFor(name, user),
    copiesFolder: user.switches ? sharedFolder : dataFolder,
    user,
    ...filesOf(dataFolder),
  };
}

/** Creates the folder for the socket, which only the server's user and root may enter. Throws `socket-folder`. */
export async function openSocketFolder({ socketFolder, user }: Place): Promise<void> {
  await mkdir(socketFolder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  // In a temp folder anyone can have made something of this name beforehand, to stand between us and the database.
  const found = await lstat(socketFolder);
  const isOurs = found.isDirectory() && (found.uid === user.uid || found.uid === process.getuid?.());
  if (!isOurs) throw new EmbeddedDatabaseError('socket-folder', socketFolder);
  if (user.switches) await chown(socketFolder, user.uid, user.gid);
  await chmod(socketFolder, 0o700);
}

/** Removes the socket folder of a server that is gone. */
export async function removeSocketFolder({ socketFolder }: Place): Promise<void> {
  await rm(socketFolder, { recursive: true, force: true });
}

async function existingCluster(entry: string): Promise<string | null> {
  try {
    return await realpath(entry);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new EmbeddedDatabaseError('not-reachable', entry, { cause: error });
    }
    await rm(entry, { force: true }); // nothing there, or a link whose cluster is gone
    return null;
  }
}

async function newCluster(
  entry: string,
  name: string,
  sharedFolder: string,
  user: ServerUser,
): Promise<string> {
  const dataFolder = join(entry, '..');
  await requireSpace(dataFolder);
  if (!user.switches || firstClosedFolder(dataFolder, user) === null) return entry;
  const clusters = join(sharedFolder, 'clusters');
  await makeReachable(sharedFolder, user);
  await makeReachable(clusters, user);
  await requireSpace(clusters);
  const cluster = join(await realpath(clusters), name);
  await setAside(cluster);
  await symlink(cluster, entry);
  return cluster;
}

async function makeReachable(folder: string, user: ServerUser): Promise<void> {
  if (!(await stat(folder).catch(() => null))) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o755);
  }
  const closed = firstClosedFolder(await realpath(folder), user);
  if (closed) throw new EmbeddedDatabaseError('not-reachable', closed);
}

// A cluster without the link to it: somebody removed the data folder by hand and expects to begin anew.
async function setAside(cluster: string): Promise<void> {
  const found = await stat(cluster).catch(() => null);
  if (found) await rename(cluster, `${cluster}.left-${Math.round(found.ctimeMs)}`);
}

async function requireSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < 100 * MEGABYTE) throw new EmbeddedDatabaseError('disk-full', folder);
}

// The path of a Unix socket has at most 107 bytes, and PostgreSQL adds `/.s.PGSQL.5432.lock` to it.
function socketFolderFor(name: string, user: ServerUser): string {
  const temporary =
    [tmpdir(), '/tmp'].find((folder) => folder.length < 50 && isEnterable(folder, user)) ?? '/tmp';
  return join(temporary, `hitokagi-${user.uid}-${name}`);
}

function isEnterable(folder: string, user: ServerUser): boolean {
  try {
    return firstClosedFolder(folder, user) === null;
  } catch {
    return false;
  }
}
