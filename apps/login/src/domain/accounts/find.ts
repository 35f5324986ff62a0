import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import { ACCOUNT_COLUMNS } from './accounts.ts';

/** The account with this id or this login ID, in whatever state it is; for operators only. */
export async function findAccount(db: Db, idOrLoginId: string): Promise<AccountRow | undefined> {
  const address = parseEmailAddress(idOrLoginId);
  return db
    .selectFrom('account')
    .select(ACCOUNT_COLUMNS)
    .where(address.ok ? 'email_key' : 'id', '=', address.ok ? address.key : idOrLoginId)
    .executeTakeFirst();
}
