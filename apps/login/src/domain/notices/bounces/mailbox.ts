/** Bytes of a file of mails that are read at once. */
export const LARGEST_MAILBOX = 10 * 1024 * 1024;

/**
 * The mails of a file: of a mailbox (mbox, RFC 4155, as mail programs save a folder) each, of any other file the file itself. A line `From …` begins a mail only at
 * the beginning of the file or after an empty line, and before a line that is a header field, so that a sentence that begins so splits nothing.
 */
export function mailsIn(file: Buffer): readonly Buffer[] {
  // Byte for byte, whatever the mails are written in.
  const text = file.toString('latin1');
  if (!text.startsWith('From ')) return [file];
  const begins = [...text.matchAll(/(?:^|\n\r?\n)From [^\n]*\n(?=[!-9;-~]+:)/g)];
  if (begins[0]?.index !== 0) return [file];
  return begins.map((begin, i) =>
    Buffer.from(
      text.slice(begin.index + begin[0].length, endOf(begins[i + 1], text)).replaceAll(/^>(>*From )/gm, '$1'),
      'latin1',
    ),
  );
}

/** The line end before the empty line still belongs to the mail. */
function endOf(next: RegExpExecArray | undefined, text: string): number {
  return next ? next.index + 1 : text.length;
}
