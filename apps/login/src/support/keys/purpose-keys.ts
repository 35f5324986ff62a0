import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '#support/db/database.ts';
import { seal, type MasterKey, type SecretKeys } from '#support/primitives/secrets.ts';
import { masterKeyOf, masterKeyStanding, MasterKeyMissing, openStored, opensWith } from './master-key.ts';

/** What hashes, signs or seals with a key of its own. */
const PURPOSES = [
  'password-pepper',
  'audit-seals',
  'verification-codes',
  'login-id-undo',
  'idempotent-answers',
  'known-browsers',
  'cookies',
  'forward-auth',
  'legacy-password-decoys',
] as const;
export type Purpose = (typeof PURPOSES)[number];
export type PurposeKeys = Readonly<Record<Purpose, Buffer>>;

/** The purpose that stored purpose keys are sealed for. */
export const SEALED_FOR = 'purpose-keys';

/**
 * The keys of hashes, signatures and seals. They are stored sealed with the master key, so that another master key leaves passwords, codes, cookies and the audit log as they are. The first server
 * of a new database draws them; one that was served by a release that derived them from the master key keeps those. Servers that start at once agree on one set.
 * Throws `MasterKeyMissing` where this server was not given every master key that something may be sealed with.
 */
export async function purposeKeys(db: Db, secrets: SecretKeys, now: Date): Promise<PurposeKeys> {
  return db.transaction().execute(async (trx) => {
    await lock(trx);
    const standing = (await masterKeyStanding(trx)) ?? (await begin(trx, secrets, now));
    if (standing.leaving !== null) masterKeyOf(secrets, standing.leaving);
    const master = masterKeyOf(secrets, standing.fingerprint);
    const rows = await trx.selectFrom('purpose_key').select(['purpose', 'sealed']).execute();
    const found = new Map(rows.map((row) => [row.purpose, row.sealed]));
    const entries = PURPOSES.map(async (purpose): Promise<[Purpose, Buffer]> => {
      const sealed = found.get(purpose);
      if (sealed !== undefined)
        return [purpose, Buffer.from(await openStored(secrets, SEALED_FOR, sealed), 'base64url')];
      // One that a later release asks for the first time.
      const drawn = randomBytes(32);
      await keep(trx, master, purpose, drawn, now);
      return [purpose, drawn];
    });
    return Object.fromEntries(await Promise.all(entries)) as Record<Purpose, Buffer>;
  });
}

/**
 * Gives a new database keys that are derived from the master key, as former releases did. Whoever stores hashes before a server has started, as a benchmark does, needs to know the keys.
 */
export async function keepDerivedKeys(db: Db, secrets: SecretKeys, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lock(trx);
    if (!(await masterKeyStanding(trx))) await store(trx, secrets, (purpose) => secrets.derive(purpose), now);
  });
}

/** Two that start at once come one after the other. */
async function lock(trx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('purpose-keys'))`.execute(trx);
}

async function begin(trx: Db, secrets: SecretKeys, now: Date) {
  const { rows } = await sql<{ sealed: string | null; used: boolean }>`
    select (select sealed_jwk from signing_key where retired_at is null order by created_at desc limit 1) as sealed,
      exists (select from signing_key) or exists (select from account) as used`.execute(trx);
  const [{ sealed, used } = { sealed: null, used: false }] = rows;
  const master = sealed === null ? secrets : await openerOf(secrets, sealed);
  return store(trx, master, (purpose) => (used ? master.derive(purpose) : randomBytes(32)), now);
}

/** The master key that the release before worked with. */
async function openerOf(secrets: SecretKeys, sealed: string): Promise<MasterKey> {
  for (const master of secrets.all)
    if ((await opensWith(master, 'signing-keys', sealed)) !== undefined) return master;
  throw new MasterKeyMissing(undefined, secrets);
}

async function store(trx: Db, master: MasterKey, valueOf: (purpose: Purpose) => Buffer, now: Date) {
  const standing = { fingerprint: master.fingerprint, leaving: null, since: now };
  await trx.insertInto('master_key').values(standing).execute();
  for (const purpose of PURPOSES) await keep(trx, master, purpose, valueOf(purpose), now);
  return standing;
}

async function keep(trx: Db, master: MasterKey, purpose: Purpose, value: Buffer, now: Date): Promise<void> {
  const sealed = await seal(master.derive(SEALED_FOR), value.toString('base64url'), master.fingerprint);
  await trx.insertInto('purpose_key').values({ purpose, sealed, created_at: now }).execute();
}
