import { resolve } from 'node:path';
import { migrate } from '#support/db/migrate.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { storedSettings } from '#domain/settings/change.ts';
import { inForce } from '#domain/settings/in-force.ts';
import type { CheckTools } from '#domain/readiness/run.ts';
import type { NoticeHouse } from '#domain/notices/letter.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { readCliLocale, readNamedVariable, readConfig, readSampleConfig, type Config } from '../config.ts';
import { databaseAddress } from '../database-address.ts';
import { purposeKeys } from '#support/keys/purpose-keys.ts';
import { MasterKeyMissing } from '#support/keys/master-key.ts';
import { databaseClock } from '#support/nodes/clock.ts';
import { secretKeys, type SecretKeys } from '#support/primitives/secrets.ts';
import { masterSecret, missingKey } from '../master-secret.ts';
import { setUpSample } from './commands/setup-sample.ts';
import { EXIT } from './exit-codes.ts';
import { hitokagi } from './program.ts';

/** `npx hitokagi …`: works straight on the database, on the server itself. */
const opened: { close(): Promise<void> }[] = [];
let url: string | undefined;
/** The machine's until the database was asked, then the database's. */
let time = (): Date => new Date();

const program = hitokagi({
  openDatabase: openMigratedDatabase,
  openJobs: openQueue,
  clock: () => time(),
  locale: readCliLocale(),
  config: configOrRefuse,
  house,
  secrets,
  sealKey,
  variable: readNamedVariable,
  openCheck,
  serve: async () => {
    // The server is most of the program; the other commands start faster without it.
    const { serve } = await import('../serve.ts');
    return serve();
  },
});
program
  .command('setup-sample', { hidden: true })
  .description('register the sample consoles of npm start')
  .action(async () => {
    const sample = readSampleConfig();
    if (!sample)
      throw new Refused(
        'setup-sample is for development: it wants HITOKAGI_SAMPLE_SECRETS_FILE and refuses production.',
      );
    const { allowedInternalHosts } = configOrRefuse();
    await setUpSample((await openMigratedDatabase()).db, sample, allowedInternalHosts, time());
  });

class Refused extends Error {}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Refused) && !(error instanceof MasterKeyMissing)) throw error;
  process.stderr.write(`${error instanceof MasterKeyMissing ? missingKey(error) : error.message}\n`);
  process.exitCode = EXIT.refused;
} finally {
  for (const one of opened.reverse()) await one.close();
}

/** To queue work for the servers; nothing is worked on here. */
async function openQueue(): Promise<Jobs> {
  const jobs = await openJobs({
    databaseUrl: await databaseUrl(),
    mailRetryAfter: configOrRefuse().mailRetryAfter,
    onError: (error) => process.emitWarning(error),
  });
  opened.push({ close: () => jobs.stop() });
  return jobs;
}

/** The login server without its network: what a console is checked with (R19). Mails and deliveries stay in the queue for the servers. */
async function openCheck(): Promise<CheckTools> {
  const config = configOrRefuse();
  const database = await openMigratedDatabase();
  const master = await masterSecret(config, resolve(config.dataFolder));
  const { buildLogin } = await import('../app.ts');
  const quiet = { write: () => undefined };
  const app = await buildLogin(config, database, await databaseUrl(), master, () => new Date(), quiet);
  opened.push(app);
  return app.checkTools;
}

/** The key that seals the audit log. */
async function sealKey(): Promise<Buffer> {
  const { db } = await openMigratedDatabase();
  return (await purposeKeys(db, await secrets(), time()))['audit-seals'];
}

/** The master keys that the environment gives. */
async function secrets(): Promise<SecretKeys> {
  const config = configOrRefuse();
  return secretKeys(await masterSecret(config, resolve(config.dataFolder)), ...config.previousSecrets);
}

/** The brand as operators have set it. */
async function house(): Promise<NoticeHouse> {
  const { settings, pagesUrl } = configOrRefuse();
  const { values } = await storedSettings((await openMigratedDatabase()).db, settings);
  return { brand: inForce(values).brand, pagesUrl };
}

function configOrRefuse(): Config {
  const read = readConfig();
  if (!read.ok) throw new Refused(read.problems.join('\n'));
  return read.config;
}

/** The embedded database is started once, however many parts of a command use it. */
async function databaseUrl(): Promise<string> {
  url ??= await startDatabase();
  return url;
}

async function startDatabase(): Promise<string> {
  const config = configOrRefuse();
  const address = await databaseAddress(config, resolve(config.dataFolder));
  if (!address.ok) throw new Refused(address.problem);
  opened.push({ close: () => address.release() });
  // Imports and migrations keep their connection.
  return address.directUrl;
}

async function openMigratedDatabase(): Promise<Database> {
  const database = openDatabase(await databaseUrl(), { connections: 4 });
  opened.push(database);
  const migrated = await migrate(database);
  if (!migrated.ok)
    throw new Refused(
      `The database has schema ${migrated.found}, this release knows only ${migrated.known}. Use the newer release.`,
    );
  const clock = databaseClock(database.db, Date.now, () => performance.now());
  await clock.compare();
  time = clock.now;
  return database;
}
