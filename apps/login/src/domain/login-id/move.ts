import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { EmailAddress } from '#support/primitives/email-address.ts';

export type MovingAccount = Pick<AccountRow, 'id' | 'locale' | 'state' | 'email_address' | 'email_key'>;

/**
 * Locks the address that somebody wants and then the account, in this order everywhere: two who want one address wait for each other, and so do two changes of one account.
 */
export async function lockForMove(trx: Db, accountId: string, wantedKey: string): Promise<MovingAccount> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${wantedKey}, 3))`.execute(trx);
  return trx
    .selectFrom('account')
    .select(['id', 'locale', 'state', 'email_address', 'email_key'])
    .where('id', '=', accountId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

/** Whether an account has this address. Ask with the address locked. */
export async function isTaken(trx: Db, emailKey: string): Promise<boolean> {
  const holder = await trx
    .selectFrom('account')
    .select('id')
    .where('email_key', '=', emailKey)
    .executeTakeFirst();
  return holder !== undefined;
}

/** Gives the locked account its new login ID. Returns the version that this made. */
export async function moveTo(
  trx: Db,
  accountId: string,
  { address, key }: EmailAddress,
  now: Date,
): Promise<number> {
  const moved = await trx
    .updateTable('account')
    .set((eb) => ({
      email_address: address,
      email_key: key,
      login_id_version: eb('login_id_version', '+', 1),
      updated_at: now,
    }))
    .where('id', '=', accountId)
    .returning('login_id_version')
    .executeTakeFirstOrThrow();
  return moved.login_id_version;
}
