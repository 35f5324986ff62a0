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
  const part = Object.fromEntries(PARTS[locale].formatToParts(moment).map((p) => [p.type, p.value]));
  return locale === 'ja'
    ? `${part.year}年${part.month}月${part.day}日(${part.weekday}) ${part.hour}:${part.minute}`
    : `${part.weekday} ${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute} (Japan time)`;
}

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
