import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';

/**
 * In which way an ID token is wrong that a console must refuse (OpenID Connect Core §3.1.3.7): another `nonce`, `iss` or `aud`, one that has expired, signed by nobody's key, not signed at all.
 */
export type Altered = 'nonce' | 'issuer' | 'audience' | 'expiry' | 'signature' | 'unsigned';

/** From now on the test account's ID tokens are wrong in this way, on whichever node they are asked for; null: right again. */
export async function alterAnswers(db: Db, accountId: string, altered: Altered | null): Promise<void> {
  await db
    .updateTable('console_check_run')
    .set({ altered, altered_given: false, redeemed: false })
    .where('account_id', '=', accountId)
    .execute();
}

/** What a test account's code was redeemed for: noted, and said how its ID token is to be wrong. */
export async function noteRedeemed(db: Db, accountId: string): Promise<Altered | null> {
  const row = await db
    .updateTable('console_check_run')
    .set({ redeemed: true, altered_given: sql<boolean>`altered is not null` })
    .where('account_id', '=', accountId)
    .returning('altered')
    .executeTakeFirst();
  return (row?.altered ?? null) as Altered | null;
}

/** Whether the console has redeemed a code since `alterAnswers`, and whether it was given a wrong token for it. */
export async function whatWasGiven(
  db: Db,
  accountId: string,
): Promise<{ redeemed: boolean; altered: boolean }> {
  const row = await db
    .selectFrom('console_check_run')
    .select(['redeemed', 'altered_given'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return { redeemed: row?.redeemed === true, altered: row?.altered_given === true };
}
