import { isAscii, isUtf8 } from 'node:buffer';

/** The encodings that are read (R20). `shift_jis` is what WHATWG calls so: Windows-31J with ㈱, ① and 髙. */
export type Encoding = 'utf-8' | 'shift_jis';

/** What a file is instead of text that is read here. */
export type ForeignFormat = 'utf-16' | 'euc-jp' | 'excel-workbook' | 'unknown';

/** Each line counts for the encoding that only it can be in. */
export type EncodingCensus = {
  add(line: Buffer, number: number): void;
  /**
   * The file's encoding, or what it is instead; `line` is the first that is not UTF-8.
   * @param marked the file began with UTF-8's byte order mark, which settles the question
   */
  verdict(
    marked: boolean,
  ): { ok: true; encoding: Encoding } | { ok: false; found: ForeignFormat; line: number };
};

/**
 * Tells UTF-8 from Shift_JIS line by line, so that a few broken lines, or a few of the other encoding, do not spoil a file: those are
 * refused one by one later. UTF-8 is asked first, because Japanese in UTF-8 often happens to be valid Shift_JIS (株式会社 reads as
 * 譬ｪ蠑丈ｼ夂､ｾ) and the reverse hardly ever. A file that is EUC-JP throughout is named as such instead of being read as nonsense.
 */
export function encodingCensus(): EncodingCensus {
  let utf8 = 0;
  let shiftJis = 0;
  let unreadable = 0;
  let firstForeign = 0;
  let eucPossible = true;
  let eucProven = false;
  return {
    add(line, number) {
      if (isAscii(line)) return;
      if (isUtf8(line)) {
        if (hasThreeByteForm(line)) utf8++;
        return;
      }
      firstForeign ||= number;
      if (tryDecode(SHIFT_JIS, line) === undefined) unreadable++;
      else shiftJis++;
      if (eucPossible) {
        eucPossible = tryDecode(EUC_JP, line) !== undefined;
        eucProven ||= hasThreeByteForm(line);
      }
    },
    verdict(marked) {
      if (marked) return { ok: true, encoding: 'utf-8' };
      if (eucPossible && eucProven && utf8 === 0) return { ok: false, found: 'euc-jp', line: firstForeign };
      if (unreadable > utf8 + shiftJis) return { ok: false, found: 'unknown', line: firstForeign };
      return { ok: true, encoding: shiftJis > utf8 ? 'shift_jis' : 'utf-8' };
    },
  };
}

/** Recognises by its first bytes what is no text of ours: UTF-16 and spreadsheets' own formats. */
export function foreignFormat(head: Buffer): ForeignFormat | undefined {
  if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff)) return 'utf-16';
  if (startsWith(head, 0x50, 0x4b, 0x03, 0x04) || startsWith(head, 0xd0, 0xcf, 0x11, 0xe0))
    return 'excel-workbook';
  // ASCII in UTF-16 without a byte order mark: every other byte is NUL.
  const nuls = head.subarray(0, 256).filter((byte) => byte === 0).length;
  return nuls * 3 > Math.min(head.length, 256) ? 'utf-16' : undefined;
}

/** The text of one line, or undefined if it is not in the file's encoding. */
export function decodeLine(line: Buffer, encoding: Encoding): string | undefined {
  if (isAscii(line)) return line.toString('latin1');
  if (encoding === 'utf-8') return isUtf8(line) ? line.toString('utf8') : undefined;
  // A line of Japanese in UTF-8 among lines of Shift_JIS would come out as nonsense without an error.
  if (isUtf8(line) && hasThreeByteForm(line)) return undefined;
  return tryDecode(SHIFT_JIS, line);
}

const SHIFT_JIS = new TextDecoder('shift_jis', { fatal: true });
const EUC_JP = new TextDecoder('euc-jp', { fatal: true });

function tryDecode(decoder: TextDecoder, line: Buffer): string | undefined {
  try {
    return decoder.decode(line);
  } catch {
    return undefined;
  }
}

/**
 * UTF-8 writes kana and kanji in three bytes, the first E0 or above. Two-byte forms alone prove nothing: two half-width katakana of
 * Shift_JIS can look like one, and neither they nor Shift_JIS's single bytes reach E0.
 */
function hasThreeByteForm(line: Buffer): boolean {
  for (const byte of line) if (byte >= 0xe0) return true;
  return false;
}

function startsWith(bytes: Buffer, ...wanted: number[]): boolean {
  return wanted.every((byte, index) => bytes[index] === byte);
}
