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

export type LogoutHealth = DeliveryHealth & {
  /** When the console last asked by itself which of its sessions have ended, to five minutes; null when it never did. */
  lastAskedAt: Date | null;
};

/** How each console that has a logout address or asks by itself takes its deliveries, those in trouble first. */
export async function deliveryHealth(db: Db): Promise<readonly LogoutHealth[]> {
  const consoles = await db
    .selectFrom('console')
    .leftJoin('ended_session_list as list', 'list.console_id', 'console.id')
    .select(['console.id', 'backchannel_logout_uri', 'list.asked_at'])
    .execute();
  const asked = new Map(consoles.map(({ id, asked_at: at }) => [id, at]));
  const shown = consoles.filter((one) => one.backchannel_logout_uri !== null || one.asked_at !== null);
  const health = await healthOf(
    db,
    LOGOUT,
    shown.map(({ id }) => id),
  );
  return health.map((one) => ({ ...one, lastAskedAt: asked.get(one.consoleId) ?? null }));
}
