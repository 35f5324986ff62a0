import { belowIssuer, type CheckedOptions } from './checked-options.ts';
import type { ResetUrlInput } from './results.ts';
import { safeReturnPath } from './sign-in/return-path.ts';

/**
 * R7: where a console sends whoever wants to reset or change the password. The address is filled in if `loginHint` is given;
 * afterwards the person comes back to `returnPath` through the console's initiate_login_uri. Needs no login server to build.
 */
export function resetUrl(options: CheckedOptions, input: ResetUrlInput): string {
  const url = belowIssuer(options, '/reset');
  url.searchParams.set('client_id', options.clientId);
  if (input.loginHint !== undefined && input.loginHint !== '')
    url.searchParams.set('login_hint', input.loginHint);
  if (input.locale !== undefined) url.searchParams.set('ui_locales', input.locale);
  const returnPath = safeReturnPath(input.returnPath);
  if (returnPath !== null) url.searchParams.set('target_link_uri', options.consoleOrigin + returnPath);
  return url.href;
}
