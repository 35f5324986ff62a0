import type { CheckedOptions } from '../checked-options.ts';
import type { InitiateSignInResult } from '../results.ts';
import { safeReturnPath } from './return-path.ts';

const LONGEST_HINT = 320;

/**
 * Checks the query of a sign-in that the login server began at `initiate_login_uri` (OpenID Connect Core §4). A
 * `target_link_uri` outside this console lands on `/`.
 */
export function initiateSignIn(
  options: CheckedOptions,
  query: Record<string, unknown> | URLSearchParams,
): InitiateSignInResult {
  const issuer = single(query, 'iss');
  if (issuer === null || withoutSlash(issuer) !== withoutSlash(options.issuer))
    return { ok: false, reason: 'issuer-unknown' };
  const hint = single(query, 'login_hint');
  const returnPath = returnPathOf(options, single(query, 'target_link_uri'));
  return hint === null || hint === '' || hint.length > LONGEST_HINT
    ? { ok: true, returnPath }
    : { ok: true, returnPath, loginHint: hint };
}

function returnPathOf(options: CheckedOptions, target: string | null): string {
  if (target === null) return '/';
  const url = URL.parse(target);
  if (url === null) return safeReturnPath(target) ?? '/';
  if (url.origin !== options.consoleOrigin) return '/';
  return safeReturnPath(url.pathname + url.search + url.hash) ?? '/';
}

function single(query: Record<string, unknown> | URLSearchParams, name: string): string | null {
  if (query instanceof URLSearchParams) {
    const values = query.getAll(name);
    return values.length === 1 ? (values[0] ?? null) : null;
  }
  const value = query[name];
  return typeof value === 'string' ? value : null;
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/u, '');
}
