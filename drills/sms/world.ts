import { sql } from 'kysely';
import { openDatabase, type Db } from '../../apps/sms-console/src/support/db/database.ts';
import { migrate } from '../../apps/sms-console/src/support/db/migrate.ts';
import { buildCarrier, type Carrier } from '../../apps/carrier-simulator/src/app.ts';
import { freePort } from '../../journeys/free-port.ts';
import { programOf, type Program } from '../login-id/program.ts';
import type { Databases } from '../world.ts';

/** The SMS console as a process of its own, with a campaign in its queue and a gateway that keeps a ledger. */
export type SmsWorld = {
  readonly db: Db;
  readonly carrier: Carrier;
  readonly console: Program;
  /** Messages that are not settled. */
  open(): Promise<number>;
  close(): Promise<void>;
};

const KEPT = 1_000_000;

export async function openSmsWorld(databases: Databases, messages: number): Promise<SmsWorld> {
  const databaseUrl = await databases.fresh('sms_delivery');
  const db = openDatabase(databaseUrl, () => undefined);
  await migrate(db);
  await addCampaign(db, messages);
  const carrier = buildCarrier({
    port: 0,
    clock: () => new Date(),
    keep: KEPT,
    behaviour: { answerDelayMs: 15, receiptDelayMs: 300 },
  });
  await carrier.start();
  const gateway = {
    name: 'drill',
    host: '127.0.0.1',
    port: carrier.port,
    systemId: 'drill',
    password: 'sample',
    perSecond: 2_000,
    window: 50,
  };
  const port = await freePort();
  // No login server is there: sending does not need one.
  const nobody = `http://localhost:${await freePort()}`;
  const console = programOf('SMS console', ['--import', 'tsx', 'apps/sms-console/src/main.ts'], () => ({
    CONSOLE_PORT: String(port),
    CONSOLE_URL: `http://localhost:${port}`,
    CONSOLE_BRAND: 'sms',
    DATABASE_URL: databaseUrl,
    CONSOLE_ISSUER: nobody,
    CONSOLE_CLIENT_ID: 'sms',
    CONSOLE_CLIENT_SECRET: 'sample-secret-of-the-drill-0123456789',
    CONSOLE_SMTP_URL: 'smtp://localhost:1',
    CONSOLE_SMPP_GATEWAYS: JSON.stringify([gateway]),
  }));
  await console.start();
  return {
    db,
    carrier,
    console,
    async open() {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from message where state in ('queued', 'sending', 'sent')`.execute(db);
      return rows[0]?.count ?? 0;
    },
    async close() {
      await console.stop();
      await carrier.stop();
      await db.destroy();
    },
  };
}

/** Each with a text and a number of its own; every tenth in three parts. */
async function addCampaign(db: Db, messages: number): Promise<void> {
  await sql`insert into company (name) values ('見本商事')`.execute(db);
  await sql`
    insert into message (id, company_id, recipient, body, state, lane, due_at, accepted_at, expires_at)
    select 'msg_drill' || lpad(n::text, 8, '0'), (select id from company), '+8190' || lpad((n * 100)::text, 8, '0'),
      '見本 ' || n || ' ' || case when n % 10 = 0 then repeat('長いお知らせ。', 20) else 'お知らせ' end,
      'queued', 2, now(), now(), now() + interval '1 day'
    from generate_series(1, ${messages}::int) n`.execute(db);
}
