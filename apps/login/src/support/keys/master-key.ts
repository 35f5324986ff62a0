import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { seal, sealedWith, unseal, type MasterKey, type SecretKeys } from '#support/primitives/secrets.ts';

/** How the exchange of the master key stands. Fingerprints only. */
export type MasterKeyStanding = {
  /** The master key with which whatever is sealed from now on is sealed. */
  fingerprint: string;
  /** The one before it, as long as something may still be sealed with that. */
  leaving: string | null;
  since: Date;
};

/** A master key is needed that this server was not given. */
export class MasterKeyMissing extends Error {
  /** Of the one that is needed; undefined where what is sealed does not say it. */
  readonly fingerprint: string | undefined;
  readonly given: readonly string[];
  constructor(fingerprint: string | undefined, secrets: SecretKeys) {
    super(`The master key ${fingerprint ?? '(not named)'} is needed and was not given.`);
    this.fingerprint = fingerprint;
    this.given = secrets.all.map((key) => key.fingerprint);
  }
}

/** Which master key seals; undefined before the first server of this release has started. */
export async function masterKeyStanding(db: Db): Promise<MasterKeyStanding | undefined> {
  return db.selectFrom('master_key').select(['fingerprint', 'leaving', 'since']).executeTakeFirst();
}

/** The master key of this fingerprint; throws `MasterKeyMissing`. */
export function masterKeyOf(secrets: SecretKeys, fingerprint: string): MasterKey {
  const found = secrets.all.find((key) => key.fingerprint === fingerprint);
  if (!found) throw new MasterKeyMissing(fingerprint, secrets);
  return found;
}

/**
 * Seals with the master key that the database says, whichever this server was told to prefer: so servers can be given a new one in turn, and everybody can read what anybody writes. Which one it is
 * stays so until the transaction ends.
 * @param trx the transaction that stores what is returned
 */
export async function sealStored(
  trx: Db,
  secrets: SecretKeys,
  purpose: string,
  text: string,
): Promise<string> {
  const { rows } = await sql<{ fingerprint: string }>`select fingerprint from master_key for share`.execute(
    trx,
  );
  const master = rows[0] ? masterKeyOf(secrets, rows[0].fingerprint) : secrets;
  return seal(master.derive(purpose), text, master.fingerprint);
}

/** Reads what `sealStored` wrote, with whichever master key it did, and what releases wrote that did not say with which. Throws `MasterKeyMissing`. */
export async function openStored(secrets: SecretKeys, purpose: string, sealed: string): Promise<string> {
  const said = sealedWith(sealed);
  if (said !== undefined) return unseal(masterKeyOf(secrets, said).derive(purpose), sealed);
  for (const master of secrets.all) {
    const opened = await opensWith(master, purpose, sealed);
    if (opened !== undefined) return opened;
  }
  throw new MasterKeyMissing(undefined, secrets);
}

/** What is sealed, if this master key opens it. */
export async function opensWith(
  master: MasterKey,
  purpose: string,
  sealed: string,
): Promise<string | undefined> {
  return unseal(master.derive(purpose), sealed).catch((error: { code?: unknown }) => {
    if (error.code === 'ERR_JWE_DECRYPTION_FAILED') return undefined;
    throw error;
  });
}
