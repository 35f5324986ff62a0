import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeEmbeddedDatabase } from '@hitokagi/embedded-database';
import { complaint, StartError } from './texts.ts';

const markFile = 'made-by-npm-start';

/** Makes the data folder with its folder for logs, and marks one that was empty as ours. Throws StartError. */
export async function prepareDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length === 0) await writeFile(join(folder, markFile), '');
    const probe = join(folder, '.write-test');
    await writeFile(probe, 'x');
    await rm(probe);
    await mkdir(logFolderOf(folder), { recursive: true });
  } catch (error) {
    throw new StartError(complaint('dataFolderNotWritable', folder), { cause: error });
  }
}

/**
 * Removes everything in the data folder and the database, which may lie elsewhere. A folder that `prepareDataFolder` did not
 * find empty is left alone: HITOKAGI_DATA_DIR may name somebody's home by mistake. Throws StartError.
 */
export async function emptyDataFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.length === 0) return;
  if (!names.includes(markFile)) throw new StartError(complaint('notOurDataFolder', folder));
  await removeEmbeddedDatabase(folder);
  try {
    for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
  } catch (error) {
    throw new StartError(complaint('dataFolderNotWritable', folder), { cause: error });
  }
}

export function logFolderOf(dataFolder: string): string {
  return join(dataFolder, 'logs');
}

/** The client secrets of the two sample consoles. */
export type SampleSecrets = { sms: string; mail: string };

export function secretsFileOf(dataFolder: string): string {
  return join(dataFolder, 'sample-secrets.json');
}

/** Reads them, made once per data folder and readable by its owner only. */
export async function sampleSecrets(dataFolder: string): Promise<SampleSecrets> {
  const file = secretsFileOf(dataFolder);
  const made = await readFile(file, 'utf8').catch(() => null);
  if (made !== null) return JSON.parse(made) as SampleSecrets;
  const secret = () => randomBytes(32).toString('base64url');
  const secrets = { sms: secret(), mail: secret() };
  await writeFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}

/** Whether the sample people were put into the databases by an earlier start, to the end. */
export async function hasSampleData(dataFolder: string): Promise<boolean> {
  return (await readdir(dataFolder)).includes('sample-data-done');
}

/** Says so. */
export async function noteSampleData(dataFolder: string): Promise<void> {
  await writeFile(join(dataFolder, 'sample-data-done'), '');
}
