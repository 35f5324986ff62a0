import { buildConsole } from '../apps/sms-console/src/app.ts';
import { readConfig } from '../apps/sms-console/src/config.ts';
import { BRANDS, type BrandId } from '../apps/sms-console/src/domain/brand.ts';
import { hashLegacyPassword } from '../apps/sms-console/src/domain/legacy-login/password-hash.ts';
import { openDatabase, type Db } from '../apps/sms-console/src/support/db/database.ts';
import { migrate } from '../apps/sms-console/src/support/db/migrate.ts';
import { createMailer } from '../apps/sms-console/src/support/mail/mailer.ts';
import { freshDatabase, templateDatabase } from '../test-support/fresh-database.ts';
import type { MachineClock } from './clock.ts';
import { freePort } from './free-port.ts';

/** Client ids of the two consoles. */
export type ConsoleId = 'sms' | 'mail';

/** The legacy password of everybody in a console, unless a journey says otherwise. */
export const LEGACY_PASSWORD = 'Mihon-2026';

const BRAND_OF: Readonly<Record<ConsoleId, BrandId>> = { sms: 'sms', mail: 'second' };

export type ConsoleSettings = {
  idleSeconds?: number;
  absoluteSeconds?: number;
  /** How often the console asks for its plan; the product's own pace when absent. */
  planIntervalMilliseconds?: number;
  /** How often the console asks for ended sessions; the product's own pace when absent. */
  endedSessionsSeconds?: number;
  /** Where messages leave, as `CONSOLE_SMPP_GATEWAYS` says it, for the console at this address; without any they wait in the queue. */
  gateways?: (consoleUrl: string) => readonly Readonly<Record<string, unknown>>[];
  /** Host names inside that webhooks may lead to. */
  webhookHosts?: readonly string[];
};

/** One console on a port of its own, with its own database. */
export type RunningConsole = {
  readonly id: ConsoleId;
  readonly url: string;
  readonly names: Readonly<Record<'ja' | 'en', string>>;
  readonly clientSecret: string;
  readonly db: Db;
  /** Adds a user who has the legacy password; answers the console's own id for them. */
  addUser(person: {
    emailAddress: string;
    name: string;
    company: string;
    locale: 'ja' | 'en';
  }): Promise<string>;
  /**
   * Answers requests from now on. The login server must know the console by then.
   * @param as what an operator registered it as; by default its id and its own secret
   */
  start(issuer: string, as?: { clientId: string; clientSecret: string }): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
};

export async function prepareConsole(
  id: ConsoleId,
  clock: MachineClock,
  smtpUrl: string,
  settings: ConsoleSettings = {},
): Promise<RunningConsole> {
  const template = await templateDatabase('journey_console', async (url) => {
    const fresh = openDatabase(url, () => undefined);
    await migrate(fresh);
    await fresh.destroy();
  });
  const { url: databaseUrl } = await freshDatabase({ template });
  const db = openDatabase(databaseUrl, () => undefined);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const clientSecret = `sample-secret-of-the-console-${id}-0123456789`;
  const mailer = createMailer(smtpUrl, BRANDS[BRAND_OF[id]].sender);
  let app: Awaited<ReturnType<typeof buildConsole>> | undefined;
  const stop = async (): Promise<void> => {
    await app?.close();
    app = undefined;
  };
  return {
    id,
    url,
    names: { ja: BRANDS[BRAND_OF[id]].texts.ja.name, en: BRANDS[BRAND_OF[id]].texts.en.name },
    clientSecret,
    db,
    async addUser({ emailAddress, name, company, locale }) {
      const { id: companyId } = await db
        .insertInto('company')
        .values({ name: company })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ name: company }))
        .returning('id')
        .executeTakeFirstOrThrow();
      const person = await db
        .insertInto('person')
        .values({
          company_id: companyId,
          email_address: emailAddress,
          name,
          locale,
          legacy_password_hash: await hashLegacyPassword(LEGACY_PASSWORD),
          created_at: clock.now(),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return person.id;
    },
    async start(issuer, as = { clientId: id, clientSecret }) {
      const config = readConfig({
        CONSOLE_PORT: String(port),
        CONSOLE_URL: url,
        CONSOLE_BRAND: BRAND_OF[id],
        DATABASE_URL: databaseUrl,
        CONSOLE_ISSUER: issuer,
        CONSOLE_CLIENT_ID: as.clientId,
        CONSOLE_CLIENT_SECRET: as.clientSecret,
        CONSOLE_SMTP_URL: smtpUrl,
        CONSOLE_SESSION_IDLE_SECONDS: settings.idleSeconds?.toString(),
        CONSOLE_SESSION_ABSOLUTE_SECONDS: settings.absoluteSeconds?.toString(),
        CONSOLE_ENDED_SESSIONS_SECONDS: settings.endedSessionsSeconds?.toString(),
        CONSOLE_SMPP_GATEWAYS: settings.gateways && JSON.stringify(settings.gateways(url)),
        CONSOLE_WEBHOOK_HOSTS: settings.webhookHosts?.join(),
        CONSOLE_TRUSTED_PROXIES: '127.0.0.1,::1',
      });
      const { planIntervalMilliseconds } = settings;
      app = await buildConsole({
        config,
        db,
        mailer,
        clock: clock.now,
        ...(planIntervalMilliseconds === undefined ? {} : { planIntervalMilliseconds }),
      });
      await app.listen({ port, host: 'localhost' });
    },
    stop,
    async close() {
      await stop();
      mailer.close();
      await db.destroy();
    },
  };
}
