import { resolve } from 'node:path';
import { migrate } from '#support/db/migrate.ts';
import { openDatabase } from '#support/db/database.ts';
import { buildLogin } from './app.ts';
import { readConfig } from './config.ts';
import { databaseAddress } from './database-address.ts';
import { masterSecret } from './master-secret.ts';

/**
 * Runs the login server until SIGTERM or SIGINT. Returns the exit code: 0 after a clean stop, 1 when it could not start, with one clear sentence.
 */
export async function serve(): Promise<number> {
  const read = readConfig();
  if (!read.ok) return complain(['The login server cannot start:', ...read.problems.map((problem) => `  ${problem}`)].join('\n'));
  const { config } = read;
  const address = await databaseAddress(config, resolve(config.dataFolder));
  if (!address.ok) return complain(address.problem);
  const database = openDatabase(address.url, { connections: config.databaseConnections, onError: () => undefined });
  try {
    const migrated = await migrate(database);
    if (!migrated.ok)
      return complain(
        `The database has schema ${migrated.found}, this release knows ${migrated.known}. Start the newer release, or restore the database that belongs to this one.`,
      );
    const secret = await masterSecret(config, resolve(config.dataFolder));
    const app = await buildLogin(config, database, address.url, secret, () => new Date());
    try {
      await app.server.listen({ port: config.port, host: config.host });
    } catch (error) {
      await app.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      return complain(`Port ${config.port} is taken by another program. Stop it, or set HITOKAGI_PORT.`);
    }
    await app.startWork();
    process.stdout.write(`ready login ${config.issuer}\n`);
    await new Promise<void>((stop) => {
      process.once('SIGTERM', stop);
      process.once('SIGINT', stop);
    });
    await app.close();
    return 0;
  } finally {
    await database.close();
    await address.release();
  }
}

function complain(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
