/**
 * Text in Shift_JIS as Windows writes it (Windows-31J, which WHATWG calls Shift_JIS): what spreadsheets in Japanese offices open without asking. A character that it does
 * not have becomes 〓, the sign that printers set for one.
 */
export function toShiftJis(text: string): Buffer {
  codes ??= codeTable();
  const bytes: number[] = [];
  for (const character of text) {
    const code = codes.get(SAME.get(character) ?? character) ?? MISSING;
    if (code > 0xff) bytes.push(code >> 8);
    bytes.push(code & 0xff);
  }
  return Buffer.from(bytes);
}

/** 〓 */
const MISSING = 0x81ac;
let codes: ReadonlyMap<string, number> | undefined;

/** Signs that Windows-31J knows by another code point of Unicode (WHATWG Encoding §12.2, Unicode's CP932 table). */
const SAME: ReadonlyMap<string, string> = new Map([
  ['〜', '～'],
  ['−', '－'],
  ['—', '―'],
  ['‖', '∥'],
  ['¢', '￠'],
  ['£', '￡'],
  ['¬', '￢'],
  ['¥', '￥'],
]);

/** The decoder of the platform, turned around. */
function codeTable(): ReadonlyMap<string, number> {
  const decoder = new TextDecoder('shift_jis', { fatal: true });
  const table = new Map<string, number>();
  const add = (code: number, bytes: readonly number[]): void => {
    try {
      const character = decoder.decode(Uint8Array.from(bytes));
      if ([...character].length === 1 && !table.has(character)) table.set(character, code);
    } catch {
      // Nothing stands at this place.
    }
  };
  for (let code = 0; code <= 0xff; code++) add(code, [code]);
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    // NEC's copy of IBM's characters (rows 89 to 92): the originals count.
    if (lead === 0xed || lead === 0xee) continue;
    for (let trail = 0x40; trail <= 0xfc; trail++) add((lead << 8) | trail, [lead, trail]);
  }
  return table;
}
