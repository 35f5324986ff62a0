import { whatIsMissing } from '#domain/migration/duty.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import { refusalSentence } from '#domain/migration/refusal-sentence.ts';
import { fullMinute, japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** The earliest cut-over that could be set, or what has to happen before any can. */
export function earliestWords(standing: PlanStanding, now: Date, locale: Locale): string {
  const missing = whatIsMissing(standing, standing, now);
  if (missing) return refusalSentence({ act: 'cut-over', ok: false, ...missing }, locale);
  return standing.earliestCutOverAt ? japanTime(fullMinute(standing.earliestCutOverAt), locale) : '–';
}
