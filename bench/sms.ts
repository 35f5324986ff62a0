import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { openEmbeddedDatabase, removeEmbeddedDatabase } from '@hitokagi/embedded-database';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCarrier } from '../apps/carrier-simulator/src/app.ts';
import { openDatabase } from '../apps/sms-console/src/support/db/database.ts';
import { migrate } from '../apps/sms-console/src/support/db/migrate.ts';
import { freePort, memoryOf, processorTime, startProgram, untilReady } from './processes.ts';

/** A queue of short messages that is drained through one bind, with a gateway that answers at once. */
export type SmsReport = {
  messages: number;
  /** submit_sm a second, over the middle four fifths of the queue. */
  perSecond: number;
  /** Seconds from the first submit until every message has the state of its receipt. */
  settled: number;
  /** Processor time of the console for one message, in milliseconds. */
  processor: number;
  /** Its heap is not allowed to be larger, in MiB. */
  heap: number;
  /** Resident memory of the console in MiB: after a fifth of the queue, at its end, and at its highest. */
  memory: { early: number; late: number; highest: number };
  postgresql: string;
};

const WINDOW = 100;
/** MiB. What grows with the queue would not fit. */
const HEAP = 192;

export async function measureSms(messages: number, say: (line: string) => void): Promise<SmsReport> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-bench-sms-'));
  const embedded = await openEmbeddedDatabase({ dataFolder: folder });
  await embedded.createDatabase('sms');
  const databaseUrl = embedded.url('sms');
  const db = openDatabase(databaseUrl, () => undefined);
  await migrate(db);
  say(`A queue of ${messages} messages …`);
  await sql`insert into company (name) values ('見本商事')`.execute(db);
  await sql`
    insert into message (id, company_id, recipient, body, state, lane, due_at, accepted_at, expires_at)
    select 'msg_bench' || lpad(n::text, 8, '0'), (select id from company), '+8190' || lpad((n * 100)::text, 8, '0'),
      '見本のお知らせ ' || n, 'queued', 2, now(), now(), now() + interval '1 day'
    from generate_series(1, ${messages}::int) n`.execute(db);
  await sql`vacuum analyze message`.execute(db);
  const version = await sql<{ version: string }>`select version()`.execute(db);
  const carrier = buildCarrier({
    port: 0,
    clock: () => new Date(),
    keep: 1,
    behaviour: { receiptDelayMs: 100 },
  });
  await carrier.start();
  const port = await freePort();
  const gateway = {
    name: 'bench',
    host: '127.0.0.1',
    port: carrier.port,
    systemId: 'bench',
    password: 'sample',
    window: WINDOW,
    perSecond: 10_000,
  };
  const environment = {
    CONSOLE_PORT: String(port),
    CONSOLE_URL: `http://localhost:${port}`,
    CONSOLE_BRAND: 'sms',
    DATABASE_URL: databaseUrl,
    CONSOLE_ISSUER: 'http://localhost:1',
    CONSOLE_CLIENT_ID: 'sms',
    CONSOLE_CLIENT_SECRET: 'sample-secret-of-the-bench-0123456789',
    CONSOLE_SMTP_URL: 'smtp://localhost:1',
    CONSOLE_SMPP_GATEWAYS: JSON.stringify([gateway]),
  };
  const program = startProgram('apps/sms-console/src/main.ts', environment, [`--max-old-space-size=${HEAP}`]);
  try {
    const until = async (count: number): Promise<number> => {
      while (carrier.taken() < count) await pause(5);
      return performance.now();
    };
    await untilReady(program);
    say('Draining …');
    const begun = await until(1);
    const processor = processorTime(program.pid);
    const first = await until(messages * 0.1);
    await until(messages * 0.2);
    const early = memoryOf(program.pid).now;
    const last = await until(messages * 0.9);
    await until(messages);
    for (;;) {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from message where state <> 'delivered'`.execute(db);
      if (rows[0]?.count === 0) break;
      await pause(200);
    }
    const memory = memoryOf(program.pid);
    return {
      messages,
      perSecond: (messages * 0.8 * 1_000) / (last - first),
      settled: (performance.now() - begun) / 1_000,
      processor: (processorTime(program.pid) - processor) / messages,
      heap: HEAP,
      memory: { early, late: memory.now, highest: memory.highest },
      postgresql: /PostgreSQL \S+/.exec(version.rows[0]?.version ?? '')?.[0] ?? 'PostgreSQL',
    };
  } finally {
    await program.stop();
    await carrier.stop();
    await db.destroy();
    await embedded.stop();
    await removeEmbeddedDatabase(folder);
    await rm(folder, { recursive: true, force: true });
  }
}
