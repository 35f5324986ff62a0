import type { AdapterPayload } from 'oidc-provider';

/** All that a joined console may ask for; the operator grants it by registering the console, people are not asked. */
export const SCOPES = ['openid', 'email', 'profile', 'offline_access'] as const;
/** What of it may be asked for one by one (OpenID Connect Core §5.5). */
export const CLAIMS = ['email', 'email_verified', 'name', 'locale', 'console_user_id'] as const;

/**
 * A grant holds nothing that is not known without it (session, console, account), so its id says it all and no row is
 * stored. Taking it back means removing the tokens that name it.
 */
export function grantId(sessionUid: string, clientId: string, accountId: string): string {
  return `${sessionUid}.${clientId}.${accountId}`;
}

/** The grant that an id names, in the engine's shape. */
export function grantFromId(id: string): (AdapterPayload & { sessionUid: string }) | undefined {
  const [sessionUid, clientId, accountId, ...rest] = id.split('.');
  if (!sessionUid || !clientId || !accountId || rest.length > 0) return undefined;
  const openid = { scope: SCOPES.join(' '), claims: [...CLAIMS] };
  return { kind: 'Grant', jti: id, sessionUid, clientId, accountId, openid };
}
