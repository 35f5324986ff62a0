import type { Forecast } from '#domain/migration/forecast.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { grouped } from '../words.ts';
import { texts } from './text.ts';

/** A forecast in one sentence, or why there is none. */
export function forecastWords(forecast: Forecast, locale: Locale): string {
  const t = texts[locale].forecast;
  if (forecast.ok) {
    const { people, moved, daysLeft } = forecast;
    return t.words(
      daysLeft,
      grouped(moved.low),
      grouped(moved.high),
      grouped(people),
      grouped(people - moved.middle),
    );
  }
  switch (forecast.reason) {
    case 'no-cut-over':
      return t.noCutOver;
    case 'cut-over-past':
      return t.past;
    case 'not-enough-days':
      return t.notEnough(forecast.fullDays, forecast.needed);
  }
}
