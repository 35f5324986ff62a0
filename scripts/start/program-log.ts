import { createWriteStream } from 'node:fs';
import { open, readFile, rename, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const MEGABYTE = 1024 * 1024;

/** The log of one program. Logs go on from one start to the next; `start` is where that of this start begins. */
export type ProgramLog = { file: string; start: number };

/** The log of this name, and a handle for the program to write to. One that has grown past 10 MB is set aside as `….1`. */
export async function openLog(
  folder: string,
  name: string,
): Promise<{ log: ProgramLog; handle: FileHandle }> {
  const file = join(folder, `${name}.log`);
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  const isLarge = size > 10 * MEGABYTE;
  if (isLarge) await rename(file, `${file}.1`);
  return { log: { file, start: isLarge ? 0 : size }, handle: await open(file, 'a', 0o600) };
}

/** Copies what a program prints into its log. */
export function copyToLog(output: Readable, log: ProgramLog): void {
  output.pipe(createWriteStream(log.file, { flags: 'a' }));
}

/** What the program said last in this start, cut to lines that fit a terminal. */
export async function lastLines(log: ProgramLog): Promise<string[]> {
  const said = (await readFile(log.file).catch(() => Buffer.alloc(0))).subarray(log.start).toString();
  return said
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-30)
    .map((line) => line.slice(0, 400));
}
