import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import type { Database, Db } from '#support/db/database.ts';
import { SECOND } from '#support/primitives/durations.ts';

/** What is measured on this node, in Prometheus' text format. */
export type Metrics = {
  readonly contentType: string;
  text(): Promise<string>;
  /** Counts what this server answers. Call before it is ready. */
  watch(server: FastifyInstance): void;
  /** How long a password waited for its turn to be hashed, in milliseconds. */
  passwordWaited(milliseconds: number): void;
};

/** What a sign-in page's form came to, by the status of its answer. */
const SIGN_IN_RESULTS: Readonly<Record<number, string>> = {
  303: 'signed-in',
  401: 'refused',
  422: 'incomplete',
  429: 'delayed',
  503: 'busy',
};

/**
 * @param clock milliseconds are asked of it when waiting work is looked at
 * @param clockAhead milliseconds that the machine's clock is ahead of the database's; null: not compared
 */
export function createMetrics(
  { db, pool, statements }: Database,
  hasher: () => PasswordHasher,
  clock: () => Date,
  clockAhead: () => number | null = () => null,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'hitokagi_http_request_seconds',
    help: 'Requests by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.3, 1, 3, 10],
    registers,
  });
  const signIns = new Counter({
    name: 'hitokagi_sign_ins_total',
    help: 'Forms of the sign-in page by what they came to; silent sign-ins are not among them.',
    labelNames: ['result'],
    registers,
  });
  for (const result of Object.values(SIGN_IN_RESULTS)) signIns.inc({ result }, 0);
  const waits = new Histogram({
    name: 'hitokagi_password_wait_seconds',
    help: 'How long a password waited for its turn to be hashed.',
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 2, 5],
    registers,
  });
  new Gauge({
    name: 'hitokagi_passwords',
    help: 'Passwords that are being hashed, and that wait for it.',
    labelNames: ['state'],
    registers,
    collect() {
      const { running, waiting } = hasher().load();
      this.set({ state: 'running' }, running);
      this.set({ state: 'waiting' }, waiting);
    },
  });
  new Gauge({
    name: 'hitokagi_database_connections',
    help: 'Connections of the pool, and requests that wait for one.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'wanted' }, pool.waitingCount);
    },
  });
  new Counter({
    name: 'hitokagi_database_statements_total',
    help: 'Statements that were sent to the database.',
    registers,
    collect() {
      this.reset();
      this.inc(statements());
    },
  });
  new Gauge({
    name: 'hitokagi_clock_ahead_seconds',
    help: "How far the clock of this node's machine is ahead of the database's, by which the node works.",
    registers,
    collect() {
      this.set((clockAhead() ?? 0) / SECOND);
    },
  });
  // The three are collected at the same time, from one look.
  let looking: Promise<readonly Waiting[] | undefined> | undefined;
  const look = (): Promise<readonly Waiting[] | undefined> =>
    (looking ??= waitingWork(db)
      // A scrape tells of a database that is gone, and goes on telling the rest.
      .catch(() => undefined)
      .finally(() => (looking = undefined)));
  new Gauge({
    name: 'hitokagi_database_up',
    help: 'Whether the database answers.',
    registers,
    async collect() {
      this.set((await look()) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'hitokagi_waiting',
    help: 'Work that waits, of the whole installation.',
    labelNames: ['work'],
    registers,
    async collect() {
      for (const { work, count } of (await look()) ?? []) this.set({ work }, count);
    },
  });
  new Gauge({
    name: 'hitokagi_waiting_oldest_seconds',
    help: 'How long the oldest of it has been due, of the whole installation.',
    labelNames: ['work'],
    registers,
    async collect() {
      for (const { work, since } of (await look()) ?? [])
        this.set({ work }, since === null ? 0 : Math.max(0, (clock().getTime() - since.getTime()) / SECOND));
    },
  });

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    watch(server) {
      server.addHook('onResponse', async (request, reply) => {
        const { method } = request;
        const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
        requests.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / SECOND);
        const result = SIGN_IN_RESULTS[reply.statusCode];
        if (method === 'POST' && /^\/sign-in(\/:uid)?$/.test(route) && result !== undefined)
          signIns.inc({ result });
      });
    },
    passwordWaited: (milliseconds) => waits.observe(milliseconds / SECOND),
  };
}

type Waiting = { work: string; count: number; since: Date | null };

async function waitingWork(db: Db): Promise<readonly Waiting[]> {
  const { rows } = await sql<Waiting>`
    select 'mails' as work, count(*)::int as count, min(created_at) as since from message where state = 'queued'
    union all select 'logout deliveries', count(*)::int, min(next_try_at) from logout_delivery where state = 'waiting'
    union all select 'events', count(*)::int, min(next_try_at) from event_delivery where state = 'waiting'`.execute(
    db,
  );
  return rows;
}
