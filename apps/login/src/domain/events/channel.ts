import {
  healthOf,
  probeSilent,
  requeueOverdue,
  type Channel,
  type DeliveryHealth,
} from '#domain/delivery/health.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

/** Where deliveries of events and the health of their consoles are kept. */
export const EVENTS: Channel = {
  deliveries: 'event_delivery',
  health: 'event_delivery_health',
  job: 'event.deliver',
};

/** Asks consoles that take no events whether they do now. Safe to run on many nodes. */
export function probeSilentEventAddresses(db: Db, jobs: Jobs, now: Date): Promise<void> {
  return probeSilent(db, jobs, EVENTS, now);
}

/** Queues deliveries anew whose job was lost. Safe to run on many nodes. */
export function requeueOverdueEvents(db: Db, jobs: Jobs, now: Date): Promise<void> {
  return requeueOverdue(db, jobs, EVENTS, now);
}

/** How each console that has a stream takes its events, those in trouble first. */
export async function eventHealth(db: Db): Promise<readonly DeliveryHealth[]> {
  const streams = await db.selectFrom('event_stream').select('console_id').execute();
  return healthOf(
    db,
    EVENTS,
    streams.map((one) => one.console_id),
  );
}
