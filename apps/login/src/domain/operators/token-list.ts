import type { Db } from '#support/db/database.ts';
import type { OperatorRole } from '#support/db/schema.ts';

export type TokenEntry = {
  id: string;
  name: string;
  role: OperatorRole;
  /** Whose it is; null: of nobody. */
  operator: { accountId: string; emailAddress: string } | null;
  createdAt: Date;
  /** An actor of the audit log; `operator:opt_…` when it was made with another token. */
  createdBy: string;
  /** To ten minutes. */
  lastUsedAt: Date | null;
  expiresAt: Date;
  revokedAt: Date | null;
  /** `resting`: its operator has no role, or the account is not active. */
  state: 'in-force' | 'resting' | 'expired' | 'revoked';
};

/**
 * Tokens that were ever made, the newest first; never the secrets.
 * @param wanted.of those of one operator; @param wanted.after the id that the page before ended with
 */
export async function operatorTokens(
  db: Db,
  now: Date,
  wanted: { of?: string | undefined; id?: string; after?: string | undefined; limit?: number } = {},
): Promise<TokenEntry[]> {
  let query = db
    .selectFrom('operator_token as t')
    .leftJoin('account as a', 'a.id', 't.account_id')
    .leftJoin('operator as o', (join) =>
      join.onRef('o.account_id', '=', 't.account_id').on('o.revoked_at', 'is', null),
    )
    .select(['t.id', 't.name', 't.role', 't.created_at', 't.created_by', 't.last_used_at', 't.revoked_at'])
    .select(['t.expires_at', 'a.id as account_id', 'a.email_address', 'a.state', 'o.role as present_role'])
    // Ids are in the order of time.
    .orderBy('t.id', 'desc');
  if (wanted.of !== undefined) query = query.where('t.account_id', '=', wanted.of);
  if (wanted.id !== undefined) query = query.where('t.id', '=', wanted.id);
  if (wanted.after !== undefined) query = query.where('t.id', '<', wanted.after);
  if (wanted.limit !== undefined) query = query.limit(wanted.limit);
  const rows = await query.execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: row.role,
    operator:
      row.account_id === null || row.email_address === null
        ? null
        : { accountId: row.account_id, emailAddress: row.email_address },
    createdAt: row.created_at,
    createdBy: row.created_by,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    state: row.revoked_at
      ? 'revoked'
      : row.expires_at <= now
        ? 'expired'
        : row.account_id !== null && (row.state !== 'active' || row.present_role === null)
          ? 'resting'
          : 'in-force',
  }));
}
