import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from '#support/db/database.ts';
import { MAX_NOTIFICATION } from './parse.ts';
import { takeBounce, type BounceResult } from './take.ts';

export type FileResult = { file: string; result: BounceResult | { ok: false; problem: 'unreadable' } };

/**
 * Takes notifications from a file, from a folder of `.eml` files, or from a Maildir (`new` and `cur`). Files stay as they are; what was read before is known by
 * its content, so a folder can be fed again and again.
 * @returns undefined when there is nothing at the path
 */
export async function takeBounceFiles(
  db: Db,
  path: string,
  from: Parameters<typeof takeBounce>[2],
): Promise<FileResult[] | undefined> {
  const files = await filesAt(path);
  if (!files) return undefined;
  const results: FileResult[] = [];
  for (const file of files) results.push({ file, result: await take(db, file, from) });
  return results;
}

async function take(
  db: Db,
  file: string,
  from: Parameters<typeof takeBounce>[2],
): Promise<FileResult['result']> {
  let source: Buffer;
  try {
    if ((await stat(file)).size > MAX_NOTIFICATION) return { ok: false, problem: 'too-large' };
    source = await readFile(file);
  } catch {
    return { ok: false, problem: 'unreadable' };
  }
  return takeBounce(db, source, from);
}

async function filesAt(path: string): Promise<string[] | undefined> {
  const what = await stat(path).catch(() => undefined);
  if (!what) return undefined;
  if (what.isFile()) return [path];
  if (!what.isDirectory()) return undefined;
  const here = await readdir(path, { withFileTypes: true });
  const folders = here.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (!folders.includes('new') || !folders.includes('cur'))
    return here
      .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.eml'))
      .map((entry) => join(path, entry.name))
      .sort();
  const mails: string[] = [];
  for (const folder of ['new', 'cur'])
    for (const entry of await readdir(join(path, folder), { withFileTypes: true }))
      if (entry.isFile()) mails.push(join(path, folder, entry.name));
  return mails.sort();
}
