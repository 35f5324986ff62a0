import { sql } from 'kysely';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import type { Db } from '#support/db/database.ts';
import { seal, unseal, type SecretKeys } from '#support/primitives/secrets.ts';

/** The algorithms that ID tokens and logout tokens can be signed with: RS256 because many stock clients know no other. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** The private key set, newest first for each algorithm. */
export type SigningKeys = { readonly jwks: { keys: readonly JWK[] } };

/**
 * Loads the signing keys, making the first ones when there are none. Two nodes that start at once agree on one set.
 * Private keys are stored encrypted (see `seal`).
 * @param onMade told of each key that is made, in its transaction
 */
export async function loadSigningKeys(
  db: Db,
  secrets: SecretKeys,
  now: Date,
  onMade: (trx: Db, made: { kid: string; alg: SigningAlgorithm }) => Promise<void> = async () => undefined,
): Promise<SigningKeys> {
  const sealingKey = secrets.derive('signing-keys');
  const rows = await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('signing-keys'))`.execute(trx);
    const found = await trx
      .selectFrom('signing_key')
      .selectAll()
      .where('retired_at', 'is', null)
      .orderBy('use_from', 'desc')
      .execute();
    const missing = SIGNING_ALGORITHMS.filter((alg) => !found.some((row) => row.alg === alg));
    for (const alg of missing) {
      const jwk = await newSigningKey(alg);
      const row = {
        kid: jwk.kid as string,
        alg,
        sealed_jwk: await seal(sealingKey, JSON.stringify(jwk)),
        created_at: now,
        use_from: now,
        retired_at: null,
      };
      await trx.insertInto('signing_key').values(row).execute();
      await onMade(trx, { kid: row.kid, alg });
      found.push(row);
    }
    return found;
  });
  const keys = await Promise.all(
    rows.map(async (row) => JSON.parse(await unseal(sealingKey, row.sealed_jwk)) as JWK),
  );
  return { jwks: { keys } };
}

/** Signs a JWT with the newest key of the algorithm. `typ` is the media type of RFC 8725 §3.11, such as `logout+jwt`. */
export async function signJwt(
  keys: SigningKeys,
  alg: SigningAlgorithm,
  typ: string,
  claims: Record<string, unknown> & { iss: string; aud: string; jti: string; iat: number; exp?: number },
): Promise<string> {
  const jwk = keys.jwks.keys.find((key) => key.alg === alg);
  if (!jwk) throw new Error(`No signing key for ${alg}.`);
  return new SignJWT(claims).setProtectedHeader({ alg, typ, kid: jwk.kid }).sign(await importJWK(jwk, alg));
}

async function newSigningKey(alg: SigningAlgorithm): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}
