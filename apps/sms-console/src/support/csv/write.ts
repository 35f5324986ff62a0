import Encoding from 'encoding-japanese';

/** UTF-8 with a byte order mark, which spreadsheets ask for, or Shift_JIS as Japanese offices open it without asking. */
export const CSV_ENCODINGS = ['utf-8', 'shift_jis'] as const;
export type CsvEncoding = (typeof CSV_ENCODINGS)[number];

/** 〓, the sign that printers set for a character that they do not have. */
const MISSING = Buffer.from([0x81, 0xac]);

/**
 * Rows as CSV for a spreadsheet (RFC 4180, CR LF). A cell that a spreadsheet would take for a formula begins with an apostrophe
 * (OWASP, CSV injection); numbers such as +81… and -1 are left as they are.
 */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Text as the bytes of a file; `isFirst` adds what the file begins with. */
export function encodeCsv(text: string, encoding: CsvEncoding, { isFirst }: { isFirst: boolean }): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(isFirst ? `\ufeff${text}` : text);
    case 'shift_jis':
      return toShiftJis(text);
  }
}

/** Text as Windows-31J; what it does not have becomes 〓. */
export function toShiftJis(text: string): Buffer {
  return Buffer.concat([...text].map((character) => shiftJis(character) ?? MISSING));
}

/** Adds to `lost` the characters of a text that Shift_JIS does not have. */
export function noteLost(text: string, lost: Set<string>): void {
  for (const character of text) if (shiftJis(character) === null) lost.add(character);
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=@\t\r]|^[+-](?![\d\s-]*$)/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const known = new Map<string, Buffer | null>();

/** The bytes of one character; null when Shift_JIS does not have it. Each is asked for once. */
function shiftJis(character: string): Buffer | null {
  const before = known.get(character);
  if (before !== undefined) return before;
  const bytes = Buffer.from(
    Encoding.convert(Encoding.stringToCode(character), { to: 'SJIS', from: 'UNICODE' }),
  );
  const found = character !== '?' && bytes.equals(Buffer.from('?')) ? null : bytes;
  known.set(character, found);
  return found;
}
