import { sql, type RawBuilder } from 'kysely';
import { endOtherSessions, endSession } from '#domain/logout/end-session.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

/** What a sign-in rests on: the account as it was looked at, and when the password was set that was typed or chosen. */
export type Proof = { account: AccountRow; passwordSetAt: Date };

/** A proof as it is remembered with a sign-in that it made. */
export type ProofMarks = { accountId: string | null; loginIdVersion: number; passwordSetAt: Date };

/**
 * One row while a proof holds: the account is active, has the login ID that it had when the proof was looked at, and the same password. Both rows are locked, the account first, so that the
 * statement waits for a suspension, an undo or a new password that is under way and then sees what it made.
 */
export function holding({ accountId, loginIdVersion, passwordSetAt }: ProofMarks): RawBuilder<unknown> {
  // A moment in this program has no microseconds; one in the database may.
  return sql`
    select from account a join password_credential c on c.account_id = a.id
    where a.id = ${accountId} and a.state = 'active' and a.login_id_version = ${loginIdVersion}
      and date_trunc('milliseconds', c.set_at) = ${passwordSetAt}
    for share of a, c`;
}

/**
 * Whether a proof that has just become a session still holds. Asked after the session is written, under a lock that waits for whatever would void the proof: that one either saw the session and
 * ended it, or is seen here. Then the session ends; and all the others of the account with it, unless only the password is another one: whoever set it has ended those that had to go, and is in one.
 */
export async function stillHolds(
  deps: { db: Db; jobs: Jobs },
  { account, passwordSetAt }: Proof,
  sessionUid: string,
  now: Date,
): Promise<boolean> {
  const marks = { accountId: account.id, loginIdVersion: account.login_id_version, passwordSetAt };
  if ((await holding(marks).execute(deps.db)).rows.length === 1) return true;
  await deps.db.transaction().execute(async (trx) => {
    if (await isSameLoginId(trx, account)) await endSession(trx, deps.jobs, sessionUid, 'password-set', now);
    else await endOtherSessions(trx, deps.jobs, account.id, { cause: 'login-id-changed', now });
  });
  return false;
}

async function isSameLoginId(trx: Db, account: AccountRow): Promise<boolean> {
  const same = await trx
    .selectFrom('account')
    .select('id')
    .where('id', '=', account.id)
    .where('state', '=', 'active')
    .where('login_id_version', '=', account.login_id_version)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return same !== undefined;
}
