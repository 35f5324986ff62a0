import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BRANDS } from '#domain/brand.ts';
import { fillWithSampleSending } from '#domain/sample-data/fill-sending.ts';
import { fillWithTestUser } from '#domain/sample-data/fill-test-user.ts';
import { fillWithSamplePeople } from '#domain/sample-data/fill.ts';
import { readSamplePeople } from '#domain/sample-data/read-people.ts';
import { openDatabase } from '#support/db/database.ts';
import { migrate } from '#support/db/migrate.ts';
import { readSeedConfig } from './config.ts';

/** As `npm start` registers the two consoles. */
const CLIENT_IDS = { sms: 'sms', second: 'mail' } as const;

// Fills a console's database with the sample people of CONSOLE_SAMPLE_FILE. Their legacy password is the one of the
// accounts.json that lies beside that file. With CONSOLE_BRAND=sms the first one's company gets something to send with, too. Prints one line; exit code 0 also when everybody was there already.
try {
  const config = readSeedConfig();
  const { people, skippedLines } = readSamplePeople(await readFile(config.sampleFile));
  const accounts = await readFile(join(dirname(config.sampleFile), 'accounts.json'), 'utf8');
  const { legacyPassword } = z.object({ legacyPassword: z.string() }).parse(JSON.parse(accounts));
  const db = openDatabase(config.databaseUrl, () => undefined);
  await migrate(db);
  const added = await fillWithSamplePeople(db, people, legacyPassword, new Date());
  if (config.brand !== null && BRANDS[config.brand].sendsSms && people[0])
    await fillWithSampleSending(db, people[0].id, new Date());
  if (config.brand !== null) await fillWithTestUser(db, CLIENT_IDS[config.brand], new Date());
  await db.destroy();
  process.stdout.write(
    `seeded sms-console ${added} added, ${people.length - added} there already, ${skippedLines.length} rows skipped\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
