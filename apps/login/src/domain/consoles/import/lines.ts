import type { Readable } from 'node:stream';

/** One physical line without its end. `cut` says that it was longer than `LONGEST_LINE` and only its beginning is here. */
export type Line = { number: number; bytes: Buffer; cut: boolean };

/** In bytes; a longer line is no row of people, and reading it whole would let one file fill the memory. */
export const LONGEST_LINE = 256 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a stream of bytes into lines, in groups as they arrive. Lines end in LF or CR LF, or, in a file whose first line ends so, in CR alone
 * (old Macintosh). The byte order mark of UTF-8 is left out. Memory does not grow with the file.
 * @param onChunk sees every chunk before it is cut
 */
export async function* linesOf(file: Readable, onChunk: (chunk: Buffer) => void): AsyncGenerator<Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  let cut = false;
  let end: number | undefined;
  let begun = false;

  for await (const chunk of file as AsyncIterable<Buffer>) {
    onChunk(chunk);
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    if (!begun) {
      if (bytes.length < 3) {
        rest = bytes;
        continue;
      }
      begun = true;
      bytes = withoutMark(bytes);
    }
    end ??= lineEnd(bytes);
    const lines: Line[] = [];
    let from = 0;
    if (end !== undefined) {
      for (let at = bytes.indexOf(end); at !== -1; at = bytes.indexOf(end, from)) {
        lines.push(line(bytes.subarray(from, at)));
        from = at + 1;
      }
    }
    rest = bytes.subarray(from);
    if (rest.length > LONGEST_LINE) {
      rest = rest.subarray(0, LONGEST_LINE);
      cut = true;
    }
    if (lines.length > 0) yield lines;
  }
  if (!begun) rest = withoutMark(rest);
  if (rest.length > 0 || cut) yield [line(rest)];

  function line(whole: Buffer): Line {
    number++;
    const bytes =
      whole.at(-1) === CR ? whole.subarray(0, whole.findLastIndex((byte) => byte !== CR) + 1) : whole;
    const made = { number, bytes: bytes.subarray(0, LONGEST_LINE), cut: cut || bytes.length > LONGEST_LINE };
    cut = false;
    return made;
  }
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Which byte ends the lines; undefined as long as none has come, or the last byte may be the first half of CR LF. */
function lineEnd(bytes: Buffer): number | undefined {
  const lf = bytes.indexOf(LF);
  let cr = bytes.indexOf(CR);
  if (cr === -1) return lf === -1 ? undefined : LF;
  if (lf !== -1 && lf < cr) return LF;
  while (bytes[cr] === CR) cr++;
  if (cr === bytes.length) return undefined;
  return bytes[cr] === LF ? LF : CR;
}
