import { resolve } from 'node:path';
import { Command } from 'commander';
import { migrate } from '#support/db/migrate.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { storedSettings } from '#domain/settings/change.ts';
import { inForce } from '#domain/settings/in-force.ts';
import type { NoticeHouse } from '#domain/notices/letter.ts';
import { openJobs, type Jobs } from '#support/jobs/jobs.ts';
import { readCliLocale, readNamedVariable, readConfig, readSampleConfig, type Config } from '../config.ts';
import { databaseAddress } from '../database-address.ts';
import { secretKeys, type SecretKeys } from '#support/primitives/secrets.ts';
import { masterSecret } from '../master-secret.ts';
import { accountCommand } from './commands/account.ts';
import { applyCommand, exportConfigCommand } from './commands/apply.ts';
import { auditCommand } from './commands/audit.ts';
import { consoleCommand } from './commands/console.ts';
import { directoryCommand } from './commands/directory.ts';
import { eventCommand } from './commands/event.ts';
import { importCommand } from './commands/import.ts';
import { importsCommand } from './commands/imports.ts';
import { mailCommand } from './commands/mail.ts';
import { noticeCommand } from './commands/notice.ts';
import { logoutCommand } from './commands/logout.ts';
import { operatorCommand } from './commands/operator.ts';
import { planCommand } from './commands/plan.ts';
import { progressCommand } from './commands/progress.ts';
import { rehearseCommand } from './commands/rehearse.ts';
import { keysCommand } from './commands/keys.ts';
import { settingsCommand } from './commands/settings.ts';
import { setUpSample } from './commands/setup-sample.ts';

/** `npx hitokagi …`: works straight on the database, on the server itself. */
const opened: { close(): Promise<void> }[] = [];
let url: string | undefined;
const deps = { openDatabase: openMigratedDatabase, clock: () => new Date(), locale: readCliLocale() };

const program = new Command('hitokagi')
  .description('Unified login: server and administration')
  .showHelpAfterError();
program
  .command('serve')
  .description('run the login server')
  .action(async () => {
    // The server is most of the program; the other commands start faster without it.
    const { serve } = await import('../serve.ts');
    process.exitCode = await serve();
  });
program
  .command('migrate')
  .description('bring the database to the schema of this release')
  .action(async () => {
    await openMigratedDatabase();
    process.stdout.write('The database is up to date.\n');
  });
program.addCommand(importCommand(deps));
program.addCommand(importsCommand(deps));
program.addCommand(
  consoleCommand({
    ...deps,
    allowedInternalHosts: () => configOrRefuse().allowedInternalHosts,
    issuer: () => configOrRefuse().issuer,
  }),
);
program.addCommand(planCommand(deps));
program.addCommand(progressCommand(deps));
program.addCommand(rehearseCommand(deps));
program.addCommand(operatorCommand(deps));
program.addCommand(noticeCommand({ ...deps, openJobs: openQueue, house }));
program.addCommand(mailCommand({ ...deps, openJobs: openQueue }));
program.addCommand(logoutCommand(deps));
program.addCommand(accountCommand({ ...deps, openJobs: openQueue }));
program.addCommand(directoryCommand(deps));
program.addCommand(eventCommand(deps));
for (const command of [applyCommand, exportConfigCommand])
  program.addCommand(
    command({
      ...deps,
      environmentSettings: () => configOrRefuse().settings,
      allowedInternalHosts: () => configOrRefuse().allowedInternalHosts,
      variable: readNamedVariable,
    }),
  );
program.addCommand(keysCommand({ ...deps, secrets }));
program.addCommand(settingsCommand({ ...deps, environmentSettings: () => configOrRefuse().settings }));
program.addCommand(auditCommand({ ...deps, sealKey }));
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
    await setUpSample((await openMigratedDatabase()).db, sample, allowedInternalHosts, new Date());
  });

class Refused extends Error {}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
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

/** The key that seals the audit log. */
async function sealKey(): Promise<Buffer> {
  return (await secrets()).derive('audit-seals');
}

/** What is derived from the master key. */
async function secrets(): Promise<SecretKeys> {
  const config = configOrRefuse();
  return secretKeys(await masterSecret(config, resolve(config.dataFolder)));
}

/** The brand as operators have set it. */
async function house(): Promise<NoticeHouse> {
  const { settings, issuer } = configOrRefuse();
  const { values } = await storedSettings((await openMigratedDatabase()).db, settings);
  return { brand: inForce(values).brand, issuer };
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
  return address.url;
}

async function openMigratedDatabase(): Promise<Database> {
  const database = openDatabase(await databaseUrl(), { connections: 4 });
  opened.push(database);
  const migrated = await migrate(database);
  if (!migrated.ok)
    throw new Refused(
      `The database has schema ${migrated.found}, this release knows only ${migrated.known}. Use the newer release.`,
    );
  return database;
}
