import { buildLogin } from '../apps/login/src/app.ts';
import { readConfig } from '../apps/login/src/config.ts';
import { registerConsole } from '../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../apps/login/src/domain/credentials/password-hash.ts';
import { storePassword } from '../apps/login/src/domain/credentials/passwords.ts';
import { openDatabase, type Database } from '../apps/login/src/support/db/database.ts';
import { migrate } from '../apps/login/src/support/db/migrate.ts';
import { keepDerivedKeys } from '../apps/login/src/support/keys/purpose-keys.ts';
import { parseEmailAddress } from '../apps/login/src/support/primitives/email-address.ts';
import { newId } from '../apps/login/src/support/primitives/ids.ts';
import { secretKeys } from '../apps/login/src/support/primitives/secrets.ts';
import { freshDatabase, templateDatabase } from '../test-support/fresh-database.ts';
import type { MachineClock } from './clock.ts';
import type { ConsoleId } from './consoles.ts';
import { freePort } from './free-port.ts';
import { nameLocalhosts } from './localhosts.ts';
import { shareOut } from './share-out.ts';

const MASTER_SECRET = 'sample-master-secret-for-journeys-0123456789';

export type NewAccount = {
  emailAddress: string;
  name: string;
  company: string;
  state: 'active' | 'suspended';
  /** The console's own user id, for each console that knows this person. */
  links: Partial<Record<ConsoleId, string>>;
  /** Set at the unified login already; without it the first sign-in is still to come. */
  password: string | undefined;
};

/** The moments of a console's migration plan that journeys move. */
export type Moments = { linkAt: Date | null; cutOverAt: Date | null };

/** The login server on a port of its own, with its own database, sending mail through the post office. */
export type LoginServer = {
  readonly issuer: string;
  /** Where people are; the same as the issuer unless pages and API have a host each. */
  readonly pagesUrl: string;
  readonly database: Database;
  register(console: {
    id: ConsoleId;
    url: string;
    clientSecret: string;
    nameJa: string;
    nameEn: string;
  }): Promise<void>;
  plan(id: ConsoleId, moments: Moments): Promise<void>;
  addAccount(account: NewAccount): Promise<void>;
  /** Stops, as in an outage; `comeBack` starts it anew on the same database. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
};

/** Whether all journeys go over two hosts, which each of them can. */
const EVERYWHERE_SPLIT = Boolean(process.env.HITOKAGI_SPLIT_DOMAINS);

/**
 * @param nodes how many alike stand behind the port, each asked in turn
 * @param split whether pages and API have a host each
 */
export async function startLoginServer(
  clock: MachineClock,
  smtpUrl: string,
  { nodes = 1, split = EVERYWHERE_SPLIT }: { nodes?: number; split?: boolean } = {},
): Promise<LoginServer> {
  const template = await templateDatabase('journey_login', migrated);
  const { url: databaseUrl } = await freshDatabase({ template });
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const pagesUrl = split ? `http://common-ui.localhost:${port}` : issuer;
  if (split) nameLocalhosts();
  const read = readConfig({
    HITOKAGI_PORT: String(port),
    HITOKAGI_ISSUER: issuer,
    HITOKAGI_PAGES_URL: pagesUrl,
    HITOKAGI_SMTP_URL: smtpUrl,
    HITOKAGI_TRUSTED_PROXIES: '127.0.0.1,::1',
    HITOKAGI_LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const database = openDatabase(databaseUrl);
  const { db } = database;
  const hasher = await createPasswordHasher(secretKeys(MASTER_SECRET).derive('password-pepper'));
  const apps: Awaited<ReturnType<typeof buildLogin>>[] = [];
  const ports: number[] = [];
  const startNode = async (nodePort: number): Promise<void> => {
    const app = await buildLogin(read.config, database, databaseUrl, MASTER_SECRET, clock.now);
    apps.push(app);
    await app.server.listen({ port: nodePort, host: 'localhost' });
    await app.startWork();
  };
  for (let node = 0; node < nodes; node += 1) {
    ports.push(nodes === 1 ? port : await freePort());
    await startNode(ports[node] ?? 0);
  }
  const front = nodes === 1 ? undefined : await shareOut(port, ports);

  return {
    issuer,
    pagesUrl,
    database,
    async register({ id, url, clientSecret, nameJa, nameEn }) {
      const registered = await registerConsole(
        db,
        {
          clientId: id,
          clientSecret,
          nameJa,
          nameEn,
          homeUrl: `${url}/`,
          initiateLoginUri: `${url}/auth/start`,
          legacyLoginUrl: `${url}/login`,
          redirectUris: [`${url}/auth/callback`],
          postLogoutRedirectUris: [`${url}/`],
          backchannelLogoutUri: `${url}/auth/backchannel-logout`,
          idTokenAlg: 'ES256',
        },
        {
          actor: 'system',
          now: clock.now(),
          allowedInternalHosts: read.config.allowedInternalHosts,
        },
      );
      if (!registered.ok) throw new Error(`${registered.reason}: ${registered.detail}`);
    },
    async plan(id, { linkAt, cutOverAt }) {
      await db
        .updateTable('migration_plan')
        .set((eb) => ({
          link_at: linkAt,
          cut_over_at: cutOverAt,
          revision: eb('revision', '+', 1),
          updated_at: clock.now(),
        }))
        .where('console_id', '=', (eb) => eb.selectFrom('console').select('id').where('client_id', '=', id))
        .execute();
    },
    async addAccount({ emailAddress, links, password, ...account }) {
      const address = parseEmailAddress(emailAddress);
      if (!address.ok) throw new Error(`${emailAddress}: ${address.reason}`);
      const now = clock.now();
      const id = newId('acc', now);
      await db
        .insertInto('account')
        .values({
          id,
          email_address: address.address,
          email_key: address.key,
          locale: null,
          created_at: now,
          updated_at: now,
          ...account,
        })
        .execute();
      for (const [clientId, userId] of Object.entries(links)) {
        const console = await db
          .selectFrom('console')
          .select('id')
          .where('client_id', '=', clientId)
          .executeTakeFirstOrThrow();
        await db
          .insertInto('console_link')
          .values({
            console_id: console.id,
            console_user_id: userId,
            account_id: id,
            created_at: now,
            last_unified_sign_in_at: null,
          })
          .execute();
      }
      if (password !== undefined) await storePassword(db, id, await hasher.hash(password), now);
    },
    async goAway() {
      await Promise.all(apps.splice(0).map((app) => app.close()));
    },
    async comeBack() {
      for (const nodePort of ports) await startNode(nodePort);
    },
    async close() {
      await Promise.all(apps.map((app) => app.close()));
      await front?.close();
      await database.close();
    },
  };

  /** A migrated database in which the job queue has made its tables too; keys are each server's own. */
  async function migrated(url: string): Promise<void> {
    const fresh = openDatabase(url);
    await migrate(fresh);
    await keepDerivedKeys(fresh.db, secretKeys(MASTER_SECRET), clock.now());
    const environment = readConfig({ HITOKAGI_LOG_LEVEL: 'silent' });
    if (!environment.ok) throw new Error(environment.problems.join('\n'));
    const first = await buildLogin(environment.config, fresh, url, MASTER_SECRET, clock.now);
    await first.close();
    await fresh.db.deleteFrom('signing_key').execute();
    await fresh.close();
  }
}
