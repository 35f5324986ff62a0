import { signJwt, type SigningAlgorithm, type SigningKeys } from '#support/keys/signing-keys.ts';
import { SECOND } from '#support/primitives/durations.ts';

/** What a security event token is made of. */
export type Told = {
  /** Its `jti`. */
  id: string;
  event_id: string | null;
  account_id: string | null;
  stream_id: string;
  type: string;
  event: Record<string, unknown>;
  created_at: Date;
  client_id: string;
  id_token_alg: SigningAlgorithm;
};

/**
 * Signs the security event token (RFC 8417) for one console in the profile of OpenID SSF 1.0 §4.1: explicitly typed, with `sub_id` (RFC 9493), without `sub` and `exp`. All its claims are those of the moment in which
 * the event was queued, so a retransmission is the same token (RFC 8935 §2); only the signature is made anew, with the key that signs now (decision 22).
 */
export function signedToken(keys: SigningKeys, issuer: string, told: Told): Promise<string> {
  const seconds = Math.floor(told.created_at.getTime() / SECOND);
  return signJwt(keys, told.id_token_alg, 'secevent+jwt', {
    iss: issuer,
    aud: told.client_id,
    jti: told.id,
    iat: seconds,
    toe: seconds,
    ...(told.event_id === null ? {} : { txn: told.event_id }),
    sub_id:
      told.account_id === null
        ? { format: 'opaque', id: told.stream_id }
        : { format: 'iss_sub', iss: issuer, sub: told.account_id },
    events: { [told.type]: told.event },
  });
}
