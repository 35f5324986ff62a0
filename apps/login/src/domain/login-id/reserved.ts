import type { Db } from '#support/db/database.ts';

/** Whether a former login ID is still kept for another account, whose owner may take it back. Ask with the address locked. */
export async function reservedForAnother(
  trx: Db,
  emailKey: string,
  accountId: string,
  now: Date,
): Promise<boolean> {
  const reserved = await trx
    .selectFrom('login_id_change')
    .select('id')
    .where('old_key', '=', emailKey)
    .where('account_id', '!=', accountId)
    .where('undone_at', 'is', null)
    .where('undo_closed_at', 'is', null)
    .where('undo_until', '>', now)
    .limit(1)
    .executeTakeFirst();
  return reserved !== undefined;
}
