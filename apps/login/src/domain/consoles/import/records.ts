import { pipeline } from 'node:stream';
import { CsvError, parse, type Info, type Options } from 'csv-parse';
import { parse as parseAtOnce } from 'csv-parse/sync';
import type { Separator } from './header.ts';

/** One record of a CSV file, or what is wrong with the lines from `line` to `lastLine`. */
export type CsvRecord = {
  line: number;
  lastLine: number;
  fields: readonly string[];
  fault?: 'quote-broken' | 'line-too-long';
};

/** In bytes; a longer record is no row of people, and reading it whole would let one file fill the memory. */
export const LONGEST_RECORD = 256 * 1024;

/** RFC 4180 with any separator; a quote in the middle of a field is a character. */
const FORMAT = {
  record_delimiter: '\n',
  relax_quotes: true,
  relax_column_count: true,
  skip_empty_lines: true,
} satisfies Options;

/**
 * The records of a text whose lines end in LF, as csv-parse reads them. A quote that is not closed within `LONGEST_RECORD` ends the reading, as does
 * a line longer than that: the last record then is the fault, from the line where it begins to the end of the file.
 * @param lines how many the text has
 */
export async function* recordsIn(
  text: AsyncIterable<string>,
  separator: Separator,
  lines: number,
): AsyncGenerator<CsvRecord> {
  const failed: { by?: CsvError | undefined } = {};
  const parser = parse({
    ...FORMAT,
    delimiter: separator,
    info: true,
    max_record_size: LONGEST_RECORD,
    // An error of the stream would throw away the records that have been read and not been taken yet.
    skip_records_with_error: true,
    on_skip: (error) => void (failed.by ??= error),
    // csv-parse does not find its place again after a record that is too long.
    on_record: (record) => (failed.by ? null : record),
  });
  // What fails in the text reaches whoever reads the parser.
  pipeline(text, parser, () => undefined);

  let before = { lines: 0, empty_lines: 0 };
  const beginOf = (info: Info) => before.lines + 1 + info.empty_lines - before.empty_lines;
  for await (const { record: fields, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    const place = { line: beginOf(info), lastLine: info.lines };
    before = info;
    yield fields.some(isRunOn) ? { ...place, fields, fault: 'quote-broken' } : { ...place, fields };
  }
  if (!failed.by) return;
  const info = failed.by as CsvError & Info;
  const line = beginOf(info);
  const isOneLine = info.code === 'CSV_MAX_RECORD_SIZE' && info.lines === line;
  yield { line, lastLine: lines, fields: [], fault: isOneLine ? 'line-too-long' : 'quote-broken' };
}

/** The fields of the first record that has anything in it, or its first line as it is if its quotes are not closed; undefined if there is none. */
export function firstRecord(text: string, separator: Separator): readonly string[] | undefined {
  const how = { ...FORMAT, delimiter: separator, skip_records_with_empty_values: true, to: 1 };
  try {
    return parseAtOnce(text, how)[0];
  } catch (error) {
    if (error instanceof CsvError) return text.trim().split('\n', 1);
    throw error;
  }
}

/** Whether a record has anything in it; spreadsheets end their files with rows of nothing but separators. */
export function isFilled({ fields }: CsvRecord): boolean {
  return fields.some((field) => field.trim() !== '');
}

/** What `relax_quotes` makes of a quote that was closed only by a later row's: the field keeps its first quote and the rows between. */
function isRunOn(field: string): boolean {
  return field.startsWith('"') && field.includes('\n');
}
