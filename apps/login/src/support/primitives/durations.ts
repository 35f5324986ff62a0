/** Durations in milliseconds; write `10 * MINUTE`, never a bare number. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The moment `duration` milliseconds after `moment` (before it, when negative). */
export function after(moment: Date, duration: number): Date {
  return new Date(moment.getTime() + duration);
}
