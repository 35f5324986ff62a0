import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { toShiftJis } from '#support/primitives/shift-jis.ts';
import type { Encoding } from './encoding.ts';
import type { ImportEntry } from './history.ts';
import { storedRefusals, type RefusalsOf } from './refusal-store.ts';
import type { Refusal } from './refusals.ts';
import { refusalText } from './texts.ts';

const PAGE = 1_000;

/** Whose refused rows an import has to show: its own as soon as it has begun, before that those of its dry run. */
export function refusalsOf(entry: Pick<ImportEntry, 'done'>): RefusalsOf {
  return entry.done ? 'import' : 'check';
}

/**
 * All refused rows of an import as a file for a spreadsheet, page by page as they are read: UTF-8 with byte order mark, or Shift_JIS. Records first that it was taken, and by
 * whom.
 */
export async function saveRefusals(
  db: Db,
  entry: ImportEntry,
  as: { locale: Locale; encoding: Encoding },
  by: { actor: string; now: Date },
): Promise<Readable> {
  await recordEvent(db, {
    at: by.now,
    action: 'people.exported',
    actor: by.actor,
    consoleId: entry.consoleId,
    detail: { list: 'import-refusals', importId: entry.id },
  });
  return refusalCsv(db, { refusals: refusalsOf(entry), importId: entry.id }, as);
}

function refusalCsv(
  db: Db,
  of: { refusals: RefusalsOf; importId: string },
  as: { locale: Locale; encoding: Encoding },
): Readable {
  async function* lines(): AsyncGenerator<readonly string[]> {
    yield HEADERS[as.locale].columns;
    let page: Refusal[] = [];
    do {
      page = await storedRefusals(db, of.refusals, of.importId, { after: page.at(-1), limit: PAGE });
      for (const one of page)
        yield [String(one.line), String(one.lastLine), one.id ?? '', one.reason, refusalText(one, as.locale)];
    } while (page.length === PAGE);
  }
  // A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection).
  const text = stringify({
    bom: as.encoding === 'utf-8',
    record_delimiter: 'windows',
    escape_formulas: true,
  });
  // An error of the rows ends the stream, which tells whoever reads it.
  pipeline(Readable.from(lines()), text, () => undefined);
  return as.encoding === 'utf-8' ? text : Readable.from(encoded(text), { objectMode: false });
}

async function* encoded(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder();
  for await (const chunk of text) yield toShiftJis(decoder.decode(chunk, { stream: true }));
}

const HEADERS = defineTexts({
  ja: { columns: ['行', '最後の行', 'ユーザーID', '理由コード', '理由'] as readonly string[] },
  en: { columns: ['line', 'last line', 'user ID', 'reason code', 'reason'] },
});
