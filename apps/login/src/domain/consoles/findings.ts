import type { OutboundFailure } from '#support/primitives/outbound.ts';

/** What is looked at, in the order in which it is told. */
export const CHECKS = [
  'entrance',
  'entrance-request',
  'entrance-cookie',
  'home',
  'redirect',
  'post-logout',
  'legacy-login',
  'logout',
  'events',
  'certificate',
  'clock',
  'plan',
  'ended-sessions',
  'deliveries',
  'login-ids',
] as const;
export type CheckName = (typeof CHECKS)[number];

export type FindingCode =
  | NetworkCode
  | 'answers-error'
  | 'not-found'
  | 'leads-nowhere'
  | 'leads-elsewhere'
  | 'client-id-wrong'
  | 'redirect-uri-missing'
  | 'redirect-uri-unregistered'
  | 'response-type-wrong'
  | 'scope-openid-missing'
  | 'pkce-missing'
  | 'pkce-plain'
  | 'state-missing'
  | 'nonce-missing'
  | 'cookie-missing'
  | 'cookie-not-http-only'
  | 'cookie-not-secure'
  | 'cookie-strict'
  | 'takes-bad-token'
  | 'refuses-otherwise'
  | 'certificate-ends'
  | 'clock-differs'
  | 'never-asked'
  | 'not-asked-lately'
  | 'deliveries-failed'
  | 'deliveries-waiting'
  | 'login-ids-differ';
type NetworkCode =
  | 'name-unknown'
  | 'connection-refused'
  | 'certificate-untrusted'
  | 'timed-out'
  | 'address-not-allowed'
  | 'unreachable';

/** One thing that was looked at. `value`: the address or what else is meant; `found`: what was found instead. */
export type Finding = { check: CheckName; value: string; found?: string } & (
  | { result: 'pass' }
  /** There is nothing to look at. */
  | { result: 'not-applicable' }
  | { result: 'fault'; code: FindingCode }
);

export function pass(check: CheckName, value = ''): Finding {
  return { check, result: 'pass', value };
}

export function notApplicable(check: CheckName): Finding {
  return { check, result: 'not-applicable', value: '' };
}

export function fault(check: CheckName, code: FindingCode, value: string, found = ''): Finding {
  return { check, result: 'fault', code, value, found };
}

/** Why there was no answer. */
export function noAnswer(check: CheckName, value: string, { reason, detail }: OutboundFailure): Finding {
  return fault(check, networkCode(reason, detail), value, detail);
}

function networkCode(reason: OutboundFailure['reason'], detail: string): NetworkCode {
  if (reason !== 'unreachable') return reason;
  if (/^(ENOTFOUND|EAI_)/.test(detail)) return 'name-unknown';
  if (detail === 'ECONNREFUSED') return 'connection-refused';
  return /CERT|SELF_SIGNED|UNABLE_TO_|TLS/.test(detail) ? 'certificate-untrusted' : 'unreachable';
}
