import type { JWTPayload } from 'jose';
import { SECOND } from '../durations.ts';
import type { AccountEvent, AccountEventKind } from './account-event.ts';

/** What a valid token tells. */
export type ToldEvent =
  | AccountEvent
  | { kind: 'login-id-changed'; consoleUserId: string; emailAddress: string; version: number }
  /** Asked for by the console itself: the stream works (SSF 1.0 §8.1.4). */
  | { kind: 'verification'; state: string | null }
  | { kind: 'stream-updated'; status: string; reason: string | null }
  /** An event that this kit does not know: nothing is done. */
  | { kind: 'unknown'; type: string };

const RISC = 'https://schemas.openid.net/secevent/risc/event-type/';
const CAEP = 'https://schemas.openid.net/secevent/caep/event-type/';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type/';
const KINDS: Readonly<Record<string, AccountEventKind | 'login-id-changed'>> = {
  [`${RISC}account-disabled`]: 'suspended',
  [`${RISC}account-enabled`]: 'reinstated',
  [`${RISC}account-purged`]: 'closed',
  [`${RISC}identifier-changed`]: 'login-id-changed',
  [`${CAEP}session-revoked`]: 'sessions-revoked',
  [`${CAEP}credential-change`]: 'password-changed',
};

/** The one event of a token whose signature and audience are right; null when it does not have the form of its type. */
export function eventIn(payload: JWTPayload, issuer: string): ToldEvent | null {
  const { events, sub_id: subject, iat } = payload;
  if (!isObject(events) || !isObject(subject)) return null;
  const [entry, ...others] = Object.entries(events);
  if (entry === undefined || others.length > 0) return null;
  const [type, event] = entry;
  if (!isObject(event)) return null;
  if (type === `${SSF}verification`)
    return isStream(subject) ? { kind: 'verification', state: textOrNull(event['state']) } : null;
  if (type === `${SSF}stream-updated`) {
    const { status, reason } = event;
    return isStream(subject) && typeof status === 'string'
      ? { kind: 'stream-updated', status, reason: textOrNull(reason) }
      : null;
  }
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) return { kind: 'unknown', type };
  const { format, iss, sub } = subject;
  if (format !== 'iss_sub' || iss !== issuer || typeof sub !== 'string' || sub === '') return null;
  const { console_user_id: consoleUserId, sequence } = event;
  if (typeof consoleUserId !== 'string' || consoleUserId === '' || !isCount(sequence)) return null;
  if (kind === 'login-id-changed') {
    const { 'new-value': emailAddress, version } = event;
    return typeof emailAddress === 'string' && emailAddress !== '' && isCount(version)
      ? { kind, consoleUserId, emailAddress, version }
      : null;
  }
  // Other credentials than the password are none of this kit's.
  if (kind === 'password-changed' && event['credential_type'] !== 'password')
    return { kind: 'unknown', type };
  const happened = typeof payload['toe'] === 'number' ? payload['toe'] : (iat ?? 0);
  const second = Math.floor(happened);
  return {
    kind,
    sub,
    consoleUserId,
    sequence,
    at: new Date(second * SECOND),
    // Sessions of that very second are meant too: both count whole seconds.
    startedBefore: new Date((second + 1) * SECOND),
    hijacked: kind === 'suspended' && event['reason'] === 'hijacking',
  };
}

/** A subject that names a stream (RFC 9493 §3.2.7). */
function isStream({ format, id }: Record<string, unknown>): boolean {
  return format === 'opaque' && typeof id === 'string' && id !== '';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
