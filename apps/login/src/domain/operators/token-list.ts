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

/** All tokens that were ever made, the newest first; never the secrets. */
export async function operatorTokens(db: Db, now: Date): Promise<TokenEntry[]> {
  const rows = await db
    .selectFrom('operator_token as t')
    .leftJoin('account as a', 'a.id', 't.account_id')
    .leftJoin('operator as o', (join) =>
      join.onRef('o.account_id', '=', 't.account_id').on('o.revoked_at', 'is', null),
    )
    .select(['t.id', 't.name', 't.role', 't.created_at', 't.created_by', 't.last_used_at', 't.revoked_at'])
    .select(['t.expires_at', 'a.id as account_id', 'a.email_address', 'a.state', 'o.role as present_role'])
    .orderBy('t.created_at', 'desc')
    .orderBy('t.id', 'desc')
    .execute();
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
