import type { StoredPlan } from '#domain/migration/change.ts';
import { japanDaysBetween, japanTime } from '#support/primitives/japan-time.ts';
import { defineTexts, type Locale } from '#support/primitives/locale.ts';

/** What comes next in a plan, and in how many days; what is missing where nothing is set. */
export function nextMoment(plan: StoredPlan, now: Date, locale: Locale): string {
  const t = texts[locale];
  if (plan.closedAt) return t.closed;
  const moments = [
    [plan.linkAt, t.link],
    [plan.announceAt, t.announcement],
    [plan.cutOverAt, t.cutOver],
  ] as const;
  const [next] = moments
    .flatMap(([at, name]) => (at && at > now ? [{ at, name }] : []))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  if (next) return t.next(next.name, japanTime(next.at, locale), japanDaysBetween(now, next.at));
  if (plan.cutOverAt) return t.toClose;
  if (!plan.linkAt) return t.noLinkTime;
  return plan.announceAt ? t.announced : t.noCutOver;
}

const texts = defineTexts({
  ja: {
    link: 'リンク表示',
    announcement: '告知',
    cutOver: '切替',
    next: (name: string, at: string, days: number) =>
      `${name}：${at}${days === 0 ? '（今日）' : `（あと${days}日）`}`,
    closed: '計画は完了しました',
    toClose: '切替済み。計画の完了待ちです',
    noLinkTime: 'リンク表示の日時が未定です',
    announced: '告知済み。切替日の設定待ちです',
    noCutOver: '切替日は未定です',
  },
  en: {
    link: 'Link appears',
    announcement: 'Announcement',
    cutOver: 'Cut-over',
    next: (name, at, days) =>
      `${name}: ${at} (${days === 0 ? 'today' : days === 1 ? 'in 1 day' : `in ${days} days`})`,
    closed: 'The plan is closed',
    toClose: 'Cut over; the plan is still to be closed',
    noLinkTime: 'No link time yet',
    announced: 'Announced; the cut-over is still to be set',
    noCutOver: 'No cut-over yet',
  },
});
