import { sql } from 'kysely';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import type { Db } from '#support/db/database.ts';
import type { SecretKeys } from '#support/primitives/secrets.ts';
import { openStored, sealStored } from './master-key.ts';

/** The algorithms that ID tokens and logout tokens can be signed with: RS256 because many stock clients know no other. */
export const SIGNING_ALGORITHMS = ['RS256', 'ES256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** The private key set: of each algorithm the key in use first, then those that are published ahead of use or kept for what they have signed. */
export type SigningKeys = { readonly jwks: { keys: readonly JWK[] } };

/** The same as it is at every moment: `jwks` is another object when, and only when, the set or the key in use is another. */
export type LiveSigningKeys = SigningKeys & {
  /** Reads them anew; called when there are others, on whichever node (see SIGNING_KEYS_CHANGED), and now and then in case that was lost. */
  reload(): Promise<void>;
};

/** The purpose that private keys are sealed for. */
const SEALED_FOR = 'signing-keys';

/** The notification that goes out when a key was made or ended. */
export const SIGNING_KEYS_CHANGED = 'signing_keys_changed';

/**
 * Loads the signing keys, making the first ones when there are none. Two nodes that start at once agree on one set.
 * Private keys are stored encrypted (see `sealStored`).
 * @param onMade told of each key that is made, in its transaction
 */
export async function loadSigningKeys(
  db: Db,
  secrets: SecretKeys,
  clock: () => Date,
  onMade: (trx: Db, made: { kid: string; alg: SigningAlgorithm }) => Promise<void> = async () => undefined,
): Promise<LiveSigningKeys> {
  await makeFirstKeys(db, secrets, clock(), onMade);
  const known = new Map<string, JWK>();
  let keys = await readKeys();
  let ordered = order(keys, clock());
  return {
    get jwks() {
      const now = clock();
      if (now < ordered.from || now >= ordered.until) ordered = order(keys, now);
      return ordered.jwks;
    },
    async reload() {
      const read = await readKeys();
      if (
        read.map(({ kid, useFrom }) => kid + useFrom.getTime()).join() ===
        keys.map(({ kid, useFrom }) => kid + useFrom.getTime()).join()
      )
        return;
      keys = read;
      ordered = order(keys, clock());
    },
  };

  async function readKeys(): Promise<readonly Key[]> {
    const rows = await db
      .selectFrom('signing_key')
      .selectAll()
      .where('retired_at', 'is', null)
      .orderBy('use_from', 'desc')
      .orderBy('kid')
      .execute();
    return Promise.all(
      rows.map(async ({ kid, alg, sealed_jwk: sealed, use_from: useFrom }) => {
        const jwk = known.get(kid) ?? (JSON.parse(await openStored(secrets, SEALED_FOR, sealed)) as JWK);
        known.set(kid, jwk);
        return { kid, alg, useFrom, jwk };
      }),
    );
  }
}

/** Holds the lock on the set of keys until the transaction ends: whoever makes or ends one does so alone. */
export async function lockSigningKeys(trx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('signing-keys'))`.execute(trx);
}

/** Makes a key and stores it, encrypted, to be used from a moment on. Returns its id. */
export async function makeSigningKey(
  trx: Db,
  secrets: SecretKeys,
  alg: SigningAlgorithm,
  useFrom: Date,
  now: Date,
): Promise<string> {
  const jwk = await newSigningKey(alg);
  const kid = jwk.kid as string;
  const sealed = await sealStored(trx, secrets, SEALED_FOR, JSON.stringify(jwk));
  await trx
    .insertInto('signing_key')
    .values({ kid, alg, sealed_jwk: sealed, created_at: now, use_from: useFrom, retired_at: null })
    .execute();
  await sql`select pg_notify(${SIGNING_KEYS_CHANGED}, '')`.execute(trx);
  return kid;
}

type Key = { kid: string; alg: string; useFrom: Date; jwk: JWK };

async function makeFirstKeys(
  db: Db,
  secrets: SecretKeys,
  now: Date,
  onMade: (trx: Db, made: { kid: string; alg: SigningAlgorithm }) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockSigningKeys(trx);
    const found = await trx.selectFrom('signing_key').select('alg').where('retired_at', 'is', null).execute();
    for (const alg of SIGNING_ALGORITHMS.filter((one) => !found.some((row) => row.alg === one)))
      await onMade(trx, { kid: await makeSigningKey(trx, secrets, alg, now, now), alg });
  });
}

/** The set as it is used now, and between which moments it is. `keys`: the latest first. */
function order(keys: readonly Key[], now: Date): { jwks: { keys: readonly JWK[] }; from: Date; until: Date } {
  const past = keys.filter((key) => key.useFrom <= now);
  const ahead = keys.filter((key) => key.useFrom > now);
  const inUse = SIGNING_ALGORITHMS.map(
    (alg) => past.find((key) => key.alg === alg) ?? ahead.findLast((key) => key.alg === alg),
  ).filter((key) => key !== undefined);
  return {
    jwks: { keys: [...inUse, ...keys.filter((key) => !inUse.includes(key))].map((key) => key.jwk) },
    from: past[0]?.useFrom ?? new Date(-8.64e15),
    until: ahead.at(-1)?.useFrom ?? new Date(8.64e15),
  };
}

/** Signs a JWT with the key of the algorithm that is in use. `typ` is the media type of RFC 8725 §3.11, such as `logout+jwt`. */
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
