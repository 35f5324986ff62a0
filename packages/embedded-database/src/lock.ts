import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedDatabaseError } from './errors.ts';
import { isStillAlive, processIdentity } from './processes.ts';

const SECOND = 1000;
const PAUSE = 50;

/**
 * Runs `work` while no other process, and no other call in this one, runs work under the same lock file. A lock whose
 * holder died is taken away. Rejects with `busy` after `patience` milliseconds; `folder` is what that sentence names.
 *
 * Node offers no flock(2), so the file is created exclusively and names its holder. Taking over a dead holder's file has
 * a window of some microseconds; what it guards is guarded once more (the cluster appears by one rename, and PostgreSQL
 * refuses a second server on one cluster), so the lock spares people an error message rather than their data.
 */
export async function withLock<T>(
  file: string,
  folder: string,
  work: () => Promise<T>,
  patience = 120 * SECOND,
): Promise<T> {
  const mine = `${processIdentity(process.pid)}#${randomUUID()}`;
  const deadline = performance.now() + patience;
  let unreadableFor = 0;
  while (!(await createExclusively(file, mine))) {
    const holder = await readFile(file, 'utf8').catch(() => '');
    unreadableFor = holder ? 0 : unreadableFor + 1; // created, but its holder's name not yet written
    const isDead = holder ? !isStillAlive(holder.split('#')[0] ?? '') : unreadableFor > SECOND / PAUSE;
    if (isDead) await takeAway(file, holder);
    else if (performance.now() > deadline) throw new EmbeddedDatabaseError('busy', folder);
    else await sleep(PAUSE);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function createExclusively(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

// By a rename, so that of several who saw the dead holder only one takes the file, and can see whether it was the dead one's.
async function takeAway(file: string, expected: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const taken = await readFile(aside, 'utf8');
  if (taken === expected) await rm(aside, { force: true });
  else await rename(aside, file);
}
