import type { ImportReport } from '#domain/consoles/import/import-people.ts';
import type { Refusal } from '#domain/consoles/import/refusals.ts';
import { refusalText } from '#domain/consoles/import/texts.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { IMPORT_TEXTS } from './import-texts.ts';

export type ReportedImport = ImportReport & { console: string; fileName: string; dryRun: boolean };

const ENCODING_NAMES = { 'utf-8': 'UTF-8', shift_jis: 'Shift_JIS' } as const;

/** The figures, then the refused rows that are shown, each with its line and what to do. */
export function screenReport(
  report: ReportedImport,
  refusals: readonly Refusal[],
  refusalFile: string | undefined,
  locale: Locale,
): string {
  const t = IMPORT_TEXTS[locale];
  const number = (value: number) => value.toLocaleString(locale);
  const width = number(report.rowsRead).length + 2;
  const figures = (['rowsRead', 'created', 'linked', 'filled', 'unchanged', 'refused'] as const).map(
    (key) => `${number(report[key]).padStart(width)}  ${t[key]}`,
  );
  if (report.header.columns.passwordHash !== undefined)
    for (const key of ['legacyPasswords', 'legacyPasswordsRefused'] as const)
      figures.push(`${number(report[key]).padStart(width)}  ${t[key]}`);
  const parts = [
    t.layout(ENCODING_NAMES[report.encoding], report.separator === ',' ? t.comma : t.tab),
    ...(report.resumedAfterLine === null ? [] : [t.resumed(number(report.resumedAfterLine))]),
    ...(report.dryRun ? [t.dryRun] : []),
    '',
    ...figures,
  ];
  if (refusals.length > 0) {
    const lineWidth = Math.max(...refusals.map((one) => linesOf(one).length)) + 2;
    parts.push('', t.refusedTitle);
    parts.push(...refusals.map((one) => `${linesOf(one).padStart(lineWidth)}  ${refusalText(one, locale)}`));
    if (report.refused + report.legacyPasswordsRefused > new Set(refusals.map((one) => one.line)).size)
      parts.push(t.refusedMore(number(refusals.length), refusalFile !== undefined));
    parts.push(t.runAgain);
  }
  if (refusalFile !== undefined) parts.push('', t.reportWritten(refusalFile));
  return `${parts.join('\n')}\n`;
}

/** The same for programs; `text` is in the reader's language. */
export function jsonReport(report: ReportedImport, refusals: readonly Refusal[], locale: Locale): string {
  const { header, ...rest } = report;
  const columns = Object.fromEntries(
    Object.entries(header.columns).map(([column, index]) => [column, header.names[index]]),
  );
  const result = {
    ok: true,
    ...rest,
    columns,
    refusals: refusals.map((one) => ({ ...one, text: refusalText(one, locale) })),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}

/** A record in quotes may stand on several lines. */
function linesOf(refusal: Refusal): string {
  return refusal.line === refusal.lastLine ? String(refusal.line) : `${refusal.line}–${refusal.lastLine}`;
}
