import { eraseAudit } from '#support/audit/erase.ts';
import type { Db } from '#support/db/database.ts';

export type EraseAuditResult =
  { ok: true; events: number } | { ok: false; reason: 'account-unknown' | 'account-not-closed' };

/**
 * Erases what is personal in the audit log of a closed account; it cannot be taken back. The events stay, with who is meant by an id, and the log stays verifiable (decision 29).
 * @param by.reason the operator's words
 */
export async function eraseAuditOfAccount(
  deps: { db: Db; sealKey: Buffer; clock: () => Date },
  accountId: string,
  by: { actor: string; reason: string; clientIp?: string; requestId?: string },
): Promise<EraseAuditResult> {
  const account = await deps.db
    .selectFrom('account')
    .select('state')
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (!account) return { ok: false, reason: 'account-unknown' };
  if (account.state !== 'closed') return { ok: false, reason: 'account-not-closed' };
  const events = await eraseAudit(deps.db, deps.sealKey, accountId, { ...by, clock: deps.clock });
  return { ok: true, events };
}
