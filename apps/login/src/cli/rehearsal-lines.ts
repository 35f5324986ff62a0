import { PROGRESS_LABELS } from '#domain/migration/progress-texts.ts';
import { findingText } from '#domain/migration/rehearse-texts.ts';
import type { Finding, FindingGroup, Rehearsal } from '#domain/migration/rehearse.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { plainText } from './plain-text.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** How many of the people who are not locked out the screen shows; JSON and CSV have all of them. */
const OF_A_LIST = 50;

/** A rehearsal as the screen shows it: the figures, everybody who would be locked out with why and what to do, and some of the others. */
export async function* rehearsalLines(
  figures: Rehearsal,
  findings: AsyncIterable<Finding> | Iterable<Finding>,
  locale: Locale,
): AsyncGenerator<string> {
  const t = TEXTS[locale];
  const { groups } = PROGRESS_LABELS[locale];
  yield t.title(japanTime(figures.at, locale));
  const rows: [number, string][] = [
    [figures.lockedOut, groups['locked-out']],
    [figures.toldLate, groups['told-late']],
    [figures.mustSetPassword, groups['must-set-password']],
    [figures.fine, t.fine],
    [figures.apart.apiOnly + figures.apart.inactive, t.apart],
  ];
  for (const [count, label] of rows) yield `${String(count).padStart(8)}  ${label}`;

  let group: FindingGroup | undefined;
  let shown = 0;
  for await (const finding of findings) {
    if (finding.group !== group) {
      group = finding.group;
      shown = 0;
      yield '';
      yield groups[group];
    }
    shown++;
    if (group !== 'locked-out' && shown > OF_A_LIST) {
      if (shown === OF_A_LIST + 1) yield `  ${t.more}`;
      continue;
    }
    const { why, next } = findingText(finding, locale);
    yield `- ${nameOf(finding, locale)}`;
    yield `    ${plainText(why)}`;
    if (group === 'locked-out') yield `    → ${next}`;
  }
}

function nameOf(finding: Finding, locale: Locale): string {
  const { consoleUserId, emailAddress, name, company, refusal } = finding;
  const parts = [
    consoleUserId === null ? TEXTS[locale].rowOf(refusal?.line ?? 0) : consoleUserId,
    emailAddress,
    name,
    company,
  ];
  return parts
    .filter((part) => part !== null && part !== '')
    .map((part) => plainText(part as string))
    .join('  ');
}

const TEXTS = defineTexts({
  ja: {
    title: (at: string) => `${at} に切り替えた場合:`,
    fine: 'そのままログインできる',
    apart: '対象外 (APIのみ、または停止・解約済みで既存ログインの利用なし)',
    rowOf: (line: number) => `(取り込みファイルの ${String(line)} 行目)`,
    more: '… 残りは --csv か --json で出力できます。',
  },
  en: {
    title: (at) => `If the cut-over were ${at}:`,
    fine: 'get in as they are',
    apart: 'not expected (only the API, or suspended or closed and never seen at the legacy login)',
    rowOf: (line) => `(line ${String(line)} of the imported file)`,
    more: '… --csv or --json gives the others.',
  },
});
