import { readFile, rm, writeFile } from 'node:fs/promises';
import { isStillAlive, processIdentity } from './processes.ts';

/** Whether a living process has said that it keeps the server. */
export async function hasLiveOwner(ownerFile: string): Promise<boolean> {
  const identity = await readFile(ownerFile, 'utf8').catch(() => '');
  return identity !== '' && isStillAlive(identity);
}

/** Says that this process keeps the server from now on: others attach instead of starting or taking over. */
export async function becomeOwner(ownerFile: string): Promise<void> {
  await writeFile(ownerFile, processIdentity(process.pid) ?? '', { mode: 0o644 });
}

/** Takes it back. Only call it as the owner. */
export async function endOwnership(ownerFile: string): Promise<void> {
  await rm(ownerFile, { force: true });
}
