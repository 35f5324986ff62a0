import { Agent } from 'node:http';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openEmbeddedDatabase } from '@hitokagi/embedded-database';
import { registerConsole } from '../../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../../apps/login/src/domain/credentials/password-hash.ts';
import { openDatabase, type Database } from '../../apps/login/src/support/db/database.ts';
import { migrate } from '../../apps/login/src/support/db/migrate.ts';
import { secretKeys } from '../../apps/login/src/support/primitives/secrets.ts';
import { Browser } from '../../bench/browser.ts';
import type { Console } from '../../bench/flows.ts';
import { freePort } from '../../journeys/free-port.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { openMailServer, type DrillMailServer } from '../mail-server.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { ASKS_EVERY, openBalancer, type Balancer } from './balancer.ts';
import { openLogoutReceiver, type LogoutReceiver } from './logout-receiver.ts';
import { nodeOf, type Node } from './node.ts';

/** Nodes of the login server as processes behind a load balancer, on a PostgreSQL of their own that may be killed too. */
export type NodesWorld = {
  readonly nodes: readonly Node[];
  readonly balancer: Balancer;
  readonly database: Database;
  readonly databaseUrl: string;
  /** Process id of PostgreSQL's first process. */
  postmaster(): Promise<number>;
  /** Where PostgreSQL keeps its data. */
  readonly cluster: string;
  readonly mail: DrillMailServer;
  readonly console: Console;
  /** Where the console is told that somebody has left. */
  readonly receiver: LogoutReceiver;
  /** Host and port of the issuer, as browsers say them. */
  readonly issuerHost: string;
  readonly people: readonly { emailAddress: string; accountId: string }[];
  readonly folder: string;
  /** With what nodes are started; a change counts from the next start. */
  readonly environment: Record<string, string>;
  /** A browser nobody has used yet, with a client address of its own. @param at a node's port, to go past the load balancer */
  browser(at?: number): Browser;
  close(): Promise<void>;
};

const CONSOLE: Console = {
  clientId: 'sms',
  clientSecret: 'sample-secret-of-the-drill-0123456789',
  redirectUri: 'http://console.example.co.jp/auth/callback',
};

export async function openNodes(of: {
  nodes: number;
  people: number;
  environment?: Record<string, string>;
  /** Where PostgreSQL keeps its data; a temporary folder by default. */
  dataFolder?: string;
  settings?: Record<string, string>;
  /** The address by which PostgreSQL is reached, made of the one that it has; the same by default. */
  reach?: (url: string) => Promise<string>;
}): Promise<NodesWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-drill-nodes-'));
  await chmod(folder, 0o755);
  const dataFolder = of.dataFolder ?? folder;
  const embedded = await openEmbeddedDatabase({
    dataFolder,
    settings: of.settings ?? {},
    alwaysRestart: true,
  });
  await embedded.createDatabase('hitokagi');
  const databaseUrl = (await of.reach?.(embedded.url('hitokagi'))) ?? embedded.url('hitokagi');
  const database = openDatabase(databaseUrl, { connections: 4, onError: () => undefined });
  const migrated = await migrate(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  const mail = await openMailServer();
  const receiver = await openLogoutReceiver(folder);
  await register(database, receiver.url);
  const people = await addPeople(database, of.people);
  const port = await freePort();
  const environment: Record<string, string> = {
    HITOKAGI_ISSUER: `http://localhost:${port}`,
    DATABASE_URL: databaseUrl,
    HITOKAGI_SECRET: MASTER_SECRET,
    HITOKAGI_SMTP_URL: mail.url,
    HITOKAGI_MAIL_TIME_LIMIT: '5',
    HITOKAGI_MAIL_RETRY_AFTER: '1',
    HITOKAGI_LOG_LEVEL: 'warn',
    HITOKAGI_TRUSTED_PROXIES: '127.0.0.1,::1',
    HITOKAGI_DRAIN_SECONDS: '0.5',
    HITOKAGI_ALLOWED_INTERNAL_HOSTS: 'localhost',
    ...(receiver.certificate === undefined ? {} : { NODE_EXTRA_CA_CERTS: receiver.certificate }),
    ...of.environment,
  };
  const nodes: Node[] = [];
  for (let number = 1; number <= of.nodes; number += 1) {
    const node = nodeOf(`node ${number}`, await freePort(), environment);
    const started = await node.start();
    if (!started.ok) throw new Error(started.complaint);
    nodes.push(node);
  }
  const balancer = await openBalancer(
    port,
    nodes.map((node) => node.port),
  );
  while (balancer.ready.size < of.nodes) await pause(ASKS_EVERY);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  let browsers = 0;
  return {
    nodes,
    balancer,
    database,
    databaseUrl,
    cluster: join(dataFolder, 'postgresql'),
    mail,
    console: CONSOLE,
    receiver,
    issuerHost: `localhost:${port}`,
    people,
    folder,
    environment,
    postmaster: async () =>
      Number((await readFile(join(dataFolder, 'postgresql', 'postmaster.pid'), 'utf8')).split('\n')[0]),
    browser(at = port) {
      const browser = new Browser({ port: at, host: `localhost:${port}` }, agent);
      browsers += 1;
      browser.clientAddress = `10.${(browsers >> 16) & 255}.${(browsers >> 8) & 255}.${browsers & 255}`;
      return browser;
    },
    async close() {
      await Promise.all(nodes.map((node) => node.stop()));
      await balancer.close();
      agent.destroy();
      await mail.close();
      await receiver.close();
      await database.close();
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function register({ db }: Database, backchannelLogoutUri: string): Promise<void> {
  const registered = await registerConsole(
    db,
    {
      ...CONSOLE,
      nameJa: '見本の管理画面',
      nameEn: 'Sample console',
      homeUrl: 'http://console.example.co.jp/',
      initiateLoginUri: 'http://console.example.co.jp/auth/start',
      redirectUris: [CONSOLE.redirectUri],
      postLogoutRedirectUris: ['http://console.example.co.jp/'],
      backchannelLogoutUri,
      idTokenAlg: 'ES256',
    },
    { actor: 'operator:drill', now: new Date(), allowedInternalHosts: ['localhost'] },
  );
  if (!registered.ok) throw new Error(registered.reason);
}

async function addPeople({ pool }: Database, count: number): Promise<NodesWorld['people']> {
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  const people = Array.from({ length: count }, (_, index) => ({
    emailAddress: `drill${String(index).padStart(5, '0')}@example.co.jp`,
    accountId: `acc_${String(index).padStart(26, '0')}`,
  }));
  await pool.query(
    `insert into account (id, email_address, email_key, name, company, created_at, updated_at)
     select id, address, address, '見本 太郎', '見本商事', now(), now() from unnest($1::text[], $2::text[]) as person(id, address)`,
    [people.map((one) => one.accountId), people.map((one) => one.emailAddress)],
  );
  await pool.query(
    `insert into password_credential (account_id, password_hash, set_at, first_set_at) select id, $1, now(), now() from account`,
    [await hasher.hash(UNIFIED_PASSWORD)],
  );
  await pool.query(
    `insert into console_link (console_id, console_user_id, account_id, created_at)
     select console.id, 'user-' || account.id, account.id, now() from account, console`,
  );
  return people;
}
