import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { decodeLine, encodingCensus, foreignFormat, type Encoding, type ForeignFormat } from './encoding.ts';
import { knownColumns, readHeader, type Header, type HeaderResult, type Separator } from './header.ts';
import { linesOf, type Line } from './lines.ts';
import { isFilled, recordReader, type CsvRecord, type TextLine } from './records.ts';

/** Opens the file from its beginning; called twice, so that everything is known of a file before its first row is used. */
export type OpenFile = () => Readable;

/** How to read a file, and which file it is. `lines` counts all of them, `hash` is its SHA-256 in hex. */
export type FileLayout = {
  encoding: Encoding;
  separator: Separator;
  header: Header;
  hash: string;
  bytes: number;
  lines: number;
};

export type FileRefusal =
  | { ok: false; reason: 'file-empty' }
  | { ok: false; reason: 'encoding-unsupported'; found: ForeignFormat; line: number }
  | Exclude<HeaderResult, { ok: true }>;

const HEAD_BYTES = 4_096;
const HEAD_LINES = 50;

/** Reads the whole file once and says how to read it: its encoding, separator and columns. Finds what makes it unreadable before a row is used. */
export async function inspectFile(
  open: OpenFile,
  onBytes: (bytes: number) => void,
): Promise<({ ok: true } & FileLayout) | FileRefusal> {
  const hash = createHash('sha256');
  const census = encodingCensus();
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let lines = 0;
  const first: Line[] = [];
  for await (const group of linesOf(open(), see)) {
    // UTF-16 and spreadsheets have hardly any lines; there is no use in reading on.
    const foreign = foreignFormat(head);
    if (foreign) return { ok: false, reason: 'encoding-unsupported', found: foreign, line: 1 };
    for (const line of group) census.add(line.bytes, line.number);
    lines += group.length;
    if (first.length < HEAD_LINES) first.push(...group.slice(0, HEAD_LINES - first.length));
  }
  if (lines === 0) return { ok: false, reason: 'file-empty' };
  const verdict = census.verdict(head.subarray(0, 3).equals(UTF8_MARK));
  if (!verdict.ok)
    return { ok: false, reason: 'encoding-unsupported', found: verdict.found, line: verdict.line };
  const { encoding } = verdict;
  const { separator, names } = firstRecord(first, encoding);
  if (!names) return { ok: false, reason: 'file-empty' };
  const header = readHeader(names);
  if (!header.ok) return header;
  return { ok: true, encoding, separator, header: header.header, hash: hash.digest('hex'), bytes, lines };

  function see(chunk: Buffer): void {
    hash.update(chunk);
    bytes += chunk.length;
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    onBytes(bytes);
  }
}

/** The file is not the one that was inspected: it was written to in between. */
export class FileChanged extends Error {}

/**
 * The records after the header, in groups, in the order of the file. Memory does not grow with the file.
 * @throws FileChanged at the end, if the bytes were not those that were inspected
 */
export async function* recordsOf(
  open: OpenFile,
  layout: FileLayout,
  onBytes: (bytes: number) => void,
): AsyncGenerator<CsvRecord[]> {
  const hash = createHash('sha256');
  const reader = recordReader(layout.separator);
  let bytes = 0;
  let headerSeen = false;
  const withoutHeader = (records: CsvRecord[]): CsvRecord[] => {
    if (headerSeen) return records;
    const header = records.findIndex(isFilled);
    headerSeen = header !== -1;
    return headerSeen ? records.slice(header + 1) : [];
  };
  for await (const group of linesOf(open(), see)) {
    const records = withoutHeader(group.flatMap((line) => reader.read(textOf(line, layout.encoding))));
    if (records.length > 0) yield records;
  }
  const last = withoutHeader(reader.end());
  if (last.length > 0) yield last;
  if (hash.digest('hex') !== layout.hash) throw new FileChanged();

  function see(chunk: Buffer): void {
    hash.update(chunk);
    bytes += chunk.length;
    onBytes(bytes);
  }
}

const UTF8_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const SEPARATORS: readonly Separator[] = [',', '\t'];

/** The header's names by the separator that finds most of the known ones, else most fields. */
function firstRecord(
  lines: readonly Line[],
  encoding: Encoding,
): { separator: Separator; names: readonly string[] | undefined } {
  const candidates = SEPARATORS.map((separator) => {
    const reader = recordReader(separator);
    const records = [...lines.flatMap((line) => reader.read(textOf(line, encoding))), ...reader.end()];
    return { separator, names: records.find(isFilled)?.fields };
  });
  const worth = (names: readonly string[] | undefined) =>
    names ? knownColumns(names) * 1_000 + names.length : 0;
  return candidates.reduce((best, one) => (worth(one.names) > worth(best.names) ? one : best));
}

function textOf(line: Line, encoding: Encoding): TextLine {
  const { number, bytes } = line;
  if (line.cut) return { number, text: bytes.toString('latin1'), fault: 'line-too-long' };
  const text = decodeLine(bytes, encoding);
  // Latin-1 reads any byte and leaves commas and quotes where they are, so the record's id can still be told.
  return text === undefined
    ? { number, text: bytes.toString('latin1'), fault: 'text-undecodable' }
    : { number, text };
}
