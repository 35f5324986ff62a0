import { hash } from 'node:crypto';
import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';
import { watchForSilence, type SilenceWatch } from './silence.ts';
import { connectionOf } from './wait-budget.ts';

/** Where statements run: the pool, or the transaction one is in. Domain functions take this and never open one of their own by surprise. */
export type Db = Kysely<Schema>;
export type Trx = Transaction<Schema>;

/** In milliseconds: a connection that is idle so long asks by TCP whether the other side is still there; ten seconds later it is given up. */
export const KNOWN_AFTER = 10_000;

export type Database = {
  readonly db: Db;
  readonly pool: pg.Pool;
  /** Statements that were sent so far. */ statements(): number;
  close(): Promise<void>;
};

/**
 * Opens the pool to the login server's database. Connections are made when first needed and kept.
 * @param url PostgreSQL connection string; for a Unix socket `postgresql://user@localhost/name?host=/folder`
 * @param options.connections size of the pool
 * @param options.namedStatements whether statements stay prepared on their connection (they do, unless told otherwise)
 * @param options.connectWithin milliseconds that a statement waits for a connection, be it that none is free or that none can be made; a request may have less left (`withWaitBudget`)
 * @param options.silentWithin milliseconds after which a request's statement fails where PostgreSQL has fallen silent; it waits for ever unless told otherwise
 */
export function openDatabase(
  url: string,
  options: {
    connections?: number;
    namedStatements?: boolean;
    connectWithin?: number;
    silentWithin?: number;
    onError?: (error: Error) => void;
  } = {},
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 16,
    idleTimeoutMillis: 0,
    keepAlive: true,
    keepAliveInitialDelayMillis: KNOWN_AFTER,
    connectionTimeoutMillis: options.connectWithin ?? 5_000,
    application_name: 'hitokagi',
  });
  pool.on('error', (error) => options.onError?.(error));
  // One that breaks between two statements of a transaction has no other listener, and what nobody listens to ends the process. The transaction's next statement fails and says it.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const watch = options.silentWithin === undefined ? undefined : watchForSilence(pool, options.silentWithin);
  let sent = 0;
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: prepared(pool, options.namedStatements ?? true, watch, () => (sent += 1)),
    }),
  });
  // Kysely ends the pool only if it ran a statement itself.
  const close = async (): Promise<void> => {
    watch?.stop();
    await db.destroy();
    if (!pool.ended) await pool.end();
  };
  return { db, pool, statements: () => sent, close };
}

/**
 * Runs every statement as a named prepared one, so that PostgreSQL parses each text once a connection; `isNamed` false: as one without a name, which a pooler may give to any connection.
 * A statement's name is the hash of its text; texts are few, because values are always parameters.
 */
function prepared(
  pool: pg.Pool,
  isNamed: boolean,
  watch: SilenceWatch | undefined,
  onStatement: () => void,
): PostgresPool {
  return {
    async connect() {
      watch?.refuse();
      return preparedClient(await connectionOf(pool), isNamed, watch, onStatement);
    },
    end: () => pool.end(),
    options: { connectionString: '', max: 0 },
  };
}

const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
const names = new Map<string, string>();

/**
 * A statement whose columns are "all there are" must not stay prepared: when a newer release adds a column while this one serves (R17), PostgreSQL would refuse it on
 * every connection from then on ("cached plan must not change result type", 0A000). Statements that are asked often name their columns.
 */
const ALL_COLUMNS = /(?:\b(?:select|returning)\s+|[.,]\s*)\*(?=\s*(?:,|from\b|$))/i;

function preparedClient(
  client: pg.PoolClient,
  isNamed: boolean,
  watch: SilenceWatch | undefined,
  onStatement: () => void,
): PostgresPoolClient {
  let wrapped = clients.get(client);
  if (!wrapped) {
    wrapped = {
      query: (text: string, values: readonly unknown[] = []) => {
        onStatement();
        const answer =
          values.length === 0
            ? client.query(text)
            : client.query({ name: isNamed ? nameOf(text) : undefined, text, values: [...values] });
        return watch ? watch.during(client, answer) : answer;
      },
      release: () => client.release(),
    } as unknown as PostgresPoolClient;
    clients.set(client, wrapped);
  }
  return wrapped;
}

function nameOf(text: string): string | undefined {
  let name = names.get(text);
  if (name === undefined) {
    if (ALL_COLUMNS.test(text)) return undefined;
    // A batch of varying length has a new text each time; it must not fill the server's memory with plans.
    if (names.size >= 500) return undefined;
    name = hash('sha1', text, 'base64url');
    names.set(text, name);
  }
  return name;
}
