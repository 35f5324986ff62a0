import { buildLogin } from '../apps/login/src/app.ts';
import { readConfig } from '../apps/login/src/config.ts';
import { registerConsole } from '../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../apps/login/src/domain/credentials/password-hash.ts';
import { openDatabase, type Database } from '../apps/login/src/support/db/database.ts';
import { migrate } from '../apps/login/src/support/db/migrate.ts';
import { keepDerivedKeys } from '../apps/login/src/support/keys/purpose-keys.ts';
import { secretKeys } from '../apps/login/src/support/primitives/secrets.ts';
import type { MachineClock } from '../journeys/clock.ts';
import { CLIENT_ID, CLIENT_SECRET } from './console.ts';
import { MASTER_SECRET } from './master-secret.ts';
import { UNIFIED_PASSWORD } from './people.ts';

/** The login server on a port of its own, with everything that it does by itself at work. */
export type DrillLoginServer = {
  readonly issuer: string;
  readonly database: Database;
  /** Registers the SMS console; answers its id. */
  register(consoleUrl: string): Promise<string>;
  /** Puts the drill's password in place for these accounts, as if they had set it: saves the hashing of each. */
  setPasswords(accountIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
};

export async function startLoginServer(
  clock: MachineClock,
  settings: { databaseUrl: string; port: number; smtpUrl: string; noticesPerSecond: number },
): Promise<DrillLoginServer> {
  const { databaseUrl, port } = settings;
  const issuer = `http://localhost:${port}`;
  const read = readConfig({
    HITOKAGI_PORT: String(port),
    HITOKAGI_ISSUER: issuer,
    HITOKAGI_SMTP_URL: settings.smtpUrl,
    HITOKAGI_NOTICES_PER_SECOND: String(settings.noticesPerSecond),
    HITOKAGI_TRUSTED_PROXIES: '127.0.0.1,::1',
    HITOKAGI_LOG_LEVEL: process.env.DRILL_LOG_LEVEL ?? 'silent',
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const database = openDatabase(databaseUrl);
  const migrated = await migrate(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  await keepDerivedKeys(database.db, secretKeys(MASTER_SECRET), clock.now());
  const app = await buildLogin(read.config, database, databaseUrl, MASTER_SECRET, clock.now);
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  await app.server.listen({ port, host: 'localhost' });
  await app.startWork();
  return {
    issuer,
    database,
    async register(consoleUrl) {
      const registered = await registerConsole(
        database.db,
        {
          clientId: CLIENT_ID,
          clientSecret: CLIENT_SECRET,
          nameJa: '絶対リーチ!SMS',
          nameEn: 'Zettai Reach! SMS',
          homeUrl: `${consoleUrl}/`,
          initiateLoginUri: `${consoleUrl}/auth/start`,
          legacyLoginUrl: `${consoleUrl}/login`,
          redirectUris: [`${consoleUrl}/auth/callback`],
          postLogoutRedirectUris: [`${consoleUrl}/`],
          backchannelLogoutUri: `${consoleUrl}/auth/backchannel-logout`,
          idTokenAlg: 'ES256',
        },
        {
          actor: 'operator:drill',
          now: clock.now(),
          allowedInternalHosts: read.config.allowedInternalHosts,
        },
      );
      if (!registered.ok) throw new Error(`${registered.reason}: ${registered.detail}`);
      const { id } = await database.db
        .selectFrom('console')
        .select('id')
        .where('client_id', '=', CLIENT_ID)
        .executeTakeFirstOrThrow();
      return id;
    },
    async setPasswords(accountIds) {
      const hash = await hasher.hash(UNIFIED_PASSWORD);
      await database.pool.query(
        `insert into password_credential (account_id, password_hash, set_at, first_set_at)
         select unnest($1::text[]), $2, $3, $3 on conflict do nothing`,
        [accountIds, hash, clock.now()],
      );
    },
    async close() {
      await app.close();
      await database.close();
    },
  };
}
