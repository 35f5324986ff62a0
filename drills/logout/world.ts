import { registerConsole } from '../../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../../apps/login/src/domain/credentials/password-hash.ts';
import { openDatabase, type Database } from '../../apps/login/src/support/db/database.ts';
import { migrate } from '../../apps/login/src/support/db/migrate.ts';
import { parseEmailAddress } from '../../apps/login/src/support/primitives/email-address.ts';
import { newId } from '../../apps/login/src/support/primitives/ids.ts';
import { secretKeys } from '../../apps/login/src/support/primitives/secrets.ts';
import { freePort } from '../../journeys/free-port.ts';
import { samplePeople, UNIFIED_PASSWORD, type DrillPerson } from '../people.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { openTraffic, type Traffic } from '../traffic.ts';
import type { Databases } from '../world.ts';
import { startConsole, type DrillConsole } from './console.ts';
import { startLoginChild, type LoginChild } from './login-child.ts';

const CONSOLES = 5;

/** The login server as a process that can be killed, and five consoles in this one. */
export type LogoutWorld = {
  readonly issuer: string;
  readonly login: LoginChild;
  readonly database: Database;
  readonly consoles: readonly DrillConsole[];
  readonly people: readonly (DrillPerson & { accountId: string })[];
  readonly traffic: Traffic;
  close(): Promise<void>;
};

/** @param people how many, each a user of every console */
export async function openWorld(databases: Databases, people: number): Promise<LogoutWorld> {
  const databaseUrl = await databases.fresh('logout');
  const database = openDatabase(databaseUrl);
  const migrated = await migrate(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const consoles: DrillConsole[] = [];
  for (let number = 1; number <= CONSOLES; number += 1) consoles.push(await startConsole(issuer, number));
  await register(database, consoles);
  const accounts = await addPeople(database, consoles, people);
  const login = await startLoginChild({
    HITOKAGI_PORT: String(port),
    HITOKAGI_ISSUER: issuer,
    HITOKAGI_SECRET: MASTER_SECRET,
    HITOKAGI_SMTP_URL: 'smtp://127.0.0.1:9',
    HITOKAGI_TRUSTED_PROXIES: '127.0.0.1,::1',
    HITOKAGI_LOG_LEVEL: 'silent',
    DATABASE_URL: databaseUrl,
  });
  const traffic = openTraffic();
  return {
    issuer,
    login,
    database,
    consoles,
    people: accounts,
    traffic,
    async close() {
      traffic.agent.destroy();
      for (const console of consoles) await console.close();
      await login.close();
      await database.close();
    },
  };
}

async function register({ db }: Database, consoles: readonly DrillConsole[]): Promise<void> {
  for (const { clientId, secret, name, url, gate } of consoles) {
    const registered = await registerConsole(
      db,
      {
        clientId,
        clientSecret: secret,
        nameJa: name,
        nameEn: clientId,
        homeUrl: `${url}/`,
        initiateLoginUri: `${url}/auth/start`,
        redirectUris: [`${url}/auth/callback`],
        postLogoutRedirectUris: [`${url}/`],
        backchannelLogoutUri: gate.url,
        idTokenAlg: 'ES256',
      },
      { actor: 'operator:drill', now: new Date(), allowedInternalHosts: ['localhost'] },
    );
    if (!registered.ok) throw new Error(`${registered.reason}: ${registered.detail}`);
  }
}

async function addPeople(database: Database, consoles: readonly DrillConsole[], count: number) {
  const { db } = database;
  const now = new Date();
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  const hash = await hasher.hash(UNIFIED_PASSWORD);
  const ids = await db
    .selectFrom('console')
    .select('id')
    .where(
      'client_id',
      'in',
      consoles.map(({ clientId }) => clientId),
    )
    .execute();
  const people = samplePeople(count).map((person) => ({ ...person, accountId: newId('acc', now) }));
  for (const { accountId, emailAddress, name, company, number } of people) {
    const address = parseEmailAddress(emailAddress);
    if (!address.ok) throw new Error(address.reason);
    await db
      .insertInto('account')
      .values({
        id: accountId,
        email_address: address.address,
        email_key: address.key,
        name,
        company,
        locale: 'ja',
        state: 'active',
        created_at: now,
        updated_at: now,
      })
      .execute();
    for (const { id } of ids)
      await db
        .insertInto('console_link')
        .values({
          console_id: id,
          console_user_id: String(number),
          account_id: accountId,
          created_at: now,
          last_unified_sign_in_at: null,
        })
        .execute();
    await database.pool.query(
      `insert into password_credential (account_id, password_hash, set_at, first_set_at) values ($1, $2, $3, $3)`,
      [accountId, hash, now],
    );
  }
  return people;
}
