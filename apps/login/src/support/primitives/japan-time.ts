import { DAY, HOUR, MINUTE } from './durations.ts';
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

/** The first full minute that is not before a moment: what people read has no seconds, and typing it must not come too early. */
export function fullMinute(moment: Date): Date {
  return new Date(Math.ceil(moment.getTime() / MINUTE) * MINUTE);
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

export type TypedMoment =
  | { ok: true; at: Date }
  | { ok: false; part: 'date' | 'time'; reason: 'missing' | 'malformed' | 'impossible' };

/**
 * A moment as people type it, in Japan time. The date as 2027-01-12, 2027/1/12 or 「2027年1月12日(火)」, the time as 10:00 or 「10時」; full-width digits too.
 * @returns `impossible` for a day or an hour that does not exist, such as 30 February
 */
export function momentTyped(date: string, time: string): TypedMoment {
  const day = plain(date);
  const hour = plain(time);
  if (day === '') return { ok: false, part: 'date', reason: 'missing' };
  const [, year, month, dayOfMonth] = TYPED_DATE.exec(day) ?? [];
  if (!year || !month || !dayOfMonth) return { ok: false, part: 'date', reason: 'malformed' };
  const at = new Date(0);
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(dayOfMonth));
  if (at.getUTCMonth() !== Number(month) - 1 || Number(dayOfMonth) !== at.getUTCDate())
    return { ok: false, part: 'date', reason: 'impossible' };
  if (hour === '') return { ok: false, part: 'time', reason: 'missing' };
  const [, hours, afterColon, afterHour] = TYPED_TIME.exec(hour) ?? [];
  if (!hours) return { ok: false, part: 'time', reason: 'malformed' };
  const minutes = afterColon ?? afterHour ?? '0';
  if (Number(hours) > 23 || Number(minutes) > 59) return { ok: false, part: 'time', reason: 'impossible' };
  at.setUTCHours(Number(hours), Number(minutes));
  return { ok: true, at: new Date(at.getTime() - JAPAN_AHEAD) };
}

function plain(typed: string): string {
  return typed.normalize('NFKC').replaceAll(/\s+/g, '');
}

// The years that a migration can lie in: a typing error in the year is malformed, not a plan for the year 20270.
const TYPED_DATE = /^(2[01]\d{2})(?:-|\/|\.|年)(\d{1,2})(?:-|\/|\.|月)(\d{1,2})日?(?:\([日月火水木金土]\))?$/;
const TYPED_TIME = /^(\d{1,2})(?::(\d{2})|時(?:(\d{1,2})分)?)$/;
