import * as client from 'openid-client';
import type { CheckedOptions } from '../checked-options.ts';
import type { FindLoginServer } from '../login-server.ts';
import type { StartSignInInput, StartSignInResult } from '../results.ts';
import type { PendingSealer } from './pending.ts';
import { safeReturnPath } from './return-path.ts';

const SCOPE = 'openid email profile';

/** Begins a sign-in: authorization code flow with PKCE S256, `state` and `nonce` (OpenID Connect Core §3.1, RFC 7636, RFC 9700). */
export async function startSignIn(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  sealer: PendingSealer,
  input: StartSignInInput,
): Promise<StartSignInResult> {
  const server = await findLoginServer();
  if (server === null) return { ok: false, reason: 'login-server-unreachable' };
  const state = client.randomState();
  const nonce = client.randomNonce();
  const verifier = client.randomPKCECodeVerifier();
  const parameters: Record<string, string> = {
    redirect_uri: options.redirectUri,
    scope: SCOPE,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  if (input.loginHint !== undefined && input.loginHint !== '') parameters.login_hint = input.loginHint;
  if (input.locale !== undefined) parameters.ui_locales = input.locale;
  if (input.prompt !== undefined) parameters.prompt = input.prompt;
  const pending = await sealer.seal({
    state,
    nonce,
    verifier,
    returnPath: safeReturnPath(input.returnPath) ?? '/',
    startedAt: options.clock().getTime(),
    silent: input.prompt === 'none',
  });
  return {
    ok: true,
    redirectTo: client.buildAuthorizationUrl(server.configuration, parameters).href,
    pending,
    state,
  };
}
