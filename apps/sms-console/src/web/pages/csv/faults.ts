import { LONGEST_CAMPAIGN_NAME } from '#domain/campaigns/review.ts';
import type { CsvHindrance } from '#domain/csv-sending/confirm.ts';
import type { WantedFault, WantedResult } from '#domain/csv-sending/want.ts';
import { FARTHEST_DAYS } from '#domain/messages/accept-messages.ts';
import { LONGEST_TEXT } from '#domain/messages/text.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped, sendingTexts } from '#web/http/sending-words.tsx';
import { csvTexts } from './text.ts';

type Errors = Partial<Record<'name' | 'number_column' | 'body' | 'date', string>>;

const FIELD_OF: Readonly<Record<WantedFault, keyof Errors>> = {
  'name-too-long': 'name',
  'number-column-missing': 'number_column',
  'placeholders-unknown': 'body',
  'text-empty': 'body',
  'text-too-long': 'body',
  'text-unreadable': 'body',
  'time-unreadable': 'date',
  'time-past': 'date',
  'time-too-far': 'date',
};

/** What is wrong with a wish, by its field. */
export function wantedErrors(
  { reasons, unknown }: Extract<WantedResult, { ok: false }>,
  locale: Locale,
): Errors {
  return Object.fromEntries(
    reasons.map((reason) => [FIELD_OF[reason], sentenceFor(reason, unknown, locale)]),
  );
}

function sentenceFor(reason: WantedFault, unknown: readonly string[], locale: Locale): string {
  const text = csvTexts[locale].faults;
  switch (reason) {
    case 'name-too-long':
      return text.nameTooLong(LONGEST_CAMPAIGN_NAME);
    case 'number-column-missing':
      return text.numberColumn;
    case 'placeholders-unknown':
      return text.unknown(unknown.map((name) => `{${name}}`).join(' '));
    case 'text-empty':
    case 'text-unreadable':
      return sendingTexts[locale].textFaults[reason];
    case 'text-too-long':
      return text.tooLong(LONGEST_TEXT);
    case 'time-unreadable':
    case 'time-past':
    case 'time-too-far':
      return timeText(reason, locale);
  }
}

/** What keeps a file that was read from being sent. */
export function hindranceText(
  hindrance: CsvHindrance,
  { parts, partsLeft }: { parts: number; partsLeft: number | null },
  locale: Locale,
): string {
  const text = csvTexts[locale].faults;
  switch (hindrance) {
    case 'nobody-left':
      return text.nobody;
    case 'monthly-limit':
      return text.monthly(grouped(parts), grouped(partsLeft ?? 0));
    case 'time-unreadable':
    case 'time-past':
    case 'time-too-far':
      return timeText(hindrance, locale);
  }
}

function timeText(reason: 'time-unreadable' | 'time-past' | 'time-too-far', locale: Locale): string {
  const text = csvTexts[locale].faults;
  if (reason === 'time-too-far') return text.timeTooFar(FARTHEST_DAYS);
  return reason === 'time-past' ? text.timePast : text.timeUnreadable;
}
