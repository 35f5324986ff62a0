import { createHash } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { CheckedOptions } from './checked-options.ts';
import { MINUTE, SECOND } from './durations.ts';
import type { FindLoginServer, LoginServer } from './login-server.ts';
import type {
  LegacyPasswordCheckInput,
  LegacyPasswordCheckRefusal,
  LegacyPasswordCheckResult,
} from './results.ts';
import { allowedAlgorithms, refusalFor } from './sign-out/logout-token.ts';

const TYPE = 'legacy-password-check+jwt';
const OLDEST = 1 * MINUTE;
const CLOCK_TOLERANCE = 30 * SECOND;
const LONGEST_PASSWORD = 64 * 1024;
const HEADERS = { 'cache-control': 'no-store', 'content-type': 'application/json' };

type Question = { emailAddress: string; password: string };

/**
 * R21: receives the login server's question whether a legacy password is right. The bearer token is validated in full (issuer, this console as the only audience, signature by a key pair,
 * type, a minute of life, `jti` once) and must hold the SHA-256 of the very bytes of the body; then the console's own function is asked. Only `200` with `matches` is an answer.
 */
export async function receiveLegacyPasswordCheck(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  { authorization, body }: LegacyPasswordCheckInput,
): Promise<LegacyPasswordCheckResult> {
  const { legacyPasswords } = options;
  if (legacyPasswords === undefined) return refused(options, 404, 'not-offered');
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/iu.exec(authorization ?? '')?.[1];
  if (token === undefined) return refused(options, 401, 'malformed-request');
  const server = await findLoginServer();
  if (server === null) return refused(options, 503, 'keys-unreachable');
  const verified = await verify(options, server, token, body);
  if (typeof verified === 'string')
    return refused(options, verified === 'keys-unreachable' ? 503 : 401, verified);
  try {
    if (!(await options.logoutTokens.firstUse(verified.jti, verified.expiresAt)))
      return refused(options, 401, 'used-before');
    const question = questionIn(body);
    if (question === null) return refused(options, 400, 'malformed-request');
    const answer = await legacyPasswords.check(question);
    const told = answer.matches ? { matches: true, consoleUserId: answer.consoleUserId } : { matches: false };
    return { status: 200, headers: HEADERS, body: JSON.stringify(told), matches: answer.matches };
  } catch (error) {
    options.log.error({ err: error }, 'legacy password check: the console failed');
    return refused(options, 503, 'check-failed');
  }
}

async function verify(
  options: CheckedOptions,
  server: LoginServer,
  token: string,
  body: string,
): Promise<{ jti: string; expiresAt: Date } | LegacyPasswordCheckRefusal> {
  const metadata = server.configuration.serverMetadata();
  try {
    const { payload } = await jwtVerify(token, server.keys, {
      algorithms: allowedAlgorithms(metadata.id_token_signing_alg_values_supported),
      issuer: metadata.issuer,
      audience: options.clientId,
      typ: TYPE,
      requiredClaims: ['exp', 'jti', 'body_sha256'],
      maxTokenAge: OLDEST / SECOND,
      clockTolerance: CLOCK_TOLERANCE / SECOND,
      currentDate: options.clock(),
    });
    const { jti, aud, iat } = payload;
    if (Array.isArray(aud) && aud.length !== 1) return 'wrong-audience';
    if (typeof jti !== 'string' || jti === '' || typeof iat !== 'number') return 'wrong-claims';
    if (payload['body_sha256'] !== createHash('sha256').update(body).digest('base64url')) return 'wrong-body';
    return { jti, expiresAt: new Date(iat * SECOND + OLDEST + 2 * CLOCK_TOLERANCE) };
  } catch (error) {
    return refusalFor(error);
  }
}

function questionIn(body: string): Question | null {
  try {
    const { emailAddress, password } = JSON.parse(body) as Record<string, unknown>;
    const isQuestion =
      typeof emailAddress === 'string' && typeof password === 'string' && password.length <= LONGEST_PASSWORD;
    return isQuestion ? { emailAddress, password } : null;
  } catch {
    return null;
  }
}

function refused(
  options: CheckedOptions,
  status: 400 | 401 | 404 | 503,
  reason: LegacyPasswordCheckRefusal,
): LegacyPasswordCheckResult {
  options.log.warn({ reason }, 'legacy password check: refused');
  const headers =
    status === 401 ? { ...HEADERS, 'www-authenticate': 'Bearer error="invalid_token"' } : HEADERS;
  return { status, headers, body: JSON.stringify({ error: reason }), reason };
}
