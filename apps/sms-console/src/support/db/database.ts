import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { SECOND } from '#support/primitives/durations.ts';
import type { Tables } from './schema.ts';

/** The console's database, or a transaction on it: domain functions take either. */
export type Db = Kysely<Tables>;

/** Opens a pool on the console's own PostgreSQL database. A connection that cannot be had within 5 s is an error. */
export function openDatabase(url: string, onLostConnection: (error: Error) => void): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5 * SECOND,
  });
  pool.on('error', onLostConnection);
  // One that breaks between two statements of a transaction has no other listener, and what nobody listens to ends the process. The transaction's next statement fails and says it.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Does `act` in a transaction; in the one that there is when `db` is one already. */
export function inTransaction<T>(db: Db, act: (trx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? act(db) : db.transaction().execute(act);
}

/** True when the error says that a row with this unique key exists already (PostgreSQL 23505). */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === constraint;
}

/** True when the error says that the database cannot be reached or used at the moment: worth another try, nobody's fault. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'].includes(code))
    return 'syscall' in error;
  return (
    /^(08|53|57P0)/.test(code) ||
    /timeout exceeded when trying to connect|Connection terminated|is not queryable/.test(error.message)
  );
}
