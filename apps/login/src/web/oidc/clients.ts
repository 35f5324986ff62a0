import type { AdapterPayload } from 'oidc-provider';
import type { ConsoleRow } from '#support/db/schema.ts';
import { MINUTE, SECOND } from '#support/primitives/durations.ts';

/** A console as the protocol engine wants it. The secrets are the stored hashes; the comparison is replaced (see provider.ts). */
export function clientMetadata(console: ConsoleRow | undefined): AdapterPayload | undefined {
  if (!console) return undefined;
  return {
    client_id: console.client_id,
    client_secret: console.client_secret_hash,
    ...(console.second_secret_hash === null ? {} : { second_secret_hash: console.second_secret_hash }),
    client_name: console.name_ja,
    redirect_uris: console.redirect_uris,
    post_logout_redirect_uris: console.post_logout_redirect_uris,
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
    id_token_signed_response_alg: console.id_token_alg,
    require_pkce: console.require_pkce,
    require_auth_time: true,
    ...(console.sign_in_max_age_minutes === null
      ? {}
      : { default_max_age: (console.sign_in_max_age_minutes * MINUTE) / SECOND }),
    ...(console.backchannel_logout_uri
      ? { backchannel_logout_uri: console.backchannel_logout_uri, backchannel_logout_session_required: true }
      : {}),
    ...(console.initiate_login_uri?.startsWith('https:')
      ? { initiate_login_uri: console.initiate_login_uri }
      : {}),
  };
}
