import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { freshDatabase, templateDatabase } from '../../../test-support/fresh-database.ts';
import { buildLogin, type LoginApp } from '#app/app.ts';
import { readConfig, type Config } from '#app/config.ts';
import { registerConsole } from '#domain/consoles/consoles.ts';
import { createPasswordHasher } from '#domain/credentials/password-hash.ts';
import { storePassword } from '#domain/credentials/passwords.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { keepDerivedKeys } from '#support/keys/purpose-keys.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { newId } from '#support/primitives/ids.ts';
import { secretKeys } from '#support/primitives/secrets.ts';

export type CapturedMail = { to: string; subject: string; text: string; html: string; raw: ParsedMail };

export type World = {
  app: LoginApp;
  config: Config;
  database: Database;
  databaseUrl: string;
  /** The clock is a value: `world.now = …`, or `world.pass(10 * MINUTE)`. */
  now: Date;
  pass(duration: number): void;
  mails: CapturedMail[];
  /** Log lines, each one JSON; nothing unless the world was opened with a log level. */
  logLines: string[];
  /** Waits for the next mail to an address that was not handed out before. */
  nextMail(to: string): Promise<CapturedMail>;
  addConsole(clientId: string, options?: Partial<Parameters<typeof registerConsole>[1]>): Promise<string>;
  addPerson(
    emailAddress: string,
    links?: Record<string, string>,
    options?: { name?: string; state?: 'active' | 'suspended'; locale?: 'ja' | 'en'; password?: string },
  ): Promise<string>;
  close(): Promise<void>;
};

export const CONSOLE_SECRET = 'secret-of-a-sample-console-0123456789';

/**
 * A login server with real PostgreSQL and real SMTP, in this process; consoles are registered, not running.
 * @param options.work false: mails and logout deliveries stay in the queue
 */
export async function openWorld(
  options: { environment?: Record<string, string>; now?: Date; work?: boolean } = {},
): Promise<World> {
  const template = await templateDatabase('login_template', async (url) => {
    const database = openDatabase(url);
    await migrate(database);
    await keepDerivedKeys(database.db, secretKeys(MASTER_SECRET), new Date());
    const app = await buildLogin(configOf(1, {}), database, url, MASTER_SECRET, () => new Date());
    await app.close();
    await database.db.deleteFrom('signing_key').execute();
    await database.close();
  });
  const { url: databaseUrl } = await freshDatabase({ template });
  const mails: CapturedMail[] = [];
  const waiting: { to: string; resolve: (mail: CapturedMail) => void }[] = [];
  const seen = new Set<CapturedMail>();
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      void simpleParser(stream).then((raw) => {
        for (const recipient of session.envelope.rcptTo) {
          const mail = {
            to: recipient.address,
            subject: raw.subject ?? '',
            text: raw.text ?? '',
            html: raw.html || '',
            raw,
          };
          mails.push(mail);
          const at = waiting.findIndex((one) => one.to === recipient.address.toLowerCase());
          if (at >= 0) {
            seen.add(mail);
            waiting.splice(at, 1)[0]?.resolve(mail);
          }
        }
        done();
      }, done);
    },
  });
  await new Promise<void>((listening) => smtp.listen(0, '127.0.0.1', listening));
  const smtpPort = (smtp.server.address() as AddressInfo).port;
  const config = configOf(smtpPort, options.environment ?? {});
  const database = openDatabase(databaseUrl);
  const world: World = {
    app: undefined as never,
    config,
    database,
    databaseUrl,
    now: options.now ?? new Date('2026-11-22T01:00:00Z'),
    pass(duration) {
      world.now = new Date(world.now.getTime() + duration);
    },
    mails,
    logLines: [],
    nextMail(to) {
      const found = mails.find((mail) => mail.to.toLowerCase() === to.toLowerCase() && !seen.has(mail));
      if (found) {
        seen.add(found);
        return Promise.resolve(found);
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`No mail to ${to} came within 10 s.`)), 10_000);
        waiting.push({ to: to.toLowerCase(), resolve: (mail) => (clearTimeout(timer), resolve(mail)) });
      });
    },
    async addConsole(clientId, extra = {}) {
      const result = await registerConsole(
        database.db,
        {
          clientId,
          clientSecret: CONSOLE_SECRET,
          nameJa: `管理画面${clientId}`,
          nameEn: `Console ${clientId}`,
          homeUrl: `http://${clientId}.example.co.jp/`,
          initiateLoginUri: `http://${clientId}.example.co.jp/auth/start`,
          redirectUris: [`http://${clientId}.example.co.jp/auth/callback`],
          postLogoutRedirectUris: [`http://${clientId}.example.co.jp/`],
          idTokenAlg: 'ES256',
          ...extra,
        },
        { actor: 'system', now: world.now, allowedInternalHosts: config.allowedInternalHosts },
      );
      if (!result.ok) throw new Error(result.reason);
      world.app.forgetCaches();
      return result.consoleId;
    },
    async addPerson(
      emailAddress,
      links = {},
      { name = '見本 太郎', state = 'active', locale, password } = {},
    ) {
      const address = parseEmailAddress(emailAddress);
      if (!address.ok) throw new Error(address.reason);
      const id = newId('acc', world.now);
      await database.db
        .insertInto('account')
        .values({
          id,
          email_address: address.address,
          email_key: address.key,
          name,
          company: '見本商事',
          locale: locale ?? null,
          state,
          created_at: world.now,
          updated_at: world.now,
        })
        .execute();
      for (const [clientId, userId] of Object.entries(links)) {
        const console = await database.db
          .selectFrom('console')
          .select('id')
          .where('client_id', '=', clientId)
          .executeTakeFirstOrThrow();
        await database.db
          .insertInto('console_link')
          .values({
            console_id: console.id,
            console_user_id: userId,
            account_id: id,
            created_at: world.now,
            last_unified_sign_in_at: null,
          })
          .execute();
      }
      if (password !== undefined)
        await storePassword(database.db, id, await passwordHash(password), world.now);
      return id;
    },
    async close() {
      await world.app.close();
      await database.close();
      await new Promise<void>((closed) => smtp.close(closed));
    },
  };
  const log = { write: (line: string) => void world.logLines.push(line) };
  world.app = await buildLogin(config, database, databaseUrl, MASTER_SECRET, () => world.now, log);
  if (options.work !== false) await world.app.startWork();
  return world;
}

export const MASTER_SECRET = 'sample-master-secret-for-tests-0123456789';

const hashes = new Map<string, Promise<string>>();
/** Argon2 takes its time; people of one test file share their passwords' hashes. */
function passwordHash(password: string): Promise<string> {
  let known = hashes.get(password);
  if (!known) {
    known = createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper')).then((hasher) =>
      hasher.hash(password),
    );
    hashes.set(password, known);
  }
  return known;
}

function configOf(smtpPort: number, environment: Record<string, string>): Config {
  const read = readConfig({
    HITOKAGI_ISSUER: 'http://login.example.co.jp',
    HITOKAGI_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    HITOKAGI_LOG_LEVEL: 'silent',
    // Fifty requests at once on a busy machine wait for one another; who tests that waiting ends says how long.
    HITOKAGI_DATABASE_WAIT_MS: '10000',
    ...environment,
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.config;
}
