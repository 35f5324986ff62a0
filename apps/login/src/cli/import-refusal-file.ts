import { open } from 'node:fs/promises';
import type { Refusal } from '#domain/consoles/import/refusals.ts';
import { refusalText } from '#domain/consoles/import/texts.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { IMPORT_TEXTS } from './import-texts.ts';

export type RefusalFile = {
  ok: true;
  add(refusals: readonly Refusal[]): Promise<void>;
  close(): Promise<void>;
};

/** The file of all refused rows: CSV in UTF-8 with byte order mark, so that Excel opens it right. Without a path it takes everything and keeps nothing. */
export async function openRefusalFile(
  path: string | undefined,
  locale: Locale,
): Promise<RefusalFile | { ok: false }> {
  if (path === undefined) return { ok: true, add: async () => undefined, close: async () => undefined };
  const file = await open(path, 'w').catch(() => undefined);
  if (!file) return { ok: false };
  await file.write(`\ufeff${row(IMPORT_TEXTS[locale].csvHeader)}`);
  return {
    ok: true,
    add: async (refusals) => {
      const rows = refusals.map((one) =>
        row([String(one.line), String(one.lastLine), one.id ?? '', one.reason, refusalText(one, locale)]),
      );
      await file.write(rows.join(''));
    },
    close: () => file.close(),
  };
}

/** One line of CSV (RFC 4180). A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); an apostrophe makes it text. */
function row(cells: readonly string[]): string {
  const quoted = cells.map((cell) => `"${cell.replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`);
  return `${quoted.join(',')}\r\n`;
}
