import type { Db } from '#support/db/database.ts';
import type { AuditAction } from './events.ts';

/** An event as it was recorded; `id` grows with time. */
export type RecordedEvent = {
  id: string;
  at: Date;
  action: AuditAction;
  actor: string;
  consoleId: string | null;
  clientIp: string | null;
  detail: Readonly<Record<string, unknown>>;
};

/**
 * Events of one account, the newest first.
 * @param of.before only events recorded before the one with this id: the last of the page before
 */
export async function eventsOfAccount(
  db: Db,
  accountId: string,
  of: { actions: readonly AuditAction[]; since: Date; before?: string; limit: number },
): Promise<readonly RecordedEvent[]> {
  const rows = await db
    .selectFrom('audit_event')
    .select(['id', 'at', 'action', 'actor', 'console_id', 'client_ip', 'detail'])
    .where('account_id', '=', accountId)
    .where('action', 'in', of.actions)
    .where('at', '>', of.since)
    .$if(of.before !== undefined, (query) => query.where('id', '<', of.before ?? ''))
    .orderBy('id', 'desc')
    .limit(of.limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    at: row.at,
    action: row.action as AuditAction,
    actor: row.actor,
    consoleId: row.console_id,
    clientIp: row.client_ip,
    detail: row.detail,
  }));
}
