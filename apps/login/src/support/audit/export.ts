import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import type { Db } from '#support/db/database.ts';
import { japanStamp } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import { recordEvent } from './record.ts';
import { allAudit, type AuditEntry, type AuditFilter } from './search.ts';

export type AuditFormat = 'csv' | 'jsonl';

/**
 * Audit events as a file, the newest first, line by line as they are read. Records first that it was taken, by whom, and what was asked for.
 * CSV is UTF-8 with byte order mark, times in Japan time; of JSON lines each is one event, times in UTC.
 * @param locale of the header of a CSV file
 */
export async function exportAudit(
  db: Db,
  filter: AuditFilter,
  as: { format: AuditFormat; locale: Locale },
  by: { actor: string; clientIp?: string; requestId?: string; now: Date },
): Promise<Readable> {
  const { now, ...who } = by;
  await recordEvent(db, {
    at: now,
    action: 'audit.exported',
    ...who,
    detail: { format: as.format, ...(JSON.parse(JSON.stringify(filter)) as Record<string, unknown>) },
  });
  const entries = allAudit(db, filter);
  return as.format === 'csv' ? csv(entries, as.locale) : Readable.from(jsonLines(entries));
}

async function* jsonLines(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
}

function csv(entries: AsyncIterable<AuditEntry>, locale: Locale): Readable {
  async function* lines(): AsyncGenerator<readonly string[]> {
    yield HEADERS[locale].columns;
    for await (const one of entries)
      yield [
        japanStamp(one.at),
        one.action,
        one.result,
        one.actor,
        one.accountId ?? '',
        one.consoleId ?? '',
        one.clientIp ?? '',
        one.userAgent ?? '',
        one.reason ?? '',
        one.requestId ?? '',
        Object.keys(one.detail).length === 0 ? '' : JSON.stringify(one.detail),
        one.id,
        one.batch ?? '',
      ];
  }
  // A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection).
  const text = stringify({ bom: true, record_delimiter: 'windows', escape_formulas: true });
  // An error of the rows ends the stream, which tells whoever reads it.
  pipeline(Readable.from(lines()), text, () => undefined);
  return text;
}

const HEADERS = defineTexts({
  ja: {
    columns: [
      '日時',
      '記録',
      '結果',
      '行った人',
      '対象のアカウント',
      '管理画面',
      'IPアドレス',
      'ブラウザー',
      '理由',
      'リクエストID',
      'その他',
      '番号',
      '封印',
    ],
  },
  en: {
    columns: [
      'Time',
      'Event',
      'Result',
      'Actor',
      'Account',
      'Console',
      'IP address',
      'Browser',
      'Reason',
      'Request ID',
      'Detail',
      'Number',
      'Seal',
    ],
  },
});
