import { sql, type RawBuilder } from 'kysely';
import type { Db } from '#support/db/database.ts';

/** What happened, in past tense (R27). New acts are added here, so that one list names everything that is recorded. */
export type AuditAction =
  | 'account.signed-in'
  | 'account.sign-in-refused'
  | 'code.requested'
  | 'code.sent'
  | 'code.refused'
  | 'password.set'
  | 'password.change-refused'
  | 'legacy-password.verified'
  | 'session.ended'
  | 'logout.retried'
  | 'event.retried'
  | 'event-stream.created'
  | 'event-stream.changed'
  | 'event-stream.deleted'
  | 'account.suspended'
  | 'account.reinstated'
  | 'account.closed'
  | 'login-id.change-requested'
  | 'login-id.changed'
  | 'login-id.undone'
  | 'login-id.drift-repaired'
  | 'login-id.drift-dismissed'
  | 'console.registered'
  | 'console.legacy-passwords-set'
  | 'plan.changed'
  | 'notice.created'
  | 'notice.cancelled'
  | 'notice.recipient-settled'
  | 'notice.bounced'
  | 'notice.tested'
  | 'operator.added'
  | 'operator.role-changed'
  | 'operator.removed'
  | 'operator-token.created'
  | 'operator-token.revoked'
  | 'people.imported'
  | 'people.exported';

export type AuditEvent = {
  at: Date;
  action: AuditAction;
  /** Who did it: an account id, `console:<client id>`, `operator:<token or account id>`, `undo-link` (whoever reads a former mailbox) or `system`. */
  actor: string;
  accountId?: string | null;
  consoleId?: string | null;
  clientIp?: string | null;
  requestId?: string | null;
  /** Facts that help a reader; never a password, code, token or key. */
  detail?: Record<string, unknown>;
};

/** Appends one event; call it in the transaction of the change that it tells of, so that neither exists without the other. */
export async function recordEvent(db: Db, event: AuditEvent): Promise<void> {
  await eventStatement(event).execute(db);
}

/** The statement that appends one event, for a change that is one statement itself and takes it along. */
export function eventStatement(event: AuditEvent): RawBuilder<unknown> {
  return sql`
    insert into audit_event (at, action, actor, account_id, console_id, client_ip, request_id, detail)
    values (${event.at}, ${event.action}, ${event.actor}, ${event.accountId ?? null}, ${event.consoleId ?? null},
      ${event.clientIp ?? null}, ${event.requestId ?? null}, ${JSON.stringify(event.detail ?? {})}::jsonb)`;
}
