import { realpath, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';
import { withLock } from './lock.ts';
import { hasLiveOwner } from './owner.ts';
import { filesOf, writableFolder } from './place.ts';
import { findLiveServer } from './postmaster-file.ts';
import { stopServer } from './server.ts';

/**
 * Removes the database of a data folder, wherever it lies, and stops the server that a killed owner left on it. Nothing
 * happens when there is none. Throws `in-use` while a living process keeps it, `data-folder-not-writable`.
 */
export async function removeEmbeddedDatabase(dataFolder: string): Promise<void> {
  if (!(await stat(dataFolder).catch(() => null))) return;
  const folder = await writableFolder(resolve(dataFolder));
  const { lockFile, ownerFile, logFile } = filesOf(folder);
  await withLock(lockFile, folder, async () => {
    if (await hasLiveOwner(ownerFile)) throw new EmbeddedDatabaseError('in-use', folder);
    const entry = join(folder, 'postgresql');
    const cluster = await realpath(entry).catch(() => null);
    if (cluster) {
      const left = await findLiveServer(cluster);
      if (left) {
        await stopServer(left.pid);
        await rm(left.socketFolder, { recursive: true, force: true });
      }
      await rm(cluster, { recursive: true });
    }
    for (const file of [entry, ownerFile, logFile, `${logFile}.1`]) await rm(file, { force: true });
  });
}
