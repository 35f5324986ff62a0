import { findAccount } from '#domain/accounts/find.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';

/** The account that an argument names by id or login ID; without one the command has failed, and stderr says how to go on. */
export async function accountOf(
  db: Db,
  idOrLoginId: string,
  errors: { write(text: string): unknown },
): Promise<AccountRow | undefined> {
  const account = await findAccount(db, idOrLoginId);
  if (!account)
    errors.write(
      `There is no account ${idOrLoginId}. Name it by its login ID (e-mail address) or its id (acc_…).\n`,
    );
  return account;
}
