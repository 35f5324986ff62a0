import { sql } from 'kysely';
import { activeAccount, lockWithLoginId } from '#domain/accounts/accounts.ts';
import {
  passwordFaults,
  type PasswordFault,
  type PasswordRules,
} from '#domain/credentials/password-rules.ts';
import type { PasswordHasher } from '#domain/credentials/password-hash.ts';
import type { Db } from '#support/db/database.ts';
import { deleteInBatches } from '#support/db/delete-in-batches.ts';
import type { AccountRow, LegacyProofRow } from '#support/db/schema.ts';
import type { Jobs } from '#support/jobs/jobs.ts';
import { after, DAY, MINUTE } from '#support/primitives/durations.ts';
import { newId } from '#support/primitives/ids.ts';
import type { Locale } from '#support/primitives/locale.ts';
import type { Client } from './client.ts';
import { setFirstPassword } from './first-password.ts';
import type { Proof } from './still-holds.ts';

/** Long enough to think of a password; whoever is late signs in with the legacy one once more. */
const PROOF_LIFE = 15 * MINUTE;

/** Where the proof holds: in one browser, in one pending sign-in (null: in none). */
export type ProofPlace = { browserHash: string; pendingHash: string | null };

/** Remembers that a person proved the legacy password and must choose a new one (R21). Returns the proof's id, which is worth nothing in another browser. */
export async function beginNewPassword(
  db: Db,
  of: { accountId: string; consoleId: string } & ProofPlace,
  now: Date,
): Promise<string> {
  const id = newId('lgp', now);
  await db
    .insertInto('legacy_proof')
    .values({
      id,
      account_id: of.accountId,
      console_id: of.consoleId,
      browser_hash: of.browserHash,
      pending_hash: of.pendingHash,
      created_at: now,
      expires_at: after(now, PROOF_LIFE),
    })
    .execute();
  return id;
}

/** The proof with this id, if it is this browser's and this sign-in's, unused and not too old, with its account. */
export async function openProof(
  db: Db,
  id: string,
  place: { browserHash: string | undefined; pendingHash: string | null },
  now: Date,
): Promise<{ proof: LegacyProofRow; account: AccountRow } | undefined> {
  if (!place.browserHash) return undefined;
  const proof = await db
    .selectFrom('legacy_proof')
    .selectAll()
    .where('id', '=', id)
    .where('browser_hash', '=', place.browserHash)
    .where('pending_hash', place.pendingHash === null ? 'is' : '=', place.pendingHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  const account = proof && (await activeAccount(db, proof.account_id));
  return proof && account ? { proof, account } : undefined;
}

export type FinishNewPasswordResult =
  | ({ ok: true } & Proof)
  | { ok: false; reason: 'form'; faults: { password: readonly PasswordFault[]; confirmation: boolean } }
  /** Used, too old, or the account has a password meanwhile. */
  | { ok: false; reason: 'proof-ended' };

/** Sets the password that a person chose in place of the legacy one. The proof is used up together with the change, in a guarded statement: of many at once one sets a password. */
export async function finishNewPassword(
  deps: { db: Db; jobs: Jobs; hasher: PasswordHasher; passwordRules: PasswordRules },
  { proof, account }: { proof: LegacyProofRow; account: AccountRow },
  typed: { password: string; confirmation: string },
  client: Client,
  now: Date,
  locale: Locale,
): Promise<FinishNewPasswordResult> {
  const password = await passwordFaults(
    typed.password,
    { emailAddress: account.email_address, words: [account.name, account.company] },
    deps.passwordRules,
  );
  const confirmation = typed.password !== typed.confirmation;
  if (password.length > 0 || confirmation)
    return { ok: false, reason: 'form', faults: { password, confirmation } };

  const passwordHash = await deps.hasher.hash(typed.password);
  return deps.db.transaction().execute(async (trx): Promise<FinishNewPasswordResult> => {
    if (!(await lockWithLoginId(trx, account.id, account.email_key)))
      return { ok: false, reason: 'proof-ended' };
    const used = await trx
      .updateTable('legacy_proof')
      .set({ used_at: now })
      .where('id', '=', proof.id)
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .returning('id')
      .executeTakeFirst();
    const of = { account, consoleId: proof.console_id, passwordHash, locale: account.locale ?? locale };
    const isSet = used && (await setFirstPassword(trx, deps.jobs, of, client, now));
    return isSet ? { ok: true, account, passwordSetAt: now } : { ok: false, reason: 'proof-ended' };
  });
}

/** Forgets proofs that ended a day ago. */
export async function forgetOldProofs(db: Db, now: Date): Promise<void> {
  await deleteInBatches(db, 'legacy_proof', sql`expires_at < ${after(now, -1 * DAY)}`);
}
