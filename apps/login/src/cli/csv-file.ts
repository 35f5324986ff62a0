import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Writes a file of people's data, readable for its owner only. False when the file cannot be written. */
export async function writeCsvFile(
  path: string,
  csv: Readable,
  errors: { write(text: string): unknown },
): Promise<boolean> {
  try {
    await pipeline(csv, createWriteStream(path, { mode: 0o600 }));
    return true;
  } catch (error) {
    const { code, path: where } = error as NodeJS.ErrnoException;
    if (where === undefined) throw error;
    errors.write(`${path} cannot be written (${code}). Name a file in a folder that exists and is yours.\n`);
    return false;
  }
}
