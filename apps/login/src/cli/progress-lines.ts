import type { Forecast } from '#domain/migration/forecast.ts';
import { STATES_TO_MOVE } from '#domain/migration/progress-people.ts';
import { PROGRESS_LABELS } from '#domain/migration/progress-texts.ts';
import type { Progress } from '#domain/migration/progress.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** The totals and the forecast as the screen shows them. */
export function progressLines(progress: Progress, forecast: Forecast, locale: Locale): string[] {
  const t = TEXTS[locale];
  const labels = PROGRESS_LABELS[locale].states;
  const row = (label: string, count: number, more = ''): string =>
    `${String(count).padStart(8)}  ${label}${more}`;
  const { stillLegacy, states, apart } = progress;
  const last = stillLegacy.lastAt ? t.last(japanTime(stillLegacy.lastAt, locale)) : '';
  return [
    row(t.people, progress.people),
    ...STATES_TO_MOVE.map((state) => row(`  ${labels[state]}`, states[state])),
    '',
    row(t.withPassword, progress.withPassword),
    row(t.mailUnreachable, progress.mailUnreachable),
    row(t.stillLegacy, stillLegacy.all, last),
    row(t.stillLegacyMoved, stillLegacy.moved),
    row(t.unknown, progress.unknownUsers),
    row(t.apart(labels['api-only']), apart.apiOnly),
    row(t.apart(labels.inactive), apart.inactive),
    '',
    forecastLine(forecast, locale),
  ];
}

function forecastLine(forecast: Forecast, locale: Locale): string {
  const t = TEXTS[locale];
  if (forecast.ok) {
    const { moved, people, cutOverAt, daysLeft } = forecast;
    return t.forecast(japanTime(cutOverAt, locale), daysLeft, moved.low, moved.middle, moved.high, people);
  }
  switch (forecast.reason) {
    case 'no-cut-over':
      return t.noCutOver;
    case 'cut-over-past':
      return t.cutOverPast;
    case 'not-enough-days':
      return t.notEnoughDays(forecast.fullDays, forecast.needed);
  }
}

const TEXTS = defineTexts({
  ja: {
    people: '移行する人',
    withPassword: '統合認証のパスワードを設定した人',
    mailUnreachable: 'メールが届かない人',
    stillLegacy: '30日以内に既存ログインを使った人',
    stillLegacyMoved: '  うち移行済み',
    unknown: '既存ログインを使っているが取り込まれていない利用者',
    apart: (label: string) => `${label} (移行する人に数えません)`,
    last: (at: string) => ` (最後は ${at})`,
    forecast: (at: string, days: number, low: number, middle: number, high: number, people: number) =>
      `切替 ${at} (あと ${String(days)} 日) の見込み: 移行済み ${String(middle)} 人 (${String(low)}〜${String(high)} 人)、全体 ${String(people)} 人`,
    noCutOver: '切替の日時が未定のため、見込みはありません。',
    cutOverPast: '切替の日時を過ぎています。',
    notEnoughDays: (days: number, needed: number) =>
      `見込みを出すには日数が足りません (リンク表示から丸 ${String(days)} 日、必要なのは ${String(needed)} 日)。`,
  },
  en: {
    people: 'people to move',
    withPassword: 'have a password at the unified login',
    mailUnreachable: 'whose mail does not arrive',
    stillLegacy: 'used the legacy login within 30 days',
    stillLegacyMoved: '  of these have moved',
    unknown: 'users of the legacy login whom nobody has imported',
    apart: (label) => `${label} (not among the people to move)`,
    last: (at) => ` (last ${at})`,
    forecast: (at, days, low, middle, high, people) =>
      `forecast for the cut-over ${at}, in ${String(days)} days: ${String(middle)} moved (${String(low)} to ${String(high)}) of ${String(people)}`,
    noCutOver: 'No forecast: the cut-over is undetermined.',
    cutOverPast: 'No forecast: the cut-over is past.',
    notEnoughDays: (days, needed) =>
      `No forecast yet: not enough days (${String(days)} full days since the link appeared, ${String(needed)} are needed).`,
  },
});
