import type { Provider } from 'oidc-provider';
// The engine takes its keys once, when it is made. This is the function that it takes them with; it replaces the whole set at one blow.
import takeKeys from 'oidc-provider/lib/helpers/initialize_keystore.js';
import type { SigningKeys } from '#support/keys/signing-keys.ts';

/**
 * Lets the engine sign and publish with the keys as they are at each request (R17). A request that is under way ends with what it has begun; both sets hold both keys.
 */
export function followKeys(provider: Provider, keys: SigningKeys): void {
  let taken = keys.jwks;
  provider.use((_ctx, next) => {
    const now = keys.jwks;
    if (now !== taken) {
      takeKeys.call(provider, now);
      taken = now;
    }
    return next();
  });
}
