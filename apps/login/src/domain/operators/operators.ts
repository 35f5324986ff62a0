import { sql } from 'kysely';
import { activeAccountByKey, lockWithLoginId } from '#domain/accounts/accounts.ts';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import { inTransaction } from '#support/db/in-transaction.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { after, DAY, HOUR, MINUTE } from '#support/primitives/durations.ts';
import { parseEmailAddress } from '#support/primitives/email-address.ts';
import type { Locale } from '#support/primitives/locale.ts';
import { revokeTokensOf } from './revoke-token.ts';

/** How old an operator's sign-in may be: for the operator pages at all, and for what `rights.ts` calls fresh. */
export const SIGNED_IN_WITHIN = 12 * HOUR;
export const FRESH = 15 * MINUTE;

/** How long somebody whose role was taken is told so; afterwards the pages do not exist for them, as for everybody else. */
const REMOVAL_TOLD = 7 * DAY;

type By = { actor: string; now: Date };

export type AddOperatorResult =
  | { ok: true; accountId: string; change: 'added' | 'role-changed' | 'unchanged' }
  | { ok: false; reason: 'address-malformed' | 'account-unknown' | 'last-administrator' };

/**
 * Makes the account with this login ID an operator, or gives the operator another role.
 * @returns `account-unknown` where no active account has the login ID; `last-administrator` where nobody would be left who can make operators
 */
export async function addOperator(
  db: Db,
  wanted: { emailAddress: string; role: OperatorRole },
  by: By,
): Promise<AddOperatorResult> {
  const address = parseEmailAddress(wanted.emailAddress);
  if (!address.ok) return { ok: false, reason: 'address-malformed' };
  const { role } = wanted;
  return changing(db, async (trx) => {
    const account = await activeAccountByKey(trx, address.key);
    if (!account) return { ok: false, reason: 'account-unknown' };
    const accountId = account.id;
    const before = await roleOf(trx, accountId);
    // The role is for whoever has this address now: no change of the login ID is under way beside it.
    if (!before && !(await lockWithLoginId(trx, accountId, address.key)))
      return { ok: false, reason: 'account-unknown' };
    if (before === role) return { ok: true, accountId, change: 'unchanged' };
    if (role !== 'administrator' && (await isLastAdministrator(trx, accountId)))
      return { ok: false, reason: 'last-administrator' };
    const row = { role, created_at: by.now, created_by: by.actor, revoked_at: null, revoked_by: null };
    await trx
      .insertInto('operator')
      .values({ account_id: accountId, ...row })
      .onConflict((conflict) => conflict.column('account_id').doUpdateSet(row))
      .execute();
    await recordEvent(trx, {
      at: by.now,
      action: before ? 'operator.role-changed' : 'operator.added',
      actor: by.actor,
      accountId,
      detail: { role, ...(before ? { before } : {}) },
    });
    return { ok: true, accountId, change: before ? 'role-changed' : 'added' };
  });
}

export type RemoveOperatorResult =
  { ok: true } | { ok: false; reason: 'operator-unknown' | 'last-administrator' };

/** Takes the role at once, on every node: it is read with each request. The tokens of the operator end with it. */
export async function removeOperator(db: Db, accountId: string, by: By): Promise<RemoveOperatorResult> {
  return changing(db, async (trx) => {
    const role = await roleOf(trx, accountId);
    if (!role) return { ok: false, reason: 'operator-unknown' };
    if (await isLastAdministrator(trx, accountId)) return { ok: false, reason: 'last-administrator' };
    await trx
      .updateTable('operator')
      .set({ revoked_at: by.now, revoked_by: by.actor })
      .where('account_id', '=', accountId)
      .execute();
    await revokeTokensOf(trx, accountId, by);
    await recordEvent(trx, {
      at: by.now,
      action: 'operator.removed',
      actor: by.actor,
      accountId,
      detail: { role },
    });
    return { ok: true };
  });
}

