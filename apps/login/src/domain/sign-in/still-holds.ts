import { endOtherSessions } from '#domain/logout/end-session.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

/**
 * Whether a proof that has just become a sign-in still holds: the account is active and has the login ID that it had when the proof was looked at. Asked after the sign-in is written, under
 * a lock that waits for an undo or a suspension which is under way: that one either saw the sign-in and ended it, or is seen here, and the sign-in ends.
 */
export async function stillHolds(
  deps: { db: Db; jobs: Jobs },
  account: AccountRow,
  now: Date,
): Promise<boolean> {
  const same = await deps.db
    .selectFrom('account')
    .select('id')
    .where('id', '=', account.id)
    .where('state', '=', 'active')
    .where('login_id_version', '=', account.login_id_version)
    .forShare()
    .executeTakeFirst();
  if (same) return true;
  await deps.db.transaction().execute(async (trx) => {
    await endOtherSessions(trx, deps.jobs, account.id, { cause: 'login-id-changed', now });
  });
  return false;
}
