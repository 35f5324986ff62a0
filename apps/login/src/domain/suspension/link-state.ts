import { lockAccount } from '#domain/accounts/accounts.ts';
import { isUnproved } from '#domain/consoles/links.ts';
import { queueAccountEvent } from '#domain/events/queue.ts';
import { leaveConsole } from '#domain/logout/leave-console.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { changeStateWithin } from './change-state.ts';

export type Link = { accountId: string; consoleId: string; clientId: string; consoleUserId: string };
type By = {
  actor: string;
  /** The console itself says it, so it needs not be told. */
  isConsole: boolean;
  now: Date;
};

/**
 * Lets a person no more into one console (R26), in the caller's transaction: its sessions end there, and it is told. Other consoles of the person are untouched; where none is left, the account is
 * suspended with it. An operator's account is not: that is for administrators. False when the link was deactivated before.
 */
export async function deactivateLink(trx: Db, jobs: Jobs, link: Link, by: By): Promise<boolean> {
  await lockAccount(trx, link.accountId);
  const changed = await trx
    .updateTable('console_link')
    .set({ deactivated_at: by.now })
    .where('console_id', '=', link.consoleId)
    .where('console_user_id', '=', link.consoleUserId)
    .where('account_id', '=', link.accountId)
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  // Whoever only named the address of an account that was there before suspends nobody.
  const suspended =
    !(await entersAny(trx, link.accountId)) &&
    !(await isUnproved(trx, link.consoleId, link.accountId)) &&
    (await suspend(trx, jobs, link, by));
  if (!suspended) {
    await tellConsole(trx, jobs, 'account-suspended', link, by);
    await leaveConsole(trx, jobs, link.accountId, link.clientId, by.now);
  }
  await record(trx, 'link.deactivated', link, by);
  return true;
}

/** Lets a person into a console again; an account that was suspended because no link was left is reinstated with it. False when the link lets in already. */
export async function reactivateLink(trx: Db, jobs: Jobs, link: Link, by: By): Promise<boolean> {
  await lockAccount(trx, link.accountId);
  const changed = await trx
    .updateTable('console_link')
    .set({ deactivated_at: null })
    .where('console_id', '=', link.consoleId)
    .where('console_user_id', '=', link.consoleUserId)
    .where('account_id', '=', link.accountId)
    .where('deactivated_at', 'is not', null)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  if (!(await reinstateIfSuspendedByLinks(trx, jobs, link.accountId, by)))
    await tellConsole(trx, jobs, 'account-reinstated', link, by);
  await record(trx, 'link.reactivated', link, by);
  return true;
}

/** Reinstates an account that was suspended only because no link let it in anywhere; call it when one does again. */
export async function reinstateIfSuspendedByLinks(
  trx: Db,
  jobs: Jobs,
  accountId: string,
  by: { actor: string; now: Date },
): Promise<boolean> {
  const cause = await trx
    .selectFrom('console_link')
    .select('console_id')
    .where('account_id', '=', accountId)
    .where('suspended_account', '=', true)
    .executeTakeFirst();
  if (!cause) return false;
  const result = await changeStateWithin(
    trx,
    jobs,
    accountId,
    { change: 'reinstate', reason: 'a console link lets in again' },
    { actor: by.actor, administrator: false, now: by.now },
  );
  return result.ok;
}

async function suspend(trx: Db, jobs: Jobs, link: Link, by: By): Promise<boolean> {
  const result = await changeStateWithin(
    trx,
    jobs,
    link.accountId,
    { change: 'suspend', reason: 'no console link is active' },
    { actor: by.actor, administrator: false, now: by.now },
  );
  if (!result.ok) return false;
  await trx
    .updateTable('console_link')
    .set({ suspended_account: true })
    .where('console_id', '=', link.consoleId)
    .where('console_user_id', '=', link.consoleUserId)
    .execute();
  return true;
}

async function entersAny(trx: Db, accountId: string): Promise<boolean> {
  const open = await trx
    .selectFrom('console_link')
    .select('console_id')
    .where('account_id', '=', accountId)
    .where('deactivated_at', 'is', null)
    .executeTakeFirst();
  return open !== undefined;
}

async function tellConsole(
  trx: Db,
  jobs: Jobs,
  kind: 'account-suspended' | 'account-reinstated',
  link: Link,
  by: By,
): Promise<void> {
  if (by.isConsole) return;
  await queueAccountEvent(
    trx,
    jobs,
    { kind, accountId: link.accountId, onlyConsoleId: link.consoleId },
    by.now,
  );
}

async function record(
  trx: Db,
  action: 'link.deactivated' | 'link.reactivated',
  link: Link,
  { actor, now }: By,
): Promise<void> {
  await recordEvent(trx, {
    at: now,
    action,
    actor,
    accountId: link.accountId,
    consoleId: link.consoleId,
    detail: { consoleUserId: link.consoleUserId },
  });
}
