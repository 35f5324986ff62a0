import {
  LONGEST_CAMPAIGN_NAME,
  MOST_RECIPIENTS,
  type Review,
  type ReviewFault,
} from '#domain/campaigns/review.ts';
import { FARTHEST_DAYS } from '#domain/messages/accept-messages.ts';
import { LONGEST_TEXT } from '#domain/messages/text.ts';
import type { RefusedNumber } from '#domain/recipients/typed-numbers.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped, sendingTexts, someNumbers } from '#web/http/sending-words.tsx';
import { composeTexts } from './text.ts';

/** Sentences by the field that they stand at. */
export type FieldErrors = Partial<Record<'name' | 'recipients' | 'body' | 'date', readonly string[]>>;

const FIELD_OF: Readonly<Record<ReviewFault, keyof FieldErrors>> = {
  'name-too-long': 'name',
  'recipients-missing': 'recipients',
  'recipients-refused': 'recipients',
  'recipients-too-many': 'recipients',
  'recipients-opted-out': 'recipients',
  'group-gone': 'recipients',
  'text-empty': 'body',
  'text-too-long': 'body',
  'text-unreadable': 'body',
  'placeholders-unknown': 'body',
  'placeholders-unfilled': 'body',
  'filled-text-too-long': 'body',
  'time-unreadable': 'date',
  'time-past': 'date',
  'time-too-far': 'date',
  'monthly-limit': 'recipients',
};
const REFUSED_SHOWN = 20;

/** What is in the way of a draft, in sentences that say what to do. */
export function errorsOf(review: Review, locale: Locale): FieldErrors {
  const errors: Partial<Record<keyof FieldErrors, string[]>> = {};
  for (const fault of review.faults) {
    (errors[FIELD_OF[fault]] ??= []).push(...sentencesFor(fault, review, locale));
  }
  return errors;
}

function sentencesFor(fault: ReviewFault, review: Review, locale: Locale): readonly string[] {
  const text = composeTexts[locale].faults;
  switch (fault) {
    case 'name-too-long':
      return [text.nameTooLong(LONGEST_CAMPAIGN_NAME)];
    case 'recipients-missing':
      return [text.recipientsMissing];
    case 'recipients-refused':
      return refusedSentences(review.typed.refused, locale);
    case 'recipients-too-many':
      return [text.tooMany(grouped(MOST_RECIPIENTS))];
    case 'recipients-opted-out':
      return [text.optedOut];
    case 'group-gone':
      return [text.groupGone];
    case 'text-empty':
    case 'text-unreadable':
      return [sendingTexts[locale].textFaults[fault]];
    case 'text-too-long':
      return [review.rules.longMessages ? text.tooLong(LONGEST_TEXT) : text.tooLongForOne];
    case 'filled-text-too-long':
      return [text.filledTooLong(someNumbers(review.tooLong, locale))];
    case 'placeholders-unknown':
      return [text.unknown(review.unknown.map((name) => `{${name}}`).join(' '))];
    case 'placeholders-unfilled':
      return [
        text.unfilled(
          grouped(review.unfilled.length),
          someNumbers(
            review.unfilled.map((one) => one.number),
            locale,
          ),
        ),
      ];
    case 'time-unreadable':
      return [text.timeUnreadable];
    case 'time-past':
      return [text.timePast];
    case 'time-too-far':
      return [text.timeTooFar(FARTHEST_DAYS)];
    case 'monthly-limit':
      return [text.monthlyLimit(grouped(review.parts), grouped(review.partsLeft ?? 0))];
  }
}

function refusedSentences(refused: readonly RefusedNumber[], locale: Locale): readonly string[] {
  const text = composeTexts[locale].faults;
  const reasons = sendingTexts[locale].numberFaults;
  const some = refused
    .slice(0, REFUSED_SHOWN)
    .map((one) => text.refused(one.line, one.typed, reasons[one.reason]));
  const more = refused.length - some.length;
  return more > 0 ? [...some, text.moreRefused(grouped(more))] : some;
}
