import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { foreignFormat, textOf, type Encoding, type ForeignFormat } from './encoding.ts';
import { knownColumns, readHeader, type Header, type HeaderResult, type Separator } from './header.ts';
import { firstRecord, isFilled, recordsIn, type CsvRecord } from './records.ts';

/** Opens the file from its beginning; called for every reading, since everything is known of a file before its first row is used. */
export type OpenFile = () => Readable;

/** How to read a file, and which file it is. `lines` counts all of them, `hash` is its SHA-256 in hex. */
export type FileLayout = {
  encoding: Encoding;
  separator: Separator;
  header: Header;
  hash: string;
  lines: number;
};

export type FileRefusal =
  | { ok: false; reason: 'file-empty' }
  | { ok: false; reason: 'encoding-unsupported'; found: ForeignFormat }
  /** Neither UTF-8 nor Shift_JIS from its beginning to its end; `line` is the first that cannot be read. */
  | { ok: false; reason: 'text-undecodable'; line: number }
  | Exclude<HeaderResult, { ok: true }>;

const SEPARATORS: readonly Separator[] = [',', '\t'];
/** In characters; the header is within. */
const HEAD = 64 * 1024;

/** Reads the whole file and says how to read it: its encoding, separator and columns. Finds what makes it unreadable before a row is used. */
export async function inspectFile(
  open: OpenFile,
  onBytes: (bytes: number) => void,
): Promise<({ ok: true } & FileLayout) | FileRefusal> {
  let line = 0;
  // UTF-8 first: Japanese in UTF-8 often happens to be valid Shift_JIS (株式会社 reads as 譬ｪ蠑丈ｼ夂､ｾ), the reverse hardly ever.
  for (const encoding of ['utf-8', 'shift_jis'] as const) {
    const read = await readAs(encoding, open, onBytes);
    if (read.ok) return layoutOf(encoding, read);
    if (read.reason === 'encoding-unsupported') return read;
    line = Math.max(line, read.line);
    if (read.japaneseBefore) break;
  }
  const { ok: isEucJp } = await readAs('euc-jp', open, onBytes);
  if (isEucJp) return { ok: false, reason: 'encoding-unsupported', found: 'euc-jp' };
  return { ok: false, reason: 'text-undecodable', line };
}

/** The file is not the one that was inspected: it was written to in between. */
export class FileChanged extends Error {}

/**
 * The records after the header, in the order of the file. Memory does not grow with the file.
 * @throws FileChanged at the end, if the bytes were not those that were inspected
 */
export async function* recordsOf(
  open: OpenFile,
  layout: FileLayout,
  onBytes: (bytes: number) => void,
): AsyncGenerator<CsvRecord> {
  const seen = fingerprint(onBytes);
  const text = textOf(open(), layout.encoding, seen.add);
  let headerSeen = false;
  for await (const record of recordsIn(text, layout.separator, layout.lines)) {
    if (headerSeen) yield record;
    else headerSeen = isFilled(record);
  }
  if (seen.hash() !== layout.hash) throw new FileChanged();
}

type Read =
  | { ok: true; hash: string; lines: number; head: string }
  | { ok: false; reason: 'encoding-unsupported'; found: ForeignFormat }
  /** `japaneseBefore`: an earlier line has Japanese in this encoding, so it is the right one and the file is damaged. */
  | { ok: false; reason: 'text-undecodable'; line: number; japaneseBefore: boolean };

/** Reads the file to its end, or to where it is not in this encoding. */
async function readAs(
  encoding: Encoding | 'euc-jp',
  open: OpenFile,
  onBytes: (bytes: number) => void,
): Promise<Read> {
  const strict = new TextDecoder(encoding, { fatal: true });
  const seen = fingerprint(onBytes);
  let found: ForeignFormat | undefined;
  let isSound = true;
  const text = textOf(open(), encoding, (chunk) => {
    if (seen.add(chunk) === chunk.length) found = foreignFormat(chunk);
    isSound = isText(strict, chunk);
  });
  let line = 1;
  let japanese = Infinity;
  let head = '';
  let last = '';
  for await (const some of text) {
    if (found) return { ok: false, reason: 'encoding-unsupported', found };
    const sound = isSound ? some : some.slice(0, some.indexOf('\ufffd'));
    // Only what UTF-8 writes in three bytes proves it: two half-width katakana of Shift_JIS can look like a form of two.
    const at = sound.search(/[\u0800-\uffff]/);
    if (at !== -1) japanese = Math.min(japanese, line + lineEndsIn(sound.slice(0, at)));
    line += lineEndsIn(sound);
    if (!isSound) break;
    if (head.length < HEAD) head += some;
    last = some.at(-1) ?? last;
  }
  if (!isSound || !isText(strict))
    return { ok: false, reason: 'text-undecodable', line, japaneseBefore: japanese < line };
  return { ok: true, hash: seen.hash(), lines: last === '\n' ? line - 1 : line, head };
}

function layoutOf(
  encoding: Encoding,
  { hash, lines, head }: Extract<Read, { ok: true }>,
): ({ ok: true } & FileLayout) | FileRefusal {
  const { separator, names } = bestSeparator(head);
  if (!names) return { ok: false, reason: 'file-empty' };
  const header = readHeader(names);
  return header.ok ? { ok: true, encoding, separator, header: header.header, hash, lines } : header;
}

/** The header's names by the separator that finds most of the known ones, else most fields. */
function bestSeparator(head: string): { separator: Separator; names: readonly string[] | undefined } {
  const worth = (names: readonly string[] = []) => knownColumns(names) * 1_000 + names.length;
  const candidates = SEPARATORS.map((separator) => ({ separator, names: firstRecord(head, separator) }));
  return candidates.reduce((best, one) => (worth(one.names) > worth(best.names) ? one : best));
}

/** Which file it is, and how much of it has been read. */
function fingerprint(onBytes: (bytes: number) => void) {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    add: (chunk: Buffer): number => {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      return bytes;
    },
    hash: () => hash.digest('hex'),
  };
}

function isText(strict: TextDecoder, chunk?: Buffer): boolean {
  try {
    strict.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

function lineEndsIn(text: string): number {
  return text.split('\n').length - 1;
}
