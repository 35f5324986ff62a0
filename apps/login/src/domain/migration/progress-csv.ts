import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';
import { japanStamp } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';
import type { ProgressPerson } from './progress-people.ts';
import { PROGRESS_LABELS } from './progress-texts.ts';
import type { Finding } from './rehearse.ts';
import { findingText } from './rehearse-texts.ts';
import type { ProgressDay } from './series.ts';

/** A console's people as CSV, line by line as they come. */
export function peopleCsv(people: AsyncIterable<ProgressPerson>, locale: Locale): Readable {
  const t = TEXTS[locale];
  const labels = PROGRESS_LABELS[locale];
  return csv(t.people, people, (one) => [
    one.emailAddress,
    one.name,
    one.company,
    one.consoleUserId,
    labels.states[one.state],
    stamp(one.codeSentAt),
    stamp(one.passwordSetAt),
    stamp(one.movedAt),
    one.lastUnifiedDay ?? '',
    stamp(one.lastLegacyAt),
    one.stillLegacy ? t.yes : '',
    one.mailUnreachable ? t.yes : '',
  ]);
}

/** The daily series as CSV. */
export function seriesCsv(days: readonly ProgressDay[], locale: Locale): Readable {
  return csv(TEXTS[locale].series, days, (one) => [
    one.day,
    one.newlyMoved,
    one.moved,
    one.passwordsSet,
    one.usedLegacy,
    one.usedUnified,
  ]);
}

/** Whom a rehearsal found, as CSV, with why and what to do. */
export function findingsCsv(findings: AsyncIterable<Finding>, locale: Locale): Readable {
  const t = TEXTS[locale];
  const labels = PROGRESS_LABELS[locale];
  return csv(t.findings, findings, (one) => {
    const { why, next } = findingText(one, locale);
    return [
      labels.groups[one.group],
      one.class,
      one.emailAddress ?? '',
      one.name ?? '',
      one.company ?? '',
      one.consoleUserId ?? '',
      one.refusal?.line ?? '',
      stamp(one.lastLegacyAt),
      why,
      next,
    ];
  });
}

/**
 * UTF-8 with byte order mark, so that Excel opens it right; lines as RFC 4180 has them. A cell that a spreadsheet would take for a formula begins with an apostrophe
 * (OWASP, CSV injection).
 */
function csv<T>(
  header: readonly string[],
  rows: Iterable<T> | AsyncIterable<T>,
  cells: (row: T) => readonly (string | number)[],
): Readable {
  async function* lines(): AsyncGenerator<readonly (string | number)[]> {
    yield header;
    for await (const row of rows) yield cells(row);
  }
  const text = stringify({ bom: true, record_delimiter: 'windows', escape_formulas: true });
  // An error of the rows ends the stream, which tells whoever reads it.
  pipeline(Readable.from(lines()), text, () => undefined);
  return text;
}

function stamp(at: Date | null): string {
  return at ? japanStamp(at) : '';
}

const TEXTS = defineTexts({
  ja: {
    yes: 'はい',
    people: [
      'ログインID',
      '氏名',
      '会社名',
      'ユーザーID',
      '状態',
      '検証コードを送った日時',
      'パスワードを設定した日時',
      '統合認証に移った日時',
      '統合認証を最後に使った日',
      '既存ログインを最後に使った日時',
      '既存ログインを使っている',
      'メールが届かない',
    ],
    series: [
      '日',
      '新たに移った人',
      '移った人の合計',
      '新たにパスワードを設定した人',
      '既存ログインを使った人',
      '統合認証を使った人',
    ],
    findings: [
      '区分',
      '分類',
      'ログインID',
      '氏名',
      '会社名',
      'ユーザーID',
      '取り込みの行',
      '既存ログインを最後に使った日時',
      '理由',
      '対応',
    ],
  },
  en: {
    yes: 'yes',
    people: [
      'Login ID',
      'Name',
      'Company',
      'Console user ID',
      'State',
      'Code mailed',
      'Password set',
      'Moved',
      'Last day at the unified login',
      'Last sign-in at the legacy login',
      'Still uses the legacy login',
      'Mail does not arrive',
    ],
    series: [
      'Day',
      'Newly moved',
      'Moved in total',
      'First passwords set',
      'Used the legacy login',
      'Used the unified login',
    ],
    findings: [
      'List',
      'Class',
      'Login ID',
      'Name',
      'Company',
      'Console user ID',
      'Line of the import',
      'Last sign-in at the legacy login',
      'Why',
      'What to do',
    ],
  },
});
