import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { SECOND } from '#support/primitives/durations.ts';
import { endOtherSessions, endSession, type EndedBy } from './end-session.ts';
import type { LogoutProgress } from './progress.ts';

type Deps = { db: Db; jobs: Jobs };
type By = EndedBy & { cause: 'person' | 'operator'; now: Date };

/** Ends one signed-in browser of an account (R11), with every console in it told. False when this account has no such browser, or no longer. */
export async function endBrowser(
  { db, jobs }: Deps,
  accountId: string,
  uid: string,
  { cause, now, ...by }: By,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const own = await trx
      .selectFrom('sso_session')
      .select('uid')
      .where('uid', '=', uid)
      .where('account_id', '=', accountId)
      .forUpdate()
      .executeTakeFirst();
    if (!own) return false;
    return (await endSession(trx, jobs, uid, cause, now, by)) !== undefined;
  });
}

/** Ends all browsers of an account, or all but one. Answers how many. */
export async function endBrowsers(
  { db, jobs }: Deps,
  accountId: string,
  options: By & { except?: string },
): Promise<number> {
  return db.transaction().execute((trx) => endOtherSessions(trx, jobs, accountId, options));
}

/** The browsers of an account that were ended together, and how far the consoles in them have been told. */
export type EndedBrowsers = {
  userAgents: readonly (string | null)[];
  consoles: readonly { clientId: string; state: 'waiting' | 'delivered' | 'failed' | 'untold' }[];
};

/**
 * What became of the browsers that were ended at a moment. `untold`: the console has no address for logouts, so nobody can tell it. Undefined when none ended then.
 * @param at exactly the moment of the act, to the millisecond
 */
export async function endedBrowsers(db: Db, accountId: string, at: Date): Promise<EndedBrowsers | undefined> {
  const events = await db
    .selectFrom('audit_event')
    .select('detail')
    .where('account_id', '=', accountId)
    .where('action', '=', 'session.ended')
    .where('at', '=', at)
    .orderBy('id')
    .execute();
  if (events.length === 0) return undefined;
  const ended = events.map(
    ({ detail }) => detail as { singleLogoutId: string; consoles: string[]; userAgent?: string | null },
  );
  const deliveries = await db
    .selectFrom('logout_delivery')
    .innerJoin('console', 'console.id', 'logout_delivery.console_id')
    .select(['console.client_id as clientId', 'logout_delivery.state'])
    .where(
      'single_logout_id',
      'in',
      ended.map((one) => one.singleLogoutId),
    )
    .execute();
  const clientIds = [...new Set(ended.flatMap((one) => one.consoles))].toSorted();
  return {
    userAgents: ended.map((one) => one.userAgent ?? null),
    consoles: clientIds.map((clientId) => {
      const states = deliveries.filter((one) => one.clientId === clientId).map((one) => one.state);
      return { clientId, state: leastOf(states) };
    }),
  };
}

/** Waits until every console has been told that can be, at most two seconds, as the signed-out page does. */
export async function waitForEndedBrowsers(
  db: Db,
  accountId: string,
  at: Date,
  pause: (milliseconds: number) => Promise<void>,
): Promise<EndedBrowsers | undefined> {
  const until = performance.now() + 2 * SECOND;
  for (;;) {
    const ended = await endedBrowsers(db, accountId, at);
    const left = until - performance.now();
    if (left <= 0 || !ended?.consoles.some(({ state }) => state === 'waiting')) return ended;
    await pause(Math.min(left, 100));
  }
}

/** Of several browsers that were in one console, the one that is told last counts. */
function leastOf(states: readonly DeliveryState[]): EndedBrowsers['consoles'][number]['state'] {
  if (states.length === 0) return 'untold';
  return (['waiting', 'failed', 'delivered'] as const).find((state) => states.includes(state)) ?? 'untold';
}

type DeliveryState = LogoutProgress['consoles'][number]['state'];
