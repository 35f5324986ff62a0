import { sql } from 'kysely';
import { ACCOUNT_COLUMNS } from '#domain/accounts/accounts.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import { forgetBrowsers } from './known-browsers.ts';

/** A password as it is stored. The moment at which it was set names it: no other one of the account has the same, also where the clock was set back. */
export type StoredPassword = { hash: string; setAt: Date };

/** An active account, and its password if it has one. */
export type AccountAndPassword = { account: AccountRow; password: StoredPassword | undefined };

/** The account of a login ID and its password, if it has one, in one statement; undefined for closed and suspended accounts. */
export async function accountAndPassword(db: Db, emailKey: string): Promise<AccountAndPassword | undefined> {
  const row = await db
    .selectFrom('account')
    .leftJoin('password_credential', 'password_credential.account_id', 'account.id')
    .select(ACCOUNT_COLUMNS)
    .select(['password_credential.password_hash', 'password_credential.set_at'])
    .where('email_key', '=', emailKey)
    .where('state', '=', 'active')
    .executeTakeFirst();
  if (!row) return undefined;
  const { password_hash: hash, set_at: setAt, ...account } = row;
  return { account, password: hash !== null && setAt !== null ? { hash, setAt } : undefined };
}

/**
 * Sets or replaces the password; no browser is known as its person's any more. The console's legacy password is another one and is never touched (R6); what we were given to verify it once goes (R21).
 * @returns when it was set: `now`, or later than the one that it replaces
 */
export async function storePassword(
  db: Db,
  accountId: string,
  passwordHash: string,
  now: Date,
): Promise<Date> {
  const { set_at: setAt } = await db
    .insertInto('password_credential')
    .values({ account_id: accountId, password_hash: passwordHash, set_at: now, first_set_at: now })
    .onConflict((c) =>
      c.column('account_id').doUpdateSet({
        password_hash: passwordHash,
        set_at: sql`greatest(excluded.set_at, password_credential.set_at + interval '1 millisecond')`,
      }),
    )
    .returning('set_at')
    .executeTakeFirstOrThrow();
  await forgetLegacyCredentials(db, accountId);
  await forgetBrowsers(db, accountId);
  return setAt;
}

/** Sets the password of an account that has none; false, and nothing done, where it has one meanwhile. */
export async function storeFirstPassword(
  db: Db,
  accountId: string,
  passwordHash: string,
  now: Date,
): Promise<boolean> {
  const stored = await db
    .insertInto('password_credential')
    .values({ account_id: accountId, password_hash: passwordHash, set_at: now, first_set_at: now })
    .onConflict((c) => c.doNothing())
    .returning('account_id')
    .executeTakeFirst();
  if (!stored) return false;
  await forgetLegacyCredentials(db, accountId);
  return true;
}

/** Replaces the hash of an unchanged password by one with today's parameters, unless it was changed meanwhile. */
export async function replaceHash(
  db: Db,
  accountId: string,
  outdated: string,
  current: string,
): Promise<void> {
  await db
    .updateTable('password_credential')
    .set({ password_hash: current })
    .where('account_id', '=', accountId)
    .where('password_hash', '=', outdated)
    .execute();
}

/** When the password was set; null when the account has none. */
export async function passwordSetAt(db: Db, accountId: string): Promise<Date | null> {
  const password = await db
    .selectFrom('password_credential')
    .select('set_at')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return password?.set_at ?? null;
}

/**
 * Takes a password away that is not the one which was set at `kept` (null: any), and what would let one be set without a mailed code. The way in is the reset then (R3).
 * @returns whether there was one to take
 */
export async function withdrawPassword(trx: Db, accountId: string, kept: Date | null): Promise<boolean> {
  await trx.deleteFrom('legacy_proof').where('account_id', '=', accountId).execute();
  await forgetBrowsers(trx, accountId);
  const withdrawn = await trx
    .deleteFrom('password_credential')
    .where('account_id', '=', accountId)
    .$if(kept !== null, (query) => query.where('set_at', '!=', kept))
    .returning('account_id')
    .executeTakeFirst();
  return withdrawn !== undefined;
}

async function forgetLegacyCredentials(db: Db, accountId: string): Promise<void> {
  await db.deleteFrom('legacy_credential').where('account_id', '=', accountId).execute();
}
