import { DAY, HOUR } from './durations.ts';
import type { Locale } from './locale.ts';

const ZONE = 'Asia/Tokyo';

const PARTS: Record<Locale, Intl.DateTimeFormat> = {
  ja: formatter('ja-JP'),
  en: formatter('en-GB'),
};

/**
 * A moment as people read it, in Japan time: 「2026年11月21日(土) 22:00」, "Sat 21 Nov 2026, 22:00 (Japan time)".
 */
export function japanTime(moment: Date, locale: Locale): string {
  return `${japanDate(moment, locale)}${locale === 'ja' ? ' ' : ', '}${japanHour(moment, locale)}`;
}

/** The day alone: 「2026年11月21日(土)」, "Sat 21 Nov 2026". */
export function japanDate(moment: Date, locale: Locale): string {
  const part = partsOf(moment, locale);
  return locale === 'ja'
    ? `${part.year}年${part.month}月${part.day}日(${part.weekday})`
    : `${part.weekday} ${part.day} ${part.month} ${part.year}`;
}

/** The time of day alone: 「22:00」, "22:00 (Japan time)". */
export function japanHour(moment: Date, locale: Locale): string {
  const part = partsOf(moment, locale);
  return `${part.hour}:${part.minute}${locale === 'ja' ? '' : ' (Japan time)'}`;
}

function partsOf(moment: Date, locale: Locale): Record<string, string> {
  return Object.fromEntries(PARTS[locale].formatToParts(moment).map((p) => [p.type, p.value]));
}

/** A moment for tables that are sorted and counted with, in Japan time: `2026-11-21 22:00`. */
export function japanStamp(moment: Date): string {
  return STAMP.format(moment);
}

// Swedish writes dates as ISO 8601 does.
const STAMP = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' });

function formatter(tag: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(tag, {
    timeZone: ZONE,
    calendar: 'gregory',
    year: 'numeric',
    month: tag.startsWith('ja') ? 'numeric' : 'short',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

/** Days from one moment to another as a calendar in Japan counts them: from 23:59 to 00:01 is one. */
export function japanDaysBetween(from: Date, to: Date): number {
  const dayOf = (moment: Date): number => Math.floor((moment.getTime() + JAPAN_AHEAD) / DAY);
  return dayOf(to) - dayOf(from);
}

/** Japan has no summer time. */
const JAPAN_AHEAD = 9 * HOUR;
