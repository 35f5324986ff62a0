import type { Locale } from '#support/primitives/locale.ts';
import { HOUR, MINUTE, SECOND } from '#support/primitives/durations.ts';

const ZONE = 'Asia/Tokyo';
const PARTS = new Intl.DateTimeFormat('en-US-u-hc-h23', {
  timeZone: ZONE,
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const WEEKDAYS: Readonly<Record<string, string>> = {
  Sun: '日',
  Mon: '月',
  Tue: '火',
  Wed: '水',
  Thu: '木',
  Fri: '金',
  Sat: '土',
};
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A moment in Japan time with its weekday: 2026年11月21日(土) 22:00, or Sat 21 Nov 2026, 22:00 (Japan time). */
export function momentText(moment: Date, locale: Locale): string {
  const part = Object.fromEntries(PARTS.formatToParts(moment).map(({ type, value }) => [type, value]));
  const time = `${part['hour']}:${part['minute']}`;
  const weekday = part['weekday'] ?? '';
  if (locale === 'ja')
    return `${part['year']}年${part['month']}月${part['day']}日(${WEEKDAYS[weekday]}) ${time}`;
  return `${weekday} ${part['day']} ${MONTHS[Number(part['month']) - 1]} ${part['year']}, ${time} (Japan time)`;
}

/** A length of time in words: 30分, 1時間30分, 45秒; 30 minutes, 1 hour 30 minutes, 45 seconds. */
export function lengthText(milliseconds: number, locale: Locale): string {
  const parts = [
    { count: Math.floor(milliseconds / HOUR), ja: '時間', en: 'hour' },
    { count: Math.floor((milliseconds % HOUR) / MINUTE), ja: '分', en: 'minute' },
    { count: Math.floor((milliseconds % MINUTE) / SECOND), ja: '秒', en: 'second' },
  ].filter((part) => part.count > 0);
  if (locale === 'ja') return parts.map((part) => `${part.count}${part.ja}`).join('');
  return parts.map((part) => `${part.count} ${part.en}${part.count === 1 ? '' : 's'}`).join(' ');
}

/** Whole seconds from `now` until `moment`, rounded up; 0 when it has passed. */
export function secondsUntil(moment: Date, now: Date): number {
  return Math.max(0, Math.ceil((moment.getTime() - now.getTime()) / SECOND));
}
