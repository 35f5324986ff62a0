import { compactVerify } from 'jose';
import * as client from 'openid-client';
import type { CheckedOptions } from '../checked-options.ts';
import { SECOND } from '../durations.ts';
import type { FindLoginServer } from '../login-server.ts';
import { unreachableIn } from '../outbound.ts';
import type { FinishSignInInput, FinishSignInResult, SignedIn, SignInFailure } from '../results.ts';
import { PENDING_LIFETIME, type PendingSealer, type PendingSignIn } from './pending.ts';

/** What `prompt=none` is answered with when a page would have to be shown (OpenID Connect Core §3.1.2.6). */
const PAGE_NEEDED = new Set([
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
]);

/**
 * Ends a sign-in: checks that the answer belongs to the pending one, redeems the code and validates the ID token
 * (OpenID Connect Core §3.1.3.7 with signature, RFC 9207 issuer, RFC 7636 PKCE).
 */
export async function finishSignIn(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  sealer: PendingSealer,
  input: FinishSignInInput,
): Promise<FinishSignInResult> {
  const pending = input.pending ? await sealer.open(input.pending) : null;
  if (pending === null) return { ok: false, reason: 'no-pending-sign-in' };
  // Behind a proxy the request's own host may differ from the registered redirect URI: only the query counts.
  const callback = new URL(new URL(input.callbackUrl, options.consoleOrigin).search, options.redirectUri);
  const states = callback.searchParams.getAll('state');
  if (states.length !== 1 || states[0] !== pending.state) return { ok: false, reason: 'state-mismatch' };
  const { returnPath } = pending;
  if (options.clock().getTime() - pending.startedAt > PENDING_LIFETIME)
    return { ok: false, reason: 'expired', returnPath };
  const server = await findLoginServer();
  if (server === null) return { ok: false, reason: 'login-server-unreachable', returnPath };
  try {
    const tokens = await client.authorizationCodeGrant(server.configuration, callback, {
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      pkceCodeVerifier: pending.verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined || tokens.id_token === undefined) throw new Error('no ID token');
    // The library takes an empty `sub` (OpenID Connect Core §2 does not); it would be one account for everyone.
    if (claims.sub === '') throw new Error('empty sub');
    // §3.1.3.7 lets a client trust TLS instead of the signature; the kit checks the signature too.
    await compactVerify(tokens.id_token, server.keys, { algorithms: [options.idTokenAlgorithm] });
    if (options.userInfo !== true) return signedIn(claims, tokens.id_token, returnPath);
    // Throws unless it is about the same person (§5.3.2).
    const info = await client.fetchUserInfo(server.configuration, tokens.access_token, claims.sub);
    // Whose session it is says the ID token; UserInfo adds what is known of the person.
    return signedIn({ ...info, ...claims }, tokens.id_token, returnPath);
  } catch (error) {
    return failure(options, error, pending);
  }
}

function signedIn(claims: client.IDToken, idToken: string, returnPath: string): SignedIn {
  return {
    ok: true,
    sub: claims.sub,
    sid: text(claims.sid),
    consoleUserId: text(claims.console_user_id),
    emailAddress: text(claims.email),
    emailVerified: claims.email_verified === true,
    name: text(claims.name),
    idToken,
    authTime: claims.auth_time === undefined ? null : new Date(claims.auth_time * SECOND),
    startedAt: new Date(claims.iat * SECOND),
    returnPath,
  };
}

function failure(options: CheckedOptions, error: unknown, pending: PendingSignIn): SignInFailure {
  const { returnPath } = pending;
  if (error instanceof client.AuthorizationResponseError && pending.silent && PAGE_NEEDED.has(error.error)) {
    return { ok: false, reason: 'login-required', returnPath };
  }
  const unreachable = unreachableIn(error);
  if (unreachable !== null) {
    options.log.warn({ err: unreachable }, 'sign-in: login server unreachable');
    return { ok: false, reason: 'login-server-unreachable', returnPath };
  }
  const code = refusalCode(error);
  if (code !== null) {
    options.log.warn({ code }, 'sign-in: refused by the login server');
    return { ok: false, reason: 'refused-by-login-server', code, returnPath };
  }
  // The cause may carry tokens; its message and code do not.
  options.log.error({ cause: describe(error) }, 'sign-in: answer failed validation');
  return { ok: false, reason: 'bad-token', returnPath };
}

/** The OAuth error code of an authorization or token response; a 401 challenge of the token endpoint means our credentials. */
function refusalCode(error: unknown): string | null {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return error.error;
  if (error instanceof client.WWWAuthenticateChallengeError) return 'invalid_client';
  return null;
}

function describe(error: unknown): string[] {
  const lines: string[] = [];
  for (let at = error; at instanceof Error && lines.length < 4; at = at.cause)
    lines.push(`${at.name}: ${at.message}`);
  return lines;
}

function text(claim: unknown): string | null {
  return typeof claim === 'string' && claim !== '' ? claim : null;
}
