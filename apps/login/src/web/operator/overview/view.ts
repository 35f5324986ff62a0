import type { DeliveryHealth } from '#domain/delivery/health.ts';
import type { MasterKeyFacts } from '#domain/master-key/standing.ts';
import type { SignInHour } from '#domain/migration/sign-in-hours.ts';
import type { MailStanding } from '#support/mail/standing.ts';
import type { Move } from '../moves.ts';

/** All that the overview shows. */
export type OverviewView = {
  moves: readonly Move[];
  hours: readonly SignInHour[];
  mail: MailStanding;
  logouts: readonly DeliveryHealth[];
  events: readonly DeliveryHealth[];
  master: MasterKeyFacts;
};
