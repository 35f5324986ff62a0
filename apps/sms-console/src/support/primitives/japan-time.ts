import { after, DAY, HOUR, MINUTE } from './durations.ts';

/** Japan has had no summer time since 1951: its clock is 9 hours ahead of UTC on every day. */
const AHEAD = 9 * HOUR;

/** Minutes after midnight on Japan's clock. */
export function japanMinuteOfDay(moment: Date): number {
  return Math.floor(((moment.getTime() + AHEAD) % DAY) / MINUTE);
}

/** Midnight in Japan of the day of this moment. */
export function japanMidnight(moment: Date): Date {
  const into = (moment.getTime() + AHEAD) % DAY;
  return after(moment, -into);
}

/** A moment as the fields of a form: `2026-11-21` and `22:00` in Japan. */
export function japanDateAndTime(moment: Date): { date: string; time: string } {
  const [date = '', time = ''] = after(moment, AHEAD).toISOString().split('T');
  return { date, time: time.slice(0, 5) };
}

/** Reads date and time of Japan as a browser's fields send them and as people type them (2026/11/21, 9:00, full-width); null when they are none. */
export function readJapanTime(date: string, time: string): Date | null {
  const day = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(date.normalize('NFKC').trim());
  const hour = /^(\d{1,2})[:時](\d{2})分?(?::\d{2})?$/.exec(time.normalize('NFKC').trim());
  if (!day || !hour) return null;
  const [year, month, dayOfMonth] = [Number(day[1]), Number(day[2]), Number(day[3])];
  const [hours, minutes] = [Number(hour[1]), Number(hour[2])];
  if (hours > 23 || minutes > 59) return null;
  const midnight = new Date(Date.UTC(year, month - 1, dayOfMonth));
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== dayOfMonth) return null;
  return after(midnight, hours * HOUR + minutes * MINUTE - AHEAD);
}
