import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase } from '@hitokagi/embedded-database';
import { registerConsole } from '../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../apps/login/src/domain/credentials/password-hash.ts';
import { refreshSummaries } from '../apps/login/src/domain/migration/summary.ts';
import { refreshSearch } from '../apps/login/src/domain/search/search-index.ts';
import { openDatabase, type Database } from '../apps/login/src/support/db/database.ts';
import { migrate } from '../apps/login/src/support/db/migrate.ts';
import { secretKeys } from '../apps/login/src/support/primitives/secrets.ts';
import { parentOf } from './processes.ts';
import { addressOf, CONSOLE, PASSWORD, PEOPLE } from './sample.ts';

/** What the login server works on: its own PostgreSQL with durable settings in a temporary folder, one console, and its people. */
export type World = {
  database: Database;
  databaseUrl: string;
  dataFolder: string;
  /** The login server's master key, which the people's password hash was made with. */
  secret: string;
  versions: { postgresql: string };
  settings: Record<string, string>;
  /** The process above all of PostgreSQL's. */
  postmaster: number;
  close(): Promise<void>;
};

export async function openWorld(): Promise<World> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'hitokagi-bench-'));
  const embedded = await openEmbeddedDatabase({ dataFolder });
  await embedded.createDatabase('hitokagi');
  const databaseUrl = embedded.url('hitokagi');
  const database = openDatabase(databaseUrl, { connections: 16 });
  const migrated = await migrate(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  const secret = randomBytes(32).toString('base64url');
  await addConsole(database);
  await addPeople(database, secret);
  await addPast(database);
  await settle(database);
  const { rows } = await database.pool.query<{ pid: number; version: string }>(
    'select pg_backend_pid() as pid, version() as version',
  );
  const { rows: settings } = await database.pool.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method')`,
  );
  return {
    database,
    databaseUrl,
    dataFolder,
    secret,
    versions: { postgresql: /PostgreSQL \S+/.exec(rows[0]?.version ?? '')?.[0] ?? 'PostgreSQL' },
    settings: Object.fromEntries(settings.map((row) => [row.name, row.setting])),
    postmaster: parentOf(rows[0]?.pid ?? 0),
    async close() {
      await database.close();
      await embedded.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

export async function addConsole(database: Database): Promise<void> {
  const registered = await registerConsole(
    database.db,
    {
      ...CONSOLE,
      nameJa: '見本の管理画面',
      nameEn: 'Sample console',
      homeUrl: 'http://console.example.co.jp/',
      initiateLoginUri: 'http://console.example.co.jp/auth/start',
      redirectUris: [CONSOLE.redirectUri],
      backchannelLogoutUri: 'http://console.example.co.jp/auth/backchannel-logout',
      idTokenAlg: 'ES256',
    },
    { actor: 'system', now: new Date(), allowedInternalHosts: [] },
  );
  if (!registered.ok) throw new Error(registered.reason);
}

/** Sessions that live beside those of the benchmark. */
const PAST = 20_000;

/** All have one password and one hash of it, made once with the login server's pepper: only checking it is measured. */
export async function addPeople({ pool }: Database, secret: string): Promise<void> {
  const hasher = await createPasswordHasher(secretKeys(secret).derive('password-pepper'));
  await pool.query(
    `insert into account (id, email_address, email_key, name, company, created_at, updated_at)
     select 'acc_' || lpad(n::text, 26, '0'), address, address, '見本 太郎', '見本商事', now(), now()
     from generate_series(0, $1 - 1) as n, lateral (select replace($2, '0', n::text) as address) as person`,
    [PEOPLE, addressOf(0)],
  );
  await pool.query(
    `insert into password_credential (account_id, password_hash, set_at) select id, $1, now() from account`,
    [await hasher.hash(PASSWORD)],
  );
  await pool.query(
    `insert into console_link (console_id, console_user_id, account_id, created_at)
     select console.id, 'user-' || account.id, account.id, now() from account, console`,
  );
}

/** Sessions and artifacts of other people, so that tables and plans are those of an installation that is in use. */
async function addPast({ pool }: Database): Promise<void> {
  await pool.query(
    `insert into sso_session (uid, id_hash, account_id, payload, created_at, expires_at)
     select 'past-' || n, md5('session' || n), id, jsonb_build_object('uid', 'past-' || n, 'accountId', id), now(), now() + interval '1 hour'
     from (select id, row_number() over () as n from account limit ${PAST}) as person`,
  );
  await pool.query(
    `insert into oidc_artifact (kind, id_hash, grant_id, account_id, client_id, session_uid, payload, expires_at, consumed_at)
     select kind, md5(kind || uid), uid || '.bench.' || account_id, account_id, 'bench', uid, payload || jsonb_build_object('sessionUid', uid), now() + interval '10 minutes', now()
     from sso_session, unnest(array['AuthorizationCode', 'AccessToken']) as kind`,
  );
}

/** What the schedule does once after so many people have come, so that it is not done while sign-ins are measured. */
async function settle({ db, pool }: Database): Promise<void> {
  await refreshSummaries(db, new Date());
  while ((await refreshSearch(db, new Date(), () => performance.now())) > 0);
  await pool.query('vacuum analyze');
}
