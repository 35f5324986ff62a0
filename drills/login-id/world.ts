import pg from 'pg';
import { registerConsole } from '../../apps/login/src/domain/consoles/consoles.ts';
import {
  openDatabase as openLoginDatabase,
  type Database,
} from '../../apps/login/src/support/db/database.ts';
import { migrate as migrateLogin } from '../../apps/login/src/support/db/migrate.ts';
import { parseEmailAddress } from '../../apps/login/src/support/primitives/email-address.ts';
import { newId } from '../../apps/login/src/support/primitives/ids.ts';
import { hashLegacyPassword } from '../../apps/sms-console/src/domain/legacy-login/password-hash.ts';
import { openDatabase, type Db } from '../../apps/sms-console/src/support/db/database.ts';
import { migrate } from '../../apps/sms-console/src/support/db/migrate.ts';
import { freePort } from '../../journeys/free-port.ts';
import { codeIn, openMailServer } from '../mail-server.ts';
import { LEGACY_PASSWORD } from '../people.ts';
import { MASTER_SECRET } from '../master-secret.ts';
import { openTraffic, type Traffic } from '../traffic.ts';
import type { Databases } from '../world.ts';
import { programOf, type Program } from './program.ts';
import { openWire, type Wire } from './wire.ts';

export const CONSOLE_IDS = ['sms', 'mail'] as const;
export type ConsoleId = (typeof CONSOLE_IDS)[number];

const SECRET = 'sample-secret-of-the-drill-0123456789';

/** What arrived in a mailbox, oldest first. */
export type Mailbox = { codes: string[]; undoUrls: string[] };
export type DrillConsole = { id: ConsoleId; url: string; db: Db; databaseUrl: string; program: Program };

/** Login server and two consoles as processes of their own, the wire between them, and everybody's mail. */
export type LoginIdWorld = {
  readonly login: { program: Program; database: Database; databaseUrl: string };
  readonly consoles: Readonly<Record<ConsoleId, DrillConsole>>;
  readonly wire: Wire;
  readonly traffic: Traffic;
  mailbox(address: string): Mailbox;
  /** Addresses to which codes were mailed. */
  readonly codesWentTo: ReadonlySet<string>;
  addPerson(emailAddress: string, name: string): Promise<Record<ConsoleId, string>>;
  /** Breaks every connection to a database, as its restart does. */
  breakConnections(databaseUrl: string): Promise<void>;
  /** Starts the consoles anew with this many seconds between comparisons. */
  restartConsoles(compareSeconds: number): Promise<void>;
  close(): Promise<void>;
};

