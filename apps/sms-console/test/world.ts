import type { Phase } from '@hitokagi/console-kit';
import type { FastifyInstance } from 'fastify';
import { buildConsole } from '#app/app.ts';
import type { Config } from '#app/config.ts';
import { openLog } from '#app/log.ts';
import { BRANDS, type BrandId } from '#domain/brand.ts';
import { hashLegacyPassword } from '#domain/legacy-login/password-hash.ts';
import type { Person } from '#domain/people/people.ts';
import type { PersonRole } from '#support/db/schema.ts';
import { openDatabase, type Db } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { createMailer } from '#support/mail/mailer.ts';
import { HOUR, MINUTE } from '#support/primitives/durations.ts';
import { freshDatabase } from '../../../test-support/fresh-database.ts';
import { TestBrowser } from './browser.ts';
import type { TestAccount } from './console-api.ts';
import { startLoginServer, type TestLoginServer } from './login-server.ts';
import { startMailServer, type TestMailServer } from './mail-server.ts';

export const PASSWORD = 'Mihon-2026';

/** One console on a real database with a real mail server and a stand-in login server; the clock is the test's. */
export type World = {
  /** The running application; another one after `restart`. */
  readonly app: FastifyInstance;
  config: Config;
  db: Db;
  login: TestLoginServer;
  mail: TestMailServer;
  /** Log lines of the application, each one JSON, from `debug` on. */
  logLines: string[];
  /** Runs on with the real one until it is stopped; `reset` lets it run from the real moment again. */
  clock: { now: () => Date; stop: () => void; advance: (milliseconds: number) => void; reset: () => void };
  browser(headers?: Record<string, string>): TestBrowser;
  setPhase(phase: Phase): Promise<void>;
  /** A person of the console, with an account at the login server unless `account` is false. */
  addPerson(person?: {
    locale?: 'ja' | 'en';
    emailAddress?: string;
    account?: boolean;
    role?: PersonRole;
    company?: string;
  }): Promise<Person>;
  accountOf(person: Person): TestAccount;
  /** Stops the program and starts it anew on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function openWorld({
  brand = 'sms',
  phase = 'parallel',
  timeouts,
  origin = 'http://localhost:5701',
  databaseUrl: givenDatabase,
  smtpUrl,
  queueIntervalMilliseconds,
}: {
  brand?: BrandId;
  phase?: Phase;
  timeouts?: Config['timeouts'];
  origin?: string;
  /** An empty database to use instead of a new one of the test run. */
  databaseUrl?: string;
  /** A mail server to use instead of `mail`. */
  smtpUrl?: string;
  /** How often an empty queue of messages is looked into; the product's own pace when absent. */
  queueIntervalMilliseconds?: number;
} = {}): Promise<World> {
  const databaseUrl = givenDatabase ?? (await freshDatabase()).url;
  const db = openDatabase(databaseUrl, () => undefined);
  await migrate(db);
  const mail = await startMailServer();
  const client = {
    id: brand === 'sms' ? 'sms' : 'mail',
    secret: 'sample-client-secret-0123456789abcdef',
    origin,
  };
  const login = await startLoginServer(client);
  let passed = 0;
  let stoppedAt: number | null = null;
  const now = () => new Date((stoppedAt ?? Date.now()) + passed);
  const config: Config = {
    port: 0,
    url: origin,
    brand,
    databaseUrl,
    issuer: login.issuer,
    clientId: client.id,
    clientSecret: client.secret,
    storedSecretsKeys: [client.secret],
    smtpUrl: smtpUrl ?? mail.url,
    timeouts: timeouts ?? { idle: 30 * MINUTE, absolute: 12 * HOUR },
    trustedProxies: [],
    endedSessionsInterval: 60_000,
    loginIdCompareInterval: 0,
    apiRequestsPerMinute: 600,
    codesKey: 'sample-key-of-the-internal-api-0123456789',
    webhookHosts: ['localhost'],
    gateways: [],
  };
  const mailer = createMailer(config.smtpUrl, BRANDS[brand].sender);
  const logLines: string[] = [];
  const log = openLog(brand, { write: (line) => void logLines.push(line) }, 'debug');
  const start = async () => {
    const intervals = {
      planIntervalMilliseconds: 20,
      legacySignInIntervalMilliseconds: 20,
      loginIdIntervalMilliseconds: 50,
      registrationIntervalMilliseconds: 50,
      ...(queueIntervalMilliseconds === undefined ? {} : { queueIntervalMilliseconds }),
    };
    const app = await buildConsole({ config, db, mailer, clock: now, log, ...intervals });
    await app.ready();
    return app;
  };
  const running = { app: await start(), origin };
  login.deliver = async (url, body) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return (await running.app.inject({ method: 'POST', url: new URL(url).pathname, headers, payload: body }))
      .statusCode;
  };
  await login.setPhase(phase, now());
  let people = 0;
  return {
    get app() {
      return running.app;
    },
    config,
    db,
    login,
    mail,
    logLines,
    clock: {
      now,
      stop: () => void (stoppedAt = Date.now()),
      advance: (milliseconds) => void (passed += milliseconds),
      reset: () => {
        passed = 0;
        stoppedAt = null;
      },
    },
    browser: (headers) => new TestBrowser(running, headers),
    setPhase: (next) => login.setPhase(next, now()),
    addPerson: async ({ locale = 'ja', emailAddress, account = true, role, company } = {}) => {
      people += 1;
      const name = `見本 太郎 ${people}`;
      const address = emailAddress ?? `user${people}@example.co.jp`;
      const person = await insertPerson(
        db,
        {
          name,
          emailAddress: address,
          locale,
          role: role ?? 'administrator',
          company: company ?? '見本商事 01 株式会社',
        },
        now(),
      );
      if (account)
        login.accounts.push({ sub: `acc_${people}`, emailAddress: address, name, consoleUserId: person.id });
      return person;
    },
    accountOf: (person) => {
      const account = login.accounts.find((one) => one.consoleUserId === person.id);
      if (account === undefined) throw new Error('this person has no account');
      return account;
    },
    restart: async () => {
      await running.app.close();
      running.app = await start();
    },
    close: async () => {
      await running.app.close();
      mailer.close();
      await Promise.all([login.close(), mail.close()]);
      await db.destroy();
    },
  };
}

async function insertPerson(db: Db, person: Omit<Person, 'id' | 'companyId'>, now: Date): Promise<Person> {
  const name = person.company;
  const company = await db
    .insertInto('company')
    .values({ name })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ name }))
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('person')
    .values({
      company_id: company.id,
      email_address: person.emailAddress,
      name: person.name,
      locale: person.locale,
      role: person.role,
      legacy_password_hash: await hashLegacyPassword(PASSWORD),
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { ...person, id, companyId: company.id };
}
