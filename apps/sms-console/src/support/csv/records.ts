import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type Info, type Options } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import { textOf, type Encoding, type OpenFile } from './encoding.ts';

export type Separator = ',' | '\t' | ';';

/** How a file is to be read. `names` are the fields of its first row. */
export type Layout = {
  readonly encoding: Encoding;
  readonly separator: Separator;
  readonly names: readonly string[];
};

/** One row of a file, by the line on which it begins. `fault`: from here to the end nothing could be read. */
export type CsvRecord = { line: number; fields: readonly string[]; fault?: 'quote-broken' };

/** In bytes; a longer record is no row of recipients, and reading it whole would let one file fill the memory. */
const LONGEST_RECORD = 64 * 1024;
/** In characters; the header is within. */
const HEAD = 64 * 1024;
const SEPARATORS: readonly Separator[] = [',', '\t', ';'];

/** RFC 4180 with any separator; a quote in the middle of a field is a character. */
const FORMAT = {
  record_delimiter: '\n',
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
} satisfies Options;

/** Reads the first rows of a file: its separator is the one that finds most fields. Null for a file with nothing in it. */
export async function readHead(
  open: OpenFile,
  encoding: Encoding,
  rows: number,
): Promise<{ layout: Layout; first: readonly (readonly string[])[] } | null> {
  let head = '';
  for await (const text of textOf(open(), encoding)) {
    head += text;
    if (head.length >= HEAD) break;
  }
  const candidates = SEPARATORS.map((separator) => ({
    separator,
    rows: firstRows(head, separator, rows + 1),
  }));
  const width = ({ rows: [names = []] }: (typeof candidates)[number]) => names.length;
  const best = candidates.reduce((widest, one) => (width(one) > width(widest) ? one : widest));
  const [names, ...first] = best.rows;
  if (!names) return null;
  const layout = { encoding, separator: best.separator, names: names.map((name) => name.trim()) };
  return { layout, first };
}

/**
 * The rows after the first, as csv-parse reads them. A quote that is not closed or a line without end ends the reading with a fault.
 * Memory does not grow with the file.
 */
export async function* recordsOf(open: OpenFile, layout: Layout): AsyncGenerator<CsvRecord> {
  const failed: { by?: CsvError | undefined } = {};
  const parser = parse({
    ...FORMAT,
    delimiter: layout.separator,
    info: true,
    max_record_size: LONGEST_RECORD,
    // An error of the stream would throw away the rows that have been read and not been taken yet.
    skip_records_with_error: true,
    on_skip: (error) => void (failed.by ??= error),
    on_record: (record) => (failed.by ? null : record),
  });
  // What fails in the text reaches whoever reads the parser.
  pipeline(Readable.from(textOf(open(), layout.encoding)), parser, () => undefined);
  let before = { lines: 0, empty_lines: 0 };
  const beginOf = (info: Info) => before.lines + 1 + info.empty_lines - before.empty_lines;
  let headerSeen = false;
  for await (const { record: fields, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    const line = beginOf(info);
    before = info;
    if (!headerSeen) headerSeen = fields.some((field) => field.trim() !== '');
    else if (fields.some(isRunOn)) yield { line, fields, fault: 'quote-broken' };
    else if (fields.some((field) => field.trim() !== '')) yield { line, fields };
  }
  if (failed.by) yield { line: beginOf(failed.by as CsvError & Info), fields: [], fault: 'quote-broken' };
}

function firstRows(text: string, separator: Separator, count: number): string[][] {
  const how = { ...FORMAT, delimiter: separator, skip_records_with_empty_values: true, to: count };
  try {
    return parseAtOnce(text, how);
  } catch (error) {
    if (error instanceof CsvError) return text.trim() === '' ? [] : [text.trim().split('\n', 1)];
    throw error;
  }
}

/** What `relax_quotes` makes of a quote that was closed only by a later row's: the field keeps its first quote and the rows between. */
function isRunOn(field: string): boolean {
  return field.startsWith('"') && field.includes('\n');
}
