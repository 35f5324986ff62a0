import type { Locale } from '#support/primitives/locale.ts';
import { messageTexts } from './text.ts';

/** Why a message did not arrive, and what to do; a carrier's own code is named. */
export function reasonText(fault: string, locale: Locale): string {
  const text = messageTexts[locale];
  return Object.hasOwn(text.reasons, fault) ? (text.reasons[fault] ?? '') : text.otherReason(fault);
}
