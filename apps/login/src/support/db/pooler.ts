import type { Database } from './database.ts';

/**
 * Whether something stands between this server and PostgreSQL that hands out its connections in turn (PgBouncer and its like): such a program tells each client a process number of
 * its own making, PostgreSQL says the number of the process that really answers. What only passes bytes on (HAProxy, a tunnel) is not seen, and need not be.
 */
export async function isBehindPooler({ pool }: Database): Promise<boolean> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    // From the message BackendKeyData; the driver's types do not name it.
    const { processID } = client as unknown as { processID: number | null };
    return processID !== null && processID !== rows[0]?.pid;
  } finally {
    client.release();
  }
}
