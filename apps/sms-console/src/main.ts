import pino from 'pino';
import { BRANDS } from '#domain/brand.ts';
import { openDatabase } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { createMailer } from '#support/mail/mailer.ts';
import { buildConsole } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { openLog } from './log.ts';

try {
  await main();
} catch (error) {
  process.stderr.write(`${sentenceFor(error)}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = openLog(config.brand, pino.destination(2));
  const db = openDatabase(config.databaseUrl, (error) =>
    log.warn({ err: error }, 'a connection to the database was lost'),
  );
  await migrate(db);
  const mailer = createMailer(config.smtpUrl, BRANDS[config.brand].sender);
  const app = await buildConsole({ config, db, mailer, clock: () => new Date(), log });
  await app.listen({ port: config.port, host: bindingFor(config.url) });
  process.stdout.write(`ready sms-console ${config.url}\n`);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await app.close();
    mailer.close();
    await db.destroy();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

/** A console at a loopback address is for this machine only; any other is reached through its network or a proxy. */
function bindingFor(url: string): string {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(url).hostname) ? 'localhost' : '::';
}

function sentenceFor(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, message } = error as { code?: string; port?: number; message?: string };
  if (code === 'EADDRINUSE') return `The console cannot start: port ${port} is taken by another program.`;
  if (code === 'ECONNREFUSED' || code === 'ENOENT')
    return 'The console cannot start: its database cannot be reached (DATABASE_URL).';
  return `The console cannot start: ${message ?? String(error)}`;
}
