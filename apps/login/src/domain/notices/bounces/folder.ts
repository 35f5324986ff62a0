import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Db } from '#support/db/database.ts';
import { LARGEST_MAILBOX, mailsIn } from './mailbox.ts';
import { takeBounce, type BounceResult } from './take.ts';

export type FileResult = {
  file: string;
  /** Which mail of the file, from 1, where it holds several. */
  mail?: number;
  result: BounceResult | { ok: false; problem: 'unreadable' };
};

/**
 * Takes notifications from a file (one mail, or a mailbox of several), from a folder of `.eml` files, or from a Maildir (`new` and `cur`). Files stay as they are; what was read before is known by
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
  for (const file of files) results.push(...(await take(db, file, from)));
  return results;
}

async function take(
  db: Db,
  file: string,
  from: Parameters<typeof takeBounce>[2],
): Promise<readonly FileResult[]> {
  let source: Buffer;
  try {
    if ((await stat(file)).size > LARGEST_MAILBOX)
      return [{ file, result: { ok: false, problem: 'too-large' } }];
    source = await readFile(file);
  } catch {
    return [{ file, result: { ok: false, problem: 'unreadable' } }];
  }
  const mails = mailsIn(source);
  const results: FileResult[] = [];
  for (const [i, mail] of mails.entries())
    results.push({
      file,
      ...(mails.length > 1 ? { mail: i + 1 } : {}),
      result: await takeBounce(db, mail, from),
    });
  return results;
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
