import pg from 'pg';
import { superuser } from './cluster.ts';

/** A connection string for `pg`, libpq and everything that reads `?host=` as a socket folder. */
export function databaseUrl(socketFolder: string, database: string): string {
  return `postgresql://${superuser}@localhost:5432/${encodeURIComponent(database)}?host=${encodeURIComponent(socketFolder)}`;
}

/**
 * Creates a database, empty or as a copy of `template` (which nobody may be connected to meanwhile). `false`: it was there,
 * and stays as it is.
 */
export async function createDatabase(
  socketFolder: string,
  name: string,
  template?: string,
): Promise<boolean> {
  const like = template === undefined ? '' : ` TEMPLATE ${quoted(template)}`;
  try {
    await run(socketFolder, `CREATE DATABASE ${quoted(name)}${like}`);
    return true;
  } catch (error) {
    // duplicate_database, or unique_violation when somebody else is creating it at this moment
    if (['42P04', '23505'].includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

/** Drops a database and cuts the connections to it. It may be absent. */
export async function dropDatabase(socketFolder: string, name: string): Promise<void> {
  await run(socketFolder, `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`);
}

/** Whether the server behind this socket answers a query within five seconds. */
export async function answers(socketFolder: string): Promise<boolean> {
  try {
    await run(socketFolder, 'SELECT 1');
    return true;
  } catch {
    return false;
  }
}

async function run(socketFolder: string, statement: string): Promise<void> {
  const connectionTimeoutMillis = 5000;
  const client = new pg.Client({
    connectionString: databaseUrl(socketFolder, 'postgres'),
    connectionTimeoutMillis,
  });
  client.on('error', () => undefined); // the same error rejects the query
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

// PostgreSQL would cut a longer name and so meet another database than the one asked for.
function quoted(name: string): string {
  if (name === '' || Buffer.byteLength(name) > 63) throw new Error(`not a name for a database: "${name}"`);
  return pg.escapeIdentifier(name);
}
