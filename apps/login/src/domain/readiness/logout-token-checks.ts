import { generateKeyPair, SignJWT } from 'jose';
import {
  fault,
  noAnswer,
  notApplicable,
  notChecked,
  type Finding,
  type FindingCode,
} from '#domain/consoles/findings.ts';
import { signJwt, type SigningAlgorithm } from '#support/keys/signing-keys.ts';
import { HOUR, SECOND } from '#support/primitives/durations.ts';
import { newSecret } from '#support/primitives/secrets.ts';
import { passedBeside } from './refusal-checks.ts';
import { newBrowser, type CheckRun } from './run.ts';
import { isSignedIn, signIn, type Telling } from './sign-in.ts';
import { sidAt } from './test-account.ts';

const TIME_LIMIT = 5_000;
const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };

type Claims = Record<string, unknown> & { iss: string; aud: string; jti: string; iat: number; exp: number };
type Bad = { code: FindingCode; token: (claims: Claims) => Promise<string> };

/**
 * Back-channel logout as a console must take it (OpenID Connect Back-Channel Logout 1.0 §2.6 to §2.8): bad tokens are refused with 400 while the session lives, another session's token leaves this
 * one alone, the right one ends it, and 200 is said only of what was done.
 */
export async function logoutTokenChecks(run: CheckRun, telling: Telling): Promise<readonly Finding[]> {
  const address = run.console.backchannel_logout_uri;
  const checks = ['logout-tokens', 'logout-replay', 'logout-end'] as const;
  if (address === null) return checks.map(notApplicable);
  const { browser, sid } = await begin();
  if (sid === undefined) return checks.map((check) => notChecked(check, 'sign-in-first'));
  const found: Finding[] = [];

  for (const { code, token } of badTokens(run)) {
    const answer = await tell(await token(claimsOf(run, sid)));
    if (answer.ok && answer.status >= 200 && answer.status < 300)
      found.push(fault('logout-tokens', code, address, String(answer.status)));
  }
  if (!(await isSignedIn(run, browser, telling)) && found.length === 0)
    found.push(fault('logout-tokens', 'refused-but-ended', address));

  // Whatever a bad token did, the rest is looked at in a session of its own.
  const living = found.length === 0 ? { browser, sid } : await begin();
  const other = await signed(run, { ...claimsOf(run, sid), sid: newSecret() });
  await tell(other);
  if (!(await isSignedIn(run, living.browser, telling)))
    found.push(fault('logout-tokens', 'other-session-ended', address));
  const again = await tell(other);
  if (again.ok && again.status >= 200 && again.status < 300)
    found.push(fault('logout-replay', 'replay-taken', address, String(again.status)));

  const last = (await isSignedIn(run, living.browser, telling)) ? living : await begin();
  const answer = await tell(await signed(run, claimsOf(run, last.sid ?? sid)));
  if (!answer.ok) found.push(noAnswer('logout-end', address, answer));
  else if (answer.status >= 500)
    found.push(fault('logout-end', 'answers-error', address, String(answer.status)));
  else if (answer.status !== 200 && answer.status !== 204)
    found.push(fault('logout-end', 'good-token-refused', address, String(answer.status)));
  else if (await isSignedIn(run, last.browser, telling))
    found.push(fault('logout-end', 'session-lives-on', address, String(answer.status)));
  return passedBeside(checks, found);

  async function begin() {
    const fresh = newBrowser(run);
    await signIn(run, fresh);
    const isIn = await isSignedIn(run, fresh, telling);
    return {
      browser: fresh,
      sid: isIn ? await sidAt(run.tools.db, run.account.id, run.console.client_id) : undefined,
    };
  }

  function tell(token: string) {
    return run.tools.outbound.postForm(address ?? '', { logout_token: token }, { timeout: TIME_LIMIT });
  }
}

function claimsOf({ tools, console, account }: CheckRun, sid: string): Claims & Record<string, unknown> {
  const seconds = Math.floor(tools.clock().getTime() / SECOND);
  return {
    iss: tools.issuer,
    aud: console.client_id,
    sub: account.id,
    sid,
    iat: seconds,
    exp: seconds + 120,
    jti: newSecret(),
    toe: seconds,
    events: EVENTS,
  };
}

function signed({ tools, console }: CheckRun, claims: Claims): Promise<string> {
  return signJwt(tools.keys, console.id_token_alg, 'logout+jwt', claims);
}

/** Each is wrong in one way. */
function badTokens(run: CheckRun): readonly Bad[] {
  const { keys, issuer } = run.tools;
  const alg = run.console.id_token_alg;
  const kid = keys.jwks.keys.find((key) => key.alg === alg)?.kid ?? '';
  const without = (claims: Claims, ...names: readonly string[]): Claims =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name))) as Claims;
  return [
    { code: 'bad-signature-taken', token: (claims) => signedByNobody(claims, alg, kid, 'logout+jwt') },
    { code: 'unsigned-logout-taken', token: async (claims) => unsigned(claims, 'logout+jwt') },
    {
      code: 'wrong-issuer-taken',
      token: (claims) => signed(run, { ...claims, iss: `${issuer}.readiness-check.invalid` }),
    },
    {
      code: 'wrong-audience-taken',
      token: (claims) => signed(run, { ...claims, aud: `readiness-check of ${claims.aud}` }),
    },
    {
      code: 'old-token-taken',
      token: (claims) =>
        signed(run, { ...claims, iat: claims.iat - HOUR / SECOND, exp: claims.exp - HOUR / SECOND }),
    },
    { code: 'no-event-taken', token: (claims) => signed(run, without(claims, 'events')) },
    { code: 'nonce-token-taken', token: (claims) => signed(run, { ...claims, nonce: newSecret() }) },
    { code: 'no-subject-taken', token: (claims) => signed(run, without(claims, 'sub', 'sid')) },
  ];
}

const strangers = new Map<SigningAlgorithm, Promise<CryptoKey>>();

/** Signed with a key that is nobody's, under the name of one that is ours. */
export async function signedByNobody(
  claims: Record<string, unknown>,
  alg: SigningAlgorithm,
  kid: string,
  typ: string,
): Promise<string> {
  let key = strangers.get(alg);
  if (!key) strangers.set(alg, (key = generateKeyPair(alg).then(({ privateKey }) => privateKey)));
  return new SignJWT(claims).setProtectedHeader({ alg, typ, kid }).sign(await key);
}

/** RFC 7519 §6: not signed at all. */
export function unsigned(claims: Record<string, unknown>, typ: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ })}.${part(claims)}.`;
}
