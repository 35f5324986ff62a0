import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { vi } from 'vitest';
import type { World } from './world.ts';

/**
 * While `run` runs, `meanwhile` happens just before the first statement of the login server's own pool that matches: what a slow network or a busy processor does by accident.
 * Throws when no such statement came.
 */
export async function justBefore<T>(
  statement: RegExp,
  meanwhile: () => Promise<unknown>,
  run: () => Promise<T>,
): Promise<T> {
  let hasCome = false;
  const failures: unknown[] = [];
  const original = Object.getOwnPropertyDescriptor(pg.Client.prototype, 'query')?.value as (
    ...args: unknown[]
  ) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client & { connectionParameters: { application_name?: string } },
    ...args: unknown[]
  ) {
    const [asked] = args;
    const text = typeof asked === 'string' ? asked : ((asked as { text?: string }).text ?? '');
    const isIt =
      !hasCome && this.connectionParameters.application_name === 'hitokagi' && statement.test(text);
    if (!isIt) return original.apply(this, args) as never;
    hasCome = true;
    return meanwhile()
      .catch((error: unknown) => void failures.push(error))
      .then(() => original.apply(this, args)) as never;
  } as never);
  try {
    const result = await run();
    if (failures.length > 0) throw new AggregateError(failures, 'What happened meanwhile failed.');
    if (!hasCome) throw new Error(`No statement matched ${String(statement)}.`);
    return result;
  } finally {
    spy.mockRestore();
  }
}

/** Waits until a statement of this world's database waits for a lock. */
export async function oneWaitsForALock(world: World): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      world.database.db,
    );
    if (rows.length > 0) return;
    await pause(10);
  }
  throw new Error('Nothing waited for a lock.');
}
