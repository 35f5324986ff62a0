import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { japanMidnight, japanMinuteOfDay } from '#support/primitives/japan-time.ts';

/** From when until when nothing goes out, in minutes after midnight in Japan; over midnight when `from` is later than `until`. */
export type QuietHours = { readonly from: number; readonly until: number };

/** When what is wanted at `wanted` goes out: at that moment, or at the end of the quiet hours that it falls into. */
export function dueAt(wanted: Date, quiet: QuietHours | null): Date {
  if (quiet === null) return wanted;
  const minute = japanMinuteOfDay(wanted);
  const overMidnight = quiet.from > quiet.until;
  const isQuiet = overMidnight
    ? minute >= quiet.from || minute < quiet.until
    : minute >= quiet.from && minute < quiet.until;
  if (!isQuiet) return wanted;
  const end = after(japanMidnight(wanted), quiet.until * MINUTE);
  return overMidnight && minute >= quiet.from ? after(end, DAY) : end;
}

/** Minutes after midnight as people read them: 21:00. */
export function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** Reads 21:00, 9:30, 21時 and full-width forms; null for what is no time of day. */
export function readClock(typed: string): number | null {
  const read = /^(\d{1,2})(?:[:時](\d{2})?分?)?$/.exec(typed.normalize('NFKC').trim());
  const [hours, minutes] = [Number(read?.[1]), Number(read?.[2] ?? 0)];
  return read && hours < 24 && minutes < 60 ? hours * 60 + minutes : null;
}
