import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../../apps/login/src/node-flags.ts';
import { openDatabase, type Database } from '../../apps/login/src/support/db/database.ts';
import { migrate } from '../../apps/login/src/support/db/migrate.ts';
import { openMailbox, type Mailbox } from '../../bench/mailbox.ts';
import { freePort, startProgram, untilReady, type Program } from '../../bench/processes.ts';
import { CONSOLE } from '../../bench/sample.ts';
import { addConsole, addPeople } from '../../bench/world.ts';
import type { Report } from '../report.ts';
import { startCluster, type Cluster, type Loss } from './cluster.ts';
import { deafNodes, unsentCodes } from './after.ts';
import { startLedger, type Ledger } from './ledger.ts';
import { outageOf, reported, type Outage } from './findings.ts';
import { lostSessions, startProbe, startSignIns, type SignIns } from './sign-ins.ts';

const NODES = 2;

export type FailoverSettings = {
  /** Seconds of sign-ins before and after each loss. */
  seconds: number;
  tell: (line: string) => void;
  /** Gets how to end everything, for whoever stops the drill in the middle. */
  onOpen?: (close: () => Promise<void>) => void;
};

/**
 * S2, scale: the primary of a cluster under Patroni is killed with -9 while people sign in at two login servers, first its PostgreSQL, then its whole machine.
 * Needs the programs that `whatIsMissing` names.
 */
export async function drillFailover({ seconds, tell, onOpen }: FailoverSettings): Promise<Report> {
  const began = performance.now();
  const webPort = await freePort();
  const ports = [await freePort(), await freePort()].slice(0, NODES);
  tell('Three database members under Patroni …');
  const cluster = await startCluster(webPort, ports);
  const mailbox = await openMailbox();
  const folder = await mkdtemp(join(tmpdir(), 'hitokagi-failover-nodes-'));
  const nodes: Program[] = [];
  let database: Database | undefined;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll());
  onOpen?.(close);
  try {
    await cluster.whole();
    const secret = randomBytes(32).toString('base64url');
    database = openDatabase(cluster.url, { connections: 4 });
    await fill(database, secret);
    const of = { cluster, mailbox, folder, secret, webPort };
    for (const port of ports) nodes.push(await startNode(of, port));
    const ledger = await startLedger(cluster.url);
    const signIns = startSignIns({ port: webPort, host: `localhost:${webPort}` });
    await pause(seconds * 1_000);
    const outages: Outage[] = [];
    for (const loss of ['postgresql', 'machine'] as const) {
      tell(
        loss === 'machine' ? 'The machine of the primary is lost …' : 'PostgreSQL of the primary is killed …',
      );
      outages.push(await outage(loss, { ...of, ports, ledger, signIns, seconds, database }));
      tell(`writes again after ${((outages.at(-1)?.writes ?? NaN) / 1_000).toFixed(1)} s`);
    }
    await signIns.stop();
    await ledger.stop();
    tell(`${signIns.acknowledged.length} people signed in; looking whether all of it is there …`);
    return reported({
      outages,
      acknowledged: signIns.acknowledged.length,
      refused: signIns.refused,
      odd: signIns.odd,
      ledgerRows: ledger.written.length,
      missingRows: await ledger.missing(),
      missingSignIns: await missingSignIns(database, signIns),
      lostSessions: await lostSessions(signIns.acknowledged),
      unsentCodes: await unsentCodes(webPort, mailbox),
      seconds: (performance.now() - began) / 1_000,
    });
  } finally {
    await close();
  }

  async function closeAll(): Promise<void> {
    // In this order: a node whose database is gone would be long at its goodbye.
    for (const node of nodes) await node.stop();
    await database?.close();
    await cluster.close();
    await mailbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(database: Database, secret: string): Promise<void> {
  // HAProxy looks once a second who the primary is.
  for (let tries = 0; ; tries++)
    try {
      await database.pool.query('select 1');
      break;
    } catch (error) {
      if (tries === 50) throw error;
      await pause(200);
    }
  const migrated = await migrate(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  await addConsole(database);
  await addPeople(database, secret);
}

type Surroundings = { cluster: Cluster; mailbox: Mailbox; folder: string; secret: string; webPort: number };

async function startNode({ cluster, mailbox, folder, secret, webPort }: Surroundings, port: number) {
  const node = startProgram(
    'apps/login/bin/serve.js',
    {
      HITOKAGI_HOST: '127.0.0.1',
      HITOKAGI_PORT: String(port),
      HITOKAGI_ISSUER: `http://localhost:${webPort}`,
      DATABASE_URL: cluster.url,
      HITOKAGI_DATA_DIR: join(folder, String(port)),
      HITOKAGI_SECRET: secret,
      HITOKAGI_SMTP_URL: mailbox.url,
      HITOKAGI_LOG_LEVEL: process.env.DRILL_LOG_LEVEL ?? 'silent',
      HITOKAGI_TRUSTED_PROXIES: '127.0.0.1',
      NODE_NO_WARNINGS: '1',
      ...NODE_ENVIRONMENT,
    },
    NODE_FLAGS,
  );
  await untilReady(node);
  return node;
}

/** Loses the primary, waits until writes go on, and looks at what people met meanwhile. */
async function outage(
  loss: Loss,
  of: Surroundings & {
    ports: readonly number[];
    ledger: Ledger;
    signIns: SignIns;
    seconds: number;
    database: Database;
  },
): Promise<Outage> {
  const { cluster, ports, ledger, signIns, webPort } = of;
  const path = `/authorize?${new URLSearchParams({ client_id: CONSOLE.clientId, response_type: 'code', scope: 'openid', redirect_uri: CONSOLE.redirectUri, code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }).toString()}`;
  const probes = ports.map((port) => startProbe(port, `localhost:${webPort}`, path));
  const lost = await cluster.lose(loss);
  const moment = performance.now();
  const end = moment + 60_000;
  while (
    (ledger.gapAfter(moment) === undefined || signIns.gapAfter(moment) === undefined) &&
    performance.now() < end
  )
    await pause(50);
  const deaf = await deafNodes(ports, webPort, of.database);
  await pause(of.seconds * 1_000);
  for (const probe of probes) await probe.stop();
  if (loss === 'machine') cluster.bringBack(lost);
  const whole = await cluster.whole();
  return outageOf({
    loss,
    moment,
    answers: probes.flatMap(({ answers }) => answers).filter(({ at }) => at >= moment),
    writes: ledger.gapAfter(moment),
    signIns: signIns.gapAfter(moment),
    deaf,
    whole,
  });
}

/** Acknowledged sign-ins of which no session is in the database. */
async function missingSignIns({ pool }: Database, { acknowledged }: SignIns): Promise<string[]> {
  const { rows } = await pool.query<{ email_address: string }>(
    'select distinct a.email_address from sso_session s join account a on a.id = s.account_id',
  );
  const there = new Set(rows.map((row) => row.email_address));
  return acknowledged.map(({ address }) => address).filter((address) => !there.has(address));
}
