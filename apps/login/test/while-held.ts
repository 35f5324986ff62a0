import type { World } from './world.ts';

/** Rows that somebody else holds: a statement that locks them, and its values. */
export type Held = readonly [statement: string, ...values: readonly unknown[]];

export function accountRow(accountId: string): Held {
  return ['select from account where id = $1 for no key update', accountId];
}

/**
 * Begins an act that has to wait for rows which somebody else holds, does something meanwhile, and lets go.
 * @returns what the act came to
 */
export async function whileHeld<T>(
  world: World,
  [statement, ...values]: Held,
  act: () => Promise<T>,
  meanwhile: () => Promise<void>,
): Promise<T> {
  const { pool } = world.database;
  const holder = await pool.connect();
  try {
    await holder.query('begin');
    await holder.query(statement, [...values]);
    const acting = act();
    const isWaiting = async (): Promise<boolean> => {
      const { rows } = await pool.query<{ waits: boolean }>(
        `select exists (select from pg_locks l join pg_stat_activity a using (pid) where a.datname = current_database() and not l.granted) as waits`,
      );
      return rows[0]?.waits === true;
    };
    while (!(await isWaiting())) await new Promise((later) => setTimeout(later, 5));
    await meanwhile();
    await holder.query('commit');
    return await acting;
  } finally {
    holder.release();
  }
}
