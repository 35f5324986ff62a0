import type { Db } from '#support/db/database.ts';

/**
 * Which of these addresses are former login IDs that are still kept for their owners, who may take them back (R18). Nobody else gets one.
 * @param exceptFor the account that may have them
 */
export async function reservedKeys(
  db: Db,
  emailKeys: readonly string[],
  now: Date,
  exceptFor = '',
): Promise<ReadonlySet<string>> {
  if (emailKeys.length === 0) return new Set();
  const rows = await db
    .selectFrom('login_id_change')
    .select('old_key')
    .where('old_key', '=', (eb) => eb.fn.any(eb.val(emailKeys)))
    .where('account_id', '!=', exceptFor)
    .where('undone_at', 'is', null)
    .where('undo_closed_at', 'is', null)
    .where('undo_until', '>', now)
    .execute();
  return new Set(rows.flatMap((row) => (row.old_key === null ? [] : [row.old_key])));
}
