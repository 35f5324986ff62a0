import { fromKysely, PgBoss } from 'pg-boss';
import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';

/** Queued work by name and what each job carries; ids only, never a secret (job rows are readable by operators). */
export type JobData = {
  'mail.send': { messageId: string };
  'logout.deliver': { deliveryId: string };
};
export type JobName = keyof JobData;

/** Does one job; throwing means "try again later" until the queue's tries are used up. */
export type JobHandler<N extends JobName> = (data: JobData[N]) => Promise<void>;
export type JobHandlers = { [N in JobName]: JobHandler<N> };

export type Jobs = {
  /**
   * Queues work in the caller's transaction: it exists if and only if that commits.
   * @param options.delay milliseconds to wait before it; counted by the database's clock, so that a node whose clock lags does not do it at once
   */
  enqueue<N extends JobName>(trx: Db, name: N, data: JobData[N], options?: { delay?: number }): Promise<void>;
  /** Starts working on this node. */
  work(handlers: JobHandlers): Promise<void>;
  /** Stops taking work and waits for what is under way. */
  stop(): Promise<void>;
};

const QUEUES: {
  [N in JobName]: {
    retryLimit: number;
    retryDelay: number;
    retryDelayMax: number;
    expireInSeconds: number;
    concurrency: number;
  };
} = {
  // RFC 5321 §4.5.4.1: keep trying a deferred mail for days; 30 s growing to 1 h; support/mail gives up after two days.
  'mail.send': { retryLimit: 100, retryDelay: 30, retryDelayMax: 3_600, expireInSeconds: 90, concurrency: 4 },
  // The pauses between tries of a logout delivery are the domain's; the queue retries only what broke unexpectedly.
  'logout.deliver': { retryLimit: 5, retryDelay: 5, retryDelayMax: 60, expireInSeconds: 20, concurrency: 8 },
};

/**
 * The job queue (pg-boss) in the schema `jobs` of the login server's own database.
 * A job is announced by NOTIFY; polling stays as the net below.
 */
export async function openJobs(options: {
  databaseUrl: string;
  onError: (error: Error) => void;
}): Promise<Jobs> {
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    application_name: 'hitokagi-jobs',
    schema: 'jobs',
    max: 4,
    useListenNotify: true,
    // Work of a killed worker is given to another as soon as it expires.
    superviseIntervalSeconds: 10,
    monitorIntervalSeconds: 10,
  });
  boss.on('error', options.onError);
  await boss.start();
  for (const name of Object.keys(QUEUES) as JobName[]) {
    const { concurrency: _, ...queue } = QUEUES[name];
    await boss.createQueue(name, { ...queue, retryBackoff: true, notify: true });
    await boss.updateQueue(name, { ...queue, retryBackoff: true, notify: true });
  }
  return {
    async enqueue(trx, name, data, { delay = 0 } = {}) {
      await boss.send(name, data, {
        db: fromKysely(trx),
        ...(delay > 0 ? { startAfter: Math.ceil(delay / SECOND) } : {}),
      });
    },
    async work(handlers) {
      for (const name of Object.keys(QUEUES) as JobName[]) {
        const handle = handlers[name] as (data: object) => Promise<void>;
        await boss.work(
          name,
          {
            pollingIntervalSeconds: 1,
            notifyPollingIntervalSeconds: 10,
            localConcurrency: QUEUES[name].concurrency,
          },
          async ([job]) => {
            if (job) await handle(job.data as object);
          },
        );
      }
    },
    async stop() {
      await boss.stop({ graceful: true, timeout: 10 * SECOND });
    },
  };
}
