import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newSecret } from '#support/primitives/secrets.ts';
import type { Config } from './config.ts';

/** The master key: from the configuration, or (outside production) made once and kept in the data folder, readable by its owner alone. */
export async function masterSecret(config: Config, dataFolder: string): Promise<string> {
  if (config.secret) return config.secret;
  const file = join(dataFolder, 'master-secret');
  await mkdir(dataFolder, { recursive: true });
  // Two programs may start at once: whoever writes first decides.
  await writeFile(file, newSecret(), { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}
