import {
  healthOf,
  probeSilent,
  requeueOverdue,
  type Channel,
  type DeliveryHealth,
} from '#domain/delivery/health.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

/** Where logout deliveries and the health of their consoles are kept. */
export const LOGOUT: Channel = {
  deliveries: 'logout_delivery',
  health: 'console_delivery_health',
  job: 'logout.deliver',
};

/** Asks consoles that do not answer whether they are back. Safe to run on many nodes. */
export function probeSilentConsoles(db: Db, jobs: Jobs, now: Date): Promise<void> {
  return probeSilent(db, jobs, LOGOUT, now);
}

/** Queues deliveries anew whose job was lost. Safe to run on many nodes. */
export function requeueOverdueDeliveries(db: Db, jobs: Jobs, now: Date): Promise<void> {
  return requeueOverdue(db, jobs, LOGOUT, now);
}

/** How each console that has a logout address takes its deliveries, those in trouble first. */
export async function deliveryHealth(db: Db): Promise<readonly DeliveryHealth[]> {
  const reachable = await db
    .selectFrom('console')
    .select('id')
    .where('backchannel_logout_uri', 'is not', null)
    .execute();
  return healthOf(
    db,
    LOGOUT,
    reachable.map(({ id }) => id),
  );
}
