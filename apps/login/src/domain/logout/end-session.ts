import { sessionUidsOfAccount, takeSession } from '#domain/sessions/sessions.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { newId } from '#support/primitives/ids.ts';

/** Why a session ended; consoles are told in every case. */
export type LogoutCause = 'logout' | 'password-set' | 'login-id-changed' | 'other-account';

/**
 * Ends one SSO session and queues one logout delivery for every console that has a session from it, in the caller's transaction (R9):
 * after the commit every console will be told, whatever happens to this process.
 * @returns the id of the single logout, or undefined when the session had already ended
 */
export async function endSession(
  trx: Db,
  jobs: Jobs,
  sessionUid: string,
  cause: LogoutCause,
  now: Date,
): Promise<string | undefined> {
  const session = await takeSession(trx, sessionUid);
  if (!session?.accountId) return undefined;
  const { accountId } = session;
  const singleLogoutId = newId('slo', now);
  await trx
    .insertInto('single_logout')
    .values({ id: singleLogoutId, session_uid: sessionUid, account_id: accountId, cause, at: now })
    .execute();

  const authorizations = Object.entries(session.authorizations ?? {}).filter(
    ([, authorization]) => authorization.sid,
  );
  if (authorizations.length > 0) {
    const consoles = await trx
      .selectFrom('console')
      .select(['id', 'client_id'])
      .where(
        'client_id',
        'in',
        authorizations.map(([clientId]) => clientId),
      )
      .where('backchannel_logout_uri', 'is not', null)
      .execute();
    for (const console of consoles) {
      const deliveryId = newId('lod', now);
      await trx
        .insertInto('logout_delivery')
        .values({
          id: deliveryId,
          single_logout_id: singleLogoutId,
          console_id: console.id,
          account_id: accountId,
          sid: session.authorizations?.[console.client_id]?.sid ?? null,
          next_try_at: now,
          last_status: null,
          last_error: null,
          created_at: now,
          ended_at: null,
        })
        .execute();
      await jobs.enqueue(trx, 'logout.deliver', { deliveryId });
    }
  }
  await recordEvent(trx, {
    at: now,
    action: 'session.ended',
    actor: accountId,
    accountId,
    detail: { cause, singleLogoutId, consoles: authorizations.map(([clientId]) => clientId) },
  });
  return singleLogoutId;
}

/** Ends every session of an account but one, each with its deliveries. */
export async function endOtherSessions(
  trx: Db,
  jobs: Jobs,
  accountId: string,
  options: { except?: string; cause: LogoutCause; now: Date },
): Promise<void> {
  for (const uid of await sessionUidsOfAccount(trx, accountId, { except: options.except }))
    await endSession(trx, jobs, uid, options.cause, options.now);
}
