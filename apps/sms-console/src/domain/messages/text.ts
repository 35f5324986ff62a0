import { measureText, type TextEncoding } from '#domain/message-text/message-text.ts';

/** In UTF-16 units, as carriers count them; the longest that the Japanese carriers take from each other. */
export const LONGEST_TEXT = 660;

export type TextFault = 'text-empty' | 'text-too-long' | 'text-unreadable';
export type MeasuredText = { readonly encoding: TextEncoding; readonly parts: number };

/** Checks a text and counts the short messages that it takes. PostgreSQL takes no NUL, carriers no other control characters but the line break, and half a character is none. */
export function readText(text: string): ({ ok: true } & MeasuredText) | { ok: false; reason: TextFault } {
  if (text.trim() === '') return { ok: false, reason: 'text-empty' };
  if (text.length > LONGEST_TEXT) return { ok: false, reason: 'text-too-long' };
  if (!text.isWellFormed() || /[\p{Cc}]/u.test(text.replace(/\r?\n/g, '')))
    return { ok: false, reason: 'text-unreadable' };
  const { encoding, parts } = measureText(text);
  return { ok: true, encoding, parts };
}
