/**
 * Every act that is recorded, in past tense, and how it ended (R27). The list is closed: what is not in it cannot be written, and a test looks for the place that writes each. Kept for good are only
 * the names: an event that is not written any more stays in the list, marked, as long as rows of it are kept.
 */
export const AUDIT_EVENTS = {
  'account.signed-in': 'done',
  'account.sign-in-refused': 'refused',
  'account.suspended': 'done',
  'account.reinstated': 'done',
  'account.closed': 'done',
  'account.merged': 'done',
  'account.absorbed': 'done',
  'audit.erased': 'done',
  'audit.exported': 'done',
  'audit.trimmed': 'done',
  'account.delay-cleared': 'done',
  'code.requested': 'done',
  'code.sent': 'done',
  'code.resent': 'done',
  'code.refused': 'refused',
  'console.registered': 'done',
  'console.changed': 'done',
  'console.secret-added': 'done',
  'console.secret-ended': 'done',
  'console.checked': 'done',
  'console.test-started': 'done',
  'console.legacy-passwords-set': 'done',
  'database.restored': 'done',
  'directory.created': 'done',
  'directory-token.created': 'done',
  'directory-token.revoked': 'done',
  'domain-list.published': 'done',
  'event.retried': 'done',
  'event-stream.created': 'done',
  'event-stream.changed': 'done',
  'event-stream.deleted': 'done',
  'import.cancelled': 'done',
  'import.failed': 'done',
  'import.started': 'done',
  'import.uploaded': 'done',
  'legacy-password.verified': 'done',
  'link.deactivated': 'done',
  'link.reactivated': 'done',
  'link.ended': 'done',
  'login-id.change-requested': 'done',
  'login-id.changed': 'done',
  'login-id.undone': 'done',
  'login-id.drift-repaired': 'done',
  'login-id.drift-dismissed': 'done',
  'logout.retried': 'done',
  'mail.abandoned': 'done',
  'mail.retried': 'done',
  'master-key.change-started': 'done',
  'master-key.changed': 'done',
  'notice.created': 'done',
  'notice.cancelled': 'done',
  'notice.recipient-settled': 'done',
  'notice.bounced': 'done',
  'notice.tested': 'done',
  'notice.words-changed': 'done',
  'operator.added': 'done',
  'operator.role-changed': 'done',
  'operator.removed': 'done',
  'operator-token.created': 'done',
  'operator-token.revoked': 'done',
  'password.set': 'done',
  'password.change-refused': 'refused',
  'people.imported': 'done',
  'people.exported': 'done',
  'plan.changed': 'done',
  'plan.check-overruled': 'done',
  'session.ended': 'done',
  'set-up-mail.sent': 'done',
  'settings.changed': 'done',
  'signing-key.created': 'done',
  'user.provisioned': 'done',
  'user.changed': 'done',
  'signing-key.ended': 'done',
  'signing-key.hastened': 'done',
} as const satisfies Readonly<Record<string, AuditResult>>;

export type AuditAction = keyof typeof AUDIT_EVENTS;

/** `refused`: somebody tried, and nothing was changed by it. */
export type AuditResult = 'done' | 'refused';

export const AUDIT_ACTIONS = Object.keys(AUDIT_EVENTS) as AuditAction[];

/** How an event ended. A name that this release does not know was written by a newer one, and told of something done. */
export function resultOf(action: string): AuditResult {
  return (AUDIT_EVENTS as Readonly<Record<string, AuditResult>>)[action] ?? 'done';
}
