import { buildConsole } from '../apps/sms-console/src/app.ts';
import { readConfig } from '../apps/sms-console/src/config.ts';
import { createApiKey } from '../apps/sms-console/src/domain/api-keys/api-keys.ts';
import { BRANDS } from '../apps/sms-console/src/domain/brand.ts';
import { hashLegacyPassword } from '../apps/sms-console/src/domain/legacy-login/password-hash.ts';
import { openDatabase, type Db } from '../apps/sms-console/src/support/db/database.ts';
import { migrate } from '../apps/sms-console/src/support/db/migrate.ts';
import { createMailer } from '../apps/sms-console/src/support/mail/mailer.ts';
import type { MachineClock } from '../journeys/clock.ts';
import { LEGACY_PASSWORD, type DrillPerson } from './people.ts';

export const CLIENT_ID = 'sms';
export const CLIENT_SECRET = 'sample-secret-of-the-drill-0123456789';

/** The SMS console with its own users, its legacy login and its machine API. */
export type DrillConsole = {
  readonly url: string;
  readonly db: Db;
  /** Adds people who have the legacy password, and notes the ids that the console gives them. */
  addPeople(people: readonly DrillPerson[]): Promise<void>;
  apiKey(person: DrillPerson): Promise<string>;
  /** Answers from now on. The login server must know the console by then. */
  start(issuer: string): Promise<void>;
  close(): Promise<void>;
};

export async function prepareConsole(
  clock: MachineClock,
  { databaseUrl, port, smtpUrl }: { databaseUrl: string; port: number; smtpUrl: string },
): Promise<DrillConsole> {
  const db = openDatabase(databaseUrl, () => undefined);
  await migrate(db);
  const url = `http://localhost:${port}`;
  const mailer = createMailer(smtpUrl, BRANDS.sms.sender);
  let app: Awaited<ReturnType<typeof buildConsole>> | undefined;
  return {
    url,
    db,
    async addPeople(people) {
      // One hash for all: what is drilled is the move, not the making of 10,000 sample passwords.
      const hash = await hashLegacyPassword(LEGACY_PASSWORD);
      const companies = new Map<string, string>();
      for (const name of new Set(people.map(({ company }) => company))) {
        const { id } = await db
          .insertInto('company')
          .values({ name })
          .returning('id')
          .executeTakeFirstOrThrow();
        companies.set(name, id);
      }
      for (let from = 0; from < people.length; from += 1_000) {
        const some = people.slice(from, from + 1_000);
        const rows = await db
          .insertInto('person')
          .values(
            some.map(({ emailAddress, name, company, locale }) => ({
              company_id: companies.get(company) ?? '',
              email_address: emailAddress,
              name,
              locale,
              legacy_password_hash: hash,
              created_at: clock.now(),
            })),
          )
          .returning(['id', 'email_address'])
          .execute();
        const ids = new Map(rows.map((row) => [row.email_address, row.id]));
        for (const person of some) person.userId = ids.get(person.emailAddress) ?? '';
      }
    },
    async apiKey(person) {
      const created = await createApiKey(db, { personId: person.userId, name: '受注システム' }, clock.now());
      if (!created.ok) throw new Error(created.reason);
      return created.key.secret;
    },
    async start(issuer) {
      const config = readConfig({
        CONSOLE_PORT: String(port),
        CONSOLE_URL: url,
        CONSOLE_BRAND: 'sms',
        DATABASE_URL: databaseUrl,
        CONSOLE_ISSUER: issuer,
        CONSOLE_CLIENT_ID: CLIENT_ID,
        CONSOLE_CLIENT_SECRET: CLIENT_SECRET,
        CONSOLE_SMTP_URL: smtpUrl,
        CONSOLE_TRUSTED_PROXIES: '127.0.0.1,::1',
      });
      app = await buildConsole({ config, db, mailer, clock: clock.now });
      await app.listen({ port, host: 'localhost' });
    },
    async close() {
      await app?.close();
      mailer.close();
      await db.destroy();
    },
  };
}
