import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate, type MigrationResult } from '#support/db/migrate.ts';
import { isBehindPooler } from '#support/db/pooler.ts';
import { MasterKeyMissing } from '#support/keys/master-key.ts';
import { databaseClock, type DatabaseClock } from '#support/nodes/clock.ts';
import { openDatabase, type Database } from '#support/db/database.ts';
import { serveMetrics } from '#web/metrics/serve.ts';
import { buildLogin } from './app.ts';
import { readConfig } from './config.ts';
import { databaseAddress } from './database-address.ts';
import { masterSecret, missingKey } from './master-secret.ts';

/**
 * Runs the login server until SIGTERM or SIGINT. Returns the exit code: 0 after a clean stop, 1 when it could not start, with one clear sentence.
 */
export async function serve(): Promise<number> {
  const read = readConfig();
  if (!read.ok)
    return complain(
      ['The login server cannot start:', ...read.problems.map((problem) => `  ${problem}`)].join('\n'),
    );
  const { config } = read;
  // From the first moment on: a stop during the start must not leave the embedded database behind.
  const stopped = new Promise<void>((stop) => {
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
  const address = await databaseAddress(config, resolve(config.dataFolder));
  if (!address.ok) return complain(address.problem);
  const database = openDatabase(address.url, {
    connections: config.databaseConnections,
    // S2: whoever finds no connection free is told so within a second.
    connectWithin: config.databaseWait,
    silentWithin: config.databaseWait,
    namedStatements: config.namedStatements,
    onError: (error) => process.emitWarning(error),
  });
  try {
    if (address.directUrl === address.url && (await isBehindPooler(database)))
      return complain(
        'DATABASE_URL leads to a connection pooler such as PgBouncer. Set HITOKAGI_DATABASE_DIRECT_URL to the address of PostgreSQL itself, for what has to keep its connection (docs/operators/scale.md).',
      );
    const migrated = await migrateDirectly(address.directUrl);
    if (!migrated.ok)
      return complain(
        `The database has schema ${migrated.found}, this release knows ${migrated.known}. Start the newer release, or restore the database that belongs to this one.`,
      );
    const secret = await masterSecret(config, resolve(config.dataFolder));
    const clock = await startClock(database);
    const app = await buildLogin(
      config,
      database,
      address.directUrl,
      secret,
      clock.now,
      process.stderr,
      clock,
    );
    let metrics: { close(): Promise<void> } | undefined;
    try {
      await app.server.listen({ port: config.port, host: config.host });
      metrics = config.metrics && (await serveMetrics(app.metrics, config.metrics));
    } catch (error) {
      await app.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      const { port } = error as { port?: number };
      return complain(
        port === config.metrics?.port && port !== config.port
          ? `Port ${port} of the metrics is taken by another program. Stop it, or set HITOKAGI_METRICS_PORT.`
          : `Port ${config.port} is taken by another program. Stop it, or set HITOKAGI_PORT.`,
      );
    }
    await app.startWork();
    process.stdout.write(`ready login ${config.issuer}\n`);
    await stopped;
    app.drain();
    await pause(config.drainTime);
    await app.close();
    await metrics?.close();
    return 0;
  } catch (error) {
    const sentence = sentenceFor(error as NodeJS.ErrnoException, config.dataFolder);
    if (!sentence) throw error;
    return complain(sentence);
  } finally {
    await database.close();
    await address.release();
  }
}

/**
 * The time by which this process works from now on: the database's. The protocol engine asks `Date.now` alone, so that answers with it, too: its tokens and ours have one time, whatever
 * the clock of the machine says (decision 49).
 */
async function startClock({ db }: Database): Promise<DatabaseClock> {
  const { now: wall } = Date;
  const clock = databaseClock(db, wall, () => performance.now());
  await clock.compare();
  Date.now = () => clock.now().getTime();
  return clock;
}

/** A migration holds a lock for as long as its connection lasts. */
async function migrateDirectly(directUrl: string): Promise<MigrationResult> {
  const direct = openDatabase(directUrl, { connections: 2 });
  try {
    return await migrate(direct);
  } finally {
    await direct.close();
  }
}

/** What an operator can mend, said in one sentence; undefined for what is a fault of ours. */
function sentenceFor(error: NodeJS.ErrnoException, dataFolder: string): string | undefined {
  if (
    error.code === 'ECONNREFUSED' ||
    error.code === 'ENOTFOUND' ||
    error.code === 'ETIMEDOUT' ||
    error.code === '3D000'
  )
    return `The database cannot be reached (${error.message}). Start it, or correct DATABASE_URL.`;
  if (error.code === '28P01' || error.code === '28000')
    return 'The database refuses the user or password of DATABASE_URL. Correct it.';
  if (error.code === 'EACCES' || error.code === 'EROFS')
    return `The folder ${dataFolder} cannot be written (${error.message}). Give HITOKAGI_DATA_DIR another one.`;
  if (error instanceof MasterKeyMissing) return missingKey(error);
  return undefined;
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
