/** The encodings that are read. `shift_jis` is what WHATWG calls so: Windows-31J with ㈱, ① and 髙. */
export type Encoding = 'utf-8' | 'shift_jis';

/** What a file is instead of text that is read here. */
export type ForeignFormat = 'utf-16' | 'excel-workbook';

/** Opens a file from its beginning; called for every reading. */
export type OpenFile = () => AsyncIterable<Buffer>;

export type FoundEncoding =
  | { ok: true; encoding: Encoding }
  | { ok: false; reason: 'format-foreign'; found: ForeignFormat }
  /** Neither UTF-8 nor Shift_JIS from its beginning to its end. */
  | { ok: false; reason: 'text-undecodable' };

/**
 * Reads the whole file once or twice and says in which encoding it is. UTF-8 first: Japanese in UTF-8 often happens to be valid Shift_JIS,
 * the reverse hardly ever. Memory does not grow with the file.
 */
export async function findEncoding(open: OpenFile): Promise<FoundEncoding> {
  for (const encoding of ['utf-8', 'shift_jis'] as const) {
    const read = await readAs(encoding, open);
    if (read === 'sound') return { ok: true, encoding };
    if (read !== 'undecodable') return { ok: false, reason: 'format-foreign', found: read };
  }
  return { ok: false, reason: 'text-undecodable' };
}

/** The text of a file without a byte order mark, each line ending in LF: line ends may be LF, CR LF, CR or CR CR LF (a file converted twice). */
export async function* textOf(file: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  let held = '';
  for await (const chunk of file) {
    const text = held + decoder.decode(chunk, { stream: true });
    // The LF that a CR belongs to may come with the next chunk.
    const end = text.length - (/\r+$/.exec(text)?.[0].length ?? 0);
    held = text.slice(end);
    yield withLf(text.slice(0, end));
  }
  yield withLf(held + decoder.decode());
}

async function readAs(encoding: Encoding, open: OpenFile): Promise<'sound' | 'undecodable' | ForeignFormat> {
  const strict = new TextDecoder(encoding, { fatal: true });
  let isFirst = true;
  for await (const chunk of open()) {
    const foreign = isFirst ? foreignFormat(chunk) : undefined;
    if (foreign) return foreign;
    isFirst = false;
    if (!isText(strict, chunk)) return 'undecodable';
  }
  return isText(strict) ? 'sound' : 'undecodable';
}

function isText(strict: TextDecoder, chunk?: Buffer): boolean {
  try {
    strict.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

/** Recognises by its first bytes what is no text of ours: UTF-16 and spreadsheets' own formats. */
function foreignFormat(head: Buffer): ForeignFormat | undefined {
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
