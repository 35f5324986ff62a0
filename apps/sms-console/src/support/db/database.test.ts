import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../../../../test-support/fresh-database.ts';
import { isDatabaseAway, openDatabase } from './database.ts';

test('a connection that breaks between two statements of a transaction ends the transaction, not the program', async () => {
  const { url } = await freshDatabase();
  const [own, other] = [openDatabase(url, () => undefined), openDatabase(url, () => undefined)];
  try {
    const failed = await own
      .transaction()
      .execute(async (trx) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other);
        await new Promise((later) => setTimeout(later, 200));
        await sql`select 1`.execute(trx);
      })
      .catch((error: unknown) => error);
    expect(isDatabaseAway(failed), String(failed)).toBe(true);
    expect((await sql`select 1`.execute(own)).rows).toHaveLength(1);
  } finally {
    await Promise.all([own.destroy(), other.destroy()]);
  }
});
