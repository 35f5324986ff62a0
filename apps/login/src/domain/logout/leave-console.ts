import { lockAccount } from '#domain/accounts/accounts.ts';
import type { SessionPayload } from '#domain/sessions/sessions.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { newId } from '#support/primitives/ids.ts';
import { sql } from 'kysely';
import { queueDeliveries } from './end-session.ts';

/**
 * Has one console end its sessions of an account, in the caller's transaction; the person stays signed in everywhere else. For somebody who is not that console's user any more.
 * @returns in how many browsers the person was in that console
 */
export async function leaveConsole(
  trx: Db,
  jobs: Jobs,
  accountId: string,
  clientId: string,
  now: Date,
): Promise<number> {
  await lockAccount(trx, accountId);
  const sessions = await trx
    .selectFrom('sso_session')
    .select(['uid', 'payload'])
    .where('account_id', '=', accountId)
    .orderBy('uid')
    .forUpdate()
    .execute();
  let left = 0;
  for (const { uid, payload } of sessions) {
    const authorization = (payload as SessionPayload).authorizations?.[clientId];
    if (!authorization) continue;
    // Codes and tokens of that console end as they do with a session.
    await trx
      .deleteFrom('oidc_artifact')
      .where('session_uid', '=', uid)
      .where('client_id', '=', clientId)
      .execute();
    await trx
      .updateTable('sso_session')
      .set({ payload: sql`payload #- ${['authorizations', clientId]}::text[]` })
      .where('uid', '=', uid)
      .execute();
    if (!authorization.sid) continue;
    const singleLogoutId = newId('slo', now);
    await trx
      .insertInto('single_logout')
      .values({ id: singleLogoutId, session_uid: uid, account_id: accountId, cause: 'left-console', at: now })
      .execute();
    await queueDeliveries(
      trx,
      jobs,
      { singleLogoutId, accountId, sids: new Map([[clientId, authorization.sid]]) },
      now,
    );
    left += 1;
  }
  return left;
}
