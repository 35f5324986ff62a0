import type { PlanChange } from '#domain/migration/history.ts';
import type { PlanStanding } from '#domain/migration/plan-standing.ts';
import { japanTime } from '#support/primitives/japan-time.ts';
import type { Locale } from '#support/primitives/locale.ts';

/** How a plan stands, one line a fact. */
export function planLines(standing: PlanStanding, locale: Locale, clientId: string): string[] {
  const when = (at: Date | null): string => (at ? japanTime(at, locale) : '-');
  const { announcement, told } = standing;
  return [
    `phase         ${standing.phase}`,
    `revision      ${standing.revision}`,
    `link time     ${when(standing.linkAt)}`,
    `announcement  ${when(standing.announceAt)}`,
    `cut-over      ${when(standing.cutOverAt)}`,
    ...(standing.closedAt ? [`closed        ${when(standing.closedAt)}`] : []),
    `people        ${standing.audience}`,
    ...(told ? [`told          ${when(told.cutOverAt)}`] : []),
    ...(announcement
      ? [
          `              ${announcement.accepted} accepted, ${announcement.underWay} under way, ${announcement.unsettled} not reached, ${announcement.untold} came since`,
          `last accepted ${when(announcement.lastAcceptedAt)}`,
        ]
      : []),
    `earliest      ${earliestLine(standing, when, clientId)}`,
  ];
}

/** The changes of a plan, one line each. */
export function historyLines(changes: readonly PlanChange[], locale: Locale): string[] {
  const when = (at: Date | null): string => (at ? japanTime(at, locale) : '-');
  const moment = (change: PlanChange): string => {
    switch (change.action) {
      case 'link-time-set':
        return when(change.linkAt);
      case 'announced':
        return when(change.announceAt);
      case 'cut-over-set':
      case 'postponed':
      case 'rolled-back':
        return when(change.cutOverAt);
      case 'closed':
        return when(change.closedAt);
    }
  };
  return changes.map((change) =>
    [
      change.revision,
      when(change.at),
      change.action,
      moment(change),
      change.actor,
      change.noticeId ?? '-',
      change.note,
    ].join('\t'),
  );
}

function earliestLine(
  { closedAt, linkAt, earliestCutOverAt, announcement }: PlanStanding,
  when: (at: Date) => string,
  clientId: string,
): string {
  if (closedAt) return '- (the plan is closed)';
  if (earliestCutOverAt) return when(earliestCutOverAt);
  if (!linkAt) return `- (set the link time first: hitokagi plan link-time ${clientId} …)`;
  if (!announcement) return `- (announce a date first: hitokagi plan announce ${clientId} …)`;
  return '- (wait for the mails, and settle those whom they did not reach)';
}
