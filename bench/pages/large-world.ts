import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase } from '@hitokagi/embedded-database';
import { registerConsole } from '../../apps/login/src/domain/consoles/consoles.ts';
import { createPasswordHasher } from '../../apps/login/src/domain/credentials/password-hash.ts';
import { refreshSummaries } from '../../apps/login/src/domain/migration/summary.ts';
import { addUpNotices } from '../../apps/login/src/domain/notices/tally.ts';
import { addOperator } from '../../apps/login/src/domain/operators/operators.ts';
import { refreshSearch } from '../../apps/login/src/domain/search/search-index.ts';
import { openDatabase, type Database } from '../../apps/login/src/support/db/database.ts';
import { migrate } from '../../apps/login/src/support/db/migrate.ts';
import { secretKeys } from '../../apps/login/src/support/primitives/secrets.ts';
import { PASSWORD } from '../sample.ts';
import { CONSOLES, DELIVERIES, MESSAGES, NOTICES, OFFICE, PAST_YEAR, PEOPLE, USE } from './large-data.ts';

/** An installation after a year with 50 consoles: what operator pages have to be quick over. */
export type LargeWorld = {
  database: Database;
  databaseUrl: string;
  dataFolder: string;
  secret: string;
  versions: { postgresql: string };
  /** An administrator who can sign in with the sample's password. */
  operator: string;
  close(): Promise<void>;
};

/**
 * @param people accounts; everything else grows with them
 * @param folder kept with all that is in it, and taken as it is where it was kept before; without one a temporary folder is taken and removed
 */
export async function openLargeWorld(
  people: number,
  say: (line: string) => void,
  folder?: string,
): Promise<LargeWorld> {
  const dataFolder = folder ?? (await mkdtemp(join(tmpdir(), 'hitokagi-bench-')));
  const embedded = await openEmbeddedDatabase({ dataFolder });
  await embedded.createDatabase('hitokagi');
  const databaseUrl = embedded.url('hitokagi');
  const database = openDatabase(databaseUrl, { connections: 4 });
  const migrated = await migrate(database);
  if (!migrated.ok) throw new Error(migrated.reason);
  const secret = await secretOf(dataFolder);
  const operator = 'person1@kaisha1.example.co.jp';
  if (!(await isFilled(database))) {
    await addConsoles(database);
    for (const { what, statements } of [PEOPLE, USE, NOTICES, MESSAGES, DELIVERIES, OFFICE, PAST_YEAR]) {
      say(`${what} …`);
      for (const statement of statements)
        await database.pool.query(statement.replaceAll(':people', String(people)));
    }
  }
  await addOperators(database, secret, operator);
  say('What the schedule does after all that …');
  await settle(database);
  const { rows } = await database.pool.query<{ version: string }>('select version() as version');
  return {
    database,
    databaseUrl,
    dataFolder,
    secret,
    operator,
    versions: { postgresql: /PostgreSQL \S+/.exec(rows[0]?.version ?? '')?.[0] ?? 'PostgreSQL' },
    async close() {
      await database.close();
      await embedded.stop();
      if (folder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** The master key of an installation that is kept is kept with it. */
async function secretOf(folder: string): Promise<string> {
  const file = join(folder, 'secret-of-the-benchmark');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return kept;
  const secret = randomBytes(32).toString('base64url');
  await writeFile(file, secret, { mode: 0o600 });
  return secret;
}

async function isFilled({ pool }: Database): Promise<boolean> {
  const { rows } = await pool.query<{ filled: boolean }>('select exists (select from account) as filled');
  return rows[0]?.filled ?? false;
}

async function addConsoles({ db }: Database): Promise<void> {
  for (let n = 1; n <= CONSOLES; n++) {
    const name = `console-${String(n).padStart(2, '0')}`;
    const home = `https://${name}.example.co.jp`;
    const registered = await registerConsole(
      db,
      {
        clientId: name,
        clientSecret: `sample-secret-of-${name}-0123456789abcdef`,
        nameJa: `見本の管理画面${n}`,
        nameEn: `Sample console ${n}`,
        homeUrl: `${home}/`,
        initiateLoginUri: `${home}/auth/start`,
        redirectUris: [`${home}/auth/callback`],
        backchannelLogoutUri: `${home}/auth/backchannel-logout`,
        eventUri: `${home}/auth/events`,
        idTokenAlg: 'ES256',
      },
      { actor: 'system', now: new Date(), allowedInternalHosts: [] },
    );
    if (!registered.ok) throw new Error(registered.reason);
  }
}

async function addOperators({ db, pool }: Database, secret: string, operator: string): Promise<void> {
  const hasher = await createPasswordHasher(secretKeys(secret).derive('password-pepper'));
  await pool.query(
    `insert into password_credential (account_id, password_hash, set_at, first_set_at)
     select id, $1, now(), now() from account where email_key = $2
     on conflict (account_id) do update set password_hash = excluded.password_hash`,
    [await hasher.hash(PASSWORD), operator],
  );
  const by = { actor: 'system', now: new Date() };
  for (let n = 1; n <= 20; n++) {
    const emailAddress = `person${n}@kaisha${n}.example.co.jp`;
    const role = n <= 5 ? 'administrator' : n <= 15 ? 'support' : 'viewer';
    const added = await addOperator(db, { emailAddress, role }, by);
    if (!added.ok) throw new Error(added.reason);
  }
}

/** What the schedule does once after so much has come, so that it is not done while pages are measured. */
async function settle({ db, pool }: Database): Promise<void> {
  await pool.query('analyze');
  await refreshSummaries(db, new Date());
  await addUpNotices(db);
  while ((await refreshSearch(db, new Date(), () => performance.now())) > 0);
  await pool.query('vacuum analyze');
}
