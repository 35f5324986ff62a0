import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify } from 'jose';
import type { CheckedOptions } from '../checked-options.ts';
import { MINUTE, SECOND } from '../durations.ts';
import type { FindLoginServer, LoginServer } from '../login-server.ts';
import { unreachableIn } from '../outbound.ts';
import type { LogoutTokenRefusal, LogoutTokenResult } from '../results.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const OLDEST = 2 * MINUTE;
const CLOCK_TOLERANCE = 30 * SECOND;
/** Signatures by a key pair. Never `none`, never HS…: a shared secret is no proof of who signed. */
const KEY_PAIR_ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'EdDSA',
  'Ed25519',
];
const HEADERS = { 'cache-control': 'no-store' };

type Verified = { jti: string; sid: string | null; sub: string | null; startedBefore: Date; expiresAt: Date };

/**
 * Receives a back-channel logout request (OpenID Connect Back-Channel Logout 1.0 §2.5–2.8): validates the token in full, uses
 * it once and ends the sessions that it names and that began before it. 200 also when none was alive; otherwise 400 with a JSON
 * body, and no session has ended unless the reason is `logout-failed` (the store threw in the middle; the login server tries again).
 */
export async function receiveLogoutToken(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  body: string | Record<string, unknown>,
): Promise<LogoutTokenResult> {
  const token = tokenIn(body);
  if (token === null) return refused(options, 'malformed-request');
  const server = await findLoginServer();
  if (server === null) return refused(options, 'keys-unreachable');
  const verified = await verify(options, server, token);
  if (typeof verified === 'string') return refused(options, verified);
  try {
    if (!(await options.logoutTokens.firstUse(verified.jti, verified.expiresAt)))
      return refused(options, 'used-before');
    const ended = await endSessions(options, verified);
    options.log.info({ jti: verified.jti, ended }, 'back-channel logout: done');
    return { status: 200, headers: HEADERS, body: '', ended };
  } catch (error) {
    options.log.error(
      { err: error, jti: verified.jti },
      'back-channel logout: a store of the console failed',
    );
    return refused(options, 'logout-failed');
  }
}

/** A `sid` names one session, also when `sub` stands beside it (§2.7). */
async function endSessions(options: CheckedOptions, { sid, sub, startedBefore }: Verified): Promise<number> {
  if (sid !== null) return options.sessions.endBySid(sid, { startedBefore });
  if (sub !== null) return options.sessions.endBySub(sub, { startedBefore });
  return 0;
}

async function verify(
  options: CheckedOptions,
  server: LoginServer,
  token: string,
): Promise<Verified | LogoutTokenRefusal> {
  const metadata = server.configuration.serverMetadata();
  try {
    const result = await jwtVerify(token, server.keys, {
      algorithms: allowedAlgorithms(metadata.id_token_signing_alg_values_supported),
      issuer: metadata.issuer,
      audience: options.clientId,
      requiredClaims: ['exp', 'jti', 'events'],
      maxTokenAge: OLDEST / SECOND,
      clockTolerance: CLOCK_TOLERANCE / SECOND,
      currentDate: options.clock(),
    });
    return checkClaims(result);
  } catch (error) {
    return refusalFor(error);
  }
}

/** What the login server says that it signs with, as far as it is a signature by a key pair. */
export function allowedAlgorithms(offered: string[] | undefined): string[] {
  return KEY_PAIR_ALGORITHMS.filter((algorithm) => offered?.includes(algorithm) ?? false);
}

function checkClaims({ payload, protectedHeader }: JWTVerifyResult): Verified | LogoutTokenRefusal {
  if (!isLogoutTokenType(protectedHeader.typ)) return 'wrong-type';
  const { iat, jti, aud, events, sid, sub } = payload;
  if (Array.isArray(aud) && aud.length !== 1) return 'wrong-audience';
  if (typeof iat !== 'number' || typeof jti !== 'string' || jti === '') return 'wrong-claims';
  if (!isObject(events) || !isObject(events[EVENT])) return 'wrong-claims';
  if ('nonce' in payload) return 'wrong-claims';
  if (!isIdentifier(sid) || !isIdentifier(sub) || (sid === undefined && sub === undefined))
    return 'wrong-claims';
  return {
    jti,
    sid: sid ?? null,
    sub: sub ?? null,
    startedBefore: startedBefore(payload, iat),
    expiresAt: new Date(iat * SECOND + OLDEST + 2 * CLOCK_TOLERANCE),
  };
}

/**
 * §2.4 recommends `logout+jwt` without requiring it, so a token without `typ` is judged by its claims alone. Any other type,
 * such as the `JWT` or `at+jwt` of other tokens, says that it is something else (§4.1, RFC 8725 §3.11).
 */
function isLogoutTokenType(typ: string | undefined): boolean {
  return typ === undefined || ['logout+jwt', 'application/logout+jwt'].includes(typ.toLowerCase());
}

/**
 * The end of the second in which the event happened: `toe` (RFC 8417 §2.2) if the token says it, since a token sent again hours
 * later has a fresh `iat`; else `iat`. Both count whole seconds, so a session of that very second ends too.
 */
function startedBefore(payload: JWTPayload, iat: number): Date {
  const happened = typeof payload.toe === 'number' ? Math.min(payload.toe, iat) : iat;
  return new Date((Math.floor(happened) + 1) * SECOND);
}

/** Why a token was not accepted. */
export function refusalFor(error: unknown): LogoutTokenRefusal {
  if (unreachableIn(error) !== null || error instanceof errors.JWKSTimeout) return 'keys-unreachable';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'wrong-algorithm';
  if (error instanceof errors.JWTExpired) return 'wrong-time';
  if (error instanceof errors.JWTClaimValidationFailed) return refusalForClaim(error.claim);
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return 'bad-signature';
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed-request';
  if (error instanceof errors.JOSEError)
    return error.code === 'ERR_JOSE_GENERIC' ? 'keys-unreachable' : 'bad-signature';
  throw error;
}

function refusalForClaim(claim: string): LogoutTokenRefusal {
  if (claim === 'iss') return 'wrong-issuer';
  if (claim === 'aud') return 'wrong-audience';
  return ['iat', 'exp', 'nbf'].includes(claim) ? 'wrong-time' : 'wrong-claims';
}

function refused(options: CheckedOptions, reason: LogoutTokenRefusal): LogoutTokenResult {
  options.log.warn({ reason }, 'back-channel logout: refused');
  return {
    status: 400,
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: JSON.stringify({ error: 'invalid_request', error_description: reason }),
    reason,
  };
}

function tokenIn(body: string | Record<string, unknown>): string | null {
  if (typeof body !== 'string') return typeof body.logout_token === 'string' ? body.logout_token : null;
  const values = new URLSearchParams(body).getAll('logout_token');
  return values.length === 1 ? (values[0] ?? null) : null;
}

function isIdentifier(claim: unknown): claim is string | undefined {
  return claim === undefined || (typeof claim === 'string' && claim !== '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
