import type { NoticeRow } from '#support/db/schema.ts';
import { LOCALES } from '#support/primitives/locale.ts';

export type NoticeKind = NoticeRow['kind'];

/** Notices about the move of a console, which have words that a console may replace. One about a change of the domains (domain/domain-lists) brings its own. */
export type MoveNoticeKind = Exclude<NoticeKind, 'domains'>;

/** An operator's own words for a notice by language; what is missing is said in the console's or the brand's. */
export type NoticeTexts = { readonly [L in 'ja' | 'en']?: { subject?: string; body?: string } };

/** The kinds of notices that have words of their own: a correction says something else where it names a date and where there is none any more. */
export const WORDS_KINDS = ['announcement', 'reminder', 'postponed', 'withdrawn', 'completion'] as const;
export type WordsKind = (typeof WORDS_KINDS)[number];

/** Whose words a notice has. */
export function wordsKindOf({
  kind,
  cutOverAt,
}: {
  kind: MoveNoticeKind;
  cutOverAt: Date | null;
}): WordsKind {
  if (kind !== 'correction') return kind;
  return cutOverAt ? 'postponed' : 'withdrawn';
}

/** The second where it says something, else the first. */
export function mergeTexts(first: NoticeTexts, second: NoticeTexts): NoticeTexts {
  const merged = LOCALES.map((locale) => [locale, { ...first[locale], ...second[locale] }] as const);
  return Object.fromEntries(merged.filter(([, parts]) => Object.keys(parts).length > 0));
}
