import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registerConsole } from '../../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../../apps/login/src/domain/credentials/password-hash.ts';
import { createOperatorToken } from '../../apps/login/src/domain/operators/tokens.ts';
import type { Database } from '../../apps/login/src/support/db/database.ts';
import { secretKeys } from '../../apps/login/src/support/primitives/secrets.ts';
import type { Console } from '../../bench/flows.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { openNodes, type NodesWorld } from '../nodes/world.ts';
import { UNIFIED_PASSWORD } from '../people.ts';
import { moment } from './record.ts';

/** Two nodes behind a load balancer, and what the clients of a campaign come with. */
export type HistoryWorld = NodesWorld & {
  /** Of an administrator. */
  readonly operatorToken: string;
  /** The console that people enter, and that is told of logouts. */
  readonly watched: Console;
  /** The logouts that it was told of. */
  readonly told: readonly { sid: string; start: number; end: number }[];
  /** A console whose plan nobody has touched yet. */
  freshConsole(): Console;
  /** Four people of their own for each number below the size: two, and two who want each other's addresses. */
  group(number: number): readonly [Person, Person, Person, Person];
};

/** With the password that they have at first. */
export type Person = { emailAddress: string; accountId: string; password: string };

/** Of every fourth person: where two may have one address, it is told by the password whose it is. */
const OTHER_PASSWORD = 'Umi-no-oto 43 desu';
const IN_A_GROUP = 4;
/** Of each number one has its plan changed, and one its plan by an Idempotency-Key. */
const CONSOLES_A_GROUP = 2;

/** Limits would only make most questions unanswered: they have tests of their own. */
const WITHOUT_LIMITS = {
  sendPauseSeconds: 0,
  sendsPerQuarterHour: 1_000,
  sendsPerDay: 1_000,
  sendsPerHourAndNetwork: 100_000,
  guessesPerDay: 1_000,
  freeSignInAttempts: 10,
  signInAttemptsPerNetwork: 500,
};

/** @param of.size how many groups of people there are */
export async function openHistoryWorld(of: { size: number }): Promise<HistoryWorld> {
  const told: { sid: string; start: number; end: number }[] = [];
  const receiver = await openReceiver(told);
  const nodes = await openNodes({
    nodes: 2,
    people: of.size * IN_A_GROUP,
    environment: { HITOKAGI_ALLOWED_INTERNAL_HOSTS: 'localhost', HITOKAGI_DRAIN_SECONDS: '0' },
  });
  const { database } = nodes;
  await database.pool.query(`update installation_settings set given = $1, revision = revision + 1`, [
    WITHOUT_LIMITS,
  ]);
  const watched = await addConsole(database, 'watched', receiver.url);
  const fresh: Console[] = [];
  for (let number = 1; number <= of.size * CONSOLES_A_GROUP; number += 1)
    fresh.push(await addConsole(database, `fresh-${number}`));
  await database.pool.query(
    `insert into console_link (console_id, console_user_id, account_id, created_at)
     select c.id, 'user-' || a.id, a.id, now() from account a, console c where c.client_id = 'watched'`,
  );
  const people = await withPasswords(nodes);
  const { token } = await createOperatorToken(
    database.db,
    { name: 'drill', role: 'administrator' },
    { actor: 'operator:drill', now: new Date() },
  );
  return {
    ...nodes,
    operatorToken: token,
    watched,
    told,
    freshConsole() {
      const next = fresh.pop();
      if (!next) throw new Error('There are not so many consoles.');
      return next;
    },
    group: (number) =>
      people.slice(number * IN_A_GROUP, (number + 1) * IN_A_GROUP) as [Person, Person, Person, Person],
    async close() {
      await nodes.close();
      await receiver.close();
    },
  };
}

async function withPasswords({ database, people }: NodesWorld): Promise<readonly Person[]> {
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  const isOther = (index: number): boolean => index % IN_A_GROUP === IN_A_GROUP - 1;
  await database.pool.query(`update password_credential set password_hash = $1 where account_id = any($2)`, [
    await hasher.hash(OTHER_PASSWORD),
    people.filter((_, index) => isOther(index)).map(({ accountId }) => accountId),
  ]);
  return people.map((one, index) => ({
    ...one,
    password: isOther(index) ? OTHER_PASSWORD : UNIFIED_PASSWORD,
  }));
}

async function addConsole({ db }: Database, clientId: string, logoutUri?: string): Promise<Console> {
  const console: Console = {
    clientId,
    clientSecret: `sample-secret-of-${clientId}-0123456789`,
    redirectUri: `http://${clientId}.example.co.jp/auth/callback`,
  };
  const registered = await registerConsole(
    db,
    {
      ...console,
      nameJa: '見本の管理画面',
      nameEn: 'Sample console',
      homeUrl: `http://${clientId}.example.co.jp/`,
      initiateLoginUri: `http://${clientId}.example.co.jp/auth/start`,
      redirectUris: [console.redirectUri],
      postLogoutRedirectUris: [`http://${clientId}.example.co.jp/`],
      ...(logoutUri === undefined ? {} : { backchannelLogoutUri: logoutUri }),
      idTokenAlg: 'ES256',
    },
    { actor: 'operator:drill', now: new Date(), allowedInternalHosts: ['localhost'] },
  );
  if (!registered.ok) throw new Error(`${registered.reason}: ${registered.detail}`);
  return console;
}

/** Where the watched console is told of logouts; whose token it is, and for whom, has tests of its own. */
async function openReceiver(
  told: { sid: string; start: number; end: number }[],
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((asked, answer) => {
    const start = moment();
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const token = new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '';
      const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
      const { sid } = JSON.parse(payload) as { sid?: string };
      if (sid !== undefined) told.push({ sid, start, end: moment() });
      answer.writeHead(200).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/auth/backchannel-logout`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
