import { sql } from 'kysely';
import { fromKysely, PgBoss, type JobResult } from 'pg-boss';
import type { Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';

/** Queued work by name and what each job carries; ids only, never a secret (job rows are readable by operators). */
export type JobData = {
  'mail.send': { messageId: string };
  /** Mails of which there are many: a queue of their own, so that no other mail waits behind them. */
  'mail.bulk': { messageId: string };
  'logout.deliver': { deliveryId: string; probe?: true };
  'event.deliver': { deliveryId: string; probe?: true };
  /** An uploaded file of people is to be checked or taken in. */
  'import.run': { importId: string };
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
  /** The same for many, in one statement. */
  enqueueAll<N extends JobName>(trx: Db, name: N, data: readonly JobData[N][]): Promise<void>;
  /** Which of these values of `key` have a job that is not finished. */
  pending<N extends JobName>(
    db: Db,
    name: N,
    key: keyof JobData[N] & string,
    values: readonly string[],
  ): Promise<string[]>;
  /** Starts working on this node. */
  work(handlers: JobHandlers): Promise<void>;
  /** Stops taking work and waits for what is under way. */
  stop(): Promise<void>;
};

type Queue = {
  retryLimit: number;
  /** Seconds before the second try; doubled with each further one up to `retryDelayMax`. */
  retryDelay: number;
  retryDelayMax: number;
  expireInSeconds: number;
  /** Work of a process that was killed is given to another after this. */
  heartbeatSeconds: number;
  /** Workers of one node, and how many jobs each takes at once; while there are that many it goes on without a pause. */
  workers: number;
  batch: number;
  /** Seconds between looks for work that nobody announced: what was put off for a while. */
  poll: number;
};

/** The pauses between tries of a delivery are the domain's; the queue retries only what broke unexpectedly. */
const DELIVERIES: Queue = {
  retryLimit: 5,
  retryDelay: 5,
  retryDelayMax: 60,
  expireInSeconds: 20,
  heartbeatSeconds: 10,
  workers: 12,
  batch: 2,
  poll: 1,
};

const QUEUES: { [N in JobName]: Queue } = {
  // RFC 5321 §4.5.4.1: keep trying a deferred mail for days; 30 s growing to 1 h; support/mail gives up after two days.
  'mail.send': {
    retryLimit: 100,
    retryDelay: 30,
    retryDelayMax: 3_600,
    expireInSeconds: 90,
    heartbeatSeconds: 10,
    workers: 4,
    batch: 2,
    poll: 5,
  },
  // What waits here waits for its turn too, so it expires late; a killed process is known by its heartbeat.
  'mail.bulk': {
    retryLimit: 300,
    retryDelay: 30,
    retryDelayMax: 900,
    expireInSeconds: 300,
    heartbeatSeconds: 10,
    workers: 4,
    batch: 4,
    poll: 5,
  },
  'logout.deliver': DELIVERIES,
  'event.deliver': { ...DELIVERIES, workers: 4 },
  // A million rows take minutes, and each node does one file at a time. Whoever was cut off goes on where it was.
  'import.run': {
    retryLimit: 50,
    retryDelay: 2,
    retryDelayMax: 60,
    expireInSeconds: 6 * 3_600,
    heartbeatSeconds: 10,
    workers: 1,
    batch: 1,
    poll: 5,
  },
};

/**
 * The job queue (pg-boss) in the schema `jobs` of the login server's own database.
 * A job is announced by NOTIFY; polling stays as the net below.
 * @param options.mailRetryAfter seconds before a mail's second try
 */
export async function openJobs(options: {
  databaseUrl: string;
  mailRetryAfter: number;
  onError: (error: Error) => void;
}): Promise<Jobs> {
  const boss = new PgBoss({
    connectionString: options.databaseUrl,
    application_name: 'hitokagi-jobs',
    schema: 'jobs',
    max: 4,
    useListenNotify: true,
    // Work of a killed worker is given to another as soon as its heartbeat is missed.
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on('error', options.onError);
  await boss.start();
  for (const name of Object.keys(QUEUES) as JobName[]) {
    const { workers: _, batch: __, poll: ___, ...queue } = QUEUES[name];
    if (name.startsWith('mail.')) queue.retryDelay = options.mailRetryAfter;
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
    async enqueueAll(trx, name, data) {
      if (data.length > 0)
        await boss.insert(
          name,
          data.map((one) => ({ data: one })),
          { db: fromKysely(trx), returnId: false },
        );
    },
    async pending(db, name, key, values) {
      if (values.length === 0) return [];
      const { rows } = await sql<{ value: string }>`
        select distinct data ->> ${key} as value from jobs.job
        where name = ${name} and state < 'completed' and data ->> ${key} = any(${[...values]}::text[])`.execute(
        db,
      );
      return rows.map((row) => row.value);
    },
    async work(handlers) {
      for (const name of Object.keys(QUEUES) as JobName[]) {
        const handle = handlers[name] as (data: object) => Promise<void>;
        await boss.work<object, unknown>(
          name,
          {
            pollingIntervalSeconds: 1,
            notifyPollingIntervalSeconds: QUEUES[name].poll,
            localConcurrency: QUEUES[name].workers,
            batchSize: QUEUES[name].batch,
            burstWhenBatchFull: true,
            perJobResults: true,
          },
          (jobs) => Promise.all(jobs.map((job) => resultOf(job.id, () => handle(job.data)))),
        );
      }
    },
    async stop() {
      await boss.stop({ graceful: true, timeout: 10 * SECOND });
    },
  };
}

/** Of jobs that are taken together each has its own outcome. */
async function resultOf(id: string, work: () => Promise<void>): Promise<JobResult> {
  try {
    await work();
    return { id, status: 'completed' };
  } catch (error) {
    return { id, status: 'failed', output: { message: error instanceof Error ? error.message : 'unknown' } };
  }
}
