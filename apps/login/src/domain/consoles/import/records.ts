/** A decoded line. `fault` is set where its bytes could not be read as they should; the text then only keeps the commas and quotes. */
export type TextLine = { number: number; text: string; fault?: 'text-undecodable' | 'line-too-long' };

/** One record of a CSV file: the fields as they are meant, or what is wrong with the lines from `line` to `lastLine`. */
export type CsvRecord = {
  line: number;
  lastLine: number;
  fields: readonly string[];
  fault?: 'quote-broken' | 'text-undecodable' | 'line-too-long';
};

export type RecordReader = {
  /** Takes the next line and returns the records that it completes, in order. */
  read(line: TextLine): CsvRecord[];
  /** The records that the end of the file completes. */
  end(): CsvRecord[];
};

/** A record in quotes that runs on longer than this began with a stray quote. */
const MOST_LINES = 200;
const MOST_CHARACTERS = 64 * 1024;

/**
 * Puts lines together to records (RFC 4180, with any separator; a quote inside an unquoted field is a character, spaces after a closing quote are
 * ignored). When a quote is never closed, or closed in the middle of a field, only the line that began the record is given up and reading goes on
 * with the next one: one stray quote costs one row and not the rest of the file. A general CSV parser stops there, or swallows the rows between.
 */
export function recordReader(separator: string): RecordReader {
  let open: TextLine[] = [];
  return {
    read: (line) => settle([line], false),
    end: () => settle([], true),
  };

  function settle(waiting: TextLine[], atEnd: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    for (;;) {
      const line = waiting.shift();
      if (line) {
        const record = take(line);
        if (record === 'given-up') waiting = giveUp(records, waiting);
        else if (record) records.push(record);
      } else if (atEnd && open.length > 0) waiting = giveUp(records, waiting);
      else return records;
    }
  }

  /** The record that this line completes; undefined when it goes on. */
  function take(line: TextLine): CsvRecord | undefined | 'given-up' {
    const hasQuote = line.text.includes('"');
    if (open.length === 0 && !hasQuote) return completed([line], line.text.split(separator));
    open.push(line);
    const fields = hasQuote ? fieldsOf(open.map((one) => one.text).join('\n'), separator) : 'open';
    if (fields === 'broken' || (fields === 'open' && isTooLong())) return 'given-up';
    if (fields === 'open') return undefined;
    const lines = open;
    open = [];
    return completed(lines, fields);
  }

  function giveUp(records: CsvRecord[], waiting: TextLine[]): TextLine[] {
    const [first, ...others] = open;
    open = [];
    if (first)
      records.push({
        line: first.number,
        lastLine: first.number,
        fields: first.text.split(separator),
        fault: first.fault ?? 'quote-broken',
      });
    return [...others, ...waiting];
  }

  function isTooLong(): boolean {
    return (
      open.length > MOST_LINES || open.reduce((sum, line) => sum + line.text.length, 0) > MOST_CHARACTERS
    );
  }
}

/** Whether a record has anything in it; spreadsheets end their files with rows of nothing but separators. */
export function isFilled(record: CsvRecord): boolean {
  return record.fields.some((field) => field.trim() !== '');
}

function completed(lines: readonly TextLine[], fields: readonly string[]): CsvRecord {
  const line = lines[0]?.number ?? 0;
  const lastLine = lines.at(-1)?.number ?? line;
  const fault = lines.find((one) => one.fault)?.fault;
  return fault ? { line, lastLine, fields, fault } : { line, lastLine, fields };
}

/** The fields of a record's text; `open` if it ends inside quotes, `broken` if something follows a closing quote. */
function fieldsOf(text: string, separator: string): string[] | 'open' | 'broken' {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      const quoted = quotedField(text, at + 1);
      if (!quoted) return 'open';
      fields.push(quoted.value);
      at = quoted.end;
      while (text[at] === ' ') at++;
      if (at === text.length) return fields;
      if (text[at] !== separator) return 'broken';
      at++;
    } else {
      const next = text.indexOf(separator, at);
      const end = next === -1 ? text.length : next;
      fields.push(text.slice(at, end));
      if (next === -1) return fields;
      at = next + 1;
    }
  }
}

function quotedField(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  let from = start;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return undefined;
    if (text[quote + 1] !== '"') return { value: value + text.slice(from, quote), end: quote + 1 };
    value += text.slice(from, quote + 1);
    from = quote + 2;
  }
}
