import type { CheckedOptions } from './checked-options.ts';
import type { FindLoginServer } from './login-server.ts';

/**
 * The origins of the login server that browsers are led to: those of its authorization and logout endpoints, which need not be the issuer's. For a console whose
 * Content-Security-Policy has `form-action`, which browsers apply to the redirects after a form. Never waits: until discovery has been read it is the issuer's origin alone.
 */
export function browserOrigins(options: CheckedOptions, findLoginServer: FindLoginServer): readonly string[] {
  const metadata = findLoginServer.known()?.configuration.serverMetadata();
  const led = [metadata?.authorization_endpoint, metadata?.end_session_endpoint];
  const origins = led.flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
  return [...new Set([options.issuerUrl.origin, ...origins])];
}
