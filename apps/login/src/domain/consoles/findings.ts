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
  'sign-in',
  'sign-in-parameters',
  'state',
  'id-token',
  'id-token-signature',
  'response-issuer',
  'target-link',
  'session-cookie',
  'session-renewal',
  'session-length',
  'encryption',
  'logout-tokens',
  'logout-replay',
  'logout-end',
  'own-logout',
  'own-logout-request',
  'legacy-phase',
  'login-id-event',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** Checks whose faults stand in the way of the next phase: people would be locked out, or strangers let in. The others are advice. */
const REQUIRED: ReadonlySet<CheckName> = new Set<CheckName>([
  'entrance',
  'entrance-request',
  'entrance-cookie',
  'redirect',
  'legacy-login',
  'logout',
  'clock',
  'sign-in',
  'sign-in-parameters',
  'state',
  'id-token',
  'target-link',
  'session-cookie',
  'session-renewal',
  'logout-tokens',
  'logout-end',
  'own-logout',
  'legacy-phase',
]);

export function isRequired(check: CheckName): boolean {
  return REQUIRED.has(check);
}

export type FindingCode =
  | SignInCode
  | LeavingCode
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
/** Of what is found by signing in. */
export type SignInCode =
  | 'request-refused'
  | 'redirect-circle'
  | 'code-not-redeemed'
  | 'sign-in-failed'
  | 'state-constant'
  | 'nonce-constant'
  | 'challenge-constant'
  | 'state-unchecked'
  | 'browser-unchecked'
  | 'nonce-unchecked'
  | 'issuer-unchecked'
  | 'audience-unchecked'
  | 'expiry-unchecked'
  | 'signature-unchecked'
  | 'unsigned-taken'
  | 'response-issuer-unchecked'
  | 'open-redirect'
  | 'foreign-issuer-followed'
  | 'cookie-no-same-site'
  | 'cookie-same-site-none'
  | 'session-id-kept'
  | 'cookie-outlives'
  | 'unencrypted-link';
/** Of what is found by signing out. */
export type LeavingCode =
  | 'bad-signature-taken'
  | 'unsigned-logout-taken'
  | 'wrong-issuer-taken'
  | 'wrong-audience-taken'
  | 'old-token-taken'
  | 'no-event-taken'
  | 'nonce-token-taken'
  | 'no-subject-taken'
  | 'refused-but-ended'
  | 'other-session-ended'
  | 'replay-taken'
  | 'good-token-refused'
  | 'session-lives-on'
  | 'logout-stays'
  | 'logout-refused'
  | 'id-token-hint-missing'
  | 'logout-client-missing'
  | 'post-logout-unregistered'
  | 'session-survives'
  | 'legacy-link-missing'
  | 'legacy-link-early'
  | 'legacy-closed-early'
  | 'legacy-still-open'
  | 'event-refused';
/** Why something could not be looked at. */
export type NotCheckedCode =
  | 'check-under-way'
  | 'test-user-is-a-person'
  | 'entrance-first'
  | 'sign-in-first'
  | 'always-asks'
  | 'answer-by-form'
  | 'test-user-unknown'
  | 'page-says-nothing'
  | 'token-not-asked'
  | 'no-way-out-found'
  | 'no-dry-run'
  | 'out-of-time';
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
  /** There is, and it could not be looked at. */
  | { result: 'not-checked'; code: NotCheckedCode }
  | { result: 'fault'; code: FindingCode }
);

export function pass(check: CheckName, value = ''): Finding {
  return { check, result: 'pass', value };
}

export function notApplicable(check: CheckName): Finding {
  return { check, result: 'not-applicable', value: '' };
}

export function notChecked(check: CheckName, code: NotCheckedCode, value = '', found = ''): Finding {
  return { check, result: 'not-checked', code, value, found };
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
