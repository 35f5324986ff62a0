import { sql } from 'kysely';
import { recordEvent } from '#support/audit/record.ts';
import type { Db } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import { newSecret, secretHash } from '#support/primitives/secrets.ts';
import { includesRole, lesserRole } from './rights.ts';

export type Operator = {
  /** `operator:<token id>`, as the audit log names them. */
  actor: string;
  tokenId: string;
  name: string;
  /** What the token may do now. */
  role: OperatorRole;
  /** Whose token it is; null when it belongs to nobody. */
  accountId: string | null;
};

/** How many days a token lives unless it is said, and at the longest. */
export const TOKEN_DAYS = 90;
export const LONGEST_TOKEN_DAYS = 365;

/** Marks our tokens, so that scanners for leaked secrets find them. */
const PREFIX = 'hko_';

/** How exactly `last_used_at` is kept; a write a call would be waste. */
const LAST_USED_STEP = 10 * MINUTE;

type Wanted = { name: string; role: OperatorRole; days?: number };
export type MadeToken = { id: string; token: string; expiresAt: Date };

/**
 * Makes a token that belongs to nobody, for a program that is to outlive people. Only whoever has the database may (the command line). The token itself is returned this once; stored is its
 * SHA-256.
 */
export async function createOperatorToken(
  db: Db,
  wanted: Wanted,
  by: { actor: string; now: Date },
): Promise<MadeToken> {
  return db.transaction().execute((trx) => insertToken(trx, wanted, null, by));
}

export type PersonalTokenResult =
  | ({ ok: true } & MadeToken)
  /** The account is no operator, or not active. */
  | { ok: false; reason: 'operator-unknown' }
  /** More than the operator may. */
  | { ok: false; reason: 'role-too-high' }
  /** The token that asks was ended meanwhile. */
  | { ok: false; reason: 'token-missing' };

/**
 * Makes a token that belongs to an operator: it can do what its own role and the operator's present one both include, and nothing while the operator has none or the account is not active.
 * @param by.tokenId the token that asks, where one does: it must be in force until the new one is there
 */
export async function createPersonalToken(
  db: Db,
  wanted: Wanted & { accountId: string },
  by: { actor: string; tokenId?: string; now: Date },
): Promise<PersonalTokenResult> {
  const { accountId, ...token } = wanted;
  return db.transaction().execute(async (trx): Promise<PersonalTokenResult> => {
    // Held, so that who takes the role away at this moment finds the new token to end.
    const holder = await trx
      .selectFrom('operator')
      .innerJoin('account', 'account.id', 'operator.account_id')
      .select('operator.role')
      .where('operator.account_id', '=', accountId)
      .where('operator.revoked_at', 'is', null)
      .where('account.state', '=', 'active')
      .forShare('operator')
      .executeTakeFirst();
    if (!holder) return { ok: false, reason: 'operator-unknown' };
    if (!includesRole(holder.role, token.role)) return { ok: false, reason: 'role-too-high' };
    await lockTokens(trx);
    if (by.tokenId !== undefined && !(await isInForce(trx, by.tokenId)))
      return { ok: false, reason: 'token-missing' };
    return { ok: true, ...(await insertToken(trx, token, accountId, by)) };
  });
}

export type TokenBearer =
  | { ok: true; operator: Operator }
  /** Unknown or revoked, or its operator has no role or no active account. */
  | { ok: false; reason: 'token-missing' }
  | { ok: false; reason: 'token-expired'; expiredAt: Date };

/** Who calls with this token. Role and state of its operator are read with every call, so that what is taken from them is taken from it at once. */
export async function bearerOf(db: Db, token: string, now: Date): Promise<TokenBearer> {
  const row = await db
    .selectFrom('operator_token as t')
    .leftJoin('operator as o', (join) =>
      join.onRef('o.account_id', '=', 't.account_id').on('o.revoked_at', 'is', null),
    )
    .leftJoin('account as a', (join) => join.onRef('a.id', '=', 'o.account_id').on('a.state', '=', 'active'))
    .select(['t.id', 't.name', 't.role', 't.account_id', 't.expires_at', 't.last_used_at'])
    .select(['o.role as present_role', 'a.id as active_id'])
    .where('t.token_hash', '=', secretHash(token))
    .where('t.revoked_at', 'is', null)
    .executeTakeFirst();
  if (!row) return { ok: false, reason: 'token-missing' };
  if (row.account_id !== null && (row.present_role === null || row.active_id === null))
    return { ok: false, reason: 'token-missing' };
  if (row.expires_at <= now) return { ok: false, reason: 'token-expired', expiredAt: row.expires_at };
  if (!row.last_used_at || row.last_used_at < after(now, -LAST_USED_STEP))
    await db.updateTable('operator_token').set({ last_used_at: now }).where('id', '=', row.id).execute();
  const operator = {
    actor: actorOf(row.id),
    tokenId: row.id,
    name: row.name,
    role: row.present_role === null ? row.role : lesserRole(row.role, row.present_role),
    accountId: row.account_id,
  };
  return { ok: true, operator };
}

/** Who makes tokens with tokens and who ends them wait for each other, or one could be made with a token that has just ended. After operators are locked, never before. */
export async function lockTokens(trx: Db): Promise<void> {
  await sql`lock table operator_token in share row exclusive mode`.execute(trx);
}

/** A token as the audit log names it. */
export function actorOf(tokenId: string): string {
  return `operator:${tokenId}`;
}

async function insertToken(
  trx: Db,
  { name, role, days = TOKEN_DAYS }: Wanted,
  accountId: string | null,
  by: { actor: string; now: Date },
): Promise<MadeToken> {
  if (!Number.isInteger(days) || days < 1 || days > LONGEST_TOKEN_DAYS)
    throw new RangeError(`A token lives 1 to ${LONGEST_TOKEN_DAYS} days, not ${days}.`);
  const id = newId('opt', by.now);
  const token = PREFIX + newSecret();
  const expiresAt = after(by.now, days * DAY);
  await trx
    .insertInto('operator_token')
    .values({
      id,
      name,
      role,
      account_id: accountId,
      token_hash: secretHash(token),
      created_at: by.now,
      created_by: by.actor,
      expires_at: expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
  await recordEvent(trx, {
    at: by.now,
    action: 'operator-token.created',
    actor: by.actor,
    accountId,
    detail: { id, name, role, expiresAt: expiresAt.toISOString() },
  });
  return { id, token, expiresAt };
}

/** Whether a token is not revoked. */
async function isInForce(trx: Db, id: string): Promise<boolean> {
  const held = await trx
    .selectFrom('operator_token')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return held !== undefined;
}
