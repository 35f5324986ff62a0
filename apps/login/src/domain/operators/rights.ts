import type { OperatorRole } from '#support/db/schema.ts';

/** What an operator needs for one call. `fresh`: and has proved who they are a moment ago (see `FRESH`), because it reaches every customer or cannot be undone. */
export type Right = { role: OperatorRole; fresh?: true };

const viewer: Right = { role: 'viewer' };
const support: Right = { role: 'support' };
const administrator: Right = { role: 'administrator' };
const act: Right = { role: 'administrator', fresh: true };

/** The rights to the operator API, under `/api/operator/v1`. Tokens are not people: `fresh` asks nothing of them. */
export const API_RIGHTS = {
  'GET /consoles': viewer,
  'POST /consoles': administrator,
  'GET /consoles/:clientId': viewer,
  'PATCH /consoles/:clientId': administrator,
  'POST /consoles/:clientId/secrets': administrator,
  'DELETE /consoles/:clientId/secrets/:secretId': administrator,
  'GET /consoles/:clientId/check': viewer,
  'POST /consoles/:clientId/check': support,
  'GET /consoles/:clientId/test-sign-in': support,
  'POST /consoles/:clientId/test-sign-in': support,
  'PUT /consoles/:clientId/legacy-passwords': administrator,
  'GET /consoles/:clientId/directories': administrator,
  'POST /consoles/:clientId/directories': administrator,
  'POST /directories/:id/tokens': administrator,
  'POST /directory-tokens/:id/revoke': administrator,
  'GET /consoles/:clientId/plan': viewer,
  'GET /consoles/:clientId/plan/history': viewer,
  'POST /consoles/:clientId/plan/link-time': administrator,
  'POST /consoles/:clientId/plan/announcement': administrator,
  'POST /consoles/:clientId/plan/cut-over': administrator,
  'POST /consoles/:clientId/plan/rollback': administrator,
  'POST /consoles/:clientId/plan/close': administrator,
  'GET /consoles/:clientId/progress': viewer,
  'GET /consoles/:clientId/progress/people': support,
  'GET /consoles/:clientId/progress/people.csv': support,
  'GET /consoles/:clientId/progress/series': viewer,
  'GET /consoles/:clientId/progress/series.csv': viewer,
  'GET /consoles/:clientId/progress/forecast': viewer,
  'GET /consoles/:clientId/rehearsal': viewer,
  'GET /consoles/:clientId/rehearsal/findings': support,
  'GET /consoles/:clientId/rehearsal/findings.csv': support,
  'GET /notices': viewer,
  'GET /notices/:id': viewer,
  'GET /notices/:id/recipients': support,
  /** As a given person reads it (`accountId`): support. */
  'GET /notices/:id/preview': viewer,
  'POST /consoles/:clientId/notice-preview': viewer,
  'POST /consoles/:clientId/notice-test': support,
  'GET /consoles/:clientId/notice-words': viewer,
  'PUT /consoles/:clientId/notice-words/:kind': administrator,
  'POST /notices/:id/test': support,
  'POST /notices/:id/cancel': administrator,
  'POST /notices/:id/recipients/:accountId/settle': support,
  'POST /notice-bounces': support,
  'POST /consoles/:clientId/imports': administrator,
  'GET /imports': viewer,
  'GET /imports/:id': viewer,
  'GET /imports/:id/refused.csv': support,
  'POST /imports/:id/start': administrator,
  'POST /imports/:id/cancel': administrator,
  'GET /logout-deliveries': support,
  'GET /logout-deliveries/:id': support,
  'POST /logout-deliveries/:id/retry': support,
  'GET /logout-health': viewer,
  'GET /event-deliveries': support,
  'GET /event-deliveries/:id': support,
  'POST /event-deliveries/:id/retry': support,
  'GET /event-health': viewer,
  'PUT /consoles/:clientId/event-stream/status': administrator,
  'GET /accounts': support,
  'GET /accounts/:account': support,
  'POST /accounts/:account/set-up-mail': support,
  'POST /accounts/:account/code': support,
  'POST /accounts/:account/clear-delay': support,
  'GET /accounts/:account/sessions': support,
  'POST /accounts/:account/sessions/:session/end': support,
  'POST /accounts/:account/sessions/end': support,
  'POST /accounts/:account/login-id-changes': support,
  'POST /accounts/:account/suspend': support,
  'POST /accounts/:account/reinstate': support,
  'POST /accounts/:account/close': administrator,
  'GET /login-id-drift': support,
  'POST /login-id-drift/:id/repair': support,
  'POST /login-id-drift/:id/dismiss': support,
  'GET /audit': support,
  'GET /audit/:id': support,
  'GET /audit.csv': administrator,
  'GET /audit.jsonl': administrator,
  'GET /audit-head': viewer,
  'POST /accounts/:account/erase-audit': administrator,
  'GET /settings': viewer,
  'PATCH /settings': administrator,
  'GET /operators': administrator,
  'PUT /operators': administrator,
  'DELETE /operators/:accountId': administrator,
  'GET /operator-tokens': administrator,
  'POST /operator-tokens': administrator,
  'POST /operator-tokens/:id/revoke': administrator,
} as const satisfies Readonly<Record<string, Right>>;