export async function openWorld(databases: Databases): Promise<LoginIdWorld> {
  const boxes = new Map<string, Mailbox>();
  const codesWentTo = new Set<string>();
  const mailbox = (address: string): Mailbox => {
    const key = address.toLowerCase();
    const box = boxes.get(key) ?? { codes: [], undoUrls: [] };
    boxes.set(key, box);
    return box;
  };
  const mail = await openMailServer(({ to, text }) => {
    const code = codeIn(text);
    const [undoUrl] = /http\S+\/login-id\/undo\?token=\S+/.exec(text) ?? [];
    if (code !== undefined) {
      mailbox(to).codes.push(code);
      codesWentTo.add(to);
    }
    if (undoUrl !== undefined) mailbox(to).undoUrls.push(undoUrl);
  });
  const [issuerPort, loginPort] = [await freePort(), await freePort()];
  const issuer = `http://localhost:${issuerPort}`;
  const wire = await openWire(issuerPort, loginPort);
  const loginUrl = await databases.fresh('login_ids_login');
  const database = openLoginDatabase(loginUrl, { onError: () => undefined });
  const migrated = await migrateLogin(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  const login = programOf('login server', ['apps/login/bin/serve.js'], () => ({
    HITOKAGI_PORT: String(loginPort),
    HITOKAGI_ISSUER: issuer,
    DATABASE_URL: loginUrl,
    HITOKAGI_SECRET: MASTER_SECRET,
    HITOKAGI_SMTP_URL: mail.url,
    HITOKAGI_MAIL_TIME_LIMIT: '5',
    HITOKAGI_MAIL_RETRY_AFTER: '1',
    HITOKAGI_LOG_LEVEL: 'error',
    HITOKAGI_TRUSTED_PROXIES: '127.0.0.1,::1',
  }));
  let compareSeconds = 0;
  const prepared: DrillConsole[] = [];
  for (const id of CONSOLE_IDS) {
    const databaseUrl = await databases.fresh(`login_ids_${id}`);
    const db = openDatabase(databaseUrl, () => undefined);
    await migrate(db);
    const port = await freePort();
    const url = `http://localhost:${port}`;
    await register(database, id, url);
    const program = programOf(`console ${id}`, ['--import', 'tsx', 'apps/sms-console/src/main.ts'], () => ({
      CONSOLE_PORT: String(port),
      CONSOLE_URL: url,
      CONSOLE_BRAND: id === 'sms' ? 'sms' : 'second',
      DATABASE_URL: databaseUrl,
      CONSOLE_ISSUER: issuer,
      CONSOLE_CLIENT_ID: id,
      CONSOLE_CLIENT_SECRET: SECRET,
      CONSOLE_SMTP_URL: mail.url,
      CONSOLE_TRUSTED_PROXIES: '127.0.0.1,::1',
      CONSOLE_LOGIN_ID_COMPARE_SECONDS: String(compareSeconds),
    }));
    prepared.push({ id, url, db, databaseUrl, program });
  }
  const [sms, second] = prepared as [DrillConsole, DrillConsole];
  const consoles = { sms, mail: second };
  const traffic = openTraffic();
  const hash = await hashLegacyPassword(LEGACY_PASSWORD);
  await Promise.all([login.start(), sms.program.start(), second.program.start()]);
  return {
    login: { program: login, database, databaseUrl: loginUrl },
    consoles,
    wire,
    traffic,
    mailbox,
    codesWentTo,
    async addPerson(emailAddress, name) {
      const ids = { sms: '', mail: '' };
      for (const id of CONSOLE_IDS) ids[id] = await addUser(consoles[id].db, { emailAddress, name, hash });
      await addAccount(database, { emailAddress, name, ids });
      return ids;
    },
    async breakConnections(databaseUrl) {
      const admin = new pg.Client({ connectionString: databaseUrl });
      await admin.connect();
      await admin.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await admin.end();
    },
    async restartConsoles(seconds) {
      compareSeconds = seconds;
      for (const { program } of prepared) {
        program.killAndRestart(0);
        await program.up();
      }
    },
    async close() {
      traffic.agent.destroy();
      await Promise.all([...prepared.map(({ program }) => program.stop()), login.stop()]);
      await wire.close();
      await mail.close();
      await database.close();
      for (const { db } of prepared) await db.destroy();
    },
  };
}

async function register(database: Database, id: ConsoleId, url: string): Promise<void> {
  const registered = await registerConsole(
    database.db,
    {
      clientId: id,
      clientSecret: SECRET,
      nameJa: id === 'sms' ? '絶対リーチ!SMS' : '絶対リーチ!メール',
      nameEn: id === 'sms' ? 'Zettai Reach! SMS' : 'Zettai Reach! Mail',
      homeUrl: `${url}/`,
      initiateLoginUri: `${url}/auth/start`,
      legacyLoginUrl: `${url}/login`,
      redirectUris: [`${url}/auth/callback`],
      postLogoutRedirectUris: [`${url}/`],
      backchannelLogoutUri: `${url}/auth/backchannel-logout`,
      eventUri: `${url}/auth/events`,
      idTokenAlg: 'ES256',
    },
    { actor: 'operator:drill', now: new Date(), allowedInternalHosts: ['localhost'] },
  );
  if (!registered.ok) throw new Error(`${registered.reason}: ${registered.detail}`);
}

async function addUser(
  db: Db,
  { emailAddress, name, hash }: { emailAddress: string; name: string; hash: string },
): Promise<string> {
  const company = await db
    .insertInto('company')
    .values({ name: '見本商事 株式会社' })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ name: '見本商事 株式会社' }))
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('person')
    .values({
      company_id: company.id,
      email_address: emailAddress,
      name,
      locale: 'ja',
      legacy_password_hash: hash,
      created_at: new Date(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function addAccount(
  { db }: Database,
  { emailAddress, name, ids }: { emailAddress: string; name: string; ids: Record<ConsoleId, string> },
): Promise<void> {
  const address = parseEmailAddress(emailAddress);
  if (!address.ok) throw new Error(address.reason);
  const now = new Date();
  const accountId = newId('acc', now);
  await db
    .insertInto('account')
    .values({
      id: accountId,
      email_address: address.address,
      email_key: address.key,
      name,
      company: '見本商事 株式会社',
      locale: 'ja',
      state: 'active',
      created_at: now,
      updated_at: now,
    })
    .execute();
  for (const id of CONSOLE_IDS) {
    const console = await db
      .selectFrom('console')
      .select('id')
      .where('client_id', '=', id)
      .executeTakeFirstOrThrow();
    await db
      .insertInto('console_link')
      .values({
        console_id: console.id,
        console_user_id: ids[id],
        account_id: accountId,
        created_at: now,
        last_unified_sign_in_at: null,
      })
      .execute();
  }
}
