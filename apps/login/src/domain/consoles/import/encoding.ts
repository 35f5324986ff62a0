import type { Readable } from 'node:stream';

/** The encodings that are read (R20). `shift_jis` is what WHATWG calls so: Windows-31J with ㈱, ① and 髙. */
export type Encoding = 'utf-8' | 'shift_jis';

/** What a file is instead of text that is read here. */
export type ForeignFormat = 'utf-16' | 'euc-jp' | 'excel-workbook';

/**
 * The text of a file, with U+FFFD for what is not in its encoding, without a byte order mark, and with LF at the end of every line: line ends may
 * be LF, CR LF, CR (old Macintosh) or CR CR LF (a file converted twice). Memory does not grow with the file.
 * @param onChunk sees every chunk before it is decoded
 */
export async function* textOf(
  file: Readable,
  encoding: Encoding | 'euc-jp',
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let held = '';
  for await (const chunk of file as AsyncIterable<Buffer>) {
    onChunk(chunk);
    const text = held + decoder.decode(chunk, { stream: true });
    // The LF that a CR belongs to may come with the next chunk.
    const end = text.length - (/\r+$/.exec(text)?.[0].length ?? 0);
    held = text.slice(end);
    yield withLf(text.slice(0, end));
  }
  yield withLf(held + decoder.decode());
}

/** Recognises by its first bytes what is no text of ours: UTF-16 and spreadsheets' own formats. */
export function foreignFormat(head: Buffer): ForeignFormat | undefined {
  const signature = head.toString('hex', 0, 4);
  if (/^(fffe|feff)/.test(signature)) return 'utf-16';
  if (signature === '504b0304' || signature === 'd0cf11e0') return 'excel-workbook';
  // ASCII in UTF-16 without a byte order mark: every other byte is NUL.
  const start = head.subarray(0, 256);
  return start.filter((byte) => byte === 0).length * 3 > start.length ? 'utf-16' : undefined;
}

function withLf(text: string): string {
  return text.replace(/\r+\n|\r/g, '\n');
}
