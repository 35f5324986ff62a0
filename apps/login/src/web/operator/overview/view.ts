import type { DeliveryHealth } from '#domain/delivery/health.ts';
import type { StoredPlan } from '#domain/migration/change.ts';
import type { Phase } from '#domain/migration/phase.ts';
import type { SignInHour } from '#domain/migration/sign-in-hours.ts';
import type { ProgressSummary } from '#domain/migration/summary.ts';
import type { ConsoleRow } from '#support/db/schema.ts';
import type { MailStanding } from '#support/mail/standing.ts';

/** One console's move on the overview. */
type Move = {
  console: ConsoleRow;
  plan: StoredPlan;
  phase: Phase;
  summary: ProgressSummary;
  unsettled: number;
};

/** All that the overview shows. */
export type OverviewView = {
  moves: readonly Move[];
  hours: readonly SignInHour[];
  mail: MailStanding;
  logouts: readonly DeliveryHealth[];
  events: readonly DeliveryHealth[];
};
