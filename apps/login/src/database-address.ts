import type { Config } from './config.ts';

export type DatabaseAddress =
  { ok: true; url: string; directUrl: string; release(): Promise<void> } | { ok: false; problem: string };

/** Where the database is: the one that was named, or the PostgreSQL that comes with the package, started in the data folder. */
export async function databaseAddress(config: Config, dataFolder: string): Promise<DatabaseAddress> {
  const { databaseUrl: given, databaseDirectUrl: directUrl = given } = config;
  if (given && directUrl) return { ok: true, url: given, directUrl, release: async () => undefined };
  const { openEmbeddedDatabase, EmbeddedDatabaseError } = await import('@hitokagi/embedded-database');
  try {
    const embedded = await openEmbeddedDatabase({ dataFolder });
    await embedded.createDatabase('hitokagi');
    const url = embedded.url('hitokagi');
    return { ok: true, url, directUrl: url, release: () => embedded.stop() };
  } catch (error) {
    if (error instanceof EmbeddedDatabaseError) return { ok: false, problem: error.message };
    throw error;
  }
}
