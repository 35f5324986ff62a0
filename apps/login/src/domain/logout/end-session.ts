import { lockAccount } from '#domain/accounts/accounts.ts';
import { GIVE_UP_AFTER } from '#domain/delivery/timetable.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { endPendingSignIns, sessionUidsOfAccount, takeSession } from '#domain/sessions/sessions.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { consolesThatAsk } from './ended-sessions.ts';

/**
 * Why a session ended; consoles are told in every case. `logout`: the person left a console or the unified login; `other-account`: somebody else signed in with this
 * browser; `person`: ended from the account page; the others as they say.
 */
export type LogoutCause =
  | 'logout'
  | 'other-account'
  | 'person'
  | 'operator'
  | 'suspended'
  | 'closed'
  | 'merged'
  | 'password-set'
  | 'login-id-changed'
  | 'login-id-undone'
  | 'restored';

/** Causes of which consoles hear nothing else: the other ones are ordinary, or have an event of their own (R24). */
const REVOKED: ReadonlySet<LogoutCause> = new Set(['person', 'operator']);

/** Who ended a session and from where, for the audit log; the person when no actor is named. */
export type EndedBy = { actor?: string; clientIp?: string; requestId?: string };

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
  by: EndedBy = {},
): Promise<string | undefined> {
  const session = await takeSession(trx, sessionUid);
  if (!session?.accountId) return undefined;
  const { accountId } = session;
  const singleLogoutId = newId('slo', now);
  await trx
    .insertInto('single_logout')
    .values({ id: singleLogoutId, session_uid: sessionUid, account_id: accountId, cause, at: now })
    .execute();
  const sids = new Map(
    Object.entries(session.authorizations ?? {}).flatMap(([clientId, { sid }]) =>
      sid ? [[clientId, sid] as const] : [],
    ),
  );
  await queueDeliveries(trx, jobs, { singleLogoutId, accountId, sids }, now);
  await recordEvent(trx, {
    at: now,
    action: 'session.ended',
    actor: by.actor ?? accountId,
    accountId,
    clientIp: by.clientIp ?? null,
    requestId: by.requestId ?? null,
    detail: { cause, singleLogoutId, consoles: [...sids.keys()], userAgent: session.userAgent },
  });
  return singleLogoutId;
}

/**
 * Ends every session of an account but one, each with its deliveries, in the caller's transaction, and before them the sign-ins that wait after their password. When none is left over and nothing else tells consoles of it, they also
 * hear that the account's sessions were revoked.
 * @returns how many ended
 */
export async function endOtherSessions(
  trx: Db,
  jobs: Jobs,
  accountId: string,
  options: { except?: string; cause: LogoutCause; now: Date } & EndedBy,
): Promise<number> {
  const { except, cause, now, ...by } = options;
  await lockAccount(trx, accountId);
  await endPendingSignIns(trx, accountId);
  const uids = await sessionUidsOfAccount(trx, accountId, { except });
  let ended = 0;
  // Always in the same order, so that two who end the same sessions do not wait for each other.
  for (const uid of uids.toSorted()) if (await endSession(trx, jobs, uid, cause, now, by)) ended += 1;
  if (except === undefined && ended > 0 && REVOKED.has(cause))
    await queueAccountEvent(
      trx,
      jobs,
      { kind: 'sessions-revoked', accountId, detail: { reason: cause } },
      now,
    );
  return ended;
}

type Ended = { singleLogoutId: string; accountId: string; sids: ReadonlyMap<string, string> };

/** Queues one delivery for every console of these `sid`s that can be told. */
export async function queueDeliveries(trx: Db, jobs: Jobs, ended: Ended, now: Date): Promise<void> {
  const { singleLogoutId, accountId, sids } = ended;
  if (sids.size === 0) return;
  const consoles = await trx
    .selectFrom('console')
    .select(['id', 'client_id', 'backchannel_logout_uri'])
    .where('client_id', 'in', [...sids.keys()])
    .execute();
  const silent = consoles.filter((console) => console.backchannel_logout_uri === null).map(({ id }) => id);
  const asking = await consolesThatAsk(trx, silent, now);
  const deliveries = consoles
    .map((console) => ({ ...console, push: console.backchannel_logout_uri !== null }))
    .filter(({ id, push }) => push || asking.has(id))
    .map(({ id, client_id: clientId, push }) => ({
      id: newId('lod', now),
      single_logout_id: singleLogoutId,
      console_id: id,
      account_id: accountId,
      sid: sids.get(clientId) ?? null,
      // Who has no address is told when it asks; after a day it is listed as failed.
      next_try_at: push ? now : after(now, GIVE_UP_AFTER),
      last_status: null,
      last_error: null,
      created_at: now,
      ended_at: null,
    }));
  if (deliveries.length === 0) return;
  await trx.insertInto('logout_delivery').values(deliveries).execute();
  await jobs.enqueueAll(
    trx,
    'logout.deliver',
    deliveries.filter((one) => one.next_try_at === now).map(({ id }) => ({ deliveryId: id })),
  );
}
