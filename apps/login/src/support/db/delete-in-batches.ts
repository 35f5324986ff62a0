import { sql, type RawBuilder } from 'kysely';
import type { Db } from './database.ts';

/** Rows that one statement deletes: some ten milliseconds of locks on rows that nobody needs, and of WAL at once. */
export const BATCH = 5_000;

/**
 * Deletes all rows of a table for which the condition holds, in statements of at most `batch` rows, each a transaction of its own: none holds locks for long, however many rows have
 * gathered. What another node is deleting is passed over, so that several may be at it at once. The condition needs an index that finds its rows, or each batch reads the table.
 * @param condition names the table's columns without an alias
 * @returns how many rows were deleted
 */
export async function deleteInBatches(
  db: Db,
  table: string,
  condition: RawBuilder<unknown>,
  batch = BATCH,
): Promise<number> {
  for (let all = 0; ;) {
    const deleted = await deleteBatch(db, table, condition, batch);
    all += deleted;
    if (deleted < batch) return all;
  }
}

/** One of these statements; returns how many rows it deleted. */
export async function deleteBatch(
  db: Db,
  table: string,
  condition: RawBuilder<unknown>,
  batch = BATCH,
): Promise<number> {
  const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ctid = any (array(
    select ctid from ${sql.table(table)} where ${condition} limit ${batch} for update skip locked))`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}