/** The rights to the operator pages. */
export const PAGE_RIGHTS = {
  'GET /operator': viewer,
  'GET /operator/migration': viewer,
  'GET /operator/migration/:clientId': viewer,
  'GET /operator/migration/:clientId/days.csv': viewer,
  'GET /operator/migration/:clientId/people': support,
  'GET /operator/migration/:clientId/people.csv': support,
  'GET /operator/migration/:clientId/rehearsal': viewer,
  'GET /operator/migration/:clientId/status': viewer,
  'GET /operator/migration/:clientId/link-time': act,
  'POST /operator/migration/:clientId/link-time': act,
  'GET /operator/migration/:clientId/announce': act,
  'POST /operator/migration/:clientId/announce': act,
  'GET /operator/migration/:clientId/cut-over': act,
  'POST /operator/migration/:clientId/cut-over': act,
  'GET /operator/migration/:clientId/roll-back': act,
  'POST /operator/migration/:clientId/roll-back': act,
  'GET /operator/migration/:clientId/close': act,
  'POST /operator/migration/:clientId/close': act,
  'GET /operator/imports': viewer,
  'GET /operator/imports/new': administrator,
  'POST /operator/imports/new': administrator,
  'GET /operator/imports/:id': viewer,
  'GET /operator/imports/:id/refused.csv': support,
  'GET /operator/imports/:id/start': act,
  'POST /operator/imports/:id/start': act,
  'GET /operator/imports/:id/cancel': administrator,
  'POST /operator/imports/:id/cancel': administrator,
  'GET /operator/settings': viewer,
  'GET /operator/settings/preview': administrator,
  'GET /operator/settings/:group': act,
  'POST /operator/settings/:group': act,
  'GET /operator/consoles': viewer,
  'GET /operator/consoles/new': act,
  'POST /operator/consoles/new': act,
  'GET /operator/consoles/:clientId': viewer,
  'GET /operator/consoles/:clientId/edit': act,
  'POST /operator/consoles/:clientId/edit': act,
  'GET /operator/consoles/:clientId/secret': act,
  'POST /operator/consoles/:clientId/secret': act,
  'GET /operator/consoles/:clientId/end-secret': act,
  'POST /operator/consoles/:clientId/end-secret': act,
  'GET /operator/consoles/:clientId/check': viewer,
  'POST /operator/consoles/:clientId/check': support,
  'GET /operator/consoles/:clientId/test': support,
  'POST /operator/consoles/:clientId/test': support,
  'GET /operator/audit': support,
  'GET /operator/audit/:id': support,
  'GET /operator/audit.csv': administrator,
  'GET /operator/audit.jsonl': administrator,
  'GET /operator/accounts': support,
  'GET /operator/accounts/:account': support,
  'GET /operator/accounts/:account/set-up-mail': support,
  'POST /operator/accounts/:account/set-up-mail': support,
  'GET /operator/accounts/:account/send-code': support,
  'POST /operator/accounts/:account/send-code': support,
  'GET /operator/accounts/:account/clear-delay': support,
  'POST /operator/accounts/:account/clear-delay': support,
  'GET /operator/accounts/:account/change-address': support,
  'POST /operator/accounts/:account/change-address': support,
  'GET /operator/accounts/:account/end-session': support,
  'POST /operator/accounts/:account/end-session': support,
  'GET /operator/accounts/:account/end-sessions': support,
  'POST /operator/accounts/:account/end-sessions': support,
  'GET /operator/accounts/:account/suspend': support,
  'POST /operator/accounts/:account/suspend': support,
  'GET /operator/accounts/:account/reinstate': support,
  'POST /operator/accounts/:account/reinstate': support,
  'GET /operator/accounts/:account/close': act,
  'POST /operator/accounts/:account/close': act,
} as const satisfies Readonly<Record<string, Right>>;

const ROLES: readonly OperatorRole[] = ['viewer', 'support', 'administrator'];

/** Whether a role includes another one: each includes those before it. */
export function includesRole(has: OperatorRole, needed: OperatorRole): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needed);
}

/** The one of two roles that the other includes. */
export function lesserRole(one: OperatorRole, other: OperatorRole): OperatorRole {
  return includesRole(one, other) ? other : one;
}

/** What a call of the operator API needs; undefined when nobody has written it into the table. */
export function apiRight(method: string, path: string): Right | undefined {
  return (API_RIGHTS as Readonly<Record<string, Right>>)[`${method} ${path}`];
}

/** What a call of an operator page needs; undefined when nobody has written it into the table. */
export function pageRight(method: string, path: string): Right | undefined {
  return (PAGE_RIGHTS as Readonly<Record<string, Right>>)[`${method} ${path}`];
}