export type OperatorEntry = {
  accountId: string;
  emailAddress: string;
  name: string;
  role: OperatorRole;
  /** An account that is suspended or closed keeps its role and can do nothing with it. */
  accountState: 'active' | 'suspended' | 'closed';
  createdAt: Date;
  createdBy: string;
};

/** Everybody who is an operator, administrators first. */
export async function listOperators(db: Db): Promise<OperatorEntry[]> {
  return db
    .selectFrom('operator')
    .innerJoin('account', 'account.id', 'operator.account_id')
    .select([
      'account.id as accountId',
      'account.email_address as emailAddress',
      'account.name',
      'operator.role',
      'account.state as accountState',
      'operator.created_at as createdAt',
      'operator.created_by as createdBy',
    ])
    .where('operator.revoked_at', 'is', null)
    .orderBy(sql`array_position(array['administrator', 'support', 'viewer'], operator.role)`)
    .orderBy('account.email_key')
    .execute();
}

/** How an account stands to the operator pages. */
export type OperatorStanding =
  | {
      state: 'operator';
      /** `operator:<account id>`, as the audit log names them. */
      actor: string;
      accountId: string;
      emailAddress: string;
      name: string;
      locale: Locale | null;
      role: OperatorRole;
    }
  | { state: 'removed'; removedAt: Date; locale: Locale | null };

/** Read with every request, so that a change of role and a suspension act at once. Undefined for everybody who is no operator. */
export async function operatorStanding(
  db: Db,
  accountId: string,
  now: Date,
): Promise<OperatorStanding | undefined> {
  const row = await db
    .selectFrom('operator')
    .innerJoin('account', 'account.id', 'operator.account_id')
    .select([
      'account.email_address as emailAddress',
      'account.name',
      'account.locale',
      'operator.role',
      'operator.revoked_at as removedAt',
    ])
    .where('account.id', '=', accountId)
    .where('account.state', '=', 'active')
    .executeTakeFirst();
  if (!row) return undefined;
  const { removedAt, locale, ...operator } = row;
  if (!removedAt)
    return { state: 'operator', actor: `operator:${accountId}`, accountId, locale, ...operator };
  return removedAt > after(now, -REMOVAL_TOLD) ? { state: 'removed', removedAt, locale } : undefined;
}

/** The role of an account; undefined for everybody who is no operator. */
export async function roleOf(trx: Db, accountId: string): Promise<OperatorRole | undefined> {
  const row = await trx
    .selectFrom('operator')
    .select('role')
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row?.role;
}

/** Since when the account has its role; undefined for everybody who is no operator. */
export async function operatorSince(trx: Db, accountId: string): Promise<Date | undefined> {
  const row = await trx
    .selectFrom('operator')
    .select('created_at')
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row?.created_at;
}

/** Whether an account has a role, and whether nobody else could make operators. Holds operators as they are until the caller's transaction ends. */
export async function roleHeld(
  trx: Db,
  accountId: string,
): Promise<{ isOperator: boolean; isLast: boolean }> {
  if (!(await roleOf(trx, accountId))) return { isOperator: false, isLast: false };
  await sql`lock table operator in share row exclusive mode`.execute(trx);
  return { isOperator: true, isLast: await isLastAdministrator(trx, accountId) };
}

async function isLastAdministrator(trx: Db, accountId: string): Promise<boolean> {
  const administrators = await trx
    .selectFrom('operator')
    .innerJoin('account', 'account.id', 'operator.account_id')
    .select('account_id')
    .where('operator.role', '=', 'administrator')
    .where('operator.revoked_at', 'is', null)
    .where('account.state', '=', 'active')
    .execute();
  return administrators.length === 1 && administrators[0]?.account_id === accountId;
}

/** Two who change operators at once wait for each other, or both could take the other's role and leave nobody. */
function changing<T>(db: Db, change: (trx: Db) => Promise<T>): Promise<T> {
  return inTransaction(db, async (trx) => {
    await sql`lock table operator in share row exclusive mode`.execute(trx);
    return change(trx);
  });
}
