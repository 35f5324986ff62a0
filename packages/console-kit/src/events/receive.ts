import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { CheckedOptions } from '../checked-options.ts';
import { DAY, SECOND } from '../durations.ts';
import type { FindLoginServer, LoginServer } from '../login-server.ts';
import type { EventTokenRefusal, EventTokenResult } from '../results.ts';
import { allowedAlgorithms, refusalFor } from '../sign-out/logout-token.ts';
import { eventIn, type ToldEvent } from './told-event.ts';

/** An operator may have an event told again as long as the login server keeps it. */
const OLDEST = 91 * DAY;
const CLOCK_TOLERANCE = 30 * SECOND;
const TYPE = 'secevent+jwt';

type Verified = { id: string; told: ToldEvent; expiresAt: Date };

/** Error codes of RFC 8935 §2.4; null: it is not the token's fault, and it shall be sent again. */
const ERRORS: Readonly<Record<EventTokenRefusal, string | null>> = {
  'malformed-request': 'invalid_request',
  'wrong-type': 'invalid_request',
  'wrong-time': 'invalid_request',
  'wrong-claims': 'invalid_request',
  'wrong-algorithm': 'invalid_key',
  'bad-signature': 'invalid_key',
  'wrong-issuer': 'invalid_issuer',
  'wrong-audience': 'invalid_audience',
  'key-unknown': null,
  'keys-unreachable': null,
  'handling-failed': null,
};

/**
 * Takes a security event token (R24; RFC 8935 §2): validates it in full (explicit type, issuer, this console as the only audience, signature by a key pair, age, `jti`, subject, one event; no `sub` and no `exp`: OpenID SSF 1.0 §4.1) and acts
 * on it once. 202 also for one that was taken before, and for events that this kit does not know. 400 with an error of RFC 8935 is the last word; 503: the login server tries again.
 * @param body the token, as it came
 */
export async function receiveEventToken(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  act: (told: ToldEvent) => Promise<void>,
  body: string,
): Promise<EventTokenResult> {
  const { accountEvents } = options;
  if (accountEvents === undefined) return { status: 404, headers: {}, body: '' };
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/u.test(body)) return refused(options, 'malformed-request');
  const server = await findLoginServer();
  if (server === null) return refused(options, 'keys-unreachable');
  const verified = await verify(options, server, body);
  if (typeof verified === 'string') return refused(options, verified);
  const { id, told } = verified;
  try {
    if (await accountEvents.received.has(id)) return taken({ kind: told.kind, repeated: true });
    await act(told);
    await accountEvents.received.add(id, verified.expiresAt);
  } catch (error) {
    options.log.error({ err: error, jti: id, kind: told.kind }, 'account event: the console failed');
    return refused(options, 'handling-failed');
  }
  options.log.info({ jti: id, kind: told.kind }, 'account event: taken');
  return taken({ kind: told.kind, repeated: false });
}

async function verify(
  options: CheckedOptions,
  server: LoginServer,
  token: string,
): Promise<Verified | EventTokenRefusal> {
  const metadata = server.configuration.serverMetadata();
  try {
    const { payload, protectedHeader } = await jwtVerify(token, server.keys, {
      algorithms: allowedAlgorithms(metadata.id_token_signing_alg_values_supported),
      issuer: metadata.issuer,
      audience: options.clientId,
      requiredClaims: ['jti', 'iat', 'events'],
      maxTokenAge: OLDEST / SECOND,
      clockTolerance: CLOCK_TOLERANCE / SECOND,
      currentDate: options.clock(),
    });
    const typ = protectedHeader.typ?.toLowerCase();
    if (typ !== TYPE && typ !== `application/${TYPE}`) return 'wrong-type';
    return checkClaims(payload, metadata.issuer);
  } catch (error) {
    // A key that was published a moment ago may not be here yet.
    if (error instanceof errors.JWKSNoMatchingKey) return 'key-unknown';
    const refusal = refusalFor(error);
    return refusal === 'used-before' || refusal === 'logout-failed' ? 'wrong-claims' : refusal;
  }
}

function checkClaims(payload: JWTPayload, issuer: string): Verified | EventTokenRefusal {
  const { aud, iat, jti } = payload;
  if (Array.isArray(aud) && aud.length !== 1) return 'wrong-audience';
  if (typeof jti !== 'string' || jti === '' || jti.length > 200 || typeof iat !== 'number')
    return 'wrong-claims';
  if ('sub' in payload || 'exp' in payload || 'nonce' in payload) return 'wrong-claims';
  const told = eventIn(payload, issuer);
  return told === null
    ? 'wrong-claims'
    : { id: jti, told, expiresAt: new Date(iat * SECOND + OLDEST + 2 * CLOCK_TOLERANCE) };
}

function taken(more: { kind: ToldEvent['kind']; repeated: boolean }): EventTokenResult {
  return { status: 202, headers: { 'cache-control': 'no-store' }, body: '', ...more };
}

function refused(options: CheckedOptions, reason: EventTokenRefusal): EventTokenResult {
  options.log.warn({ reason }, 'account event: refused');
  const err = ERRORS[reason];
  const headers = {
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'content-language': 'en',
  };
  return err === null
    ? { status: 503, headers, body: JSON.stringify({ description: reason }), reason }
    : { status: 400, headers, body: JSON.stringify({ err, description: reason }), reason };
}
