declare module 'oidc-provider/lib/helpers/initialize_keystore.js' {
  import type { JWK } from 'jose';
  import type { Provider } from 'oidc-provider';

  /** Replaces the keys of an engine. */
  export default function initialize(this: Provider, jwks: { keys: readonly JWK[] }): void;
}
