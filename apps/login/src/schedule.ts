import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { removeExpired } from '#web/oidc/adapter.ts';
import type { Db } from '#support/db/database.ts';

type Work = { db: Db; clock: () => Date; log: { error(detail: object, text: string): void } };

/** Recurring work of every node. Each line may run on several nodes at once; what it does is safe to do twice. */
const SCHEDULE: readonly { every: number; name: string; run(work: Work): Promise<unknown> }[] = [
  { every: 5 * MINUTE, name: 'remove expired artifacts and sessions', run: ({ db, clock }) => removeExpired(db, clock()) },
  { every: 1 * HOUR, name: 'forget old attempts', run: ({ db, clock }) => forgetAttempts(db, clock()) },
];

/** Starts the schedule; returns how to stop it, which waits for what is under way. */
export function startSchedule(work: Work): () => Promise<void> {
  const running = new Set<Promise<unknown>>();
  const timers = SCHEDULE.map((line) =>
    setInterval(() => {
      const run = line.run(work).catch((error: unknown) => work.log.error({ err: error }, line.name));
      running.add(run);
      void run.finally(() => running.delete(run));
    }, line.every),
  );
  return async () => {
    timers.forEach(clearInterval);
    await Promise.all(running);
  };
}

async function forgetAttempts(db: Db, now: Date): Promise<void> {
  const twoDaysAgo = new Date(now.getTime() - 48 * HOUR);
  await db.deleteFrom('verification_attempt').where('at', '<', twoDaysAgo).execute();
  await db.deleteFrom('sign_in_throttle').where('last_attempt_at', '<', twoDaysAgo).where('blocked_until', '<', now).execute();
}
