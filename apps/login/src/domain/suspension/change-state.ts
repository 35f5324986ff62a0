import { queueAccountEvent } from '#domain/events/queue.ts';
import { endOtherSessions } from '#domain/logout/end-session.ts';
import { roleHeld } from '#domain/operators/operators.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { AccountRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';

export type StateChange = 'suspend' | 'reinstate' | 'close';
type State = AccountRow['state'];

/** What each act makes of each state; null: there is nothing to do. A closed account is opened again by reinstating it, which only an administrator may do. */
const NEXT: Readonly<Record<StateChange, Readonly<Record<State, State | null>>>> = {
  suspend: { active: 'suspended', suspended: null, closed: null },
  reinstate: { active: null, suspended: 'active', closed: 'active' },
  close: { active: 'closed', suspended: 'closed', closed: null },
};
const TOLD = {
  suspended: { action: 'account.suspended', kind: 'account-suspended' },
  active: { action: 'account.reinstated', kind: 'account-reinstated' },
  closed: { action: 'account.closed', kind: 'account-closed' },
} as const;

export type ChangeStateResult =
  | { ok: true; state: State; sessionsEnded: number }
  | { ok: false; reason: 'account-unknown' }
  /** The account is in that state already, or suspended though it is closed. */
  | { ok: false; reason: 'account-state-unfit'; state: State }
  | { ok: false; reason: 'administrator-only' | 'last-administrator' };

/**
 * Suspends, reinstates or closes an account: state, end of all its sessions with their deliveries, the event to its consoles and the audit event commit together.
 * @param wanted.reason the operator's words; they go to the audit log and nowhere else
 * @param wanted.hijacked somebody else was in the account: consoles are told so
 * @param by.administrator whether who asks may close, open what is closed, and touch the account of an operator at all
 */
export async function changeAccountState(
  deps: { db: Db; jobs: Jobs },
  accountId: string,
  wanted: { change: StateChange; reason: string; hijacked?: boolean },
  by: { actor: string; administrator: boolean; clientIp?: string | null; requestId?: string; now: Date },
): Promise<ChangeStateResult> {
  return deps.db.transaction().execute((trx) => changeStateWithin(trx, deps.jobs, accountId, wanted, by));
}

/** The same in the caller's transaction. */
export async function changeStateWithin(
  trx: Db,
  jobs: Jobs,
  accountId: string,
  wanted: { change: StateChange; reason: string; hijacked?: boolean },
  by: { actor: string; administrator: boolean; clientIp?: string | null; requestId?: string; now: Date },
): Promise<ChangeStateResult> {
  const { now } = by;
  const account = await trx
    .selectFrom('account')
    .select(['id', 'state'])
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (!account) return { ok: false, reason: 'account-unknown' };
  const next = NEXT[wanted.change][account.state];
  if (!by.administrator && (wanted.change === 'close' || account.state === 'closed'))
    return { ok: false, reason: 'administrator-only' };
  const held = await roleHeld(trx, accountId);
  if (held.isOperator && !by.administrator) return { ok: false, reason: 'administrator-only' };
  if (next === null) return { ok: false, reason: 'account-state-unfit', state: account.state };
  // Its links are another account's now (domain/merge): it would come back as nobody's user.
  if (next === 'active' && (await wasMerged(trx, accountId)))
    return { ok: false, reason: 'account-state-unfit', state: account.state };
  if (next !== 'active' && held.isLast) return { ok: false, reason: 'last-administrator' };
  await trx
    .updateTable('account')
    .set({ state: next, updated_at: now })
    .where('id', '=', accountId)
    .execute();
  // Whoever decided last decides: a link that suspended the account once brings it back no more.
  await trx
    .updateTable('console_link')
    .set({ suspended_account: false })
    .where('account_id', '=', accountId)
    .where('suspended_account', '=', true)
    .execute();
  const { action, kind } = TOLD[next];
  const hijacked = next === 'suspended' && wanted.hijacked === true;
  await queueAccountEvent(
    trx,
    jobs,
    { kind, accountId, ...(hijacked ? { detail: { reason: 'hijacking' } } : {}) },
    now,
  );
  const sessionsEnded =
    next === 'active'
      ? 0
      : await endOtherSessions(trx, jobs, accountId, {
          cause: next,
          now,
          actor: by.actor,
          ...(by.clientIp ? { clientIp: by.clientIp } : {}),
          ...(by.requestId ? { requestId: by.requestId } : {}),
        });
  await recordEvent(trx, {
    at: now,
    action,
    actor: by.actor,
    accountId,
    clientIp: by.clientIp ?? null,
    requestId: by.requestId ?? null,
    detail: {
      reason: wanted.reason,
      before: account.state,
      sessionsEnded,
      ...(hijacked ? { hijacked } : {}),
    },
  });
  return { ok: true, state: next, sessionsEnded };
}

async function wasMerged(trx: Db, accountId: string): Promise<boolean> {
  const merge = await trx
    .selectFrom('account_merge')
    .select('kept_id')
    .where('absorbed_id', '=', accountId)
    .executeTakeFirst();
  return merge !== undefined;
}
