import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { newId } from '#support/primitives/ids.ts';

/** All columns by name: statements that are asked at every sign-in stay prepared only so (see support/db). */
export const ACCOUNT_COLUMNS = [
  'account.id',
  'account.email_address',
  'account.email_key',
  'account.name',
  'account.company',
  'account.locale',
  'account.state',
  'account.created_at',
  'account.updated_at',
  'account.code_sent_at',
  'account.login_id_version',
] as const;

/** The account with this id, or undefined when there is none or it is not active. */
export async function activeAccount(db: Db, accountId: string): Promise<AccountRow | undefined> {
  return db
    .selectFrom('account')
    .select(ACCOUNT_COLUMNS)
    .where('id', '=', accountId)
    .where('state', '=', 'active')
    .executeTakeFirst();
}

/** Remembers the language that a person chose (R8). */
export async function setAccountLocale(
  db: Db,
  accountId: string,
  locale: 'ja' | 'en',
  now: Date,
): Promise<void> {
  await db.updateTable('account').set({ locale, updated_at: now }).where('id', '=', accountId).execute();
}

/** Notes that a code to set a password was mailed (R15). Called when the mail is made, never when it is asked for: that costs the same for every address. */
export async function noteCodeSent(trx: Db, accountId: string, now: Date): Promise<void> {
  await trx.updateTable('account').set({ code_sent_at: now }).where('id', '=', accountId).execute();
}

/**
 * Locks an active account that still has this login ID, until the transaction ends; false when it has another one meanwhile. What a mailbox proved counts only while the mailbox is
 * the login ID's.
 */
export async function lockWithLoginId(trx: Db, accountId: string, emailKey: string): Promise<boolean> {
  const locked = await trx
    .selectFrom('account')
    .select('id')
    .where('id', '=', accountId)
    .where('email_key', '=', emailKey)
    .where('state', '=', 'active')
    .forUpdate()
    .executeTakeFirst();
  return locked !== undefined;
}

/** Makes an account that no console knows, for a member of staff. The account of this login ID, when there is one already. */
export async function ensureAccount(
  trx: Db,
  { address, key }: { address: string; key: string },
  name: string,
  now: Date,
): Promise<void> {
  await trx
    .insertInto('account')
    .values({
      id: newId('acc', now),
      email_address: address,
      email_key: key,
      name,
      company: '',
      locale: null,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The active account whose login ID has this key (see `parseEmailAddress`). */
export async function activeAccountByKey(db: Db, emailKey: string): Promise<AccountRow | undefined> {
  return db
    .selectFrom('account')
    .select(ACCOUNT_COLUMNS)
    .where('email_key', '=', emailKey)
    .where('state', '=', 'active')
    .executeTakeFirst();
}

/** Has changes of one account wait for one another: to be called before sessions are ended or events queued, always in this order, so that nobody waits in a circle. */
export async function lockAccount(trx: Db, accountId: string): Promise<void> {
  await trx.selectFrom('account').select('id').where('id', '=', accountId).forNoKeyUpdate().execute();
}
