import type { Language } from './texts.ts';

const formats: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  ja: new Intl.DateTimeFormat('ja-JP', {
    timeZone: 'Asia/Tokyo',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }),
  en: new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Tokyo',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }),
};

/** A moment (ISO 8601) in Japan time with date and weekday: 2026年11月21日(土) 22:00, or in English Sat, 21 Nov 2026, 22:00 JST. */
export function formatTime(moment: string, language: Language): string {
  const time = formats[language].format(new Date(moment));
  return language === 'ja' ? time : `${time} JST`;
}

/** A count with its digits grouped. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
