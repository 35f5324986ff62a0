import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MasterKeyMissing } from '#support/keys/master-key.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import type { Config } from './config.ts';

/** The master key: from the configuration, or (outside production) made once and kept in the data folder, readable by its owner alone. */
export async function masterSecret(config: Config, dataFolder: string): Promise<string> {
  if (config.secret) return config.secret;
  const file = join(dataFolder, 'master-secret');
  await mkdir(dataFolder, { recursive: true });
  if (!existsSync(file)) {
    // Written beside and linked into place: two programs may start at once, one may be killed, and nobody ever reads half a secret.
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, newSecret(), { mode: 0o600 });
    await link(unfinished, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(unfinished);
  }
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret.length < 32)
    throw new Error(
      `${file} is damaged. Restore it from a backup: without it the signing keys and passwords of this database cannot be read.`,
    );
  return secret;
}

/** What an operator has to do who did not give a master key that is needed, in one sentence. */
export function missingKey({ fingerprint, given }: MasterKeyMissing): string {
  const known = `The keys that were given have the fingerprint ${given.join(' and ')}.`;
  return fingerprint === undefined
    ? `HITOKAGI_SECRET is not the one that this database was used with: what is encrypted in it cannot be read. ${known} Set the former secret.`
    : `This database is encrypted with the master key of fingerprint ${fingerprint}, which was not given. ${known} Set it as HITOKAGI_SECRET or, while the master key is being changed, as HITOKAGI_SECRET_PREVIOUS (docs/operators/master-key.md).`;
}
