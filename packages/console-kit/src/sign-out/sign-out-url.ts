import * as client from 'openid-client';
import type { CheckedOptions } from '../checked-options.ts';
import type { FindLoginServer } from '../login-server.ts';
import type { SignOutUrlInput, SignOutUrlResult } from '../results.ts';

/** Where the browser goes to end the unified session and with it every console's (OpenID Connect RP-Initiated Logout 1.0 §2). */
export async function signOutUrl(
  options: CheckedOptions,
  findLoginServer: FindLoginServer,
  input: SignOutUrlInput,
): Promise<SignOutUrlResult> {
  const server = await findLoginServer();
  if (server === null) return { ok: false, reason: 'login-server-unreachable' };
  if (server.configuration.serverMetadata().end_session_endpoint === undefined) {
    options.log.error(
      { issuer: options.issuer },
      'sign-out: the login server offers no end_session_endpoint',
    );
    return { ok: false, reason: 'login-server-unreachable' };
  }
  const parameters: Record<string, string> = { id_token_hint: input.idToken };
  if (input.locale !== undefined) parameters.ui_locales = input.locale;
  if (input.returnToConsole === true) {
    parameters.post_logout_redirect_uri = `${options.consoleOrigin}/`;
    if (input.state !== undefined) parameters.state = input.state;
  }
  return { ok: true, redirectTo: client.buildEndSessionUrl(server.configuration, parameters).href };
}
