import Encoding from 'encoding-japanese';

/**
 * Rows as CSV for a spreadsheet (RFC 4180, CR LF). A cell that a spreadsheet would take for a formula begins with an apostrophe
 * (OWASP, CSV injection); numbers such as +81… and -1 are left as they are.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** Text as Windows-31J; what it does not have becomes 〓. */
export function toShiftJis(text: string): Buffer {
  const known = [...text].map((character) => (isKnown(character) ? character : '〓')).join('');
  return Buffer.from(Encoding.convert(Encoding.stringToCode(known), { from: 'UNICODE', to: 'SJIS' }));
}

function isKnown(character: string): boolean {
  if (character.charCodeAt(0) < 0x80) return true;
  const bytes = Encoding.convert(Encoding.stringToCode(character), { from: 'UNICODE', to: 'SJIS' });
  return !(bytes.length === 1 && bytes[0] === 0x3f);
}

function cell(value: string): string {
  const safe = /^[=@\t\r]|^[+-](?![\d\s-]*$)/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
