import { AsyncLocalStorage } from 'node:async_hooks';
import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';
import type { AuditAction } from './events.ts';

export type AuditEvent = {
  at: Date;
  action: AuditAction;
  /** Who did it: an account id, `console:<client id>`, `operator:<token or account id>`, `undo-link` (whoever reads a former mailbox) or `system`. */
  actor: string;
  accountId?: string | null;
  consoleId?: string | null;
  /** Of the request that is being answered, when left out. */
  clientIp?: string | null;
  requestId?: string | null;
  /** Facts that help a reader, among them why (`reason`) and the browser (`userAgent`); never a password, code, token or key. */
  detail?: Readonly<Record<string, unknown>>;
};

/** From where the request comes that is being answered; what is recorded meanwhile names it without being told. */
export const asker = new AsyncLocalStorage<{
  clientIp: string;
  requestId: string;
  /** Is called in the transaction of each event that is recorded meanwhile. */
  recorded?: (db: Db) => Promise<void>;
}>();

/** Appends one event; call it in the transaction of the change that it tells of, so that neither exists without the other. */
export async function recordEvent(db: Db, event: AuditEvent): Promise<void> {
  await eventStatement(event).execute(db);
  await asker.getStore()?.recorded?.(db);
}

/**
 * The statement that appends one event, for a change that is one statement itself and takes it along.
 * @param when whether there is anything to tell of, where only that statement knows
 */
export function eventStatement(
  event: AuditEvent,
  when: RawBuilder<unknown> = sql`true`,
): RawBuilder<unknown> {
  const from = asker.getStore();
  return sql`
    insert into audit_event (at, action, actor, account_id, console_id, client_ip, request_id, detail)
    select ${event.at}::timestamptz, ${event.action}, ${event.actor}, ${event.accountId ?? null}, ${event.consoleId ?? null},
      ${event.clientIp ?? from?.clientIp ?? null}, ${event.requestId ?? from?.requestId ?? null}, ${JSON.stringify(event.detail ?? {})}::jsonb
    where ${when}`;
}
