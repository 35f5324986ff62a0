import { refusalsOf } from '#domain/csv-sending/csv-sendings.ts';
import { numberText } from '#domain/recipients/recipient-number.ts';
import type { Db } from '#support/db/database.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { sendingTexts } from '#web/http/sending-words.tsx';
import { csvTexts } from './text.ts';

const PAGE = 1_000;

/** All rows of a file that are left out as rows of a table, page by page as they are read; the first has the headings. */
export async function* refusedRows(
  db: Db,
  csvId: string,
  locale: Locale,
): AsyncGenerator<readonly (readonly string[])[]> {
  const text = csvTexts[locale].refused;
  yield [[text.line, text.number, text.reason]];
  for (let after = 0; ;) {
    const page = await refusalsOf(db, csvId, { after, limit: PAGE });
    yield page.map((one) => [String(one.line), numberText(one.value), reasonText(one.reason, locale)]);
    if (page.length < PAGE) return;
    after = page.at(-1)?.line ?? after;
  }
}

/** Why a row is left out. */
export function reasonText(reason: string, locale: Locale): string {
  const text = csvTexts[locale].refused.reasons;
  const numbers = sendingTexts[locale].numberFaults;
  if (reason in text) return text[reason as keyof typeof text];
  if (reason in numbers) return numbers[reason as keyof typeof numbers];
  return reason;
}
